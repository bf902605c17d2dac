# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches over switches: superseded, gone back from, killed again, with regions that fall silent in between.

However they are tangled, nobody stays HELD with nothing unfinished, and some documented command gets out of it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import LeaseTable
from ansible_collections.multiregion.ecs.plugins.module_utils.lease.errors import LeaseUnreachable
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.control import SwitchControl
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.journal import Journal
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.reconciliation import Reconciliation
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.run import SwitchRun
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.state_writes import StateWrites
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from tests.support.switching import STEP_CLASSES, A, B, C, counts

BEFORE, MOVED = {A: "ACTIVE", B: "PASSIVE"}, {A: "PASSIVE", B: "ACTIVE"}
RECONCILE = [{"table": "sales", "topic": "sales"}]


def steps(made: Mapping[str, Any]) -> list[str]:
    return [step["step"] for step in made["steps"]]


# --- Going back ---


def test_a_rollback_after_the_grant_that_died_before_its_own_hold_gives_the_states_back(workload, switch, broken):
    broken(switch, "record", to=B)
    broken(switch, "hold", rollback=True)
    made = switch(rollback=True)
    assert workload.states() == made["states"] == BEFORE
    assert workload.lease()["plan"] is None and made["epoch"] == workload.lease()["epoch"] == 5


def test_workers_come_back_after_a_rollback_whose_drain_failed(workload, switch, services, broken):
    broken(switch, "record", to=B, **services)
    broken(switch, "drain", rollback=True, **services)
    switch(rollback=True, **services)
    assert workload.states() == BEFORE
    assert (counts(workload, A)[0], counts(workload, B)[0]) == (5, 0)


@pytest.mark.parametrize("at_once", [True, False])
def test_going_back_from_a_superseding_switch_leaves_nobody_held(workload, switch, broken, monkeypatch, at_once):
    broken(switch, "fence", to=B)
    if at_once:
        hold, done = STEP_CLASSES["hold"].do, []

        def fail_once(self: Step) -> str:
            if not done:
                done.append(True)
                raise CollectionError("it broke")
            return hold(self)

        monkeypatch.setattr(STEP_CLASSES["hold"], "do", fail_once)
        with pytest.raises(CollectionError, match="then it went back, as asked"):
            switch(to=A, supersede=True, on_failure="rollback")
    else:
        broken(switch, "hold", to=A, supersede=True)
        switch(rollback=True)
    assert workload.states() == BEFORE
    assert workload.lease()["plan"] is None


def test_a_resumed_rollback_after_the_grant_reconciles_too(workload, switch, broken, monkeypatch):
    monkeypatch.setattr(Reconciliation, "reconcile", lambda self, region, what: True)
    monkeypatch.setattr(SwitchControl, "pause", lambda self, seconds: None)
    broken(switch, "record", to=B, reconcile=RECONCILE)
    broken(switch, "fence", rollback=True, reconcile=RECONCILE)
    assert "reconcile" in steps(switch(rollback=True, reconcile=RECONCILE))


@pytest.mark.parametrize("epoch", [2, 3])
def test_an_epoch_whose_answer_was_lost_is_gone_back_from_as_the_lease_tells_it(workload, switch, monkeypatch, epoch):
    swap, lost = LeaseTable.swap, []

    def lose_one(self: LeaseTable, found: Any, new: Any) -> bool:
        written = swap(self, found, new)
        if new.epoch == epoch and not lost:
            lost.append(new)
            raise LeaseUnreachable("no endpoint answers")
        return written

    monkeypatch.setattr(LeaseTable, "swap", lose_one)
    with pytest.raises(CollectionError, match="no endpoint answers.*then it went back, as asked"):
        switch(to=B, on_failure="rollback", lease_duration=12, lease_heartbeat=3)
    assert workload.states() == BEFORE and workload.lease()["plan"] is None
    assert (workload.parameter(A), workload.parameter(B)) == ("ACTIVE", "PASSIVE")


def test_why_a_switch_broke_is_told_even_if_it_cannot_go_back(workload, switch, broken, silent, monkeypatch):
    told = broken(switch, "fence", lambda: silent.add("us-east-2"), to=B, on_failure="rollback", lease_duration=2)
    assert "it broke" in told and "cannot be done" in told and "playbooks/cancel.yml" in told
    silent.clear()
    remember = Journal.remember

    def fail_first(self: Journal, **entries: Any) -> None:
        monkeypatch.setattr(Journal, "remember", remember)
        raise LeaseUnreachable("no endpoint answers")

    switch(rollback=True)
    monkeypatch.setattr(Journal, "remember", fail_first)
    with pytest.raises(CollectionError, match="no endpoint answers.*nothing had been recorded yet"):
        switch(to=B, on_failure="rollback", lease_duration=12)
    assert workload.states() == BEFORE


def test_going_back_writes_an_older_grant_that_nobody_was_told(workload, switch, broken, monkeypatch):
    write = StateWrites._write_one

    def die_in_grant(self: StateWrites, region: str, new: Any) -> None:
        if new.epoch == 3:
            raise CollectionError("it broke")
        write(self, region, new)

    with monkeypatch.context() as patch:
        patch.setattr(StateWrites, "_write_one", die_in_grant)
        with pytest.raises(CollectionError):
            switch(to=B)
    broken(switch, "hold", to=A, supersede=True)
    switch(rollback=True)
    assert workload.states() == MOVED == from_attributes(workload.state_item(B))["states"]
    assert (workload.lease()["plan"], workload.lease()["owed"]) == (None, {})


@pytest.mark.parametrize("stopped", ["hold", "fence"])
def test_going_back_reconciles_what_a_superseded_switch_had_not(workload, switch, broken, monkeypatch, stopped):
    read: list[str] = []
    monkeypatch.setattr(Reconciliation, "reconcile", lambda self, region, what: read.append(region) or True)
    monkeypatch.setattr(SwitchControl, "pause", lambda self, seconds: None)
    broken(switch, "reconcile", to=B, reconcile=RECONCILE)
    broken(switch, stopped, to=A, supersede=True, reconcile=RECONCILE)
    switch(rollback=True, reconcile=RECONCILE)
    assert set(read) == {A, B}


@pytest.mark.parametrize("way", ["ungraceful", "may turn", "goes back", "gone back later"])
def test_nothing_is_settled_over_a_region_that_falls_silent_untold(workload, switch, silent, broken, monkeypatch, way):
    grant = STEP_CLASSES["grant"].do

    def die_first(self: Step) -> str:
        silent.add(B)
        return grant(self)

    monkeypatch.setattr(STEP_CLASSES["grant"], "do", die_first)
    with pytest.raises(CollectionError):
        switch(to=B)
    silent.clear()
    more = {"ungraceful": {"execution": "ungraceful"}, "may turn": {"may_turn_ungraceful": True}}
    with pytest.raises(CollectionError):
        if way == "gone back later":
            broken(switch, "grant", lambda: silent.add(B), target=B, turn="on", supersede=True)
            switch(rollback=True)
        switch(target=B, turn="on", supersede=True, **more.get(way, {"on_failure": "rollback"}))
    assert workload.lease()["plan"] is not None


def test_a_region_that_was_not_held_by_the_way_back_is_recorded_as_unfenced(workload, switch, silent, monkeypatch):
    hold, report, holds = STEP_CLASSES["hold"].do, STEP_CLASSES["record"].do, []

    def second_without_target(self: Step) -> str:
        holds.append(True)
        if len(holds) == 2:
            silent.add(B)
        return hold(self)

    def fail_first(self: Step) -> str:
        monkeypatch.setattr(STEP_CLASSES["record"], "do", report)
        raise CollectionError("it broke")

    monkeypatch.setattr(STEP_CLASSES["hold"], "do", second_without_target)
    monkeypatch.setattr(STEP_CLASSES["record"], "do", fail_first)
    with pytest.raises(CollectionError, match="then it went back"):
        switch(to=B, on_failure="rollback", lease_duration=12, lease_heartbeat=3)
    assert (workload.journal()[-1]["unfenced"], workload.journal()[-1]["execution"]) == ([B], "ungraceful")


# --- Superseding ---


def test_superseding_with_what_is_already_so_gives_held_regions_back(deployed, broken):
    workload, switch = deployed({A: "ACTIVE", B: "ACTIVE"})
    broken(switch, "fence", target=A, turn="off")
    switch(target=B, turn="on", supersede=True)
    assert workload.states() == {A: "ACTIVE", B: "ACTIVE"}, "only B was asked for, and A was ACTIVE before"

    broken(switch, "fence", target=A, turn="off")
    switch(to=B, supersede=True)
    assert workload.states() == MOVED


def test_a_third_region_takes_over_when_both_that_are_held_fall_silent(deployed, broken, silent):
    workload, switch = deployed({A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"})
    broken(switch, "fence", to=B)
    silent |= {A, B}
    with pytest.raises(CollectionError, match="execution=ungraceful"):
        switch(to=C, supersede=True)
    made = switch(to=C, supersede=True, execution="ungraceful")
    assert workload.states() == {A: "PASSIVE", B: "PASSIVE", C: "ACTIVE"}
    assert set(made["unfenced"]) == set(made["owed"]) == {A, B}


def test_superseding_settles_nothing_over_a_region_that_was_not_told(workload, switch, silent, monkeypatch):
    grant = STEP_CLASSES["grant"].do

    def die_first(self: Step) -> str:
        silent.add(B)
        return grant(self)

    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES["grant"], "do", die_first)
        with pytest.raises(CollectionError):
            switch(to=B)
    for execution in ("graceful", "ungraceful"):
        with pytest.raises(CollectionError, match=f"{B} would become ACTIVE and does not answer"):
            switch(target=B, turn="on", supersede=True, execution=execution)
    assert workload.lease()["plan"] is not None


# --- Regions that fall silent, or come back ---


def test_a_region_that_stays_passive_stops_nothing_when_it_falls_silent(deployed, silent, monkeypatch):
    workload, switch = deployed({A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"})
    hold = STEP_CLASSES["hold"].do

    def die_first(self: Step) -> str:
        silent.add(C)
        return hold(self)

    monkeypatch.setattr(STEP_CLASSES["hold"], "do", die_first)
    made = switch(to=B)
    assert (made["unfenced"], made["owed"]) == ([], {C: ["write"]})
    assert (workload.journal()[-1]["execution"], workload.journal()[-1]["states"][B]) == ("graceful", "ACTIVE")


def test_a_switch_that_is_resumed_without_its_source_is_recorded_as_unfenced(workload, switch, broken, silent):
    broken(switch, "fence", to=B)
    silent.add(A)
    made = switch(to=B, execution="ungraceful")
    assert made["unfenced"] == workload.journal()[-1]["unfenced"] == [A]
    assert workload.journal()[-1]["execution"] == "ungraceful"


@pytest.mark.parametrize("lost", [1, 2])
def test_one_lost_packet_is_no_dead_region(workload, switch, monkeypatch, lost):
    make, left = BaseClient._make_api_call, [lost]

    def perhaps(self: Any, operation: str, arguments: Any) -> Any:
        if operation == "PutItem" and "marker_from" in arguments.get("Item", {}) and left[0]:
            left[0] -= 1
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        return make(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", perhaps)
    lag = {"lag": {"table": "sales-state", "key": "region", "threshold": 0.1, "timeout": 0.2}, "quotas": False}
    made = switch(to=B, may_turn_ungraceful=True, readiness=lag, skip_checks=["lag"])
    assert made["unfenced"] == ([] if lost == 1 else [A])


@pytest.mark.parametrize("lost", [1, 2])
def test_one_lost_packet_is_no_dead_region_for_the_way_back_either(workload, switch, broken, monkeypatch, lost):
    make, left = BaseClient._make_api_call, [0]

    def perhaps(self: Any, operation: str, arguments: Any) -> Any:
        if operation == "Scan" and self.meta.region_name == B and left[0]:
            left[0] -= 1
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        return make(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", perhaps)
    broken(switch, "fence", lambda: left.__setitem__(0, lost), to=B, on_failure="rollback", lease_duration=12)
    assert workload.states() == BEFORE
    assert workload.lease()["owed"] == ({} if lost == 1 else {B: ["write"]})


@pytest.mark.parametrize("operation", ["PutItem", "PutParameter"])
def test_one_lost_answer_to_a_write_leaves_no_region_behind(workload, switch, monkeypatch, operation):
    make, lost = BaseClient._make_api_call, []

    def perhaps(self: Any, name: str, arguments: Any) -> Any:
        made = make(self, name, arguments)
        if name == operation and self.meta.region_name == A and not lost:
            lost.append(name)
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        return made

    monkeypatch.setattr(BaseClient, "_make_api_call", perhaps)
    made = switch(to=B, may_turn_ungraceful=True)
    assert lost and (made["unfenced"], made["owed"]) == ([], {}) and workload.parameter(A) == "PASSIVE"


def test_with_nobody_active_nothing_is_published_again(workload, switch):
    foretold = switch(check=True, target=A, turn="off", allow_no_active=True, reconcile=RECONCILE)
    assert "reconcile" not in steps(foretold)
    switch(target=A, turn="off", allow_no_active=True)
    assert "reconcile" in steps(switch(check=True, target=A, turn="on", reconcile=RECONCILE))


# --- Anything at all ---

# Each of these has ended in a state that no command got out of, before that was mended. HISTORIES=300 looks further.
SEEDS = (
    range(int(os.environ["HISTORIES"])) if "HISTORIES" in os.environ else (1, 37, 59, 86, 107, 111, 119, 166, 256, 270)
)
MAY_BREAK: tuple[tuple[type[Any], str], ...] = (
    *((STEP_CLASSES[name], "do") for name in ("hold", "fence", "grant", "record")),
    (StateWrites, "_write_one"),
    (StateWrites, "_copy"),
    (SwitchRun, "begin"),
    (Journal, "note"),
)


class Killed(Exception):
    """The process ended here."""


def break_at(choose: random.Random, patch: pytest.MonkeyPatch, silent: set[str], gone: set[str]) -> None:
    """At its first to third time, a part of the run fails, or the run dies before it or after it; `gone` go silent."""
    (part, name), turn = choose.choice(MAY_BREAK), choose.choice([1, 1, 1, 2, 3])
    way = choose.choice(["dies before", "dies after", "fails", "fails"])
    method, times = getattr(part, name), []

    def do(self: Any, *given: Any) -> Any:
        times.append(True)
        if len(times) != turn:
            return method(self, *given)
        silent.update(gone)
        if way == "fails":
            raise CollectionError("it broke")
        if way == "dies after":
            method(self, *given)
        run = self.run if isinstance(self, Step) else self
        run.control.cloud.has_parent = lambda: False
        raise Killed

    patch.setattr(part, name, do)


def ask(choose: random.Random) -> dict[str, Any]:
    asked: dict[str, Any] = choose.choice(
        [
            {"to": choose.choice([A, A, B, B, C])},
            {"target": choose.choice([A, B, C]), "turn": choose.choice(["on", "off"])},
            {"rollback": True},
        ]
    )
    asked["execution"] = choose.choice(["graceful", "ungraceful"])
    asked["on_failure"] = choose.choice(["stop", "rollback"])
    asked["supersede"] = "rollback" not in asked and choose.random() < 0.7
    return {**asked, "may_turn_ungraceful": choose.random() < 0.3}


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_asked_and_breaks_nobody_stays_held_and_there_is_a_way_out(deployed, silent, monkeypatch, seed):
    choose = random.Random(seed)
    workload, switch = deployed({A: "ACTIVE", B: choose.choice(["ACTIVE", "PASSIVE"]), C: "PASSIVE"})
    history = []
    for _ in range(choose.randint(3, 6)):
        silent.clear()
        silent |= {each for each in (A, B, C) if choose.random() < 0.1}
        gone = {each for each in (A, B, C) if choose.random() < 0.1}
        asked = ask(choose)
        with monkeypatch.context() as patch:
            if choose.random() < 0.8:
                break_at(choose, patch, silent, gone)
            try:
                told = switch(**asked)["states"]
            except CollectionError as error:
                told = str(error)
        now = workload.lease()
        phase = now["plan"] and now["plan"]["phase"]
        history.append((asked, sorted(silent), told, now["epoch"], now["map"]["states"], phase))
        if isinstance(told, dict):
            assert told == now["map"]["states"], history
        assert now["plan"] or "HELD" not in now["map"]["states"].values(), history
    silent.clear()
    if workload.lease()["plan"]:
        switch(rollback=True)
    active = [region for region, state in workload.states().items() if state == "ACTIVE"]
    assert active and "HELD" not in workload.states().values(), history
    switch(target=active[0], turn="on")  # settles what is owed
    for region in (A, B, C):
        assert from_attributes(workload.state_item(region))["states"] == workload.states(), history
        assert workload.parameter(region) == ("ACTIVE" if region in active else "PASSIVE"), history
