# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's logic on moto's tables: a region leaves the map, in that order and no other, and killed runs go on."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_switch, region_toggle
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import maps_of, to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.readiness import measure_lag
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement import steps
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement.control import RetirementControl
from tests.support.aws_clients import ACCOUNT
from tests.support.leaving import LEFT, kept, planned, running, sell
from tests.support.switching import A, B, C, call


def test_a_region_leaves_the_map_with_a_new_epoch(workload, retire, markers):
    predicted = retire(check=True)
    assert workload.states()[C] == "PASSIVE" and running(workload, C) == 2 and kept(workload, "retirements") is None
    made = retire()
    assert markers == [("sales", C, A), ("sales", C, B)]
    assert planned(made) == planned(predicted)
    assert planned(made) == [
        ("create", "region_retirement", C),
        ("update", "ecs_services", C),
        ("create", "region_reconciled", C),
        ("update", "region_lease", "us-east-2"),
        ("update", "region_state", A),
        ("update", "region_state", B),
        ("update", "region_state", C),
        ("delete", "ssm_parameter", C),
    ]
    assert (made["epoch"], made["left"], made["retiring"], made["states"]) == (2, [C], [C], LEFT)
    assert (running(workload, A), running(workload, C)) == (2, 0)
    lease = workload.lease()
    assert (lease["epoch"], lease["plan"], lease["owed"], lease["holder"]) == (2, None, {}, "")
    for region in (A, B, C):
        assert dict(maps_of([workload.state_item(region)])[region].states) == LEFT
    assert kept(workload, "retirements")["regions"][C].items() >= {"operator": "Ana", "reason": "test"}.items()
    assert not retire()["changed"]
    assert not call(region_toggle.MODULE, {"regions": LEFT})["changed"]


def test_what_is_remembered_of_it_ends_when_nothing_is_left(workload, retire):
    with pytest.raises(CollectionError, match=f"{C} is in the map yet"):
        retire(state="absent")
    retire()
    assert list(kept(workload, "retirements")["regions"]) == [C]
    dynamodb = workload.client("dynamodb", A)
    dynamodb.put_item(TableName="sales-state", Item=workload.state_item(C))  # as it was replicated there
    workload.client("dynamodb", C).delete_table(TableName="sales-state")
    workload.client("dynamodb", "us-east-2").put_item(
        TableName="sales-lease", Item=to_attributes({"id": f"drained#{C}"})
    )
    assert planned(retire(state="absent")) == [("delete", "region_retirement", C)]
    assert kept(workload, "retirements") is None and kept(workload, f"drained#{C}") is None
    assert [item["region"]["S"] for item in dynamodb.scan(TableName="sales-state")["Items"]] == [A]
    assert not retire(state="absent")["changed"] and not retire()["changed"]


@pytest.mark.parametrize(("leaves", "told"), [(A, "-e target=sa-east-1 -e turn=off"), (B, "cannot be retired")])
def test_only_a_passive_region_leaves(workload, retire, leaves, told):
    call(
        region_switch.MODULE,
        {"regions": [A, B, C], "target": B, "turn": "on", "view_ttl": 0.03, "claim_to_effect": 0.02},
    )
    stays = [region for region in (A, B, C) if region != leaves]
    with pytest.raises(CollectionError, match=f"{leaves} is ACTIVE.*{told}" if leaves == A else f"{told}.*{leaves} is"):
        retire(regions=stays, retire=[leaves])
    assert running(workload, leaves) == 2 and leaves in workload.states()


def test_somebody_stays_who_is_active(workload, retire):
    off = {"regions": [A, B, C], "target": A, "turn": "off", "allow_no_active": True}
    call(region_switch.MODULE, {**off, "view_ttl": 0.03, "claim_to_effect": 0.02})
    with pytest.raises(CollectionError, match="nobody would process sales"):
        retire()
    with pytest.raises(CollectionError, match="no region, and nobody would process sales.*destroy.yml"):
        retire(regions=["eu-central-1"], retire=[A, B, C])


def test_a_region_with_an_unprocessed_sale_stays_in_the_map(workload, retire):
    sell(workload, C)
    with pytest.raises(CollectionError, match="still has items in table sales that nobody has processed"):
        retire(reconcile=[{"table": "sales", "topic": "sales", "minimum_age": 0, "timeout": 0.5}])
    assert C in workload.states() and running(workload, C) == 0 and workload.lease()["holder"] == ""
    workload.client("dynamodb", C).delete_item(TableName="sales", Key={"id": {"S": "1"}})
    assert retire()["states"] == LEFT


def test_a_region_whose_writes_do_not_arrive_stays_in_the_map(workload, retire, markers, monkeypatch):
    monkeypatch.setattr(steps, "measure_lag", measure_lag)
    with pytest.raises(CollectionError, match=f"what was written there may not be in {A} yet .*was not seen in {A}"):
        retire(reconcile=[{"table": "sales", "topic": "sales", "minimum_age": 0, "timeout": 3}])
    assert C in workload.states() and workload.lease()["holder"] == ""
    monkeypatch.undo()
    assert workload.client("dynamodb", C).scan(TableName="sales")["Count"] == 0


def test_it_is_ended_from_another_terminal_while_it_waits(workload, retire, monkeypatch):
    sell(workload, C)
    rest = RetirementControl.rest

    def cancel(control: RetirementControl, seconds: float) -> None:
        signal = {"id": "signal", "signal": "cancel", "generation": workload.lease()["generation"]}
        workload.client("dynamodb", "us-east-2").put_item(TableName="sales-lease", Item=to_attributes(signal))
        rest(control, seconds)

    monkeypatch.setattr(RetirementControl, "rest", cancel)
    with pytest.raises(CollectionError, match=f"cancelled from another terminal: {C} is left in the map"):
        retire()
    assert (workload.lease()["holder"], workload.lease()["epoch"], workload.lease()["plan"]) == ("", 1, None)


def test_a_region_whose_objects_are_nowhere_else_stays_in_the_map(workload, retire):
    names = {region: f"sales-lake-{ACCOUNT}-{region}" for region in (B, C)}
    for region, name in names.items():
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}} if region != "us-east-1" else {}
        workload.client("s3", region).create_bucket(Bucket=name, **place)
    workload.client("s3", C).put_object(Bucket=names[C], Key="sales/1.json", Body=b"{}")
    with pytest.raises(
        CollectionError, match=f"1 objects of the bucket {names[C]} are in no other region, such as sales"
    ):
        retire(buckets=["sales-lake"], wait_timeout=1)
    assert C in workload.states()
    workload.client("s3", B).put_object(Bucket=names[B], Key="sales/1.json", Body=b"{}")
    made = retire(buckets=["sales-lake"])
    assert ("create", "s3_objects_replicated", C) in planned(made) and made["left"] == [C]


def test_a_region_that_does_not_answer_is_not_retired(workload, retire, silent):
    silent.add(C)
    with pytest.raises(CollectionError, match=f"{C} does not answer.*only its own endpoint tells"):
        retire()
    silent ^= {B, C}
    with pytest.raises(CollectionError, match=f"Every region must answer to hand out epoch 2.*{B}"):
        retire()
    silent.clear()
    assert kept(workload, "retirements") is None


def test_a_region_that_traffic_may_reach_is_not_retired(workload, retire):
    lease = {**workload.lease(), "owed": {C: ["traffic"]}}
    workload.client("dynamodb", "us-east-2").put_item(TableName="sales-lease", Item=to_attributes(lease))
    with pytest.raises(CollectionError, match=f"traffic may still reach {C}"):
        retire()
    assert running(workload, C) == 2


def test_what_it_was_owed_is_forgotten(workload, retire):
    lease = {**workload.lease(), "owed": {B: ["reconcile"], C: ["reconcile", "write"]}}
    workload.client("dynamodb", "us-east-2").put_item(TableName="sales-lease", Item=to_attributes(lease))
    retire()
    assert workload.lease()["owed"] == {B: ["reconcile"]}


def test_what_is_unfinished_comes_first(workload, retire):
    lease = {**workload.lease(), "plan": {"kind": "switch"}}
    workload.client("dynamodb", "us-east-2").put_item(TableName="sales-lease", Item=to_attributes(lease))
    with pytest.raises(CollectionError, match="'switch' is unfinished"):
        retire()


def test_nothing_recorded_nothing_to_leave(workload, retire):
    workload.client("dynamodb", "us-east-2").delete_item(TableName="sales-lease", Key={"id": {"S": "lease"}})
    for region in (A, B, C):
        workload.client("dynamodb", region).delete_item(TableName="sales-state", Key={"region": {"S": region}})
    made = retire()
    assert not made["changed"] and (made["epoch"], made["states"]) == (None, {})
