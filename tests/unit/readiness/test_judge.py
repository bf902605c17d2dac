# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two equal regions have no finding, and each single thing that is spoilt has exactly its own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.readiness import (
    CHECKS,
    alarms_on,
    evidence_sentences,
    judge,
    missing_capacity,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.readiness.images import compare_images
from tests.support.readiness_evidence import BUCKET, LAG, SOURCE, TARGET, sales_spec, service, twins

Spoil = Callable[[dict[str, Any], dict[str, Any]], object]


def cross_off(topic: dict[str, Any], place: str) -> None:
    topic["subscribers"] = [each for each in topic["subscribers"] if each["region"] != place]


NO_DLQ = {"exists": True, "visible": 0, "in_flight": 0, "delayed": 0, "dlq": None}

# What is done to (source, target), and the check that finds it.
ON = {"state": "ALARM", "reason": "Threshold Crossed", "since": "2026-01-01T00:00:00Z"}
SPOILT: list[tuple[str, str, Spoil]] = [
    ("reachable", "silent", lambda s, t: (t.clear(), t.update(region=TARGET, reachable=False, why="timed out"))),
    ("digests", "other digest", lambda s, t: t["services"]["api"].update(digests={"registry/api:1.2": ["sha256:b"]})),
    ("digests", "other image", lambda s, t: t["services"]["api"].update(digests={"registry/api:1.3": []})),
    ("capacity", "busier source", lambda s, t: s["services"]["worker"].update(desired=50, running=50)),
    ("capacity", "scaling source", lambda s, t: s["services"]["worker"].update(desired=50)),
    ("tasks", "a task short", lambda s, t: t["services"]["api"].update(running=0, last_event="unable to place")),
    ("tasks", "no service", lambda s, t: t["services"].update(api={"exists": False, "cluster": "sales"})),
    ("tasks", "unreadable", lambda s, t: t["services"].update(api={"error": "AccessDenied", "cluster": "sales"})),
    ("tasks", "draining", lambda s, t: t["services"]["worker"].update(status="DRAINING")),
    ("tasks", "failed", lambda s, t: t["services"]["api"]["deployments"][0].update(rollout_state="FAILED")),
    ("tasks", "not yet", lambda s, t: t["services"]["api"]["deployments"].append({"status": "ACTIVE"})),
    ("targets", "ill", lambda s, t: t["target_groups"]["api"].update(healthy=0, unhealthy=1, total=1)),
    ("targets", "not yet", lambda s, t: t["target_groups"]["api"].update(initial=1, total=99)),
    ("targets", "none", lambda s, t: t["target_groups"]["api"].update(healthy=0, total=0)),
    ("targets", "no group", lambda s, t: t["target_groups"].update(api={"exists": False})),
    ("queues", "none", lambda s, t: t["queues"].update({"sales-queue": {"exists": False}})),
    ("queues", "unreadable", lambda s, t: t["queues"].update({"sales-queue": {"error": "AccessDenied: no"}})),
    ("queues", "no dlq", lambda s, t: t["queues"].update({"sales-queue": NO_DLQ})),
    ("topics", "none", lambda s, t: t["topics"].update({"sales-processing": {"exists": False}})),
    ("topics", "not back", lambda s, t: cross_off(t["topics"]["sales-processing"], SOURCE)),
    ("topics", "not there", lambda s, t: cross_off(s["topics"]["sales-processing"], TARGET)),
    ("topics", "not own", lambda s, t: cross_off(t["topics"]["sales-processing"], TARGET)),
    ("tables", "none", lambda s, t: t["tables"].update(sales={"exists": False})),
    ("tables", "archived", lambda s, t: t["tables"]["sales"].update(status="ARCHIVED")),
    ("tables", "no replica", lambda s, t: t["tables"]["sales"].update(replicas={})),
    ("tables", "being made", lambda s, t: t["tables"]["sales"].update(replicas={SOURCE: "CREATING"})),
    ("alarms", "on", lambda s, t: t["alarms"].update(errors={"exists": True, **ON})),
    ("alarms", "none", lambda s, t: t["alarms"].update(errors={"exists": False})),
    ("alarms", "unread", lambda s, t: t["alarms"].update(errors={"error": "AccessDenied"})),
    ("lake", "none", lambda s, t: t["buckets"].update({BUCKET: {"name": "lake", "exists": False}})),
    ("lake", "not back", lambda s, t: t["buckets"][BUCKET].update(replicates_to=[])),
    ("lake", "not there", lambda s, t: s["buckets"][BUCKET].update(replicates_to=[])),
]
IN_TIME = {TARGET: 0.4}


@given(count=st.integers(1, 40), percentage=st.integers(1, 100), fallback=st.booleans())
@settings(max_examples=50)
def test_equal_regions_have_no_finding(count: int, percentage: int, fallback: bool) -> None:
    spec = sales_spec(capacity_percentage=percentage, fargate_fallback=fallback)
    evidence = twins(count)
    for told in evidence.values():
        for each in told["services"].values():
            each.update(capacity_providers=["FARGATE", "FARGATE_SPOT"], launch_type=None)
    assert judge(evidence, [SOURCE], [TARGET], spec, lag=IN_TIME) == []
    assert judge(evidence, [TARGET], [SOURCE], spec) == []
    assert missing_capacity(evidence, [SOURCE], [TARGET], spec) == []


@pytest.mark.parametrize(("check", "_what", "spoil"), SPOILT, ids=[f"{check}: {what}" for check, what, _ in SPOILT])
@given(count=st.integers(1, 40))
@settings(max_examples=10)
def test_each_spoilt_thing_has_exactly_its_finding(check: str, _what: str, spoil: Spoil, count: int) -> None:
    evidence = twins(count)
    spoil(evidence[SOURCE], evidence[TARGET])
    (finding,) = judge(evidence, [SOURCE], [TARGET], sales_spec(), lag=IN_TIME)
    assert finding.check == check
    assert finding.region in (SOURCE, TARGET)
    assert finding.expected and finding.found and finding.advice
    assert not finding.skipped


@given(chosen=st.lists(st.sampled_from(SPOILT[1:]), unique_by=lambda each: each[0], max_size=6))
@settings(max_examples=100)
def test_every_failed_check_is_told_not_only_the_first(chosen: list[tuple[str, str, Spoil]]) -> None:
    evidence = twins()
    expected = set()
    for check, _what, spoil in chosen:
        try:
            spoil(evidence[SOURCE], evidence[TARGET])
        except KeyError:  # another one took away what this one would spoil
            continue
        expected.add(check)
    found = {finding.check for finding in judge(evidence, [SOURCE], [TARGET], sales_spec(), lag=IN_TIME)}
    # Digests and capacity of a service that is gone are not told: that it is gone is.
    assert found - {"tasks"} <= expected
    assert expected - {"digests", "capacity"} - found == set()


def test_the_source_that_does_not_answer_is_no_finding() -> None:
    evidence = twins()
    evidence[SOURCE] = {"region": SOURCE, "reachable": False, "why": "timed out"}
    assert judge(evidence, [SOURCE], [TARGET], sales_spec()) == []


def test_what_a_source_cannot_tell_is_not_held_against_the_target() -> None:
    evidence = twins()
    for part in ("services", "queues", "topics", "tables", "buckets"):
        evidence[SOURCE][part] = {name: {"name": name, "error": "AccessDenied"} for name in evidence[SOURCE][part]}
    assert judge(evidence, [SOURCE], [TARGET], sales_spec()) == []


def test_alarms_that_are_on_elsewhere_or_know_too_little_are_told_and_stop_nothing() -> None:
    evidence = twins()
    evidence[SOURCE]["alarms"] = {"source-errors": {"exists": True, **ON}}
    evidence[TARGET]["alarms"] = {"errors": {"exists": True, **ON, "state": "INSUFFICIENT_DATA"}}
    evidence[TARGET]["alarms_on"] = {"lag": ON}
    assert judge(evidence, [SOURCE], [TARGET], sales_spec(), lag=IN_TIME) == []
    assert [(each["region"], each["name"]) for each in alarms_on(evidence)] == [
        (SOURCE, "source-errors"),
        (TARGET, "lag"),
    ]
    assert "alarms on: source-errors" in evidence_sentences(evidence, {})[0]


def test_nothing_to_compare_with_does_not_let_a_target_stay_at_zero() -> None:
    evidence = twins()
    evidence[SOURCE] = {"region": SOURCE, "reachable": False, "why": "timed out"}
    evidence[TARGET]["services"]["api"].update(desired=0, running=0, scaling={"min": 3, "max": 9})
    (entry,) = missing_capacity(evidence, [SOURCE], [TARGET], sales_spec())
    assert (entry["service"], entry["desired"], entry["wanted"]) == ("api", 0, 3)
    (finding,) = judge(evidence, [SOURCE], [TARGET], sales_spec())
    assert finding.check == "capacity"


def test_skipped_findings_are_told_as_skipped() -> None:
    evidence = twins()
    for _check, _what, spoil in (SPOILT[1], SPOILT[5]):
        spoil(evidence[SOURCE], evidence[TARGET])
    found = judge(evidence, [SOURCE], [TARGET], sales_spec(), skip=["digests"])
    assert {(each.check, each.skipped) for each in found} == {("digests", True), ("tasks", False)}
    assert "(skipped)" in next(each for each in found if each.skipped).sentence()


@pytest.mark.parametrize("seconds", [5.1, None])
def test_a_lag_over_the_threshold_or_not_seen_at_all(seconds: float | None) -> None:
    (finding,) = judge(twins(), [SOURCE], [TARGET], sales_spec(), lag={TARGET: seconds})
    assert finding.check == "lag"
    assert ("15 s" if seconds is None else "5.1 s") in finding.found


def test_what_would_run_after_the_switch_must_fit_the_quota() -> None:
    evidence = twins()
    evidence[TARGET]["quotas"]["fargate_vcpu"] = {"limit": 6.0, "used": 1.0}
    evidence[SOURCE]["services"]["api"].update(desired=22, running=22)  # 20 more of 0.25 vCPU, 1 vCPU in use: 6
    checks = [each.check for each in judge(evidence, [SOURCE], [TARGET], sales_spec())]
    assert checks == ["capacity"]
    evidence[SOURCE]["services"]["api"].update(desired=23, running=23)
    found = {each.check: each for each in judge(evidence, [SOURCE], [TARGET], sales_spec())}
    assert set(found) == {"capacity", "quota"}
    assert found["quota"].expected == "6.25 Fargate On-Demand vCPU to fit the quota"
    evidence[TARGET]["quotas"]["fargate_vcpu"] = None
    assert [each.check for each in judge(evidence, [SOURCE], [TARGET], sales_spec())] == ["capacity"]


def test_a_quota_counts_our_own_tasks_when_nobody_tells_the_accounts() -> None:
    evidence = twins()
    evidence[TARGET]["quotas"]["fargate_vcpu"] = {"limit": 1.0, "used": None}
    evidence[SOURCE]["services"]["api"].update(desired=3, running=3)
    found = {each.check: each for each in judge(evidence, [SOURCE], [TARGET], sales_spec())}
    assert found["quota"].found == "a quota of 1, 1 of it in use"


def test_tasks_per_service_have_a_quota_too() -> None:
    evidence = twins()
    evidence[TARGET]["quotas"].update(fargate_vcpu=None, tasks_per_service={"limit": 20.0})
    evidence[SOURCE]["services"]["api"].update(desired=21)
    assert {each.check for each in judge(evidence, [SOURCE], [TARGET], sales_spec())} == {"capacity", "quota"}


def test_a_fallback_is_asked_for_only_if_it_is_wanted() -> None:
    found = judge(twins(), [SOURCE], [TARGET], sales_spec(fargate_fallback=True))
    assert [(each.check, each.found) for each in found] == [("fallback", "FARGATE")] * 2


def test_every_check_has_a_spoilt_case() -> None:
    assert set(CHECKS) == {check for check, _what, _spoil in SPOILT} | {"lag", "quota", "fallback"}


@given(
    loads=st.lists(st.integers(0, 100), min_size=1, max_size=3),
    desired=st.integers(0, 100),
    percentage=st.integers(1, 200),
)
def test_missing_capacity_is_the_share_of_the_busiest_source_rounded_up(
    loads: list[int], desired: int, percentage: int
) -> None:
    spec = sales_spec(services=[{"cluster": "sales", "name": "api"}], capacity_percentage=percentage)
    sources = {f"source-{number}": {"services": {"api": service("api", load)}} for number, load in enumerate(loads)}
    evidence = {**sources, TARGET: {"services": {"api": service("api", desired)}}}
    missing = missing_capacity(evidence, sources, [TARGET], spec)
    wanted = missing[0]["wanted"] if missing else desired
    assert wanted * 100 >= max(loads) * percentage
    assert wanted == desired or (wanted - 1) * 100 < max(loads) * percentage


def test_three_regions_compare_with_each_source() -> None:
    evidence = twins()
    third = "eu-west-1"
    evidence[third] = copy.deepcopy(evidence[SOURCE])
    evidence[third]["region"] = third
    for told in evidence.values():
        told["tables"]["sales"]["replicas"] = dict.fromkeys(evidence.keys() - {told["region"]}, "ACTIVE")
        told["buckets"][BUCKET]["replicates_to"] = sorted(evidence.keys() - {told["region"]})
        told["topics"]["sales-processing"]["subscribers"] = [
            {"queue": "sales-queue", "region": name} for name in evidence
        ]
    assert judge(evidence, [SOURCE, third], [TARGET], sales_spec()) == []
    evidence[third]["services"]["api"]["digests"] = {"registry/api:1.2": ["sha256:c"]}
    (finding,) = judge(evidence, [SOURCE, third], [TARGET], sales_spec())
    assert third in finding.expected


def test_images_of_each_regions_own_registry_are_the_same() -> None:
    there = {"123456789012.dkr.ecr.sa-east-1.amazonaws.com/api:1": ["sha256:a"]}
    here = {"123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1": ["sha256:a"]}
    assert compare_images(there, here) is None
    assert compare_images(there, {**here, "sidecar:2": ["sha256:s"]}) is not None


def test_another_tag_of_the_same_digest_is_the_same_and_without_digests_it_is_not() -> None:
    assert compare_images({"api:1": ["sha256:a"]}, {"api:latest": ["sha256:a"]}) is None
    expected, found = compare_images({"api:1": []}, {"api:2": ["sha256:a"]}) or ("", "")
    assert "digest not known, names compared" in expected
    assert found == "api:2 (a)"


@pytest.mark.parametrize("unread", [SOURCE, TARGET])
def test_images_that_could_not_be_read_are_no_images(unread: str) -> None:
    evidence = twins()
    evidence[unread]["services"]["worker"]["digests"] = {}
    (found,) = judge(evidence, [SOURCE], [TARGET], sales_spec(), lag=LAG)
    assert (found.check, found.expected, found.found) == (
        "digests",
        f"the images of worker in {unread}",
        "they cannot be read",
    )


def test_the_evidence_is_told_in_a_line_for_each_region() -> None:
    evidence = twins()
    evidence[SOURCE]["services"]["api"]["digests"] = {"registry/api:1.2": ["sha256:0123456789abcdef"]}
    evidence[TARGET]["services"]["api"].update(digests={"registry/api:1.2": []}, running=1, pending=1)
    evidence[TARGET]["services"]["worker"]["digests"] = {}
    evidence[TARGET]["queues"]["sales-queue"].update(visible=7, in_flight=3)
    evidence[TARGET]["queues"]["sales-queue"]["dlq"]["visible"] = 1
    evidence["eu-west-1"] = {"region": "eu-west-1", "reachable": False, "why": "timed out"}
    states = {SOURCE: {"state": "ACTIVE", "epoch": 4}, TARGET: {"state": "PASSIVE", "epoch": 4}}
    lines = evidence_sentences(evidence, states, {TARGET: 0.4})
    assert lines[0].startswith(
        f"{SOURCE} ACTIVE at epoch 4: api:7 runs 2/2 of registry/api:1.2 (0123456789ab); "
        "worker:7 runs 2/2 of registry/worker:1.2 (aaaa); 2/2 targets of api"
    )
    assert "api:7 runs 1/2 (+1 starting) of registry/api:1.2 (digest not known, names compared); " in lines[1]
    assert "worker:7 runs 2/2; " in lines[1]
    assert "7 (+3 being worked on) waiting in sales-queue, 1 in its DLQ" in lines[1]
    assert lines[2] == "eu-west-1 (no state): does not answer: timed out"
    assert lines[3] == f"replication lag, measured: 0.40 s to {TARGET}"
    assert evidence_sentences({}, {}, {TARGET: None}) == [f"replication lag, measured: no marker arrived in {TARGET}"]


def test_the_lag_is_not_judged_where_nobody_measured_it() -> None:
    assert judge(twins(), [SOURCE], [TARGET], sales_spec(lag=LAG), lag={SOURCE: 99.0}) == []
