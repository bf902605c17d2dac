# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the simulated world: each runs `region_switch`, `region_toggle` or `region_retirement`, as it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import run as running
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import (
    region_retirement,
    region_switch,
    region_toggle,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import effects
from ansible_collections.multiregion.ecs.plugins.module_utils.status import public_name
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import unprocessed_items
from tests.unit.protocol.fibers import Fiber, Killed, current, simulated_time
from tests.unit.protocol.referee import Referee
from tests.unit.protocol.simulated_cloud import SimulatedCloud
from tests.unit.protocol.world import LEASE_REGIONS

RECONCILE = {"table": "sales", "topic": "sales-processing", "minimum_age": 10.0, "timeout": 60.0}
PROOF = {"path": "/sales", "body": {"product": "proof", "amount": 1}, "table": "sales", "claims": "sales-idempotency"}
LAKE = {
    "table": "sales",
    "done_table": "sales-idempotency",
    "bucket": "sales-lake-{account}-{region}",
    "seconds": 86_400,
}
WHOLE = {
    "accelerator": "sales",
    "cluster": "sales",
    "reconcile": [RECONCILE],
    "lake": [LAKE],
    "proof": {**PROOF, "timeout": 60.0},
}
"""What a switch of an inventory with routing and sales does beyond the states."""


class Operator:
    """One run of a module. outcome: None while it runs, then `done`, `killed`, or the error; result: of a run done."""

    numbers = itertools.count()

    def __init__(self, referee: Referee, module: Any, arguments: Mapping[str, Any], mishaps: float = 0.0) -> None:
        self.name = f"operator {next(self.numbers)}"
        self.referee, self.world, self.module = referee, referee.world, module
        self.arguments, self.mishaps = dict(arguments), mishaps
        self.began = self.world.now
        self.outcome: str | None = None
        self.result: dict[str, Any] = {}
        self.cloud: SimulatedCloud | None = None
        self.fiber = Fiber(self.world, self._run)
        self.fiber.operator = self

    def step(self) -> None:
        if self.outcome is None:
            self.fiber.step()
        if self.fiber.killed and not self.fiber.ended:
            self.fiber.kill()

    def kill(self) -> None:
        self.fiber.kill()
        self.outcome = self.outcome or "killed"

    @property
    def paused_until(self) -> float:
        return self.fiber.paused_until

    @paused_until.setter
    def paused_until(self, until: float) -> None:
        self.fiber.paused_until = until

    def _run(self) -> None:
        try:
            given = {"workload": "sales", "lease_regions": list(LEASE_REGIONS), "operator": self.name, **self.arguments}
            checked = _VALIDATORS[id(self.module)].validate(given)
            assert not checked.error_messages, checked.error_messages
            self.result = running.run(self.module, {"region": "us-east-1", **checked.validated_parameters})
            self.outcome = "killed" if self.fiber.killed else "done"
        except Killed:
            self.outcome = "killed"
        except Exception as error:
            self.outcome = "killed" if self.fiber.killed else f"{type(error).__name__}: {error}"
            if (
                not isinstance(error, (CollectionError, OSError))
                and type(error).__module__.partition(".")[0] != "botocore"
            ):
                self.referee.foul(f"{self.name} ended with a {self.outcome}")

    def connect(self, params: dict[str, Any]) -> SimulatedCloud:
        def watch(*told: Any) -> None:
            self.referee.told(self.name, *told)

        self.cloud = SimulatedCloud(self.fiber, watch, params, self.mishaps)
        return self.cloud


def switch(referee: Referee, arguments: Mapping[str, Any], mishaps: float = 0.0) -> Operator:
    """An operator that runs a failover, failback or toggle over the regions of the world."""
    given = {"regions": referee.world.regions, "reason": "simulated", **WHOLE}
    return Operator(referee, region_switch.MODULE, {**given, **arguments}, mishaps)


def deploy(referee: Referee, states: Mapping[str, str], mishaps: float = 0.0) -> Operator:
    """An operator that deploys: it records the states if none are, and mends."""
    return Operator(referee, region_toggle.MODULE, {"regions": dict(states)}, mishaps)


def retire(referee: Referee, arguments: Mapping[str, Any], mishaps: float = 0.0) -> Operator:
    """An operator that takes the region `leaves` out of the map; the others stay."""
    leaves = arguments["leaves"]
    stays = [region for region in referee.world.regions if region != leaves and region not in referee.world.gone]
    given = {
        "regions": stays,
        "retire": [leaves],
        "cluster": "sales",
        "services": ["api"],
        "reconcile": [RECONCILE],
        "buckets": ["sales-lake"],
        "lake": [LAKE],
    }
    others = {name: value for name, value in arguments.items() if name != "leaves"}
    operator = Operator(referee, region_retirement.MODULE, {**given, **others}, mishaps)
    referee.gives_up[operator.name] = set(arguments.get("give_up", ()))
    return operator


def first_deployment(referee: Referee, states: Mapping[str, str]) -> None:
    """Epoch 1, written in every region before anything else happens."""
    operator = deploy(referee, states)
    while operator.outcome is None:
        operator.step()
        referee.world.advance(0.1)
    assert operator.outcome == "done", operator.outcome


_VALIDATORS = {
    id(module): ArgumentSpecValidator(module.argument_spec, **module.rules)
    for module in (region_switch.MODULE, region_toggle.MODULE, region_retirement.MODULE)
}


def _ask_the_door(params: Mapping[str, Any]) -> dict[str, Any]:
    """The accelerator's choice: a living region by its dial."""
    world = current().world
    current().stop()
    open_regions = [
        region for region, dial in world.dials.items() if dial and region not in world.dead | world.gone | world.closed
    ]
    if not open_regions:
        raise ConnectionRefusedError("no region behind the door")
    region = world.random.choice(open_regions)
    sale = world.sell(region, region)
    world.synthetic.add(sale.id)
    return {"status": 201, "body": f'{{"id": "{sale.id}"}}', "served_by": f"region={region}"}


@pytest.fixture(scope="module", autouse=True)
def _simulated() -> Iterator[None]:
    """To be imported by each file of tests in which operators run."""
    with pytest.MonkeyPatch.context() as patch, simulated_time(patch):
        patch.setattr(running, "Cloud", lambda params, **_others: current().operator.connect(params))
        patch.setattr(public_name, "_ask", _ask_the_door)
        patch.setattr(unprocessed_items, "PAGE", 2)  # small, so that cursors matter
        patch.setattr(effects, "DONE_SHARDS", 2)
        yield
