# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two operators ask for opposite failovers at the same instant, in the simulated world: one proceeds, in any order."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import ACTIVE, PASSIVE, maps_of
from tests.unit.protocol.operators import Operator, first_deployment, switch
from tests.unit.protocol.operators import _simulated as _simulated
from tests.unit.protocol.referee import Referee
from tests.unit.protocol.world import PARAMETER, World

A, B, C = "sa-east-1", "us-east-1", "eu-west-1"
STARTS = {
    "one-active": ({A: ACTIVE, B: PASSIVE, C: PASSIVE}, {"to": B}, {"to": C}),
    "two-active": ({A: ACTIVE, B: ACTIVE, C: PASSIVE}, {"to": A, "from": B}, {"to": B, "from": A}),
}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("interleaving", range(20))
def test_of_two_opposite_failovers_one_proceeds(start: str, interleaving: int) -> None:
    states, *requests = STARTS[start]
    world = World(list(states), lag=0.5, seed=interleaving)
    referee = Referee(world)
    first_deployment(referee, states)
    before = set(world.lease.items)
    operators = [switch(referee, {**asked, "proof": None, "reconcile": [], "fence": "full"}) for asked in requests]
    while any(operator.outcome is None for operator in operators):
        # Now one runs ahead, now the other; some orders give the whole beginning to one of them, and some let one write
        # regions between two readings of the other.
        ahead = world.random.choice([*operators, None, None])
        for _ in range(world.random.choice([1, 2, 3, 8, 80])):
            (ahead or world.random.choice(operators)).step()
        world.advance(world.random.choice([0.0, 0.05, 0.3]))

    assert referee.fouls == []
    winners = [operator for operator in operators if operator.outcome == "done"]
    assert len(winners) == 1, [operator.outcome for operator in operators]
    (winner,) = winners
    (loser,) = [operator for operator in operators if operator is not winner]
    names_the_holder = f"{winner.name} (run " in loser.outcome and "simulated" in loser.outcome
    assert names_the_holder or "the plan was made on epoch" in loser.outcome or "is unfinished" in loser.outcome
    lease = Lease.from_attributes(world.lease.get_item(Key={"id": {"S": "lease"}})["Item"])
    assert (lease.epoch, lease.is_settled, lease.holder) == (3, True, "")
    assert dict(lease.map.states) == winner.result["states"] == wanted(states, winner)
    assert {each.run_id for epoch, each in referee.maps.items() if epoch > 1} == {lease.map.run_id}
    for region in states:
        assert maps_of(world.states.copies[region].scan()["Items"])[region].to_dict() == lease.map.to_dict()
        assert world.parameters[region][PARAMETER] == lease.map.ssm_value(region)
    (entry,) = set(world.lease.items) - before
    assert world.lease.items[entry]["operator"] == winner.name


def wanted(states: dict[str, str], winner: Operator) -> dict[str, str]:
    to = winner.arguments["to"]
    source = winner.arguments.get("from", A)
    return {**states, to: ACTIVE, source: PASSIVE}
