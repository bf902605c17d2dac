# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch that goes back: because a step failed, because somebody asked, or as a command of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import LeaseTable
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import switch_signal
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes, to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import unprocessed_items
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.state_writes import StateWrites
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.unprocessed_items import UnprocessedItems
from tests.support.switching import STEP_CLASSES
from tests.support.workload_tables import make_indexed_table

BEFORE = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}


def fail(message: str) -> Callable[[Step], str]:
    def step(self: Step) -> str:
        raise CollectionError(message)

    return step


def is_back(workload: Any, epoch: int) -> bool:
    lease = from_attributes(workload.lease_item())
    states = [from_attributes(workload.state_item(region)) for region in BEFORE]
    return (
        (lease["epoch"], lease["holder"], lease["plan"], lease["owed"]) == (epoch, "", None, {})
        and all((item["epoch"], item["states"]) == (epoch, BEFORE) for item in states)
        and [workload.parameter(region) for region in BEFORE] == list(BEFORE.values())
    )


# While nothing was granted, whoever acted before is all that may act after it: that takes one epoch and no fence. After
# the grant it is a whole switch of two more.
@pytest.mark.parametrize(("step", "epoch"), [("hold", 1), ("fence", 3), ("grant", 3), ("record", 5)])
def test_a_step_that_fails_makes_the_switch_go_back_when_asked(workload, switch, monkeypatch, step, epoch):
    method = STEP_CLASSES[step].do

    def break_down(self: Step) -> str:
        if self.run.control.work.rolls_back:
            return method(self)
        raise CollectionError("it broke")

    monkeypatch.setattr(STEP_CLASSES[step], "do", break_down)
    with pytest.raises(CollectionError, match="it broke.*then it went back, as asked"):
        switch(to="us-east-1", on_failure="rollback")
    assert is_back(workload, epoch)
    assert workload.journal()[-1]["outcome"] == "rolled back"


@pytest.mark.parametrize(("step", "epoch"), [("hold", 1), ("fence", 3), ("record", 5)])
def test_what_a_run_left_unfinished_is_undone_by_a_command_of_its_own(workload, switch, monkeypatch, step, epoch):
    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES[step], "do", fail("it broke"))
        with pytest.raises(CollectionError, match=r"playbooks/cancel.yml"):
            switch(to="us-east-1")
    foretold = switch(check=True, rollback=True)
    made = switch(rollback=True)
    assert made["changes"] == foretold["changes"]
    assert is_back(workload, epoch)
    assert not switch(rollback=True)["changed"], "nothing is unfinished any more"


@pytest.mark.parametrize("step", ["fence", "record"])
@pytest.mark.parametrize("killed", ["grant", "record"])
def test_a_rollback_that_is_killed_is_completed(workload, switch, monkeypatch, step, killed):
    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES[step], "do", fail("it broke"))
        with pytest.raises(CollectionError):
            switch(to="us-east-1")
    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES[killed], "do", fail("killed"))
        try:
            switch(rollback=True)
        except CollectionError as error:
            assert "killed" in str(error)
    switch(rollback=True)
    lease = from_attributes(workload.lease_item())
    assert lease["plan"] is None and lease["map"]["states"] == BEFORE


def test_a_rollback_after_the_grant_that_died_in_its_hold_goes_back_all_the_same(workload, switch, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES["record"], "do", fail("it broke"))
        with pytest.raises(CollectionError):
            switch(to="us-east-1")
        patch.setattr(STEP_CLASSES["fence"], "do", fail("killed"))
        with pytest.raises(CollectionError, match="killed"):
            switch(rollback=True)
    # The same command finishes what it left; it must not end in the states that were being left.
    switch(rollback=True)
    assert from_attributes(workload.lease_item())["map"]["states"] == BEFORE
    assert from_attributes(workload.lease_item())["plan"] is None


@pytest.fixture
def signal() -> Callable[..., dict[str, Any]]:
    def do(**arguments: Any) -> dict[str, Any]:
        checked = {"workload": "sales", "lease_regions": ["us-east-2"], "wait": False, **arguments}
        given = {name: option.get("default") for name, option in switch_signal.MODULE.argument_spec.items()}
        from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run

        check = checked.pop("_check", False)
        return run(switch_signal.MODULE, {"region": "us-east-1", **given, **checked}, check_mode=check)

    return do


@pytest.fixture
def at_fence(monkeypatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """A switch that stands at its fence until told to go on: (it has arrived, it may go on)."""
    arrived, go_on = threading.Event(), threading.Event()
    fence = STEP_CLASSES["fence"].do

    def stand(self: Step) -> str:
        if not self.run.control.work.rolls_back:
            arrived.set()
            go_on.wait(10)
        return fence(self)

    monkeypatch.setattr(STEP_CLASSES["fence"], "do", stand)
    yield arrived, go_on
    go_on.set()


def in_background(do: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(do())
        except CollectionError as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def test_cancel_from_another_terminal_makes_it_go_back(workload, switch, signal, at_fence):
    arrived, go_on = at_fence
    thread, results = in_background(lambda: switch(to="us-east-1", lease_duration=5, lease_heartbeat=0.2))
    assert arrived.wait(10)
    with pytest.raises(CollectionError, match="meant for run another, and by now .* Nothing was changed"):
        signal(signal="cancel", holder="another")
    meant = from_attributes(workload.lease_item())["holder"]
    told = signal(signal="cancel", _check=True)
    assert told["kind"] == "switch" and told["question"].endswith("It will be rolled back to the previous states.")
    assert signal(signal="cancel", holder=meant)["changed"] and not signal(signal="cancel")["changed"]
    go_on.set()
    thread.join(20)
    assert "cancelled from another terminal" in str(results[0]) and "went back" in str(results[0])
    assert is_back(workload, 3)


def test_pause_holds_it_between_two_steps_until_resumed(workload, switch, signal, at_fence):
    arrived, go_on = at_fence
    thread, results = in_background(lambda: switch(to="us-east-1", lease_duration=5, lease_heartbeat=0.2))
    assert arrived.wait(10)
    signal(signal="pause")
    go_on.set()
    thread.join(2)
    assert thread.is_alive() and from_attributes(workload.lease_item())["epoch"] == 2, "nothing was granted"
    signal(state="absent")
    thread.join(20)
    assert results[0]["epoch"] == 3 and from_attributes(workload.lease_item())["plan"] is None


@pytest.fixture
def backlog(workload, monkeypatch) -> tuple[dict[str, Any], threading.Event, threading.Event, list[str]]:
    """Eight sales, each a page of its own, in the region that is left, and a topic that stops before the third.

    The arguments of a switch that publishes them again; that two are published; that it may go on; and the epoch at
    which each was published.
    """
    monkeypatch.setattr(unprocessed_items, "PAGE", 1)
    for region in BEFORE:
        make_indexed_table(workload.client("dynamodb", region), "sales", "unprocessed")
        workload.client("sns", region).create_topic(Name="sales")
    for number in range(8):
        item = {"id": str(number), "unprocessed": "yes", "timestamp": number + 1, "sale_processed": False}
        workload.client("dynamodb", "sa-east-1").put_item(TableName="sales", Item=to_attributes(item))
    arrived, go_on = threading.Event(), threading.Event()
    publish, epochs = UnprocessedItems.publish, []

    def stand(source: UnprocessedItems, items: list[dict[str, Any]]) -> None:
        if items and len(epochs) == 2:
            arrived.set()
            go_on.wait(20)
        epochs.extend(workload.lease_item()["epoch"]["N"] for _item in items)
        publish(source, items)
        for item in items:
            workload.client("dynamodb", "sa-east-1").delete_item(TableName="sales", Key={"id": {"S": item["id"]}})

    monkeypatch.setattr(UnprocessedItems, "publish", stand)
    what = {"table": "sales", "topic": "sales", "minimum_age": 0, "timeout": 60}
    return {"to": "us-east-1", "reconcile": [what]}, arrived, go_on, epochs


def test_a_reconciliation_is_cancelled_between_two_pages(workload, switch, signal, backlog):
    arguments, arrived, go_on, epochs = backlog
    thread, results = in_background(lambda: switch(**arguments, lease_duration=5, lease_heartbeat=0.2))
    assert arrived.wait(20)
    signal(signal="cancel")
    go_on.set()
    thread.join(60)
    assert "cancelled from another terminal" in str(results[0]) and "went back" in str(results[0])
    assert is_back(workload, 5)
    assert epochs.count("3") < 6 and len(epochs) == 8, "what was left then was published after it went back"


def test_a_reconciliation_waits_while_it_is_paused(workload, switch, signal, backlog):
    arguments, arrived, go_on, _epochs = backlog
    thread, results = in_background(lambda: switch(**arguments, lease_duration=5, lease_heartbeat=0.2))
    assert arrived.wait(20)
    signal(signal="pause")
    go_on.set()
    thread.join(3)
    left = workload.client("dynamodb", "sa-east-1").scan(TableName="sales")["Count"]
    assert thread.is_alive() and left, "it stands between two pages"
    signal(state="absent")
    thread.join(60)
    assert results[0]["epoch"] == 3 and workload.client("dynamodb", "sa-east-1").scan(TableName="sales")["Count"] == 0


def test_a_signal_to_nobody_changes_nothing_and_one_of_the_past_is_not_heeded(workload, switch, signal):
    quiet = signal(signal="cancel")
    assert not quiet["changed"] and not quiet["running"] and quiet["kind"] == quiet["question"] == ""
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    generation = from_attributes(workload.lease_item())["generation"]
    table.put("signal", {"signal": "cancel", "generation": generation})
    assert switch(to="us-east-1")["epoch"] == 3


@pytest.mark.parametrize("told", [False, True], ids=["not told", "told"])
def test_a_graceful_switch_whose_source_goes_silent_midway_turns_ungraceful_only_when_told(
    workload, switch, monkeypatch, told
):
    write = StateWrites._write_one

    def silent(self: StateWrites, region: str, new: Any) -> None:
        if region == "sa-east-1" and new.epoch == 3:
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        write(self, region, new)

    monkeypatch.setattr(StateWrites, "_write_one", silent)
    if not told:
        with pytest.raises(CollectionError, match="may_turn_ungraceful"):
            switch(to="us-east-1")
        return
    made = switch(to="us-east-1", may_turn_ungraceful=True)
    assert made["epoch"] == 3 and made["owed"] == {"sa-east-1": ["write"]}
    (entry,) = workload.journal()
    assert (entry["unfenced"], entry["execution"]) == (["sa-east-1"], "ungraceful")
    assert entry["outcome"] == "done, something owed"
