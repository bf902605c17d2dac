# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's logic on moto's tables: the first deployment, mending, killed runs, second runs, removal."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import LeaseTable, Run, acquire, taking
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import (
    RegionMap,
    from_attributes,
    maps_of,
    state_write,
    to_attributes,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.toggle.control import Control
from ansible_collections.multiregion.ecs.plugins.module_utils.toggle.records import StateCopy


def planned(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(change["action"], change["kind"], change["region"]) for change in result["changes"]]


FIRST = [
    ("create", "region_lease", "us-east-2"),
    ("create", "region_state", "sa-east-1"),
    ("create", "region_state", "us-east-1"),
    ("create", "ssm_parameter", "sa-east-1"),
    ("create", "ssm_parameter", "us-east-1"),
]


def test_first_deployment_writes_the_inventorys_states(workload, toggle):
    predicted = toggle(check=True)
    assert planned(predicted) == FIRST
    assert workload.lease_item() is None
    assert predicted["map"]["run_id"] == "(known after apply)"

    made = toggle(reason="test", operator="somebody")
    assert planned(made) == FIRST
    assert made["epoch"] == 1
    maps = {region: maps_of([workload.state_item(region)])[region] for region in ("sa-east-1", "us-east-1")}
    assert maps["sa-east-1"] == maps["us-east-1"]
    assert dict(maps["sa-east-1"].states) == {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}
    assert made["map"]["run_id"] == maps["sa-east-1"].run_id
    assert (workload.parameter("sa-east-1"), workload.parameter("us-east-1")) == ("ACTIVE", "PASSIVE")
    lease = from_attributes(workload.lease_item())
    assert (lease["epoch"], lease["holder"], lease["plan"], lease["owed"]) == (1, "", None, {})


def test_second_run_changes_nothing_and_takes_no_lease(workload, toggle):
    toggle()
    before = workload.lease_item()
    again = toggle()
    assert not again["changed"]
    assert again["differs"] == {} and "warnings" not in again
    assert workload.lease_item() == before
    assert again["aws_calls"] <= 7


def test_a_copy_that_somebody_changed_is_mended(workload, toggle):
    toggle()
    workload.parameter("us-east-1", "ACTIVE")
    expected = [("update", "ssm_parameter", "us-east-1")]
    assert planned(toggle(check=True)) == expected
    assert planned(toggle()) == expected
    assert workload.parameter("us-east-1") == "PASSIVE"
    assert not toggle()["changed"]


def test_a_missing_item_is_written_again_with_the_same_content(workload, toggle):
    toggle()
    item = workload.state_item("us-east-1")
    workload.client("dynamodb", "us-east-1").delete_item(TableName="sales-state", Key={"region": {"S": "us-east-1"}})
    assert planned(toggle()) == [("create", "region_state", "us-east-1")]
    assert workload.state_item("us-east-1") == item
    assert from_attributes(workload.lease_item())["epoch"] == 1


def test_the_record_rules_over_the_inventory(workload, toggle):
    toggle()
    result = toggle(regions={"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"})
    assert not result["changed"]
    assert result["differs"]["us-east-1"] == {"inventory": "ACTIVE", "recorded": "PASSIVE"}
    assert len(result["warnings"]) == 2
    assert workload.parameter("us-east-1") == "PASSIVE"


def test_a_new_region_joins_as_passive_with_a_new_epoch(workload, toggle):
    toggle()
    wider = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE", "eu-west-1": "ACTIVE"}
    predicted = toggle(check=True, regions=wider)
    result = toggle(regions=wider)
    assert planned(predicted) == planned(result)
    assert (result["epoch"], result["joined"]) == (2, ["eu-west-1"])
    assert result["map"]["states"] == {"eu-west-1": "PASSIVE", "sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}
    for region in wider:
        recorded = maps_of([workload.state_item(region)])[region].to_dict()
        assert recorded == {**result["map"], "schema": 1}
    assert not toggle(regions=wider)["changed"]


def test_a_region_that_left_the_inventory_is_still_kept_true(workload, toggle):
    toggle()
    workload.parameter("us-east-1", "ACTIVE")
    result = toggle(regions={"sa-east-1": "ACTIVE"})
    assert planned(result) == [("update", "ssm_parameter", "us-east-1")]
    assert result["differs"] == {"us-east-1": {"inventory": None, "recorded": "PASSIVE"}}


def test_a_run_killed_anywhere_is_completed_by_the_next(workload, toggle, monkeypatch):
    create = StateCopy.create

    def die(self: StateCopy, *arguments: Any) -> Any:
        if self.region == "us-east-1":
            # What kill -9 leaves: no release, no finish.
            monkeypatch.setattr(LeaseTable, "swap", lambda *_arguments: (_ for _ in ()).throw(SystemError("killed")))
            raise SystemError("killed")
        return create(self, *arguments)

    monkeypatch.setattr(StateCopy, "create", die)
    with pytest.raises(CollectionError, match="killed"):
        toggle()
    monkeypatch.undo()
    dead = from_attributes(workload.lease_item())
    assert dead["holder"] and dead["plan"] == {"kind": "write"}

    result = toggle(regions={"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"})  # what the dead run began still rules
    assert ("update", "region_lease", "us-east-2") in planned(result)
    assert ("create", "ssm_parameter", "us-east-1") in planned(result)
    assert result["epoch"] == 1 and result["map"]["states"]["sa-east-1"] == "ACTIVE"
    lease = from_attributes(workload.lease_item())
    assert (lease["holder"], lease["plan"], lease["owed"]) == ("", None, {})
    assert lease["generation"] == dead["generation"] + 1
    assert not toggle()["changed"]


def test_a_second_run_is_told_who_holds_the_lease_why_and_since_when(workload, toggle):
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    run = Run("another-run", operator="Ana", reason="failover drill", since="2026-01-02T03:04:05Z", duration=10)
    tenure = acquire(table, run, 0)
    with tenure.beating(0.1), pytest.raises(CollectionError) as refused:
        toggle()
    for told in ("Ana", "another-run", "failover drill", "2026-01-02T03:04:05Z", "Nothing was changed"):
        assert told in str(refused.value)
    assert refused.value.details["lease"]["holder"] == "another-run"
    assert workload.state_item("sa-east-1") is None
    assert table.read().held_by("another-run", tenure.generation)


def test_two_runs_at_once_leave_one_epoch(workload, toggle):
    outcomes: list[Any] = []

    def attempt() -> None:
        try:
            outcomes.append(toggle())
        except CollectionError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(isinstance(outcome, dict) for outcome in outcomes)
    assert from_attributes(workload.lease_item())["epoch"] == 1
    assert maps_of([workload.state_item("sa-east-1")])["sa-east-1"].epoch == 1
    assert not toggle()["changed"]


def test_after_a_takeover_copies_set_late_are_mended(workload, toggle, monkeypatch):
    toggle()
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    acquire(table, Run("paused-run", duration=0.5), 1)
    workload.parameter("sa-east-1", "PASSIVE")
    update = StateCopy.update

    def update_then_late_write(self: StateCopy, *arguments: Any) -> Any:
        result = update(self, *arguments)
        monkeypatch.setattr(StateCopy, "update", update)
        workload.parameter("us-east-1", "ACTIVE")  # the paused run wakes up and sets a copy, after this run read it
        return result

    monkeypatch.setattr(StateCopy, "update", update_then_late_write)
    toggle()
    assert (workload.parameter("sa-east-1"), workload.parameter("us-east-1")) == ("ACTIVE", "PASSIVE")
    assert not toggle()["changed"]


def test_another_kind_of_plan_must_end_first(workload, toggle):
    toggle()
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    tenure = acquire(table, Run("switch", operator="Ana", reason="a drill"), 1)
    tenure.record({"kind": "failover"}, {})
    with pytest.raises(
        CollectionError, match=r"'failover' is unfinished at epoch 1, and its lease is held by Ana .*a drill"
    ):
        toggle()
    tenure.release()
    with pytest.raises(CollectionError, match=r"'failover' is unfinished at epoch 1\."):
        toggle()


@pytest.mark.parametrize(
    ("epoch", "states", "message"),
    [
        (1, {"sa-east-1": "PASSIVE"}, "epoch 1 has two contents"),
        (5, {"sa-east-1": "PASSIVE"}, "without the lease"),
    ],
)
def test_states_written_without_the_lease_are_refused(workload, toggle, epoch, states, message):
    place = toggle()["map"]["lease"]
    client = workload.client("dynamodb", "sa-east-1")
    client.delete_item(TableName="sales-state", Key={"region": {"S": "sa-east-1"}})
    client.put_item(**state_write("sales-state", "sa-east-1", RegionMap(epoch, states, "by hand", place)))
    with pytest.raises(CollectionError, match=message):
        toggle()


def test_a_lost_lease_is_refused_and_removal_starts_anew(workload, toggle):
    toggle()
    workload.client("dynamodb", "us-east-2").delete_item(TableName="sales-lease", Key={"id": {"S": "lease"}})
    with pytest.raises(CollectionError, match="lost or made anew"):
        toggle()
    toggle(state="absent")
    assert toggle()["epoch"] == 1


def test_an_inventory_with_another_lease_is_refused(workload, toggle):
    toggle()
    workload.make_table("sales-lease", "id", "us-east-1")
    with pytest.raises(CollectionError, match=r"this inventory names sales-lease@us-east-1"):
        toggle(lease_regions=["us-east-1"])


def test_items_of_a_newer_schema_are_refused(workload, toggle):
    toggle()
    item = {**from_attributes(workload.lease_item()), "schema": 99}
    workload.client("dynamodb", "us-east-2").put_item(TableName="sales-lease", Item=to_attributes(item))
    with pytest.raises(CollectionError, match="schema version 99"):
        toggle()


def test_absent_removes_everything_and_then_nothing(workload, toggle):
    toggle()
    predicted, removed = toggle(check=True, state="absent"), toggle(state="absent")
    assert planned(predicted) == planned(removed) == [("delete", kind, region) for _c, kind, region in reversed(FIRST)]
    assert workload.lease_item() is None
    assert workload.state_item("sa-east-1") is None
    with pytest.raises(Exception, match="ParameterNotFound"):
        workload.parameter("sa-east-1")
    assert not toggle(state="absent")["changed"]


def test_absent_is_refused_while_the_lease_is_held(workload, toggle):
    toggle()
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    with acquire(table, Run("other", duration=10), 1).beating(0.1), pytest.raises(CollectionError, match="Another run"):
        toggle(state="absent")
    assert workload.parameter("sa-east-1") == "ACTIVE"


def lease_table(workload) -> LeaseTable:
    return LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})


@pytest.mark.parametrize("arguments", [{}, {"check": True}, {"state": "absent"}])
def test_a_wish_made_on_another_epoch_is_refused_and_nothing_changes(workload, toggle, arguments):
    run_id = toggle(epoch=0)["map"]["run_id"]
    workload.parameter("us-east-1", "ACTIVE")
    before = workload.lease_item()
    with pytest.raises(CollectionError) as refused:
        toggle(epoch=0, **arguments)
    for told in ("stale", "made on epoch 0", "at epoch 1", run_id, "Nothing was changed", "with epoch 1"):
        assert told in str(refused.value)
    assert refused.value.details["lease"]["epoch"] == 1
    assert workload.lease_item() == before
    assert workload.parameter("us-east-1") == "ACTIVE"
    assert planned(toggle(epoch=1)) == [("update", "ssm_parameter", "us-east-1")]


def test_a_wish_on_an_epoch_that_was_never_recorded_is_refused(workload, toggle):
    with pytest.raises(CollectionError, match="made on epoch 3.* is at epoch 0 .nothing is recorded yet"):
        toggle(epoch=3)
    assert workload.lease_item() is None and workload.state_item("sa-east-1") is None


def test_a_wish_is_refused_once_somebody_else_had_the_lease(workload, toggle):
    token = toggle()["lease"]["token"]
    workload.parameter("us-east-1", "ACTIVE")
    tenure = acquire(lease_table(workload), Run("another-run", operator="Ana", reason="drill"), 1)
    with pytest.raises(CollectionError, match=r"lease was lost.*held by Ana \(run another-run\).*Nothing was changed"):
        toggle(lease_token=token)
    tenure.release()
    before = workload.lease_item()
    with pytest.raises(
        CollectionError, match=r"lease was lost.*It is free, at epoch 1"
    ) as refused:  # the same epoch still
        toggle(lease_token=token)
    assert workload.lease_item() == before
    assert workload.parameter("us-east-1") == "ACTIVE"

    now = toggle(check=True)["lease"]["token"]
    assert refused.value.details["lease"]["token"] == now
    mended = toggle(lease_token=now)
    assert planned(mended) == [("update", "ssm_parameter", "us-east-1")]
    assert not toggle(lease_token=mended["lease"]["token"])["changed"]  # its own tenure is not somebody else's


def test_a_wish_is_refused_when_somebody_has_the_lease_while_it_is_planned(workload, toggle, monkeypatch):
    token = toggle()["lease"]["token"]
    workload.parameter("us-east-1", "ACTIVE")

    def after_another(table: LeaseTable, *arguments: Any) -> Any:
        acquire(table, Run("another-run"), 1).release()
        return acquire(table, *arguments)

    monkeypatch.setattr(taking, "acquire", after_another)
    with pytest.raises(CollectionError, match="somebody had it before this run took it"):
        toggle(lease_token=token)
    assert workload.parameter("us-east-1") == "ACTIVE"
    assert from_attributes(workload.lease_item())["holder"] == ""


def test_a_workload_that_is_gone_is_no_stale_wish(workload, toggle):
    token = toggle()["lease"]["token"]
    toggle(state="absent", epoch=1, lease_token=token)
    assert not toggle(state="absent", epoch=1, lease_token=token)["changed"]


class FakeTime:
    """Stands still, but for sleeping. slept: how long, and who held the lease meanwhile."""

    def __init__(self, workload: Any) -> None:
        self.now, self.workload = 1000.0, workload
        self.slept: list[tuple[float, str]] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append((round(seconds, 3), from_attributes(self.workload.lease_item())["holder"]))
        self.now += seconds


@pytest.fixture
def time(workload, monkeypatch) -> FakeTime:
    fake = FakeTime(workload)
    monkeypatch.setattr(LeaseTable.__init__, "__defaults__", (fake.clock, fake.sleep))
    return fake


def told(result: dict[str, Any], region: str) -> tuple[Any, Any, Any]:
    return tuple(result["regions"][region][key] for key in ("before", "after", "effective_at"))


def test_each_region_tells_before_after_and_when_it_is_effective(workload, toggle, time):
    assert told(toggle(check=True), "sa-east-1") == (None, {"state": "ACTIVE", "epoch": 1}, "(known after apply)")
    before, after, effective_at = told(toggle(), "us-east-1")
    assert (before, after) == (None, {"state": "PASSIVE", "epoch": 1})
    late = datetime.now(UTC) + timedelta(seconds=30) - datetime.fromisoformat(effective_at)
    assert timedelta(0) <= late < timedelta(seconds=10)

    workload.parameter("us-east-1", "ACTIVE")
    mended = toggle()
    assert told(mended, "sa-east-1") == ({"state": "ACTIVE", "epoch": 1}, {"state": "ACTIVE", "epoch": 1}, None)
    assert mended["regions"]["us-east-1"]["effective_at"]
    for check in (True, False):
        labelled = toggle(check=check, tags={"team": "sales"})  # nothing that a task acts on
        assert labelled["changed"] and labelled["regions"]["us-east-1"]["effective_at"] is None


def test_a_region_that_does_not_answer_tells_nothing(workload, toggle, time, monkeypatch):
    toggle()
    workload.parameter("sa-east-1", "PASSIVE")
    scan = Control._scan
    monkeypatch.setattr(
        Control, "_scan", lambda self, region: "silent" if region == "us-east-1" else scan(self, region)
    )
    result = toggle()
    assert told(result, "us-east-1") == (None, None, None)
    assert result["regions"]["sa-east-1"]["effective_at"]


def test_a_run_waits_without_the_lease_until_what_it_wrote_is_effective(workload, toggle, time):
    toggle(check=True, wait_effective=True)
    toggle()
    toggle(wait_effective=True)
    assert time.slept == []  # not in check mode, not unasked, and not for what another run wrote
    workload.parameter("us-east-1", "ACTIVE")
    toggle(check=True, wait_effective=True)
    assert time.slept == []
    toggle(wait_effective=True)
    assert time.slept == [(30.0, "")]
    workload.parameter("us-east-1", "ACTIVE")
    toggle(wait_effective=True, view_ttl=1, claim_to_effect=2)
    assert time.slept[1:] == [(3.0, "")]


def test_the_wait_counts_from_a_copy_that_was_set_late(workload, toggle, time, monkeypatch):
    toggle()
    acquire(lease_table(workload), Run("paused-run", duration=0.5), 1)
    workload.parameter("sa-east-1", "PASSIVE")
    update = StateCopy.update

    def update_then_late_write(self: StateCopy, *arguments: Any) -> Any:
        result = update(self, *arguments)
        monkeypatch.setattr(StateCopy, "update", update)
        workload.parameter("us-east-1", "ACTIVE")
        return result

    monkeypatch.setattr(StateCopy, "update", update_then_late_write)
    toggle(wait_effective=True)
    assert time.slept[-2:] == [(0.5, time.slept[-2][1]), (30.0, "")]


def test_without_tables_check_mode_plans_and_a_run_says_what_is_missing(workload, toggle):
    arguments = {"state_table": "other-state", "lease_table": "other-lease"}
    assert planned(toggle(check=True, **arguments)) == FIRST
    with pytest.raises(CollectionError, match="lease table other-lease does not exist"):
        toggle(**arguments)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"regions": {}}, "regions is empty"),
        ({"regions": {"sa-east-1": "ON"}}, "regions.sa-east-1 is 'ON'; valid states are ACTIVE, PASSIVE"),
        ({"regions": {"sa-east-1": "PASSIVE"}}, "no region ACTIVE"),
        ({"regions": {"brazil": "ACTIVE"}}, "'brazil', which is no AWS region"),
        ({"lease_regions": []}, "lease_regions is empty"),
        ({"lease_heartbeat": 0.9}, "must beat at least twice"),
        ({"epoch": -1}, "epoch is -1; the first deployment is made on 0"),
        ({"view_ttl": -1.0}, "view_ttl is -1.0 s"),
    ],
)
def test_input_that_cannot_be_right_is_refused_before_any_call(toggle, arguments, told):
    with pytest.raises(InvalidInput, match=told):
        toggle(**arguments)
