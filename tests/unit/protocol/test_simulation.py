# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol under stress: hypothesis drives a world of crashes, pauses and cuts, and every promise is watched.

The operators run the modules themselves, in simulated time (fibers.py), against a simulated AWS; the workers use the
functions of the real ones. The fast profile is for every run of the tests. `PROTOCOL_SIMULATION=600` tries that many
worlds instead, of up to 120 events each.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import ACTIVE, PASSIVE, Sale, acts, new_sale_id
from tests.unit.protocol.disturbances import Disturbances, regions
from tests.unit.protocol.operators import Operator, deploy, first_deployment, switch
from tests.unit.protocol.operators import _simulated as _simulated
from tests.unit.protocol.playing import play
from tests.unit.protocol.referee import Referee
from tests.unit.protocol.retiring import Retiring
from tests.unit.protocol.workers import Worker
from tests.unit.protocol.world import PARAMETER, REGIONS, World

WORLDS = int(os.environ.get("PROTOCOL_SIMULATION", "0"))
states = st.sampled_from([ACTIVE, PASSIVE])
PROBES = [
    Sale.new(new_sale_id(0, bytes([n] * 10)), "probe", 1, home) for n, home in enumerate([*REGIONS, None, None, None])
]
count: Counter[str] = Counter()
"""What happened in all worlds together, so that a test can say that enough did."""


class Protocol(Retiring, Disturbances):
    """Graceful and ungraceful switches, by operators that die and come back late, over workers that do the same."""

    may_be_ungraceful = True

    @initialize(
        peers=st.lists(states, min_size=2, max_size=2),
        lag=st.sampled_from([0.3, 2.0, 8.0]),
        seed=st.integers(),
        maintenance=st.sampled_from([False] * 7 + [True]),
        joins=st.booleans(),
    )
    def build(self, peers: list[str], lag: float, seed: int, maintenance: bool, joins: bool) -> None:
        """maintenance: a world in which somebody may turn the last ACTIVE region off, because he says so. joins: the
        last region is new to the record, so that a deployment adds it. In some worlds some workers do not register, or
        one that does lives by a longer ttl than the switches are told, or is no task of a service."""
        self.maintenance = maintenance
        self.random = random.Random(seed)
        s3_lag, unsure = self.random.choice([lag, 20.0, 90.0]), self.random.choice([0.0, 0.1, 0.3])
        self.world = World(REGIONS, lag, seed, s3_lag, unsure)
        self.referee = Referee(self.world)
        self.inventory = dict(zip(REGIONS, [ACTIVE, *peers], strict=True))
        first_deployment(self.referee, {each: self.inventory[each] for each in REGIONS[: 2 if joins else 3]})
        self.world.advance(lag)
        self.world.clock_off = self.random.choice([0.0, 0.0, -7200.0, 7200.0])
        older, slower = self.random.choice([0] * 6 + [1, 2, 6]), self.random.random() < 0.3
        self.workers = [
            Worker(
                self.world,
                region,
                self.effect,
                registers=number >= older,
                ttl=18.0 if slower and number == 5 else 10.0,
                listed=number != 3 or number < older,
            )
            for number, region in enumerate(REGIONS * 2)
        ]
        self.operators: list[Operator] = []
        self.seen: dict[str, int] = {}
        self.last_epochs: dict[tuple[str, str], int] = {}

    # What happens

    @rule(seconds=st.floats(40.0, 160.0))
    def live_longer(self, seconds: float) -> None:
        """Long enough for a whole switch, now and then."""
        self.live(seconds)

    @rule()
    def mend_everything(self) -> None:
        for region in list(self.world.dead):
            self.lose_or_regain_a_region(region, "dead")
        self.world.heal()

    @rule(seconds=st.floats(1.0, 40.0))
    def live(self, seconds: float) -> None:
        """Everybody goes on, in any order and at any pace."""
        end = self.world.now + seconds
        while self.world.now < end:
            actors = [*self.workers, *self.operators]
            self.random.shuffle(actors)
            for actor in actors:
                for _ in range(self.random.randrange(4 if isinstance(actor, Worker) else 12)):
                    actor.step()
            self.tick(self.random.uniform(0.1, 2.0))

    @rule(region=regions, sales=st.integers(1, 8), with_home=st.booleans())
    def post(self, region: str, sales: int, with_home: bool) -> None:
        if region not in self.world.dead | self.world.gone | self.world.closed:
            for _ in range(sales):
                self.world.sell(region, region if with_home else None)

    @rule(region=regions)
    def cancel(self, region: str) -> None:
        # A switch waits in vain for its synthetic sale if somebody cancels it; nobody knows that one's id.
        known = sorted(self.world.acknowledged.keys() - self.world.synthetic)
        if region in self.world.dead | self.world.gone or not known:
            return
        sale_id = self.random.choice(known)
        store = self.world.apis[region].store
        if (found := store.find(sale_id)).sale and not found.cancellation:
            store.cancel(found.sale)
            self.world.cancelled.add(sale_id)

    @precondition(lambda self: len(self.working()) < 3)
    @rule(
        region=regions,
        source=st.one_of(st.none(), regions),
        back=st.booleans(),
        turn=st.sampled_from([None, "on", "off"]),
        execution=st.sampled_from(["graceful", "ungraceful"]),
        supersede=st.booleans(),
        declares=st.sampled_from([False] * 4 + [True]),
        fence=st.sampled_from(["acknowledged"] * 4 + ["full", "reachable"]),
    )
    def switch(
        self,
        region: str,
        source: str | None,
        back: bool,
        turn: str | None,
        execution: str,
        supersede: bool,
        declares: bool,
        fence: str,
    ) -> None:
        """Another operator starts, perhaps towards the opposite end."""
        asked = {"target": region, "turn": turn} if turn else {"to": region, **({"from": source} if source else {})}
        if source == region:
            return
        execution = execution if self.may_be_ungraceful else "graceful"
        arguments = {**asked, "execution": execution, "supersede": supersede, "allow_no_active": self.maintenance}
        arguments["fence"] = "acknowledged" if execution == "graceful" and fence == "reachable" else fence
        arguments["on_failure"] = "rollback" if back else "stop"
        if declares and self.may_be_ungraceful:
            arguments["dead"] = sorted((self.world.sick | self.world.dead) & set(REGIONS) - {region})
        self.operators.append(switch(self.referee, arguments, mishaps=0.01))

    @precondition(lambda self: len(self.working()) < 3)
    @rule(region=regions)
    def move(self, region: str) -> None:
        """An operator who makes no mistake: away from everybody else, one by one where several are ACTIVE."""
        others = [each for each in self.lease().map.in_state(ACTIVE) if each != region]
        asked = {"to": region, **({"from": others[0]} if others else {})}
        self.operators.append(switch(self.referee, asked))

    @precondition(lambda self: len(self.working()) < 3 and self.lease().map.in_state(ACTIVE))
    @rule(seconds=st.sampled_from([3, 15, 40]), how=st.sampled_from(["hang", "stall", "stall"]))
    def move_while_something_is_under_way(self, seconds: int, how: str) -> None:
        """A worker has claimed a sale, and stands still as the work leaves its region."""
        states = self.lease().map.states
        source = self.random.choice(self.lease().map.in_state(ACTIVE))
        number = self.random.choice([n for n, worker in enumerate(self.workers) if worker.region == source])
        if len(states) < 2 or source in self.world.dead:
            return
        self.world.sell(source, source)
        self.tick(self.world.lag)
        self.disturb_a_worker(number, seconds, how)
        self.move(self.random.choice([region for region in states if region != source]))
        self._until(lambda: not self.working(), 16, calls=50)

    @precondition(lambda self: self.lease().plan and len(self.working()) < 3)
    @rule(how=st.sampled_from(["again", "back", "pause", "cancel", "resume"]))
    def look_after_what_is_unfinished(self, how: str) -> None:
        """Ask for the same again, or to go back; or signal to whoever is at it, from another terminal."""
        lease = self.lease()
        if how in ("again", "back"):
            again = lease.plan["kind"] == "switch" and how == "again"
            arguments = self._said(lease.plan) if again else {"rollback": True}
            execution = "ungraceful" if self.may_be_ungraceful else "graceful"
            self.operators.append(switch(self.referee, {**arguments, "execution": execution}))
        elif how == "resume":
            self.world.lease.items.pop("signal", None)
        else:
            self.world.lease.items["signal"] = {"id": "signal", "signal": how, "generation": lease.generation}

    @precondition(lambda self: len(self.working()) < 3 and not self.builds() and not self.retiring())
    @rule()
    def deploy(self) -> None:
        self.operators.append(deploy(self.referee, self.inventory, mishaps=0.01))

    @precondition(lambda self: len(self.lease().map.states) < len(self.inventory) and not self.lease().plan)
    @precondition(lambda self: not self.builds() and not self.retiring())
    @rule(calls=st.integers(0, 8))
    def die_while_a_region_joins(self, calls: int) -> None:
        """A deployment has been handed the epoch in which a region is new, and has written it in some regions."""
        dies = deploy(self.referee, self.inventory)
        self.operators.append(dies)
        self._until(lambda: dies.outcome is not None or (self.lease().plan or {}).get("kind") == "write", 30, calls=1)
        for _ in range(calls):
            dies.step()
        dies.kill()

    # What is watched

    def lease(self) -> Lease:
        return Lease.from_attributes(self.world.lease.get_item(Key={"id": {"S": "lease"}})["Item"])

    def working(self) -> list[Operator]:
        return [operator for operator in self.operators if operator.outcome is None]

    def tick(self, seconds: float) -> None:
        self.world.advance(seconds)
        self.one_region_acts()
        assert not self.referee.fouls, "\n".join(self.referee.fouls)
        for operator in self.operators:
            if operator.outcome is not None:
                count[operator.outcome.partition(":")[0]] += 1
            if operator.outcome == "done":
                self.ended_well(operator)
        self.operators = self.working()

    def ended_well(self, operator: Operator) -> None:
        """What a run that says `done` promises."""
        result = operator.result
        if fence := result.get("fence"):
            count[f"fence: {fence['kind']}"] += 1
        assert self.maintenance or ACTIVE in result.get("states", {"": ACTIVE}).values(), result
        if any(each["step"] == "lake" for each in result.get("steps", [])):
            self.lakes_are_whole(result)
        if result.get("left"):
            count["given up" if operator.arguments.get("give_up") else "retired"] += 1
            self.left_well(operator)
        if any(each["step"] == "reconcile" for each in result.get("steps", [])) and not result["owed"]:
            count["switched"] += 1
            granted = self.referee.handed_out_at[result["epoch"]]
            left = [sale for sale in self.world.unprocessed() if self.world.accepted_at[sale.id] < granted]
            assert self.maintenance or not left, f"{operator.arguments} ended and reconciled; unprocessed: {left}"

    def lakes_are_whole(self, result: dict[str, Any]) -> None:
        """What a region did that has been dead since before a switch is in each lake that is owed nothing.

        One that was given up is owed nothing either, and has no part in it, though it be back and not removed yet.
        """
        world, began = self.world, self.referee.handed_out_at.get(result["epoch"] - 1, 0.0)
        left = {each for each in self.referee.left if each in world.dead and world.died_at[each] < began}
        for region in [each for each in result["states"] if world.operator_reaches(each) and each not in left]:
            if "lake" not in result["owed"].get(region, []):
                count["lakes looked at"] += bool(left)
                for sale in world.acknowledged.values():
                    lacks = world.lake_sources.get(sale.lake_key, {""}) <= left and world.knows(region, sale)
                    assert not lacks or (region, sale.lake_key) in world.lake, f"{region} lacks {sale} of {left}"

    def one_region_acts(self) -> None:
        """While every change was fenced, no two regions may act on one sale, whoever is blind, paused or late."""
        if self.referee.unfenced:
            return
        underway = [self.world.acknowledged[worker.claimed] for worker in self.workers if worker.claimed]
        for sale in (*PROBES, *underway):
            acting = {worker.region for worker in self.workers if worker.may_act_on(sale)}
            assert len(acting) < 2, f"{acting} may all act on {sale}: {[w.reader.map for w in self.workers]}"

    def effect(self, worker: Worker, sale_id: str, name: str) -> None:
        """Only an owner that is ACTIVE in its own view claims, and only what is DONE leaves the index or the queue."""
        if name == "claim":
            assert acts(worker.region, self.world.acknowledged[sale_id], worker.reader.map)
        elif name == "brought back":
            count[name] += 1
        elif name == "done":
            assert (worker.region, self.world.acknowledged[sale_id].lake_key) in self.world.lake

    @invariant()
    def count_the_steps(self) -> None:
        count["steps"] += 1

    @invariant()
    def every_epoch_has_one_content_and_they_only_grow(self) -> None:
        if not hasattr(self, "world"):
            return
        lease = self.lease()
        for region in REGIONS:
            for of, region_map in self.world.maps_of(region).items():
                assert self.referee.maps[region_map.epoch].to_dict() == region_map.to_dict()
                assert self.last_epochs.get((region, of), 0) <= region_map.epoch <= lease.epoch
                self.last_epochs[region, of] = region_map.epoch

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
        """Everything comes back, the last command is repeated, and it is quiet: nothing is lost and all agree."""
        if not hasattr(self, "world"):
            return
        try:
            self.settle()
        finally:
            for operator in self.operators:
                operator.kill()

    def settle(self) -> None:
        assert not self.referee.fouls, "\n".join(self.referee.fouls)
        self.lose_for_ever()
        self.world.heal()
        self.world.unsure = 0.0
        self.world.lease.items.pop("signal", None)
        for worker in self.workers:
            worker.paused_until = worker.blind_until = worker.mute_until = worker.stalled_until = 0.0
        for operator in self.working():
            operator.kill()
        for queue in self.world.queues.values():
            queue.redrive()
        self._until(lambda: False, 2 * self.world.lag)
        lease = self.lease()
        plan = lease.plan or {}
        if plan.get("kind") == "switch":
            self._run(switch, self._said(plan))
        elif lease.map.in_state(ACTIVE):
            # "Already so", unless something is owed, which it then settles.
            self._run(switch, {"to": lease.map.in_state(ACTIVE)[0]})
        assert self.maintenance or self.lease().map.in_state(ACTIVE), "no region is ACTIVE after the switches"
        if not self.lease().map.in_state(ACTIVE):  # and nobody settles what is owed
            self._run(switch, {"target": next(iter(self.lease().map.states)), "turn": "on"})
        for _ in range(3):  # there may be more to reconcile than one run has the time for
            if self.lease().owed and (active := self.lease().map.in_state(ACTIVE)):
                self._run(switch, {"to": active[0]})
        self.finish_retirements()
        self._run(deploy, self.inventory)
        lease = self.lease()
        assert lease.is_settled, lease
        for region in self.inventory:
            assert self.world.maps_at(region)[region].to_dict() == lease.map.to_dict()
            assert self.world.parameters[region][PARAMETER] == lease.map.ssm_value(region)
        if self.random.random() < 0.3:
            self.lose_publishes(next(iter(self.inventory)))
        self._until(lambda: not self.world.unprocessed(), 1200)
        assert self.world.unprocessed() == []
        self._until(lambda: not self.world.lacking(), self.world.s3_lag + 1)
        assert self.world.lacking() == [], "a sale is DONE, and a lake has no object of it"

    def lose_publishes(self, region: str) -> None:
        """An API dies with what it could not publish, and no switch comes: only a steady pass brings it back."""
        self.world.silent_topics.add(region)
        for _ in range(3):
            self.world.sell(region, region)
        self.world.apis[region].die()
        self.world.silent_topics.clear()

    @staticmethod
    def _said(plan: dict) -> dict:
        """The request that an unfinished switch was begun with, as it is said again."""
        asked = {("from" if name == "source" else name): value for name, value in plan["asked"].items() if value}
        return {**asked, "allow_no_active": True}

    def _run(self, module: Callable[..., Operator], arguments: dict) -> None:
        """Ask for it, and for the same again where that is the way on: the proof, say, may have waited in vain."""
        outcomes = []
        while "done" not in outcomes and len(outcomes) < 3:
            operator = module(self.referee, arguments)
            self.operators.append(operator)
            self._until(lambda operator=operator: operator.outcome is not None, 600)
            outcomes.append(operator.outcome)
        assert outcomes[-1] == "done", f"{arguments}: {outcomes}"

    def _until(self, reached: object, seconds: float, calls: int = 12) -> None:
        """Let everybody go on until it is reached. calls: how many each operator makes before that is looked at."""
        end = self.world.now + seconds
        while self.world.now < end and not reached():
            for actor in (*self.workers, *self.operators):
                for _ in range(6 if isinstance(actor, Worker) else calls):
                    actor.step()
            self.tick(1.0)


class Graceful(Protocol):
    """The same without anything out of the operator's reach: then every switch is fenced and nobody overlaps."""

    may_be_ungraceful = False
    lose_or_regain_a_region = die_at_work = None

    def settle(self) -> None:
        super().settle()
        assert not self.referee.unfenced


def simulate(machine: type[Protocol], worlds: int, steps: int, **wanted: int) -> Counter[str]:
    """What happened in so many worlds, and in as many more, seven times at most, until enough of each was seen."""
    count.clear()
    wanted |= {"switched": 10, "fence: acknowledged": 3, "fence: time": 3}
    for number in range(1 if WORLDS else 8):
        if number and all(count[what] >= least for what, least in wanted.items()):
            break
        if WORLDS:
            play(machine, WORLDS, 120)
        else:
            play(machine, worlds, steps, number)
    print(dict(count))
    assert all(count[what] >= least for what, least in wanted.items()), count
    return count


def test_the_same_seed_gives_the_same_story() -> None:
    stories = []
    for _ in range(2):
        count.clear()
        play(Protocol, 4, 40, 0)
        stories.append(dict(count))
    assert stories[0] == stories[1] and stories[0]["steps"] > 100, stories


def test_whatever_happens_nothing_is_lost_or_doubled_and_one_run_acts() -> None:
    counted = simulate(Protocol, 40, 60, **{"given up": 3, "brought back": 3, "lakes looked at": 3})
    assert counted["steps"] >= 1200, counted


def test_while_everything_can_be_reached_one_region_acts() -> None:
    counted = simulate(Graceful, 45, 60, retired=1)
    assert counted["steps"] >= 800, counted
