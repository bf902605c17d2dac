# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers of the simulated world, one small step at a time.

Each is a generator that stops between any two calls, so that time, others, a crash or a long pause may come in there.
It uses the protocol's own functions for every judgement.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import (
    DELETE,
    HELD,
    HIDE,
    PROCESS,
    Claim,
    Reader,
    RegisteredReader,
    Sale,
    VanishedReaders,
    acts,
    after_failure,
    cancelled_id,
    claim_id,
    claim_reset,
    claim_write,
    decide,
    done_item,
    may_send_effect,
    reader_removal,
    reader_write,
    readers_of,
    to_attributes,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.limits import (
    CLAIM_TO_EFFECT_SECONDS,
    REGISTER_SECONDS,
    TOLD_SECONDS,
    VIEW_REFRESH_SECONDS,
    VIEW_TTL_SECONDS,
)
from sales_worker.steady import TURNS
from tests.unit.protocol.dynamodb import Refused
from tests.unit.protocol.tasks import STEADY_SECONDS, steady_pass
from tests.unit.protocol.world import STATE_TABLE, World

EFFECT_TIMEOUT = 2.0


class Worker:
    """One task of a region's worker. `effects` tells the judge what it does: (worker, sale id, effect).

    registers: whether its image does. listed: whether ECS knows it as a task of a service, or nothing but the register
    tells of it. mute_until: until then what it writes into the register is lost on the way, or arrives and the answer
    is lost. stalled_until: until then what it has begun stands still, and it reads the states all the same.
    """

    numbers = itertools.count()

    def __init__(
        self,
        world: World,
        region: str,
        effects: Callable[[Worker, str, str], None],
        registers: bool = True,
        ttl: float = VIEW_TTL_SECONDS,
        listed: bool = True,
    ) -> None:
        self.world, self.region, self.effects = world, region, effects
        self.registers, self.ttl, self.listed = registers, ttl, listed
        self.paused_until = self.blind_until = self.mute_until = self.stalled_until = 0.0
        self.name = ""
        self.start()

    def start(self, after: str = "crash") -> None:
        """Another task begins in its place; ECS says of the one before that it is STOPPED. An orderly one leaves the
        register, after all else."""
        if after == "stop" and self.registered is not None and self.region not in self.world.dead | self.world.gone:
            with suppress(Refused):
                self.world.states.at(self.region).delete_item(**reader_removal(STATE_TABLE, self.registered))
        self.world.tasks.pop(self.name, None)
        self.name = f"{self.region}/{next(self.numbers)}"
        if self.listed:
            self.world.tasks[self.name] = self.region
        self.reader = Reader(self.region, self.world.now, self.ttl, registers=self.registers)
        self.registered: RegisteredReader | None = None
        self.vanished = VanishedReaders()
        self.next_tidy = self.world.now
        self.wrote: list[tuple[float, str]] = []
        self.reading: Iterator[None] | None = None
        self.next_read = self.world.now
        self.job: Iterator[None] | None = None
        self.claimed: str | None = None
        self.claimed_at = self.world.now
        self.steady = steady_pass(self.world, self.region, self.reader)
        self.next_steady = self._later()

    def _later(self) -> float:
        """When it looks again whether it is its turn: as the thread of a real one does."""
        return self.world.now + STEADY_SECONDS / TURNS * self.world.random.uniform(0.5, 1.5)

    def may_act_on(self, sale: Sale) -> bool:
        """Whether it could claim this sale now, or could still write for the claim it has."""
        if self.claimed == sale.id and may_send_effect(self.claimed_at, self.world.now, EFFECT_TIMEOUT):
            return True
        return self.reader.may_claim(self.world.now) and acts(self.region, sale, self.reader.map)

    def step(self) -> None:
        """Refresh the view when it is time, then go one step on with a message."""
        if self.world.now < self.paused_until or self.region in self.world.dead | self.world.gone:
            return
        if self.reading is None and self.world.now >= max(self.next_read, self.blind_until):
            self.reading = self._refresh()
        if self.reading is not None and next(self.reading, self) is self:
            self.reading = None
        if self.world.now < self.stalled_until:
            return
        if self.world.now >= self.next_steady:
            self.next_steady = self._later()
            with suppress(ClientError):  # it goes on at its next turn
                if self.steady.bring_back():
                    self.effects(self, "", "brought back")
        if self.job is None:
            self.begun = self.reader.begin()
            self.job = self._handle()
        try:
            next(self.job)
        except StopIteration:
            self.job = self.claimed = None
            self.reader.under_way.end(self.begun)
            if self.registered is not None and self.reader.let_go > self.registered.acknowledged:
                self.next_read = self.world.now

    def _refresh(self) -> Iterator[None]:
        """As the thread of a real task does it, which others overtake between any two calls."""
        self._read_local()
        self.next_read = self.world.now + self.reader.refresh_seconds(VIEW_REFRESH_SECONDS)
        if self.registers:
            had_place = self.reader.registration.covers(self.world.now, self.world.now)
            yield
            self._register()
            if not had_place:
                yield
                self._read_local()
        for peer in self.reader.peers_to_ask():
            if self.world.linked(self.region, peer):
                self.reader.read_peer(self.world.maps_at(peer), self.world.now)
        self.reader.look(self.world.now)

    def _read_local(self) -> None:
        self.reader.read_local(self.world.maps_at(self.region), self.world.now)

    def _register(self) -> None:
        """Tell of itself when that is due, and remove peers that have vanished."""
        reader, now, before = self.reader, self.world.now, self.registered
        news = before is None or reader.let_go > before.acknowledged or reader.state == HELD
        if reader.map is None or not (news or reader.registration.is_due(now)):
            return
        table = self.world.states.at(self.region)
        ids = [sale_id for at, sale_id in self.wrote if at > now - TOLD_SECONDS]
        told = {"sales-idempotency": ids} if news and ids else {}
        counter = before.counter + 1 if before else 1
        item = RegisteredReader(
            self.region,
            self.name.replace("/", "-"),
            self.name if self.listed else "",
            counter,
            reader.let_go,
            reader.map,
            self.ttl,
            told=told,
        )
        if now < self.mute_until and self.world.random.random() < 0.5:
            return
        table.put_item(**reader_write(STATE_TABLE, item))
        if now < self.mute_until:
            return
        self.registered = item
        reader.registration.written(now, now)
        if now >= self.next_tidy:
            self.next_tidy = now + REGISTER_SECONDS
            for each in self.vanished.look(readers_of(table.scan()["Items"], self.region), now, now):
                table.delete_item(**reader_removal(STATE_TABLE, each))

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
            if name == "done":
                self.wrote.append((self.world.now, sale.id))

    def _put_lake(self, sale: Sale) -> None:
        self.world.put_object(self.region, sale.lake_key, sale.lake_bytes)

    def _give_up(self, sale: Sale, number: int) -> None:
        """To the DLQ, and its claim forgotten."""
        self.world.queues[self.region].give_up(number)
        self.world.idempotency.at(self.region).delete_item(**claim_reset("t", sale.id, self.region))


assert CLAIM_TO_EFFECT_SECONDS > EFFECT_TIMEOUT
