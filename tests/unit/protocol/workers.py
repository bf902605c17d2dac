# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Those who act in the simulated world, one small step at a time: workers that process, operators that switch.

Each is a generator that stops between any two calls, so that time, others, a crash or a long pause may come in there.
They use the protocol's own functions for every judgement.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from protocol import (
    ACTIVE,
    DELETE,
    HIDE,
    PROCESS,
    Claim,
    Lease,
    LeaseTable,
    ProtocolError,
    Reader,
    RegionMap,
    Run,
    Sale,
    Tenure,
    accept_refusal,
    acts,
    after_failure,
    cancelled_id,
    claim_id,
    claim_reset,
    claim_write,
    decide,
    done_item,
    fence_seconds,
    maps_of,
    may_send_effect,
    plan_switch,
    state_write,
    to_attributes,
)
from protocol import lease as rules
from protocol.words import CLAIM_TO_EFFECT_SECONDS, VIEW_REFRESH_SECONDS, VIEW_TTL_SECONDS
from tests.unit.protocol.dynamodb import Refused
from tests.unit.protocol.world import Unreachable, World

EFFECT_TIMEOUT = 2.0
PATIENCE = 120.0
LEASE_DURATION = 12.0


class Worker:
    """One task of a region's worker. `effects` tells the judge what it does: (worker, sale id, effect)."""

    numbers = itertools.count()

    def __init__(self, world: World, region: str, effects: Callable[[Worker, str, str], None]) -> None:
        self.world, self.region, self.effects = world, region, effects
        self.paused_until = self.blind_until = 0.0
        self.start()

    def start(self) -> None:
        self.name = f"{self.region}/{next(self.numbers)}"
        self.reader = Reader(self.region, self.world.now, VIEW_TTL_SECONDS, PATIENCE)
        self.next_read = self.world.now
        self.job: Iterator[None] | None = None
        self.claimed: str | None = None
        self.claimed_at = self.world.now

    def may_act_on(self, sale: Sale) -> bool:
        """Whether it could claim this sale now, or could still write for the claim it has."""
        if self.claimed == sale.id and may_send_effect(self.claimed_at, self.world.now, EFFECT_TIMEOUT):
            return True
        return self.reader.may_claim(self.world.now) and acts(self.region, sale, self.reader.map)

    def step(self) -> None:
        """Refresh the view when it is time, then go one step on with a message."""
        if self.world.now < self.paused_until or self.region in self.world.dead:
            return
        if self.world.now >= max(self.next_read, self.blind_until):
            self._refresh()
        if self.job is None:
            self.job = self._handle()
        try:
            next(self.job)
        except StopIteration:
            self.job = self.claimed = None

    def _refresh(self) -> None:
        now = self.world.now
        self.next_read = now + VIEW_REFRESH_SECONDS
        self.reader.read_local(maps_of(self.world.states.at(self.region).scan()["Items"]), now)
        for peer in self.reader.peers_to_ask():
            if self.world.linked(self.region, peer):
                self.reader.read_peer(maps_of(self.world.states.at(peer).scan()["Items"]), now)
        self.reader.look(now)

    def _handle(self) -> Iterator[None]:
        queue = self.world.queues[self.region]
        number = queue.receive()
        if number is None:
            return
        message = queue.messages[number]
        sale = Sale.from_message(message["body"])
        yield
        sales, facts = self.world.sales.at(self.region), self.world.idempotency.at(self.region)
        stored = self.world.sales.items(self.region).get(sale.id)
        claim = facts.get_item(Key={"id": {"S": claim_id(sale.id, self.region)}}).get("Item")
        checked = self.world.now
        decision = decide(
            sale,
            region=self.region,
            region_map=self.reader.map,
            may_claim=self.reader.may_claim(checked),
            done=sale.id in self.world.idempotency.items(self.region),
            cancelled=cancelled_id(sale.id) in self.world.sales.items(self.region),
            unprocessed=stored is not None and not stored["sale_processed"],
            claim=Claim.from_attributes(claim),
            receive_count=message["receives"],
            now=int(checked),
        )
        if decision.action == PROCESS:
            yield from self._process(sale, number)
        elif decision.action == HIDE:
            queue.hide(number, decision.seconds)
        elif decision.action == DELETE:
            if decision.repair:
                sales.put_item(TableName="sales", Item=sale.to_attributes(True))
                yield
            queue.delete(number)
        else:
            self._give_up(sale, number)

    def _process(self, sale: Sale, number: int) -> Iterator[None]:
        queue = self.world.queues[self.region]
        sales, facts = self.world.sales.at(self.region), self.world.idempotency.at(self.region)
        checked = self.world.now
        try:
            answer = facts.update_item(**claim_write("t", sale.id, self.region, self.name, int(checked)))
        except Refused:
            queue.hide(number, 20)
            return
        self.claimed, self.claimed_at = sale.id, checked
        self.effects(self, sale.id, "claim")
        claim = Claim.from_attributes(answer["Attributes"])
        writes: list[tuple[str, Callable[[], Any]]] = [
            ("lake", lambda: self._put_lake(sale)),
            ("done", lambda: facts.put_item(Item=to_attributes(done_item(sale, self.region, int(self.world.now))))),
            ("sale", lambda: sales.put_item(Item=sale.to_attributes(True))),
            ("delete", lambda: queue.delete(number)),
        ]
        for name, write in writes:
            yield
            if not may_send_effect(checked, self.world.now, EFFECT_TIMEOUT):
                decision = after_failure(claim.attempts, queue.messages.get(number, {"receives": 1})["receives"])
                if decision.action == HIDE:
                    queue.hide(number, decision.seconds)
                else:
                    self._give_up(sale, number)
                return
            self.effects(self, sale.id, name)
            write()

    def _put_lake(self, sale: Sale) -> None:
        self.world.lake.setdefault((self.region, sale.lake_key), set()).add(sale.lake_bytes)

    def _give_up(self, sale: Sale, number: int) -> None:
        """To the DLQ, which nobody reads here: reconciliation finds the sale in the unprocessed index."""
        self.world.idempotency.at(self.region).delete_item(**claim_reset("t", sale.id, self.region))
        self.world.queues[self.region].delete(number)


class LeaseEndpoint:
    """The lease table as one run reaches it."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __getattr__(self, operation: str) -> Any:
        return getattr(self.world.lease, operation)


class Operator:
    """One run that wants to change states; `changes` empty means: finish what is unfinished, and reconcile."""

    numbers = itertools.count()

    def __init__(self, world: World, changes: Mapping[str, str], acted: Callable[[Operator, str], None]) -> None:
        self.world, self.changes, self.acted = world, dict(changes), acted
        self.name = f"run-{next(self.numbers)}"
        self.table = LeaseTable("lease", {"control": LeaseEndpoint(world)}, lambda: world.now, lambda _seconds: None)
        self.paused_until = 0.0
        self.outcome: str | None = None
        self.holds_since: int | None = None
        self.unfenced = False
        self._steps = self._switch()

    def step(self) -> None:
        if self.world.now < self.paused_until or self.outcome is not None:
            return
        try:
            next(self._steps)
        except StopIteration:
            self.outcome = self.outcome or "done"
        except (ProtocolError, Unreachable) as error:
            self.outcome = f"{type(error).__name__}: {error}"

    def _switch(self) -> Iterator[None]:
        tenure = yield from self._acquire()
        self.holds_since = tenure.generation
        plan = tenure.lease.plan
        if plan and plan["stage"] == "hold":
            yield from self._hold_then_grant(tenure, dict(plan["grant"]), int(tenure.lease.epoch))
        elif plan:
            yield from self._write(tenure, list(tenure.lease.map.states))
        if self.changes:
            reachable = [region for region in self.world.regions if self.world.operator_reaches(region)]
            try:
                switch = plan_switch(tenure.lease.map, self.changes, reachable)
            except ProtocolError:
                tenure.finish(tenure.lease.owed)
                raise
            if switch is not None:
                self.unfenced = self.unfenced or bool(switch.unfenced)
                held = {"kind": "switch", "stage": "hold", "grant": switch.grant}
                tenure.next_epoch(tenure.lease.epoch, switch.hold, held, owed=switch.hold)
                self.acted(self, "hold")
                yield
                yield from self._hold_then_grant(tenure, switch.grant, tenure.lease.epoch, switch.hold_order)
        elif not tenure.lease.is_settled:
            yield from self._write(tenure, list(tenure.lease.map.states))
        yield from self._reconcile(tenure)
        tenure.finish({r: what for r, what in tenure.lease.owed.items() if not self.world.operator_reaches(r)})

    def _acquire(self) -> Iterator[None]:
        watch = rules.Watch()
        run = Run(self.name, duration=LEASE_DURATION)
        while True:
            sent = self.world.now
            found = self.table.read()
            yield
            verdict = watch.judge(found, sent, self.world.now)
            if verdict == rules.HELD_BY_OTHER:
                yield
                continue
            planned = found.epoch if found else 0
            new = rules.take(found, run, planned) if verdict == rules.FREE else rules.take_over(found, run)
            if self.table.swap(found, new):
                return Tenure(self.table, new, found)

    def _hold_then_grant(
        self, tenure: Tenure, grant: dict[str, str], held: int, order: list[str] | None = None
    ) -> Iterator[None]:
        yield from self._write(tenure, order or list(tenure.lease.map.states))
        fenced_at = self.world.now + fence_seconds()
        while self.world.now < fenced_at:
            tenure.renew()
            yield
        tenure.next_epoch(held, grant, {"kind": "switch", "stage": "grant"}, owed=grant)
        self.acted(self, "grant")
        yield
        yield from self._write(tenure, sorted(grant, key=lambda region: grant[region] != ACTIVE))

    def _write(self, tenure: Tenure, order: list[str]) -> Iterator[None]:
        for region in order:
            new = tenure.renew().map
            yield  # a paused operator writes late: between its renewal and its write anything may happen
            if not self.world.operator_reaches(region):
                self.unfenced = True
                continue
            self._put(region, new)
            self.acted(self, f"write {region}")
            yield

    def _put(self, region: str, new: RegionMap) -> None:
        table = self.world.states.at(region)
        try:
            table.put_item(**state_write("states", region, new))
        except Refused:
            accept_refusal(region, maps_of(table.scan()["Items"])[region], new)

    def _reconcile(self, tenure: Tenure) -> Iterator[None]:
        for region in self.world.regions:
            tenure.renew()
            if self.world.operator_reaches(region):
                for item in list(self.world.sales.items(region).values()):
                    if "unprocessed" in item:
                        self.world.publish(Sale.from_dict(item))
            yield


def first_deployment(world: World, states: Mapping[str, str]) -> None:
    """Epoch 1, written in every region before anything else happens."""
    table = LeaseTable("lease", {"control": LeaseEndpoint(world)}, lambda: world.now, lambda _seconds: None)
    run = Run("first", duration=LEASE_DURATION)
    assert table.swap(None, rules.take(None, run, 0))
    tenure = Tenure(table, table.read() or Lease())
    new = tenure.next_epoch(0, states, {"kind": "write"}, owed=states).map
    for region in states:
        world.states.at(region).put_item(**state_write("states", region, new))
    tenure.finish({})


assert CLAIM_TO_EFFECT_SECONDS > EFFECT_TIMEOUT
