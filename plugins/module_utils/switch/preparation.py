# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The regions that take over are checked before the hold, and given tasks where that is all they lack.

What a service was like is journalled before it is changed, so that a killed run can still put it back. More tasks stay
for as long as the region processes; the range of automatic scaling is put back at once, so that a deployment finds what
it made.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..kernel import CollectionError
from ..protocol import ACTIVE
from ..protocol.service_errors import is_silent
from ..readiness import (
    LagUnknown,
    gather,
    judge,
    measure_lag,
    missing_capacity,
    raise_capacity,
    restore_capacity,
    wait_until_ready,
)
from .control import SwitchControl
from .journal import CAPACITY, Journal
from .lost_regions import LostRegions, ask_twice, every

FRESH_SECONDS = 5.0
"""Evidence that was gathered for the plan is good enough for so long."""


class Preparation:
    """The readiness of the regions that take over, in one run of a switch.

    spec:     what they are checked for (the module's `readiness`); None: for nothing.
    evidence: what was gathered last.  findings: the checks that it fails, as plain data.
    """

    def __init__(self, control: SwitchControl, journal: Journal, lost: LostRegions) -> None:
        self.control, self.journal, self.lost = control, journal, lost
        self.spec: dict[str, Any] | None = control.params["readiness"]
        if self.spec is not None:
            # Workers that drop are at zero where they are not needed; that is no lack.
            drops = {each["name"] for each in control.params["drops"]}
            services = [each for each in self.spec["services"] if each["name"] not in drops]
            self.spec = {**self.spec, "services": services}
        self.evidence: dict[str, Any] = {}
        self.findings: list[dict[str, Any]] = []
        self.gathered_at = -FRESH_SECONDS

    @property
    def _wanted(self) -> dict[str, Any]:
        """`spec`, for those who check. CollectionError: nothing is to be checked."""
        if self.spec is None:
            raise CollectionError("a check of readiness was asked for, and nothing says what is to be checked")
        return self.spec

    def look(self, lag: Mapping[str, float | None] | None = None) -> None:
        """Gather the evidence, and judge it.

        lag: what `measure_lag_of_takers` told; None: nothing was measured.
        """
        control = self.control
        # A region that did not answer a moment ago is not waited for again.
        silent = {r: {"region": r, "reachable": False, "why": why} for r, why in control.unreachable.items()}
        answering = [region for region in control.regions if region not in silent]
        self.evidence = {**gather(control.cloud, answering, self._wanted), **silent}
        self.gathered_at = control.table.clock()
        self._judge(lag)

    def look_if_stale(self, lag: Mapping[str, float | None]) -> None:
        """As `look`, with the evidence of the plan unless the run has waited for the lease in between."""
        if self.control.table.clock() - self.gathered_at < FRESH_SECONDS:
            self._judge(lag)
        else:
            self.look(lag)

    def _judge(self, lag: Mapping[str, float | None] | None) -> None:
        """Remember every check that fails in the regions that are to take over."""
        control, work = self.control, self.control.work
        found = judge(self.evidence, work.givers, work.takers, self._wanted, control.params["skip_checks"], lag=lag)
        self.findings = [{**each.to_dict(), "sentence": each.sentence()} for each in found]

    def put_back(self) -> None:
        """Undo what was only meant for the switch itself, and counts that a region no longer needs."""
        control = self.control
        states = control.work.states
        scaled = self.journal.get(CAPACITY, {}).get("services", [])
        for was in [each for each in scaled if each["region"] in control.maps]:
            # Where the region processes, the count is automatic scaling's by now.
            stays = {"desired": None} if states.get(was["region"]) == ACTIVE else {}
            with self.lost.doing_without(was["region"]):
                restore_capacity(control.cloud, {"services": [{**was, **stays}]})
        for region, state in states.items():
            mine = [was for was in scaled if was["region"] == region]
            # Beside the lease, because the region may stay ACTIVE, or silent, for weeks.
            identifier = f"{CAPACITY}#{region}"
            if mine and (state == ACTIVE or region not in control.maps):
                first = (control.table.look_up(identifier) or {}).get("services", [])
                mine = list({(was["cluster"], was["service"]): was for was in [*mine, *first]}.values())
                control.table.put(identifier, {"services": mine})
            elif state == ACTIVE or self.spec is None or region not in control.maps:
                continue
            elif before := control.table.look_up(identifier):
                with self.lost.doing_without(region):
                    restore_capacity(control.cloud, before)
                    control.table.remove(identifier)

    def measure_lag_of_takers(self) -> dict[str, float | None]:
        """Seconds until a marker written in a region that processes is read in one that takes over; None: never."""
        control = self.control
        sources = [region for region in control.work.givers if region in control.maps]
        targets = [region for region in control.work.takers if region not in sources]
        for source in sources if self._wanted["lag"] else []:
            with self.lost.doing_without(source):
                return every(targets, partial(self._lag, source))
        return {}

    def _lag(self, source: str, target: str) -> float | None:
        try:
            return ask_twice(lambda: self._measure(source, target))
        except LagUnknown as error:
            self.control.cloud.tell(f"  {error}")
            return None

    def _measure(self, source: str, target: str) -> float:
        """As `measure_lag`. A source that does not answer is an error of its own."""
        try:
            return measure_lag(self.control.cloud, source, target, self._wanted)
        except LagUnknown as error:
            cause = error.__cause__
            if isinstance(cause, Exception) and is_silent(cause):
                # pylint takes every `__cause__` for None.
                raise cause from error  # pylint: disable=raising-non-exception
            raise

    def give_tasks(self) -> list[str]:
        """Give the regions that take over the tasks they lack, and wait for them; what was given, in words.

        A failing check of theirs does not stop it.
        """
        control = self.control
        wanted = missing_capacity(self.evidence, control.work.givers, control.work.takers, self._wanted)
        if not wanted:
            return []
        control.renew()
        raise_capacity(
            control.cloud,
            wanted,
            lambda before: self.journal.remember(**{CAPACITY: before}),
            earlier=self.journal.get(CAPACITY),
        )
        wait_until_ready(
            control.cloud, control.work.takers, self._wanted, self._wanted["capacity_wait"], sleep=control.pause
        )
        return [f"{each['service']} in {each['region']} ({each['desired']} → {each['wanted']})" for each in wanted]
