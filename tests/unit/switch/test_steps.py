# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switch's logic on moto's tables: its epochs, its order of writes, killed runs, refusals, and what is owed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import LeaseTable, Run, acquire
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes, maps_of
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.state_writes import StateWrites
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from tests.support.aws_clients import OneSession, aws_client
from tests.support.switching import STEP_CLASSES, names

STEPS = ["lease", "hold", "fence", "grant", "record"]


def recorded(workload: Any, region: str) -> tuple[int, dict[str, str]]:
    found = maps_of([workload.state_item(region)])[region]
    return found.epoch, dict(found.states)


def is_moved(workload: Any, epoch: int = 3) -> bool:
    states = {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"}
    lease = from_attributes(workload.lease_item())
    return (
        all(recorded(workload, region) == (epoch, states) for region in states)
        and (workload.parameter("sa-east-1"), workload.parameter("us-east-1")) == ("PASSIVE", "ACTIVE")
        and (lease["epoch"], lease["holder"], lease["plan"], lease["owed"]) == (epoch, "", None, {})
    )


def test_a_failover_takes_two_epochs_and_check_mode_foretells_its_steps(workload, switch):
    before = workload.lease_item()
    foretold = switch(check=True, to="us-east-1")
    assert names(foretold) == STEPS and workload.lease_item() == before
    made = switch(to="us-east-1")
    assert made["changes"] == foretold["changes"] and made["epoch"] == 3
    assert [each["step"] for each in made["steps"]] == STEPS
    assert is_moved(workload)


def test_a_second_run_has_nothing_to_do(workload, switch):
    switch(to="us-east-1")
    before = workload.lease_item()
    again = switch(to="us-east-1")
    assert not again["changed"] and again["epoch"] == 3 and workload.lease_item() == before


def test_the_source_is_held_first_and_the_target_is_granted_first(workload, switch, monkeypatch):
    written = []
    copy = StateWrites._copy

    def remember(self: StateWrites, region: str, new: Any) -> None:
        written.append((new.epoch, region, recorded(workload, region)[0]))
        copy(self, region, new)

    monkeypatch.setattr(StateWrites, "_copy", remember)
    switch(to="us-east-1")
    # Third: the item was written before its copy.
    assert written == [(2, "sa-east-1", 2), (2, "us-east-1", 2), (3, "us-east-1", 3), (3, "sa-east-1", 3)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_killed_between_any_two_steps_is_resumed_to_the_same_end(workload, switch, monkeypatch, step, after):
    method = STEP_CLASSES[step].do

    def die(self: Step) -> str:
        if after:
            method(self)
        # What kill -9 leaves: no journal of this step, no release.
        monkeypatch.setattr(LeaseTable, "swap", lambda *_arguments: (_ for _ in ()).throw(SystemError("killed")))
        raise SystemError("killed")

    monkeypatch.setattr(STEP_CLASSES[step], "do", die)
    with pytest.raises(CollectionError, match="killed"):
        switch(to="us-east-1")
    monkeypatch.undo()
    monkeypatch.setattr(
        "ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud._session", lambda _: OneSession()
    )
    assert from_attributes(workload.lease_item())["holder"]
    foretold = switch(check=True, to="us-east-1")
    resumed = switch(to="us-east-1")
    assert resumed["changes"] == foretold["changes"]
    assert is_moved(workload)
    assert resumed["resumed"]
    lease = resumed["steps"][0]
    assert "over from run" in lease["sentence"] and "reason: test: it had stopped beating" in lease["sentence"]
    assert lease["seconds"] >= 0.3  # a whole duration of the lease, which the dead run held
    # As long as the grant's epoch was not handed out, the whole fence is waited for again.
    assert ("fence" in names(resumed)) is (STEPS.index(step) < 3 or (step, after) == ("grant", False))


def test_a_writer_killed_between_two_regions_is_resumed(workload, switch, monkeypatch):
    copy = StateWrites._copy

    def die(self: StateWrites, region: str, new: Any) -> None:
        if (new.epoch, region) == (3, "sa-east-1"):
            raise SystemError("killed")
        copy(self, region, new)

    monkeypatch.setattr(StateWrites, "_copy", die)
    with pytest.raises(CollectionError, match="killed"):
        switch(to="us-east-1")
    monkeypatch.setattr(StateWrites, "_copy", copy)
    assert names(switch(to="us-east-1")) == ["lease", "grant", "record"]
    assert is_moved(workload)


def test_who_is_at_it_is_named_to_another_who_asks_for_something_else_meanwhile(workload, switch, monkeypatch):
    refused = []

    def ask_otherwise(self: Step) -> str:
        with pytest.raises(CollectionError) as error:
            switch(to="sa-east-1", operator="Ben", reason="the other way")
        refused.append(str(error.value))
        return "waited"

    monkeypatch.setattr(STEP_CLASSES["fence"], "do", ask_otherwise)
    switch(to="us-east-1", operator="Ana", reason="a drill")
    (told,) = refused
    assert "a switch (-e to=us-east-1) is under way at epoch 2, of Ana (run " in told and "reason: a drill" in told
    assert (
        "Wait until it has ended" in told and "playbooks/failover.yml -e to=us-east-1 -e 'reason=\"a drill\"'" in told
    )
    assert "-e supersede=true" in told and "taken over by itself" in told
    assert is_moved(workload)


def test_another_request_waits_for_the_unfinished_one_unless_it_supersedes_it(workload, switch, deploy, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES["fence"], "do", lambda self: (_ for _ in ()).throw(SystemError("stopped")))
        with pytest.raises(CollectionError, match="stopped"):
            switch(to="us-east-1")
    with pytest.raises(CollectionError, match="unfinished at epoch 2"):
        switch(to="sa-east-1")
    with pytest.raises(CollectionError, match="'switch' is unfinished"):
        deploy()
    back = switch(to="sa-east-1", supersede=True)
    assert names(back) == STEPS and back["epoch"] == 4
    assert back["states"] == {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}
    assert from_attributes(workload.lease_item())["plan"] is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"to": "eu-west-1"}, "no region of this workload"),
        ({"to": "us-east-1", "from": "us-east-1"}, "both us-east-1"),
        ({"to": "us-east-1", "reason": " ", "reason_required": True}, "reason is missing"),
        ({"target": "sa-east-1", "turn": "off"}, "no region would be ACTIVE"),
        ({"to": "us-east-1", "state": "absent"}, "nothing to remove"),
    ],
)
def test_bad_input_is_refused_and_changes_nothing(workload, switch, asked, told):
    before = workload.lease_item()
    with pytest.raises(CollectionError, match=told):
        switch(**asked)
    assert workload.lease_item() == before and recorded(workload, "sa-east-1")[0] == 1


def test_a_held_lease_is_refused_with_who_why_and_since_when(workload, switch):
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    run = Run("another", operator="Ana", reason="a drill", since="2026-01-02T03:04:05Z", duration=10)
    with acquire(table, run, 1).beating(0.1), pytest.raises(CollectionError) as refused:
        switch(to="us-east-1")
    for told in ("Ana", "a drill", "2026-01-02T03:04:05Z", "Nothing was changed"):
        assert told in str(refused.value)


def test_one_region_is_turned_on_and_off_beside_the_other(workload, switch):
    assert switch(target="us-east-1", turn="on")["states"] == {"sa-east-1": "ACTIVE", "us-east-1": "ACTIVE"}
    assert switch(target="sa-east-1", turn="off")["epoch"] == 5
    assert is_moved(workload, epoch=5)
    stopped = switch(target="us-east-1", turn="off", allow_no_active=True)
    assert set(stopped["states"].values()) == {"PASSIVE"}


class Silent:
    """A client of a region that does not answer, and that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, operation: str) -> Any:
        self.asked.append(operation)
        raise ConnectTimeoutError(endpoint_url="https://example.test")


@pytest.fixture
def unreachable(monkeypatch):
    def silence(region: str) -> Any:
        patch = pytest.MonkeyPatch()
        create = OneSession.create_client
        patch.silent = Silent()
        patch.setattr(
            OneSession,
            "create_client",
            lambda self, service, *, region_name, **others: (
                patch.silent if region_name == region else create(self, service, region_name=region_name, **others)
            ),
        )
        Silent.meta = aws_client("dynamodb", "us-east-1").meta
        return patch

    return silence


def test_a_source_that_does_not_answer_is_skipped_only_when_told_and_is_owed(workload, switch, deploy, unreachable):
    patch = unreachable("sa-east-1")
    try:
        with pytest.raises(CollectionError, match="graceful switch needs it"):
            switch(to="us-east-1")
        made = switch(to="us-east-1", execution="ungraceful")
    finally:
        patch.undo()
    assert made["unfenced"] == ["sa-east-1"] and made["epoch"] == 3
    assert recorded(workload, "us-east-1")[0] == 3 and recorded(workload, "sa-east-1")[0] == 1
    assert from_attributes(workload.lease_item())["owed"] == {"sa-east-1": ["write"]}
    # It answers again: a deployment makes it PASSIVE under the current epoch.
    deploy()
    assert is_moved(workload)


def test_a_switch_that_leaves_a_silent_region_is_recorded_as_ungraceful(workload, switch, unreachable):
    patch = unreachable("sa-east-1")
    try:
        switch(to="us-east-1", may_turn_ungraceful=True)
    finally:
        patch.undo()
    (entry,) = workload.journal()
    assert (entry["execution"], entry["unfenced"]) == ("ungraceful", ["sa-east-1"])


def test_a_dead_source_is_asked_once(workload, switch, unreachable):
    patch = unreachable("sa-east-1")
    try:
        switch(to="us-east-1", execution="ungraceful", readiness={"queues": [], "quotas": False})
        assert patch.silent.asked == ["scan"]
    finally:
        patch.undo()


def test_the_same_request_settles_what_a_region_is_owed(workload, switch, unreachable):
    patch = unreachable("sa-east-1")
    try:
        switch(to="us-east-1", execution="ungraceful")
        assert not switch(to="us-east-1", execution="ungraceful")["changed"]
    finally:
        patch.undo()
    assert names(switch(to="us-east-1")) == ["lease", "grant", "record"]
    assert is_moved(workload)


def test_each_switch_is_recorded_beside_the_lease_and_told_in_each_region(workload, switch):
    switch(to="us-east-1", operator="Ana", reason="a drill")
    entries = workload.journal()
    assert [(e["epoch"], e["operator"], e["reason"], e["outcome"]) for e in entries] == [(3, "Ana", "a drill", "done")]
    assert [each["step"] for each in entries[0]["steps"]] == ["lease", "hold", "fence", "grant"]
    for region in ("sa-east-1", "us-east-1"):
        parameter = workload.client("ssm", region).get_parameter(Name="/sales/region/last-switch")
        assert '"reason":"a drill"' in parameter["Parameter"]["Value"]
