# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region, or what directs the traffic, that answers, but ill: with 5xx of every form, always or now and then."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.support.sickness import Sickness
from tests.support.switching import STATES, STEP_CLASSES, A, B, C
from tests.support.workload_tables import make_indexed_table

MOVED = {A: "PASSIVE", B: "ACTIVE"}
SEEDS = range(int(os.environ.get("SICK_SEEDS", "3")))


@pytest.fixture
def sick(monkeypatch) -> Sickness:
    return Sickness(monkeypatch)


@pytest.fixture
def everything(workload, services) -> dict[str, Any]:
    """The arguments of a switch that makes every kind of call: workers, schedules, weights, notices, reconciliation."""
    route53 = workload.client("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="example.test", CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2]
    for region, weight in ((A, 100), (B, 0)):
        record = {"Name": "api.example.test", "Type": "CNAME", "TTL": 60, "SetIdentifier": region, "Weight": weight}
        change = {"Action": "CREATE", "ResourceRecordSet": {**record, "ResourceRecords": [{"Value": "lb.test"}]}}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    for region in STATES:
        workload.client("scheduler", region).create_schedule_group(Name="sales")
        workload.client("sns", region).create_topic(Name="sales")
        make_indexed_table(workload.client("dynamodb", region), "sales", "by-state")
    index = {"index": "by-state", "hash_attribute": "unprocessed", "minimum_age": 0}
    return {
        **services,
        "dns": {"zone": zone, "names": ["api.example.test"]},
        "schedule_group": "sales",
        "notify_topic": "sales",
        "reconcile": [{"table": "sales", "topic": "sales", **index}],
    }


@pytest.fixture
def at(monkeypatch) -> Callable[[str, Callable[[], None]], None]:
    """Makes something happen before each run of a step."""

    def arrange(step: str, happens: Callable[[], None]) -> None:
        do = STEP_CLASSES[step].do

        def with_it(self: Any) -> str:
            happens()
            return do(self)

        monkeypatch.setattr(STEP_CLASSES[step], "do", with_it)

    return arrange


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [1.0, 0.7, 0.2])
def test_the_workload_leaves_a_sick_source(workload, switch, everything, sick, share, seed):
    sick.chance.seed(seed)
    sick.shares = {A: share, "route53": share}
    made = switch(to=B, execution="ungraceful", **everything)
    assert made["states"] == workload.states() == MOVED and workload.lease()["plan"] is None
    assert sick.felt or share < 0.5, "calls are made side by side, so that chance differs"
    assert workload.parameter(B) == "ACTIVE" and workload.journal()[-1]["states"] == MOVED

    sick.shares.clear()
    switch(to=B, **everything)
    assert workload.lease()["owed"] == {} and workload.parameter(A) == "PASSIVE"
    records = workload.client("route53", "us-east-1").list_resource_record_sets(HostedZoneId=everything["dns"]["zone"])
    weights = {each["SetIdentifier"]: each["Weight"] for each in records["ResourceRecordSets"] if "Weight" in each}
    assert weights == {A: 0, B: 100}


@pytest.mark.parametrize("step", ["preflight", "drain", "hold", "shift", "grant", "start", "reconcile", "record"])
def test_a_source_that_falls_sick_midway_is_left_behind_when_told(workload, switch, everything, sick, at, step):
    given = {**everything, "readiness": {"services": [], "quotas": False}}
    at(step, lambda: sick.shares.update({A: 1.0, "route53": 1.0}))
    made = switch(to=B, may_turn_ungraceful=True, skip_checks=["reachable", "fallback"], **given)
    assert sick.felt and made["states"] == workload.states() == MOVED and workload.lease()["plan"] is None
    sick.shares.clear()


def test_a_graceful_switch_says_that_a_sick_source_does_not_answer(workload, switch, sick):
    sick.shares = {A: 1.0}
    with pytest.raises(CollectionError, match=f"{A} would change and does not answer.*execution=ungraceful"):
        switch(to=B)
    assert workload.lease()["epoch"] == 1


# --- A region that is declared dead ---


def test_nothing_is_asked_of_a_region_that_is_declared_dead(workload, switch, everything, sick):
    made = switch(to=B, dead=[A], **everything)
    assert A not in sick.asked
    assert workload.states() == MOVED and made["unfenced"] == [A] and "write" in made["owed"][A]
    assert workload.journal()[-1]["execution"] == "ungraceful"
    assert made["silent"] == {A: "it was declared dead, and was not asked"}


def test_only_what_is_declared_dead_is_left_behind(deployed, silent):
    workload, switch = deployed({A: "ACTIVE", B: "PASSIVE", C: "ACTIVE"})
    silent.add(C)
    with pytest.raises(CollectionError, match=f"{C} would keep sharing sales out by the old states"):
        switch(**{"to": B, "from": A, "dead": [A]})
    assert workload.lease()["epoch"] == 1


def test_a_switch_is_resumed_and_gone_back_from_without_what_is_declared_dead(workload, switch, broken, sick):
    broken(switch, "fence", to=B)
    asked = len(sick.asked)
    with pytest.raises(CollectionError, match=f"{A} would become ACTIVE and does not answer"):
        switch(rollback=True, dead=[A])
    switch(to=B, dead=[A])
    assert A not in sick.asked[asked:] and workload.states() == MOVED


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"to": B, "dead": [B]}, f"to is {B}, which dead names too"),
        ({"target": B, "turn": "on", "dead": [B]}, f"target is {B}, which dead names too"),
        ({"to": B, "dead": ["moon"]}, "dead names moon; the regions are sa-east-1, us-east-1, us-east-2"),
        ({"to": B, "dead": ["us-east-2"]}, "dead names every replica of the lease"),
    ],
)
def test_what_cannot_be_dead_is_refused(workload, switch, sick, given, told):
    with pytest.raises(CollectionError, match=told):
        switch(**given)
    assert not sick.asked


def test_a_replica_of_the_lease_that_is_declared_dead_is_not_asked(workload, switch, sick):
    workload.make_table("sales-lease", "id", "us-west-2")
    sick.asked.clear()
    given = {"lease_regions": ["us-west-2", "us-east-2"], "dead": ["us-west-2"]}
    with pytest.raises(CollectionError, match="written under the lease sales-lease@us-east-2"):
        switch(to=B, **given)  # which replicas there are is the lease's place, whoever of them is asked
    assert "us-west-2" not in sick.asked and "us-east-2" in sick.asked
