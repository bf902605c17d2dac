# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch between regions of the simulated world, told step by step."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import ACTIVE, PASSIVE, Sale, new_sale_id
from tests.unit.protocol.operators import Operator, first_deployment, switch
from tests.unit.protocol.referee import Referee
from tests.unit.protocol.workers import Worker
from tests.unit.protocol.world import World

A, B, C = "sa-east-1", "us-east-1", "eu-west-1"
FAILOVER = {"to": B, "proof": None}
CALLS_IN_A_STEP = 8
"""So fast that nothing but the fence gives anybody time."""

SHARED = [Sale.new(new_sale_id(1_700_000_000, bytes([n] * 10)), "book", 14, None) for n in range(50)]
SALE = Sale.new(new_sale_id(1_700_000_000, b"0123456789"), "book", 14, A)


class Story:
    """Two regions, A ACTIVE and B PASSIVE, one worker each, long enough awake to have joined.

    worker: how each is made, other than `Worker` makes it.
    """

    def __init__(self, lag: float, others: dict[str, str] | None = None, **worker: Any) -> None:
        states = {A: ACTIVE, B: PASSIVE, **(others or {})}
        self.world = World(list(states), lag)
        self.referee = Referee(self.world)
        first_deployment(self.referee, states)
        self.world.advance(lag)
        self.effects: list[tuple[str, str]] = []
        self.workers = {region: Worker(self.world, region, self.effect, **worker) for region in states}
        self.go_on(5)
        assert self.acting() == {A}

    def lease(self) -> Lease:
        return Lease.from_attributes(self.world.lease.get_item(Key={"id": {"S": "lease"}})["Item"])

    def effect(self, worker: Worker, _sale_id: str, name: str) -> None:
        self.effects.append((worker.region, name))

    def acting(self) -> set[str]:
        return {region for region, worker in self.workers.items() if worker.may_act_on(SALE)}

    def go_on(self, seconds: float, *operators: Operator) -> list[set[str]]:
        """Let time pass; who could act on the sale at each moment."""
        seen = []
        for _ in range(int(seconds * 2)):
            for actor in (*self.workers.values(), *operators):
                actor.step()
            self.world.advance(0.5)
            seen.append(self.acting())
        return seen

    def operator(self, **arguments: object) -> Operator:
        return switch(self.referee, {**FAILOVER, **arguments})

    def fence_seconds(self) -> float:
        """From the handing out of the last hold to that of its grant."""
        epoch = self.lease().epoch
        return self.referee.handed_out_at[epoch] - self.referee.handed_out_at[epoch - 1]

    def begin_a_sale(self, region: str = A, sale: Sale = SALE) -> None:
        """Until the region's worker has claimed it, and done nothing more."""
        self.world.sales.at(region).put_item(Item=sale.to_attributes(False))
        self.world.publish(sale.to_message(), region)
        self.world.acknowledged[sale.id] = sale
        while (region, "claim") not in self.effects:
            self.workers[region].step()
            self.world.advance(0.1)

    def switch(self, **arguments: object) -> list[set[str]]:
        """A whole failover to B, unless the arguments say otherwise; who could act at each moment."""
        operator = self.operator(**arguments)
        seen = []
        while operator.outcome is None:
            seen += self.go_on(0.5, *[operator] * CALLS_IN_A_STEP)
        assert operator.outcome == "done", operator.outcome
        self.result = operator.result
        assert self.referee.fouls == []
        return seen
