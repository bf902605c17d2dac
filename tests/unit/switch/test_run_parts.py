# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a run, each by itself: the journal, what is owed, and regions that are left behind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.asked import Asked
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.journal import Journal
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.lost_regions import LostRegions
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.owed import Owed
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.order import ORDER
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.work import GRANT, HOLD, Work

A, B, C = "sa-east-1", "us-east-1", "eu-west-1"
MOVED = {A: "PASSIVE", B: "ACTIVE", C: "PASSIVE"}
TOLD = {"operator": "Ana", "reason": "a drill", "execution": "graceful", "began": "2026-01-02T03:04:05Z"}


class Tenure:
    """A lease that is held: keeps what is recorded last."""

    def __init__(self, owed: dict[str, list[str]]) -> None:
        self.lease = SimpleNamespace(owed=owed)
        self.plan: dict[str, Any] = {}

    def record(self, plan: dict[str, Any], owed: dict[str, list[str]]) -> None:
        self.plan, self.lease.owed = dict(plan), dict(owed)


class Control(SimpleNamespace):
    def owed(self) -> dict[str, list[str]]:
        return {region: list(what) for region, what in self.tenure.lease.owed.items()}


def control(work: Work, owed: dict[str, list[str]] | None = None, may_skip: bool = False) -> Any:
    return Control(
        work=work,
        regions=list(work.states),
        left_out=set(),
        tenure=Tenure(owed or {}),
        maps=dict.fromkeys((A, B, C)),
        suspects=set(),
        unreachable={},
        may_skip=may_skip,
        params={"reconcile": [{"table": "sales"}]},
        cloud=SimpleNamespace(tell=lambda line: None),
    )


def switch_of_all(**others: Any) -> Work:
    return Work(None, MOVED, {A: "PASSIVE", B: "ACTIVE"}, base=4, before={A: "ACTIVE", B: "PASSIVE"}, **others)


def begun(made: Any) -> Journal:
    journal = Journal(made)
    journal.begin(made.work, Asked(to=B), TOLD)
    return journal


# --- The journal ---


def test_a_journal_begins_with_the_epochs_it_is_going_to_need_and_is_written_at_once():
    made = control(switch_of_all())
    journal = begun(made)
    assert made.tenure.plan == dict(journal)
    assert (journal["base_epoch"], journal["hold_epoch"], journal["phase"]) == (4, 5, "prepare")
    assert (journal["changes_source"], journal["operator"], journal["unfenced"]) == (A, "Ana", [])


def test_what_is_put_is_written_with_the_next_entry_and_a_stamp_is_only_the_first():
    made = control(switch_of_all())
    journal = begun(made)
    journal.put(fenced_ms=30)
    journal.stamp("held_at")
    first = journal["held_at"]
    journal.stamp("held_at")
    assert journal["held_at"] == first and "fenced_ms" not in made.tenure.plan
    journal.note("hold", "held", 1.0, 0.5)
    journal.note("hold", "held again", 2.0, 0.5)
    assert made.tenure.plan["fenced_ms"] == 30
    assert [(each["sentence"], each["at"]) for each in made.tenure.plan["steps"]] == [("held again", 2000)]


def test_a_rollback_of_a_hold_goes_on_with_the_journal_but_with_states_of_its_own():
    found = dict(begun(control(switch_of_all())), phase=HOLD, fenced_ms=7)
    back = Work(HOLD, {A: "ACTIVE", B: "PASSIVE"}, {A: "ACTIVE", B: "PASSIVE"}, journal=found, rolls_back=True)
    journal = begun(control(back))
    assert journal["rolls_back"] and journal["states"] == back.states and journal["fenced_ms"] == 7


# --- What is owed ---


def test_what_is_owed_is_told_once_and_settled_by_itself():
    made = control(switch_of_all(), owed={A: ["write"]})
    owed = Owed(made, begun(made))
    owed.owe([A, B], "traffic")
    owed.owe([A], "traffic")
    assert made.owed() == {A: ["traffic", "write"], B: ["traffic"]}
    assert owed.regions("write") == {A}
    owed.settle([A, B, C], "traffic")
    assert made.owed() == {A: ["write"]}


def test_a_region_that_was_not_written_is_owed_a_reconciliation_too():
    made = control(switch_of_all(), owed={A: ["write"], B: ["write"], C: ["write"]})
    Owed(made, begun(made)).settle_writes([B, C])
    assert made.owed() == {A: ["reconcile", "write"]}


# --- Regions that are left behind ---


def lose(lost: LostRegions, region: str) -> None:
    with lost.doing_without(region):
        raise ConnectTimeoutError(endpoint_url="https://example.test")


def test_a_region_that_changes_is_left_behind_only_when_that_is_allowed():
    with pytest.raises(CollectionError, match="may_turn_ungraceful"):
        lose(LostRegions(made := control(switch_of_all()), begun(made)), A)
    made = control(switch_of_all(), may_skip=True)
    journal = begun(made)
    lose(LostRegions(made, journal), A)
    assert (journal["unfenced"], journal["execution"]) == ([A], "ungraceful")
    assert A not in made.maps and A in made.suspects and "ConnectTimeout" in made.unreachable[A]


def test_nothing_goes_on_without_the_region_that_is_to_become_active():
    made = control(switch_of_all(), may_skip=True)
    with pytest.raises(ConnectTimeoutError):
        lose(LostRegions(made, begun(made)), B)


def test_a_region_that_holds_the_grant_or_stays_passive_is_not_unfenced():
    made = control(switch_of_all(), may_skip=True)
    journal = begun(made)
    lost = LostRegions(made, journal)
    lost.granted.add(A)
    for region in (A, C):
        lose(lost, region)
    assert journal["unfenced"] == [] and set(made.maps) == {B}


def test_an_error_that_does_not_mean_silence_is_never_passed_over():
    made = control(switch_of_all(), may_skip=True)
    with pytest.raises(ValueError, match="ours"), LostRegions(made, begun(made)).doing_without(A):
        raise ValueError("ours")


def test_of_many_regions_those_that_answer_are_told_and_one_lost_packet_is_asked_again():
    made = control(switch_of_all(), may_skip=True)
    asked: list[str] = []

    def ask(region: str) -> str:
        asked.append(region)
        if region == A or asked.count(region) == 1:
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        return region.upper()

    assert LostRegions(made, begun(made)).ask_each([A, C], ask) == {C: C.upper()}
    assert sorted(asked) == sorted([A, A, C, C])


# --- The steps ---


def test_the_epochs_come_in_order_and_between_them_the_fence():
    titles = [each.title for each in ORDER]
    assert titles[0] == "lease" and titles[-1] == "record"
    wanted = ["preflight", "drain", "hold", "shift", "fence", "grant", "start", "traffic", "reconcile", "prove"]
    assert [title for title in dict.fromkeys(titles) if title in wanted] == wanted


def test_a_work_begins_until_an_epoch_of_it_was_handed_out():
    assert switch_of_all().begins
    assert not Work(GRANT, MOVED, {}).begins
