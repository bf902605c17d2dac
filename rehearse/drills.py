# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drills: what happens in each, told in the words of an operator. Every one ends with everything back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rehearse.stage import (
    BOTH_ACTIVE,
    CONTROL_REGIONS,
    DROPS,
    PRIMARY,
    RECOVERY,
    THREE_ACTIVE,
    TWO,
)

THROTTLED_SHARE = 0.2
UNGRACEFUL = ("-e", "execution=ungraceful")


@dataclass(frozen=True)
class Drill:
    """One drill. `act` gets a `Scene` (scene.py). graceful: whether every switch in it is, and no region fails."""

    name: str
    about: str
    variant: str
    act: Callable[[Any], None]
    graceful: bool = False
    throttled: bool = False


def move_there_and_back(scene: Any) -> None:
    scene.switch("failover.yml", "-e", f"to={RECOVERY}")
    scene.wait(5, f"{RECOVERY} serves")
    scene.switch("failback.yml")


def lose_the_source(scene: Any) -> None:
    scene.fault(PRIMARY, "dead")
    scene.wait(3, "the operator notices")
    scene.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL)
    scene.wait(3, f"{RECOVERY} serves alone")
    scene.mend(PRIMARY)
    scene.wait_until_ready(PRIMARY)
    scene.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    scene.switch("failback.yml")


def lose_sight_of_the_source(scene: Any) -> None:
    scene.fault(PRIMARY, "unreachable")
    scene.wait(3, "the operator notices")
    scene.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL)
    scene.wait(3, f"{RECOVERY} serves, {PRIMARY} knows it from the replicas")
    scene.mend(PRIMARY)
    scene.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    scene.switch("failback.yml")


def split_the_brain(scene: Any) -> None:
    scene.fault(PRIMARY, "unreachable")
    scene.cut(PRIMARY, RECOVERY)
    scene.wait(3, "the operator notices")
    scene.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL)
    scene.wait(3, "both regions process, and do not know of each other")
    scene.heal(PRIMARY, RECOVERY)
    scene.mend(PRIMARY)
    scene.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
    scene.switch("failback.yml")


def turn_off_and_on(scene: Any) -> None:
    scene.switch("toggle.yml", "-e", f"target={RECOVERY}", "-e", "turn=off", name="off")
    scene.wait(5, f"the others do the work of {RECOVERY}")
    scene.switch("toggle.yml", "-e", f"target={RECOVERY}", "-e", "turn=on", name="on")


def lose_everything(scene: Any) -> None:
    scene.fault(PRIMARY, "dead")
    scene.fault(RECOVERY, "dead")
    scene.wait(8, "nobody answers")
    scene.mend(PRIMARY)
    scene.mend(RECOVERY)
    scene.wait_until_ready(PRIMARY)
    scene.wait(5, "both regions are back")


BASE = (
    Drill("graceful", "to the other region, and back", TWO, move_there_and_back, graceful=True),
    Drill("dead", "the source dies; it comes back later", TWO, lose_the_source),
    Drill("unreachable", "the source lives, and the operator cannot reach it", TWO, lose_sight_of_the_source),
    Drill("split-brain", "as unreachable, and nothing is replicated between the two", TWO, split_the_brain),
    Drill("toggle", "one of two ACTIVE regions off, and on again", BOTH_ACTIVE, turn_off_and_on, graceful=True),
    Drill("three-regions", "one of three ACTIVE regions off, and on again", THREE_ACTIVE, turn_off_and_on, True),
)
DRILLS = (
    *BASE,
    *(
        Drill(f"{d.name}-throttled", f"{d.about}; a fifth of all calls to AWS is throttled", d.variant, d.act,
              d.graceful, throttled=True)
        for d in BASE
    ),
    Drill("graceful-drops", "graceful, with workers that drop in PASSIVE", DROPS, move_there_and_back, graceful=True),
    Drill("dead-drops", "dead, with workers that drop in PASSIVE", DROPS, lose_the_source),
    Drill("cold-start", "both regions die at once, and come back", TWO, lose_everything),
)  # fmt: skip


def find(names: list[str]) -> list[Drill]:
    """The drills of these names, all without any, in an order that builds each variant once.

    Raises:
        ValueError: a name that no drill has; the message lists those that there are.
    """
    known = {drill.name: drill for drill in DRILLS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no drill is called {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = [known[name] for name in names] or list(DRILLS)
    order = list(dict.fromkeys(drill.variant for drill in chosen))
    return sorted(chosen, key=lambda drill: order.index(drill.variant))


def throttled_regions(regions: list[str]) -> list[str]:
    """Where a throttled drill's calls are throttled: the workload's regions, and the lease's."""
    return sorted({*regions, *CONTROL_REGIONS})
