# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view's upkeep: joining, peers asked side by side, readings that fail, and the parameter that stands alone."""

from __future__ import annotations

import threading

import pytest

from protocol.region_map import RegionMap, state_write
from sales_common.settings import ViewSettings
from sales_common.view_watch import StateParameter, StateTable, ViewWatch, choose_source
from tests.support.waiting import eventually

HERE, PEER, THIRD = "us-east-1", "sa-east-1", "eu-west-1"


def a_map(epoch: int, **states: str) -> RegionMap:
    return RegionMap(
        epoch, {name.replace("_", "-"): state for name, state in states.items()}, f"run-{epoch}", "lease@x"
    )


TWO = a_map(5, us_east_1="ACTIVE", sa_east_1="ACTIVE")


class Fake:
    """A source whose answers the test sets; an exception is raised instead of returned."""

    def __init__(self, local=None, **peers) -> None:
        self.local = local
        self.peers = {name.replace("_", "-"): answer for name, answer in peers.items()}
        self.asked: list[str] = []
        self.released = threading.Event()

    def read_local(self):
        return self._answer(self.local)

    def read_peer(self, region):
        self.asked.append(region)
        answer = self.peers[region]
        if answer == "silence":
            self.released.wait(5)
            raise TimeoutError("no answer")
        return self._answer(answer)

    @staticmethod
    def _answer(answer):
        if isinstance(answer, Exception):
            raise answer
        return answer


class Parameters:
    """SSM with one parameter; without a value there is none."""

    value: str | None = None

    def get_parameter(self, Name):
        if self.value is None or Name != "/sales/state":
            raise LookupError("ParameterNotFound")
        return {"Parameter": {"Value": self.value, "Version": 1}}


def settle(silent: str = "") -> None:
    """Wait for the peers' threads, but for the one that waits for a silent peer."""
    for thread in threading.enumerate():
        if thread.name.startswith("ask ") and thread.name != f"ask {silent}":
            thread.join(10)
            assert not thread.is_alive()


def wait_until_asked(source: Fake, *regions: str) -> None:
    eventually(lambda: sorted(source.asked) == sorted(regions), what=lambda: source.asked)


@pytest.fixture
def make_watch(logbook, clock):
    def make(source, hints=(), table="sales-state"):
        settings = ViewSettings(HERE, "/sales/state", table, tuple(hints), ttl=10.0, refresh=2.0, join_patience=120.0)
        return ViewWatch(settings, source, logbook, clock)

    return make


def may_claim(watch) -> bool:
    return watch.look()[1]


def test_a_task_joins_when_a_peer_s_own_endpoint_answers(make_watch):
    source = Fake({HERE: TWO, PEER: TWO}, sa_east_1={PEER: TWO})
    watch = make_watch(source)
    assert not may_claim(watch) and watch.readiness()[1]["reason"].startswith("no view")

    watch.refresh()
    settle()

    assert source.asked == [PEER]
    assert may_claim(watch) and watch.readiness() == (
        True,
        {"ready": True, "region": HERE, "state": "ACTIVE", "epoch": 5},
    )


def test_a_peer_that_knows_better_is_believed(make_watch):
    """The task slept through a switch, and the replication to its region is broken."""
    newer = a_map(7, us_east_1="PASSIVE", sa_east_1="ACTIVE")
    watch = make_watch(Fake({HERE: TWO}, sa_east_1={HERE: TWO, PEER: newer}))
    watch.refresh()
    settle()

    ready, facts = watch.readiness()
    assert not ready and facts["epoch"] == 7 and facts["reason"] == "the region is PASSIVE"
    assert watch.look()[0].state_of(HERE) == "PASSIVE"


def test_with_silent_peers_it_waits_out_its_patience_and_is_asked_once_at_a_time(make_watch, clock, logbook):
    source = Fake({HERE: TWO}, sa_east_1="silence")
    watch = make_watch(source)
    for _ in range(3):
        watch.refresh()
        clock.pass_time(2)
    wait_until_asked(source, PEER)
    assert not may_claim(watch)
    assert "sa-east-1" in watch.readiness()[1]["reason"]

    for _ in range(57):
        watch.refresh()
        clock.pass_time(2)
        assert not may_claim(watch)
    watch.refresh()
    assert may_claim(watch)
    assert logbook.named("view")[-1]["joined"] == "alone"
    assert source.asked == [PEER]
    source.released.set()
    settle()


def test_one_answering_peer_of_two_is_enough_and_all_are_asked(make_watch):
    three = a_map(5, us_east_1="ACTIVE", sa_east_1="ACTIVE", eu_west_1="PASSIVE")
    source = Fake({HERE: three}, sa_east_1="silence", eu_west_1={THIRD: three})
    watch = make_watch(source)
    watch.refresh()
    wait_until_asked(source, PEER, THIRD)
    settle(silent=PEER)
    assert may_claim(watch)
    source.released.set()
    settle()


def test_no_peers_in_the_map_no_wait(make_watch):
    watch = make_watch(Fake({HERE: a_map(1, us_east_1="ACTIVE")}), hints=[PEER])
    watch.refresh()
    assert may_claim(watch)


def test_an_empty_table_gives_no_view(make_watch):
    watch = make_watch(Fake({}))
    watch.refresh()
    assert not may_claim(watch) and watch.look()[0] is None


def test_the_right_to_claim_ends_when_reading_fails_and_comes_back_by_joining_again(make_watch, clock, logbook):
    source = Fake({HERE: TWO}, sa_east_1={PEER: TWO})
    watch = make_watch(source)
    watch.refresh()
    settle()
    source.local = TimeoutError("no answer")
    for passed in (2, 2, 2, 2):
        clock.pass_time(passed)
        watch.refresh()
        assert may_claim(watch)
    clock.pass_time(2)
    watch.refresh()
    assert not may_claim(watch)
    assert "older than 10 s" in watch.readiness()[1]["reason"]
    assert len(logbook.named("view_not_read")) == 1, "told once, not every two seconds"

    source.local = {HERE: TWO}
    source.peers[PEER] = TimeoutError("no answer")
    watch.refresh()
    settle()
    assert not may_claim(watch), "after a gap it must join again"
    source.peers[PEER] = {PEER: TWO}
    watch.refresh()
    settle()
    assert may_claim(watch)


def test_two_maps_of_one_epoch_prolong_nothing(make_watch, clock, logbook):
    source = Fake({HERE: a_map(5, us_east_1="ACTIVE")})
    watch = make_watch(source)
    watch.refresh()
    source.local = {HERE: a_map(5, us_east_1="PASSIVE")}
    clock.pass_time(9)
    watch.refresh()
    assert "epoch 5 has two contents" in logbook.named("view_not_read")[0]["error"]
    clock.pass_time(1)
    assert not may_claim(watch)


def test_the_thread_reads_until_stopped(logbook):
    source = Fake({HERE: a_map(1, us_east_1="ACTIVE")})
    settings = ViewSettings(HERE, "/sales/state", "t", (), ttl=10.0, refresh=0.01, join_patience=1.0)
    watch = ViewWatch(settings, source, logbook)
    watch.start()
    eventually(lambda: may_claim(watch))
    source.local = {HERE: a_map(2, us_east_1="PASSIVE")}
    eventually(lambda: not watch.readiness()[0])
    watch.stop()
    assert watch.readiness()[1]["epoch"] == 2


def test_the_state_table_is_read_here_and_through_the_peer_s_endpoint(world):
    for region in (HERE, PEER):
        client = world.plain.client("dynamodb", region=region)
        client.create_table(
            TableName="sales-state",
            KeySchema=[{"AttributeName": "region", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "region", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client.put_item(**state_write("sales-state", region, TWO))
    source = StateTable(world.plain, "sales-state")
    assert source.read_local() == {HERE: TWO}
    assert source.read_peer(PEER) == {PEER: TWO}


def test_without_a_state_table_the_parameter_alone_decides(world, make_watch):
    settings = ViewSettings(HERE, "/sales/state", None, (PEER,), 30.0, 10.0, 120.0)
    source = choose_source(world.plain, settings)
    assert isinstance(source, StateParameter)
    ssm = Parameters()
    source._client = ssm
    watch = make_watch(source, hints=[PEER], table=None)
    watch.refresh()
    assert not may_claim(watch), "no parameter, no view"

    for value, ready in (("ACTIVE", True), ("PASSIVE", False), ("nonsense", False), ("ACTIVE", True)):
        ssm.value = f"{value}\n"
        watch.refresh()
        assert watch.readiness()[0] is ready, value
    with pytest.raises(LookupError):
        source.read_peer(PEER)
