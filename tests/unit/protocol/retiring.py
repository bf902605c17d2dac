# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the simulation does to regions that leave the workload: they are taken out of the map, and then removed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_retirement, region_toggle
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import ACTIVE, PASSIVE
from tests.unit.protocol.operators import Operator, retire, switch
from tests.unit.protocol.referee import Referee
from tests.unit.protocol.world import REGIONS, World


class Retiring(RuleBasedStateMachine):
    """At most one region of a world is removed. A run lock keeps deployments and retirements apart.

    One that does not answer may be given up. It may come back, and be removed when that is seen to; or never.
    """

    world: World
    referee: Referee
    operators: list[Operator]
    inventory: dict[str, str]
    lease: Callable[[], Lease]
    may_be_ungraceful: bool
    working: Callable[[], list[Operator]]
    random: Any
    lose_or_regain_a_region: Any
    _run: Callable[..., None]
    _until: Callable[..., None]

    def retiring(self) -> list[str]:
        """The regions that are remembered as being retired."""
        return sorted(self.world.lease.items.get("retirements", {"regions": {}})["regions"])

    def builds(self) -> bool:
        """Whether somebody deploys or retires."""
        modules = (region_toggle.MODULE, region_retirement.MODULE)
        return any(operator.module in modules for operator in self.working())

    @precondition(lambda self: len(self.working()) < 3 and not self.builds() and not self.world.gone)
    @rule(region=st.sampled_from(REGIONS))
    def retire(self, region: str) -> None:
        """Whatever its state: only one that is PASSIVE leaves."""
        if not self.retiring() or region in self.retiring():
            self.operators.append(retire(self.referee, {"leaves": region}, mishaps=0.01))

    def given_up(self) -> list[str]:
        """The regions that were given up, and that nobody has seen to since."""
        told = self.world.lease.items.get("retirements", {"regions": {}})["regions"]
        return [region for region in self.retiring() if "given_up" in told[region]]

    def silent(self) -> list[str]:
        """Regions that answer no operator."""
        return [region for region in REGIONS if region in self.world.dead | self.world.no_operator]

    @precondition(lambda self: len(self.working()) < 3 and not self.builds() and not self.world.gone)
    @precondition(lambda self: self.may_be_ungraceful and self.silent())
    @rule(pick=st.integers(0, 2))
    def give_up(self, pick: int) -> None:
        """Somebody says that a region which does not answer is not coming back."""
        region = self.silent()[pick % len(self.silent())]
        if not self.retiring() or region in self.retiring():
            gives_up = {"leaves": region, "dead": [region], "give_up": [region]}
            self.operators.append(retire(self.referee, gives_up, mishaps=0.01))

    @precondition(lambda self: not self.working() and len(self.lease().map.in_state(ACTIVE)) == 1)
    @rule(gives_up=st.sampled_from([True, True, True, False]))
    def die_at_work(self, gives_up: bool) -> None:
        """A region dies that has just done something; the work goes elsewhere, and perhaps it is given up at once."""
        (source,) = self.lease().map.in_state(ACTIVE)
        others = [r for r in self.lease().map.states if r != source and self.world.operator_reaches(r)]
        if source in self.world.dead or not others:
            return
        for _ in range(3):
            self.world.sell(source, source)
        self._until(lambda: False, self.world.lag + 2)
        self.lose_or_regain_a_region(source, "dead")
        gone = {"to": self.random.choice(others), "execution": "ungraceful", "supersede": True, "dead": [source]}
        self.operators.append(switch(self.referee, gone))
        self._until(lambda: not self.working(), 120, calls=50)
        if gives_up and not self.retiring() and not self.world.gone:
            self.operators.append(retire(self.referee, {"leaves": source, "dead": [source], "give_up": [source]}))
            self._until(lambda: not self.working(), 120, calls=50)

    @precondition(lambda self: self.retiring() and not self.builds() and not self.world.gone)
    @rule()
    def remove_what_left(self) -> None:
        for region in self.retiring():
            if region not in self.lease().map.states and region not in self.given_up():
                self.remove(region)

    def remove(self, region: str) -> None:
        self.world.remove(region)
        self.inventory.pop(region)
        if ACTIVE not in self.inventory.values():  # the check of an inventory wants one
            self.inventory[next(iter(self.inventory))] = ACTIVE

    def left_well(self, operator: Operator) -> None:
        """What a retirement that says `done` promises: no sale that was accepted there waits for anybody."""
        if operator.arguments.get("give_up"):
            self.referee.given_up.update(dict.fromkeys(operator.result["left"], operator.began))
            return
        accepted = self.world.accepted_in
        waiting = [sale for sale in self.world.unprocessed() if accepted[sale.id] in operator.result["left"]]
        assert not waiting, f"{operator.result['left']} left, and nobody has processed {waiting}"

    def lose_for_ever(self) -> None:
        """Half of the regions that were dead when they were given up, and are, are never seen again."""
        for region, since in self.referee.given_up.items():
            dead = region in self.world.dead and self.world.died_at[region] <= since
            if dead and region in self.given_up() and not self.world.gone and self.world.random.random() < 0.5:
                self.world.lost.add(region)
                self.remove(region)

    def finish_retirements(self) -> None:
        """The same command again, where it can go on: a switch may have come in between, and turned the region on."""
        for region in self.retiring():
            states: dict[str, Any] = dict(self.lease().map.states)
            stays = {state for other, state in states.items() if other != region}
            if states.get(region, PASSIVE) == PASSIVE and ACTIVE in stays:
                self._run(retire, {"leaves": region})
                if not self.world.gone:
                    self.remove(region)
                self._run(retire, {"leaves": region, "state": "absent"})
                assert region not in self.retiring()
