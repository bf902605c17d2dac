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
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import (
    DELETE,
    HIDE,
    PROCESS,
    Claim,
    Reader,
    Sale,
    acts,
    after_failure,
    cancelled_id,
    claim_id,
    claim_reset,
    claim_write,
    decide,
    done_item,
    maps_of,
    may_send_effect,
    to_attributes,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.limits import (
    CLAIM_TO_EFFECT_SECONDS,
    VIEW_REFRESH_SECONDS,
    VIEW_TTL_SECONDS,
)
from tests.unit.protocol.dynamodb import Refused
from tests.unit.protocol.world import World

EFFECT_TIMEOUT = 2.0


class Worker:
    """One task of a region's worker. `effects` tells the judge what it does: (worker, sale id, effect)."""

    numbers = itertools.count()

    def __init__(self, world: World, region: str, effects: Callable[[Worker, str, str], None]) -> None:
        self.world, self.region, self.effects = world, region, effects
        self.paused_until = self.blind_until = 0.0
        self.start()

    def start(self) -> None:
        self.name = f"{self.region}/{next(self.numbers)}"
        self.reader = Reader(self.region, self.world.now, VIEW_TTL_SECONDS)
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
        if self.world.now < self.paused_until or self.region in self.world.dead | self.world.gone:
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
        """To the DLQ, and its claim forgotten."""
        self.world.queues[self.region].give_up(number)
        self.world.idempotency.at(self.region).delete_item(**claim_reset("t", sale.id, self.region))


assert CLAIM_TO_EFFECT_SECONDS > EFFECT_TIMEOUT
