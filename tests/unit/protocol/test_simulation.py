# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol under stress: hypothesis drives a world of crashes, pauses and cuts, and every promise is watched.

The fast profile is for every run of the tests. `PROTOCOL_SIMULATION=600` tries that many worlds instead, of up to 120
events each (2 minutes on one core).
"""

from __future__ import annotations

import os
import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from protocol import (
    ACTIVE,
    PASSIVE,
    Lease,
    Sale,
    acts,
    cancelled_id,
    cancelled_item,
    maps_of,
    new_sale_id,
    to_attributes,
)
from tests.unit.protocol.actors import Operator, Worker, first_deployment
from tests.unit.protocol.world import World

WORLDS = int(os.environ.get("PROTOCOL_SIMULATION", "0"))
REGIONS = ["sa-east-1", "us-east-1", "eu-west-1"]
states = st.sampled_from([ACTIVE, PASSIVE])
regions = st.sampled_from(REGIONS)
disturbances = st.sampled_from(["crash", "pause", "blind"])
PROBES = [
    Sale.new(new_sale_id(0, bytes([n] * 10)), "probe", 1, home) for n, home in enumerate([*REGIONS, None, None, None])
]


class Protocol(RuleBasedStateMachine):
    """Graceful and ungraceful switches, by operators that die and come back late, over workers that do the same."""

    @initialize(
        peers=st.lists(states, min_size=2, max_size=2), lag=st.sampled_from([0.3, 2.0, 8.0]), seed=st.integers()
    )
    def build(self, peers: tuple[str, str], lag: float, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World(REGIONS, lag)
        first_deployment(self.world, dict(zip(REGIONS, [ACTIVE, *peers], strict=True)))
        self.world.advance(lag)
        self.workers = [Worker(self.world, region, self.effect) for region in REGIONS for _ in range(2)]
        self.operators: list[Operator] = []
        self.contents: dict[int, object] = {}
        self.last_epoch = 1
        self.seen: dict[str, int] = {}
        self.unfenced = False

    # What happens

    @rule(seconds=st.floats(1.0, 45.0))
    def live(self, seconds: float) -> None:
        """Everybody goes on, in any order and at any pace."""
        end = self.world.now + seconds
        while self.world.now < end:
            for actor in (*self.workers, *self.operators):
                for _ in range(self.random.randrange(4)):
                    actor.step()
            self.tick(self.random.uniform(0.1, 2.0))

    @rule(region=regions, sales=st.integers(1, 8), with_home=st.booleans())
    def post(self, region: str, sales: int, with_home: bool) -> None:
        if region in self.world.dead:
            return
        for _ in range(sales):
            sale_id = new_sale_id(1_700_000_000 + self.world.now, self.random.randbytes(10))
            sale = Sale.new(sale_id, "book", 14, region if with_home else None)
            self.world.sales.at(region).put_item(Item=sale.to_attributes(False))
            self.world.publish(sale)
            self.world.acknowledged[sale.id] = sale

    @rule(region=regions)
    def cancel(self, region: str) -> None:
        if region in self.world.dead or not self.world.acknowledged:
            return
        sale_id = self.random.choice(sorted(self.world.acknowledged))
        item = to_attributes(cancelled_item(sale_id, int(self.world.now)))
        self.world.sales.at(region).put_item(Item=item)
        self.world.cancelled.add(sale_id)

    @precondition(lambda self: len(self.working()) < 2)
    @rule(moves=st.lists(regions, min_size=1, max_size=2, unique=True))
    def switch(self, moves: list[str]) -> None:
        """Another operator starts, perhaps towards the opposite end: each region named becomes what it is not."""
        recorded = self.lease().map
        changes = {region: PASSIVE if recorded.state_of(region) == ACTIVE else ACTIVE for region in moves}
        self.operators.append(Operator(self.world, changes, self.acted))

    @rule(
        number=st.integers(0, 5), seconds=st.sampled_from([8, 20, 60]), how=st.sampled_from(["crash", "pause", "blind"])
    )
    def disturb_a_worker(self, number: int, seconds: int, how: str) -> None:
        """It dies and another starts; or it stands still; or its reads of the state table fail."""
        worker = self.workers[number]
        if how == "crash":
            worker.start()
        elif how == "pause":
            worker.paused_until = self.world.now + seconds
        else:
            worker.blind_until = self.world.now + seconds

    @precondition(lambda self: self.working())
    @rule(seconds=st.sampled_from([5, 15, 40]), dies=st.booleans())
    def disturb_an_operator(self, seconds: int, dies: bool) -> None:
        operator = self.random.choice(self.working())
        if dies:
            operator.outcome = "killed"
        else:
            operator.paused_until = self.world.now + seconds

    @rule(one=regions, other=regions)
    def cut_or_mend_replication(self, one: str, other: str) -> None:
        if one != other:
            self.world.cut ^= {frozenset((one, other))}

    @rule(region=regions, dies=st.booleans())
    def lose_or_regain_a_region(self, region: str, dies: bool) -> None:
        """Dead: its tasks start anew when it returns. Or alive, and out of the operator's reach."""
        if dies:
            self.world.dead ^= {region}
            for worker in self.workers:
                if worker.region == region:
                    worker.start()
        else:
            self.world.no_operator ^= {region}

    # What is watched

    def lease(self) -> Lease:
        return Lease.from_attributes(self.world.lease.get_item(Key={"id": {"S": "lease"}})["Item"])

    def working(self) -> list[Operator]:
        return [operator for operator in self.operators if operator.outcome is None]

    def tick(self, seconds: float) -> None:
        self.world.advance(seconds)
        self.one_region_acts()
        self.operators = [each for each in self.operators if each.outcome is None]

    def acted(self, operator: Operator, what: str) -> None:
        """Epochs are handed out only to who holds the lease at that moment."""
        lease = self.lease()
        self.unfenced = self.unfenced or operator.unfenced
        if not what.startswith("write"):
            assert lease.held_by(operator.name, operator.holds_since), f"{operator.name} did {what} without the lease"

    def one_region_acts(self) -> None:
        """While every change was fenced, no two regions may act on one sale, whoever is blind, paused or late."""
        if self.unfenced:
            return
        underway = [self.world.acknowledged[worker.claimed] for worker in self.workers if worker.claimed]
        for sale in (*PROBES, *underway):
            acting = {worker.region for worker in self.workers if worker.may_act_on(sale)}
            assert len(acting) < 2, f"{acting} may all act on {sale}: {[w.reader.map for w in self.workers]}"

    def effect(self, worker: Worker, sale_id: str, name: str) -> None:
        """Only an owner that is ACTIVE in its own view claims, and only what is DONE leaves the index or the queue."""
        if name == "claim":
            assert acts(worker.region, self.world.acknowledged[sale_id], worker.reader.map)
        elif name == "done":
            assert (worker.region, self.world.acknowledged[sale_id].lake_key) in self.world.lake

    @invariant()
    def every_epoch_has_one_content_and_they_only_grow(self) -> None:
        if not hasattr(self, "world"):
            return
        lease = self.lease()
        assert lease.epoch >= self.last_epoch
        self.last_epoch = lease.epoch
        found = [lease.map]
        for region in REGIONS:
            found += maps_of(self.world.states.copies[region].scan()["Items"]).values()
        for region_map in found:
            assert self.contents.setdefault(region_map.epoch, region_map) == region_map
            assert region_map.epoch <= lease.epoch

    @invariant()
    def no_view_ever_falls(self) -> None:
        for worker in getattr(self, "workers", []):
            epoch = worker.reader.map.epoch if worker.reader.map else 0
            assert epoch >= self.seen.get(worker.name, 0)
            self.seen[worker.name] = epoch

    @invariant()
    def nothing_is_doubled(self) -> None:
        if hasattr(self, "world"):
            by_key: dict[str, set[bytes]] = {}
            for (_region, key), bodies in self.world.lake.items():
                by_key.setdefault(key.rpartition("/")[2], set()).update((key.encode() + b" " + body) for body in bodies)
            assert all(len(contents) == 1 for contents in by_key.values())

    def teardown(self) -> None:
        """Everything comes back and is quiet: then no acknowledged sale may be unprocessed."""
        if not hasattr(self, "world"):
            return
        self.world.heal()
        for worker in self.workers:
            worker.paused_until = worker.blind_until = 0.0
        for operator in self.working():
            operator.outcome = "killed"
        last = Operator(self.world, {}, self.acted)
        self.operators.append(last)
        self._until(lambda: last.outcome is not None, 300)
        assert last.outcome == "done", last.outcome
        lease = self.lease()
        assert lease.is_settled and not lease.holder
        assert lease.map.in_state(ACTIVE), "no region is ACTIVE after the switches"
        for region in REGIONS:
            assert maps_of(self.world.states.copies[region].scan()["Items"])[region] == lease.map
        self._until(lambda: not self._unprocessed(), 400)
        assert self._unprocessed() == []

    def _until(self, reached: object, seconds: float) -> None:
        end = self.world.now + seconds
        while self.world.now < end and not reached():
            for actor in (*self.workers, *self.operators):
                for _ in range(6):
                    actor.step()
            self.tick(1.0)

    def _unprocessed(self) -> list[str]:
        """By the protocol's own definition: no DONE and not cancelled, or the lake object missing."""
        left = []
        for sale in self.world.acknowledged.values():
            done = any(sale.id in self.world.idempotency.items(region) for region in REGIONS)
            kept = any((region, sale.lake_key) in self.world.lake for region in REGIONS)
            cancelled = any(cancelled_id(sale.id) in self.world.sales.items(region) for region in REGIONS)
            if not (done and kept) and not cancelled:
                left.append(sale.id)
        return left


class Graceful(Protocol):
    """The same without anything out of the operator's reach: then every switch is fenced and nobody overlaps."""

    lose_or_regain_a_region = None

    def teardown(self) -> None:
        super().teardown()
        assert not getattr(self, "unfenced", False)


quick = settings(
    max_examples=WORLDS or 12,
    stateful_step_count=120 if WORLDS else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not WORLDS,
)

TestProtocol = Protocol.TestCase
TestProtocol.settings = quick
TestGraceful = Graceful.TestCase
TestGraceful.settings = quick
