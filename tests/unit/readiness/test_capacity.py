# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Capacity is raised, restored exactly, awaited with reasons; and the lag is measured by a marker that goes away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils import readiness
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, NotReadyInTime
from ansible_collections.multiregion.ecs.plugins.module_utils.readiness import (
    LagUnknown,
    measure_lag,
    raise_capacity,
    read_counts,
    restore_capacity,
    set_counts,
    wait_until_ready,
    waiting,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import workers
from tests.support.readiness_evidence import LAG, SOURCE, TARGET, completed, make_table, sales_spec, twins

DIMENSION = "ecs:service:DesiredCount"
WANTED = {"region": TARGET, "cluster": "sales", "service": "api", "desired": 2, "wanted": 7}


def build(cloud: Cloud, scales: bool = True) -> None:
    ecs = cloud.client("ecs", TARGET)
    ecs.create_cluster(clusterName="sales")
    ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": "api:1", "memory": 9}])
    ecs.create_service(cluster="sales", serviceName="api", taskDefinition="api", desiredCount=2)
    if scales:
        cloud.client("application-autoscaling", TARGET).register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/sales/api",
            ScalableDimension=DIMENSION,
            MinCapacity=1,
            MaxCapacity=4,
        )


def counts(cloud: Cloud) -> tuple[int, tuple[int, int] | None]:
    """The desired count, and the range within which it scales."""
    service = cloud.client("ecs", TARGET).describe_services(cluster="sales", services=["api"])["services"][0]
    targets = cloud.client("application-autoscaling", TARGET).describe_scalable_targets(ServiceNamespace="ecs")
    ranges = [(target["MinCapacity"], target["MaxCapacity"]) for target in targets["ScalableTargets"]]
    return service["desiredCount"], next(iter(ranges), None)


@pytest.mark.parametrize(("scales", "raised"), [(True, (7, 7)), (False, None)])
def test_raised_and_restored_exactly(cloud: Cloud, scales: bool, raised: tuple[int, int] | None) -> None:
    build(cloud, scales)
    was = counts(cloud)
    remembered: list[Any] = []
    before = raise_capacity(cloud, [WANTED], lambda told: remembered.append((told, counts(cloud))))
    assert counts(cloud) == (7, raised)
    assert remembered == [(before, was)]  # told before anything was changed
    for _time in range(2):
        restore_capacity(cloud, before)
        assert counts(cloud) == was


def test_a_range_that_is_wide_enough_keeps_its_most(cloud: Cloud) -> None:
    build(cloud)
    raise_capacity(cloud, [{**WANTED, "wanted": 3}])
    assert counts(cloud) == (3, (3, 4))


def test_what_an_interrupted_run_remembered_stands(cloud: Cloud) -> None:
    build(cloud)
    was = counts(cloud)
    first = raise_capacity(cloud, [{**WANTED, "wanted": 5}])
    before = raise_capacity(cloud, [{**WANTED, "desired": 5}], earlier=first)
    assert (before, counts(cloud)) == (first, (7, (7, 7)))
    restore_capacity(cloud, before)
    assert counts(cloud) == was


def test_a_service_that_is_gone_needs_no_restoring(cloud: Cloud) -> None:
    build(cloud, scales=False)
    before = raise_capacity(cloud, [WANTED])
    cloud.client("ecs", TARGET).delete_service(cluster="sales", service="api", force=True)
    restore_capacity(cloud, before)
    restore_capacity(cloud, {})
    service = cloud.client("ecs", TARGET).describe_services(cluster="sales", services=["api"])["services"][0]
    assert service["status"] == "INACTIVE", "nothing brought it back"


def suspended(cloud: Cloud) -> bool:
    targets = cloud.client("application-autoscaling", TARGET).describe_scalable_targets(ServiceNamespace="ecs")
    (target,) = targets["ScalableTargets"]
    return target["SuspendedState"]["ScheduledScalingSuspended"]


def test_schedules_are_suspended_for_as_long_as_nothing_may_run(cloud: Cloud) -> None:
    build(cloud)
    was = read_counts(cloud, TARGET, "sales", ["api"])["api"]
    assert {**was["scaling"], "suspended_state": None} == {
        "min": 1,
        "max": 4,
        "suspended": False,
        "suspended_state": None,
    }
    for scaling in (was["scaling"], {"min": 1, "max": 4}):  # what ran, and what is declared
        set_counts(cloud, {**was, "desired": 0, "scaling": {"min": 0, "max": 0}})
        assert (counts(cloud), suspended(cloud)) == ((0, (0, 0)), True)
        set_counts(cloud, {**was, "scaling": scaling})
        assert (counts(cloud), suspended(cloud)) == ((2, (1, 4)), False)


def test_schedules_that_somebody_suspended_stay_so_when_capacity_is_raised(cloud: Cloud) -> None:
    build(cloud)
    set_counts(cloud, {**WANTED, "scaling": {"min": 1, "max": 4, "suspended": True}})
    before = raise_capacity(cloud, [WANTED])
    assert suspended(cloud)
    restore_capacity(cloud, before)
    assert suspended(cloud)


def test_what_somebody_suspended_of_the_metrics_stays_suspended(cloud: Cloud) -> None:
    build(cloud)
    client = cloud.client("application-autoscaling", TARGET)
    (target,) = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    which = {name: target[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
    client.register_scalable_target(**which, SuspendedState={"DynamicScalingInSuspended": True})
    restore_capacity(cloud, raise_capacity(cloud, [WANTED]))
    workers.stop(cloud, {"api": read_counts(cloud, TARGET, "sales", ["api"])["api"]})
    (target,) = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert target["SuspendedState"]["DynamicScalingInSuspended"] and suspended(cloud)


class Time:
    """A clock that only sleeping moves on."""

    def __init__(self, woken: Callable[[float], None] = lambda now: None) -> None:
        self.now = 0.0
        self.woken = woken

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.woken(self.now)


def test_waiting_ends_when_all_run_and_are_healthy(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = twins()
    evidence[TARGET]["services"]["api"]["running"] = 1
    evidence[TARGET]["target_groups"]["api"].update(healthy=1, initial=1)

    def woken(now: float) -> None:
        if now >= 3:
            evidence[TARGET]["services"]["api"]["running"] = 2
        if now >= 6:
            evidence[TARGET]["target_groups"]["api"].update(healthy=2, initial=0)

    told: list[str] = []
    cloud.tell = told.append
    monkeypatch.setattr(waiting, "gather", lambda *_asked: evidence)
    time = Time(woken)
    assert wait_until_ready(cloud, [TARGET], sales_spec(), 60, time.sleep, time.clock) is evidence
    assert 6 <= time.now < 8
    (line,) = told
    assert line.endswith(f"s left: target group api in {TARGET} has 1 of 2 targets healthy")


def test_waiting_in_vain_tells_why(cloud: Cloud) -> None:
    build(cloud)
    time = Time()
    spec = completed(services=[{"cluster": "sales", "name": "api"}], target_groups=["api"])
    with pytest.raises(NotReadyInTime) as failed:
        wait_until_ready(cloud, [TARGET], spec, 3, time.sleep, time.clock)
    assert f"api in {TARGET} runs 0 of 2 tasks" in failed.value.message
    assert f"target group api in {TARGET} does not exist" in failed.value.message
    assert len(failed.value.details["not_ready"]) == 2


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("Capacity is unavailable at this time. Please try again later.", "both FARGATE and FARGATE_SPOT"),
        ("You've reached the limit on the number of vCPUs you can run concurrently", "a higher quota"),
    ],
)
def test_a_shortage_is_told_with_the_way_out(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, reason: str, advice: str
) -> None:
    build(cloud)
    facts = {
        "stopped_tasks": [],
        "log_lines": {},
        "unhealthy_targets": [],
        "events": ["(service api) has started 1 tasks.", f"(service api) was unable to place a task. Reason: {reason}"],
    }
    monkeypatch.setattr(waiting.post_mortem, "examine", lambda *_asked: facts)
    time = Time()
    spec = completed(services=[{"cluster": "sales", "name": "api"}])
    with pytest.raises(NotReadyInTime) as failed:
        wait_until_ready(cloud, [TARGET], spec, 3, time.sleep, time.clock)
    assert reason.rstrip(".") in failed.value.message
    assert advice in failed.value.message
    other = ({"both FARGATE and FARGATE_SPOT", "a higher quota"} - {advice}).pop()
    assert other not in failed.value.message


def items(client: Any) -> list[dict[str, Any]]:
    return list(client.scan(TableName=LAG["table"])["Items"])


def test_the_lag_is_the_time_until_the_marker_is_seen(cloud: Cloud) -> None:
    there, here = make_table(cloud, SOURCE), make_table(cloud, TARGET)
    seen: list[dict[str, Any]] = []

    def woken(now: float) -> None:
        if now >= 2 and not seen:
            seen.extend(items(there))
            here.put_item(TableName=LAG["table"], Item=seen[0])

    time = Time(woken)
    assert measure_lag(cloud, SOURCE, TARGET, sales_spec(), time.clock, time.sleep) == pytest.approx(2, abs=0.11)
    (marker,) = seen
    assert marker["id"]["S"].startswith("lag-marker#")
    assert set(marker) == {"id", "expires_at", "marker_from", "marker_to"}
    assert items(there) == []  # moto replicates no deletion; DynamoDB does


def test_a_throttled_write_is_sent_again_and_counts_from_then(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    there = make_table(cloud, TARGET)
    refusals = [ClientError({"Error": {"Code": "ThrottlingException"}}, "PutItem")] * 3
    put = there.put_item

    def throttled(**asked: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return put(**asked)

    monkeypatch.setattr(there, "put_item", throttled)
    time = Time()
    assert measure_lag(cloud, TARGET, TARGET, sales_spec(), time.clock, time.sleep) == 0
    assert time.now == pytest.approx(0.3)


def test_a_marker_that_does_not_arrive(cloud: Cloud) -> None:
    there, _here = make_table(cloud, SOURCE), make_table(cloud, TARGET)
    time = Time()
    with pytest.raises(LagUnknown, match=f"written in {SOURCE} was not seen in {TARGET} within 15 s"):
        measure_lag(cloud, SOURCE, TARGET, sales_spec(), time.clock, time.sleep)
    assert time.now == pytest.approx(15, abs=0.2)
    assert items(there) == []


def test_a_table_that_cannot_be_written_or_read(cloud: Cloud) -> None:
    time = Time()
    with pytest.raises(LagUnknown, match=f"{SOURCE} took no marker"):
        measure_lag(cloud, SOURCE, TARGET, sales_spec(), time.clock, time.sleep)
    make_table(cloud, SOURCE)
    with pytest.raises(LagUnknown, match=f"not seen in {TARGET}.*ResourceNotFoundException"):
        measure_lag(cloud, SOURCE, TARGET, sales_spec(), time.clock, time.sleep)


def test_everything_promised_is_there() -> None:
    assert all(getattr(readiness, name) for name in readiness.__all__)
