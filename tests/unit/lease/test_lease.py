# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease: who may change states, and the epochs it hands out."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import (
    Lease,
    LeaseHeld,
    LeaseLost,
    LeaseTable,
    LeaseUnreachable,
    Run,
    StalePlan,
    acquire,
    rules,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.lease.watch import EXPIRED, HELD_BY_OTHER, Watch
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import (
    ACTIVE,
    PASSIVE,
    NewerSchema,
    ProtocolError,
    RegionMap,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.encoding import to_attributes
from tests.unit.protocol.dynamodb import Refused, Table

STATES = {"sa-east-1": ACTIVE, "us-east-1": PASSIVE}


class Endpoint:
    """One replica's endpoint of a table: may be down, may lose answers, may conflict, as many times as it is told."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.down = False
        self.lost_answers = 0
        self.conflicts = 0
        self.before_write: Any = None
        self.calls: list[str] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.calls.append(operation)
            if self.down:
                raise ConnectionError("connection refused")
            if operation != "get_item" and self.before_write:
                self.before_write()
            if operation != "get_item" and self.conflicts:
                self.conflicts -= 1
                raise Refused("ReplicatedWriteConflictException")
            answer = getattr(self.table, operation)(**arguments)
            if operation != "get_item" and self.lost_answers:
                self.lost_answers -= 1
                raise TimeoutError("no answer")
            return answer

        return call


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.on_sleep: Any = None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.on_sleep:
            self.on_sleep()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def replicas() -> dict[str, Endpoint]:
    shared = Table("id")  # MRSC: what one replica answers, the other answers too
    return {"us-east-1": Endpoint(shared), "us-east-2": Endpoint(shared)}


@pytest.fixture
def table(replicas, clock) -> LeaseTable:
    return LeaseTable("sales-lease", replicas, clock, clock.sleep)


def test_a_lease_comes_back_from_its_item():
    lease = Lease(
        3, 4, "run", "Ana", "why", "when", 12.5, 2, RegionMap(2, STATES, "r", "p"), {"kind": "x"}, {"a": ["write"]}
    )
    assert Lease.from_attributes(to_attributes(lease.to_item())) == lease
    assert Lease.from_attributes(None) is None
    with pytest.raises(NewerSchema, match="lease: written under schema version 2"):
        Lease.from_attributes(to_attributes({**lease.to_item(), "schema": 2}))


# Taking


def test_only_a_free_lease_is_taken_and_the_holder_is_named(table):
    acquire(table, Run("one", "Ana", "drill", "noon", duration=1 / 3), 0)
    with pytest.raises(LeaseHeld, match=r"Ana \(run one\) since noon, reason: drill") as held:
        acquire(table, Run("two"), 0, may_take_over=False)
    assert held.value.lease.holder == "one"


def test_a_plan_made_on_another_epoch_is_refused(table):
    tenure = acquire(table, Run("one"), 0)
    tenure.next_epoch(0, STATES, None)
    tenure.release()
    with pytest.raises(StalePlan, match="made on epoch 0 and the lease is at epoch 1"):
        acquire(table, Run("two"), 0)
    assert acquire(table, Run("two"), 1).generation == 2


@pytest.mark.parametrize("item", ["none", "free"])
def test_of_many_that_take_it_at_once_one_gets_it(table, replicas, item):
    """All have seen it free before the first of them writes."""
    for _ in range(5):
        replicas["us-east-1"].table.items.clear()
        replicas["us-east-1"].before_write = None
        if item == "free":
            acquire(table, Run("before"), 0).release()
        outcomes = []
        all_have_read, writes = threading.Barrier(4), itertools.count()

        def meet(barrier: threading.Barrier = all_have_read, writes: Any = writes) -> None:
            if next(writes) < 4:
                barrier.wait(60)

        replicas["us-east-1"].before_write = meet

        def attempt(name: str, outcomes: list[Any] = outcomes) -> None:
            try:
                outcomes.append(acquire(table, Run(name), 0, may_take_over=False).run_id)
            except (LeaseHeld, StalePlan):
                outcomes.append(None)

        threads = [threading.Thread(target=attempt, args=(f"run-{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = [name for name in outcomes if name]
        assert table.read().holder == winner


# Taking over


def test_a_holder_that_beats_is_never_taken_over(table, clock):
    tenure = acquire(table, Run("one", duration=12), 0)
    clock.on_sleep = tenure.renew
    with pytest.raises(LeaseHeld):
        acquire(table, Run("two"), 0)
    assert table.read().holder == "one"


def test_a_silent_holder_is_taken_over_after_its_whole_duration(table, clock):
    acquire(table, Run("one", duration=12), 0).next_epoch(0, STATES, {"kind": "write"}, owed=STATES)
    tenure = acquire(table, Run("two"), 0)  # the plan's epoch does not count: what it holds unfinished comes first
    assert clock.now >= 12
    assert tenure.generation == 2 and tenure.taken_from.holder == "one"
    assert tenure.lease.plan == {"kind": "write"} and tenure.lease.owed == {region: ["write"] for region in STATES}
    assert not tenure.lease.is_settled


def test_expiry_is_counted_from_the_first_answer_to_the_last_sending():
    watch, lease = Watch(), Lease(1, 1, "one", duration=10)
    assert watch.judge(lease, read_sent=0, received=5) == HELD_BY_OTHER
    assert watch.judge(lease, read_sent=14.9, received=20) == HELD_BY_OTHER
    assert watch.judge(lease, read_sent=15, received=16) == EXPIRED


def test_a_beat_or_a_new_generation_starts_the_watch_anew():
    for changed in (Lease(1, 2, "one", duration=10), Lease(2, 1, "three", duration=10)):
        watch = Watch()
        watch.judge(Lease(1, 1, "one", duration=10), 0, 0)
        assert watch.judge(changed, 10, 10) == HELD_BY_OTHER
        assert watch.judge(changed, 19, 19) == HELD_BY_OTHER
        assert watch.judge(changed, 20, 20) == EXPIRED


def test_whoever_lost_the_lease_stops_at_its_next_step(table):
    old = acquire(table, Run("one", duration=3), 0)
    acquire(table, Run("two"), 0)
    for step in (old.renew, old.release, lambda: old.next_epoch(0, STATES, None), lambda: old.record(None, {})):
        with pytest.raises(LeaseLost, match="run one lost the lease"):
            step()
    assert table.read().epoch == 0 and table.read().holder == "two"


def test_the_same_run_in_another_tenure_has_lost_it_too(table):
    first = acquire(table, Run("one", duration=3), 0)
    acquire(table, Run("one", duration=3), 0)
    with pytest.raises(LeaseLost):
        first.renew()


def test_two_processes_of_one_run_may_beat_side_by_side(table):
    one = acquire(table, Run("one"), 0)
    other = type(one)(table, one.lease)
    for _ in range(3):
        one.renew()
        other.renew()
    other.next_epoch(0, STATES, None)
    one.renew()
    assert table.read().held_by("one", 1) and table.read().epoch == 1


# Epochs


def test_epochs_are_handed_out_once_and_only_upwards(table):
    tenure = acquire(table, Run("one"), 0)
    assert tenure.next_epoch(0, STATES, {"kind": "write"}).map == RegionMap(1, STATES, "one", table.place)
    other = {"sa-east-1": PASSIVE, "us-east-1": ACTIVE}
    with pytest.raises(StalePlan):
        tenure.next_epoch(0, other, None)
    assert tenure.next_epoch(1, other, None).epoch == 2


def test_asking_again_for_an_epoch_gets_the_same_one(table):
    tenure = acquire(table, Run("one"), 0)
    tenure.next_epoch(0, STATES, None)
    assert tenure.next_epoch(0, STATES, None).epoch == 1


def test_owing_adds_up_and_finishing_ends_it_in_one_write(table):
    tenure = acquire(table, Run("one"), 0)
    tenure.record(None, {"us-east-1": ["reconcile"]})
    assert tenure.next_epoch(0, STATES, {"kind": "write"}, owed=["us-east-1"]).owed == {
        "us-east-1": ["reconcile", "write"]
    }
    tenure.finish({"us-east-1": ["reconcile"]})
    lease = table.read()
    assert (lease.holder, lease.plan, lease.owed) == ("", None, {"us-east-1": ["reconcile"]})
    assert not lease.is_settled


def test_releasing_keeps_what_is_unfinished(table):
    tenure = acquire(table, Run("one"), 0)
    tenure.next_epoch(0, STATES, {"kind": "write"})
    tenure.release()
    assert table.read().plan == {"kind": "write"} and table.read().holder == ""


# Moving


def test_a_moved_lease_is_never_taken_again_and_its_epochs_go_on_elsewhere(table, clock, replicas):
    tenure = acquire(table, Run("one", duration=1), 0)
    tenure.next_epoch(0, STATES, {"kind": "write"})
    new_place = "sales-lease@eu-west-1+eu-west-2"
    with pytest.raises(ProtocolError, match="unfinished"):
        rules.move(tenure.lease, "one", 1, new_place)
    tenure.record(None, {})
    assert table.swap(tenure.lease, rules.move(tenure.lease, "one", 1, new_place))
    with pytest.raises(LeaseHeld, match=f"moved to {new_place.replace('+', '.')}"):
        acquire(table, Run("two"), 1)
    with pytest.raises(LeaseHeld):
        rules.take_over(table.read(), Run("two"))
    started = rules.start_at(table.read(), new_place)
    assert (started.epoch, started.generation, started.holder) == (1, 2, "")
    assert rules.take(started, Run("three"), 1).generation == 3
    with pytest.raises(ProtocolError, match="Two leases would be two authorities"):
        rules.check_place(started.map, new_place)


# Endpoints


def test_either_replica_will_do(table, replicas):
    replicas["us-east-1"].down = True
    acquire(table, Run("one"), 0).release()
    replicas["us-east-1"].down, replicas["us-east-2"].down = False, True
    assert table.read().generation == 1


def test_with_no_endpoint_nothing_is_changed(table, replicas):
    tenure = acquire(table, Run("one"), 0)
    before = dict(replicas["us-east-1"].table.items)
    for endpoint in replicas.values():
        endpoint.down = True
    for step in (table.read, tenure.renew, lambda: acquire(table, Run("two"), 0)):
        with pytest.raises(LeaseUnreachable, match="us-east-1: ConnectionError.*us-east-2"):
            step()
    assert replicas["us-east-1"].table.items == before


def test_a_replica_that_did_not_answer_is_asked_last(table, replicas):
    """Each call would wait for it, and three such waits are longer than the lease."""
    replicas["us-east-1"].down = True
    tenure = acquire(table, Run("one"), 0)
    for _ in range(5):
        tenure.renew()
    assert len(replicas["us-east-1"].calls) == 1


def test_a_lost_answer_while_the_other_replica_is_dead_stops_nothing(table, replicas):
    tenure = acquire(table, Run("one"), 0)
    replicas["us-east-1"].down = True
    replicas["us-east-2"].lost_answers = 1
    tenure.renew()
    assert table.read().heartbeat == tenure.lease.heartbeat


def test_a_single_replica_is_asked_as_often_as_its_client_does(replicas):
    replicas["us-east-1"].down = True
    with pytest.raises(LeaseUnreachable):
        LeaseTable("sales-lease", {"us-east-1": replicas["us-east-1"]}).read()
    assert len(replicas["us-east-1"].calls) == 1


def test_a_lost_answer_is_found_by_reading(table, replicas):
    """The write is applied, the answer lost, the other replica then refuses the same write."""
    for endpoint in replicas.values():
        endpoint.lost_answers = 100
    replicas["us-east-2"].lost_answers = 0
    tenure = acquire(table, Run("one", duration=1 / 3), 0)  # which its item cannot hold exactly
    assert tenure.next_epoch(0, STATES, {"kind": "write"}).epoch == 1
    tenure.finish({})
    assert (table.read().generation, table.read().epoch, table.read().holder) == (1, 1, "")


def test_replicated_write_conflicts_are_retried_and_then_count_as_held(table, replicas, clock):
    replicas["us-east-1"].conflicts = 3
    tenure = acquire(table, Run("one"), 0)
    replicas["us-east-1"].conflicts = 1000
    with pytest.raises(LeaseHeld, match="again and again"):
        tenure.renew()
    assert clock.now < 10


def test_conflicts_over_a_record_beside_the_lease_are_retried_too(table, replicas):
    replicas["us-east-1"].conflicts = 3
    table.keep("journal#1", {"epoch": 1})
    assert table.look_up("journal#1")["epoch"] == 1


def test_removal_needs_the_version_that_was_read(table):
    tenure = acquire(table, Run("one"), 0)
    old = tenure.lease
    tenure.renew()
    with pytest.raises(LeaseLost):
        table.delete(old)
    table.delete(tenure.lease)
    assert table.read() is None
    table.delete(tenure.lease)  # gone is success


def test_the_heartbeat_keeps_the_lease_and_ends_with_the_body(replicas):
    table = LeaseTable("sales-lease", replicas)
    tenure = acquire(table, Run("one"), 0)
    with tenure.beating(0.01):
        deadline = threading.Event()
        while table.read().heartbeat < 3:
            assert not deadline.wait(0.01)
    beats = table.read().heartbeat
    threading.Event().wait(0.05)
    assert table.read().heartbeat == beats


def test_the_heartbeat_ends_with_what_it_beats_for(replicas):
    table = LeaseTable("sales-lease", replicas)
    tenure = acquire(table, Run("one"), 0)
    with tenure.beating(0.01, still=lambda: tenure.lease.heartbeat < 3):
        never = threading.Event()
        while table.read().heartbeat < 3:
            assert not never.wait(0.01)
        never.wait(0.1)
        assert table.read().heartbeat == 3
