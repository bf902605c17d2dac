# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps `schedules_off` and `schedules_on`: scheduled tasks are started only where the region is ACTIVE.

They are off before the source is held, and on after the grant. Which ones are on follows from the states alone, so
nothing has to be remembered, and both can be repeated. A task that a schedule has started already goes on to its end.
"""

from __future__ import annotations

from typing import Any

from ...protocol import ACTIVE, RegionMap
from ...protocol.service_errors import is_ill
from ...resources.schedule import DISABLED, ENABLED, set_states
from ..lost_regions import ask_twice, every
from ..owed import OWED_SCHEDULES
from ..run import SwitchRun
from .step import Step


def group_of(run: SwitchRun) -> str:
    """The name of the group of schedules, in every region; empty if there is none."""
    return run.control.params["schedule_group"] or ""


def write(run: SwitchRun, region: str, state: str) -> int:
    """Set the state of every schedule in a region; returns how many had another."""

    def put(state: str) -> int:
        return len(set_states(run.control.quick("scheduler", region), group_of(run), state))

    def follow(said: RegionMap) -> None:
        put(ENABLED if said.state_of(region) == ACTIVE else DISABLED)

    with run.control.late.sending(("schedules", region), follow):
        return put(state)


class SchedulesOff(Step):
    """In the regions that lose, and where a region is not ACTIVE in the end: it may have come back with them on."""

    title = "schedules_off"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return bool(group_of(run)) and not run.control.work.only_undoes and bool(_others(run))

    def will(self) -> str:
        return f"disable the schedules of {group_of(self.run)} in {', '.join(_others(self.run))}"

    def foretold_details(self) -> dict[str, Any]:
        return {"regions": _others(self.run)}

    def do(self) -> str:
        run = self.run
        run.control.renew()
        counts = run.lost.ask_each(_others(run), lambda region: write(run, region, DISABLED))
        told = [f"{count} in {region}" for region, count in counts.items() if count]
        return f"disabled {', '.join(told)}" if told else "they are disabled already"


class SchedulesOn(Step):
    """Where the region is ACTIVE. A region in which they cannot be enabled is owed it: its sales are processed."""

    title = "schedules_on"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return bool(group_of(run)) and bool(_active(run))

    def will(self) -> str:
        return f"enable the schedules of {group_of(self.run)} in {', '.join(_active(self.run))}"

    def foretold_details(self) -> dict[str, Any]:
        return {"regions": _active(self.run)}

    def do(self) -> str:
        run, control = self.run, self.run.control
        control.renew()
        answering = [region for region in _active(run) if region in control.maps]
        counts = every(answering, lambda region: _attempt(run, region))
        silent = [region for region in _active(run) if counts.get(region) is None]
        if silent:
            run.owed.owe(silent, OWED_SCHEDULES)
        if settled := sorted(run.owed.regions(OWED_SCHEDULES) - set(silent)):
            run.owed.settle(settled, OWED_SCHEDULES)
        told = [f"{count} in {region}" for region, count in counts.items() if count]
        sentence = f"enabled {', '.join(told)}" if told else "they are enabled already"
        return f"{sentence}; owed to {', '.join(silent)}, which does not answer" if silent else sentence


def _attempt(run: SwitchRun, region: str) -> int | None:
    """How many were enabled; None if nobody answered."""
    try:
        return ask_twice(lambda: write(run, region, ENABLED))
    except Exception as error:
        if not is_ill(error):
            raise
        return None


def _active(run: SwitchRun) -> list[str]:
    return [region for region, state in sorted(run.control.work.states.items()) if state == ACTIVE]


def _others(run: SwitchRun) -> list[str]:
    return [region for region, state in sorted(run.control.work.states.items()) if state != ACTIVE]
