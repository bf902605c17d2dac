# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `shift`: the traffic leaves before the fence.

What the source still acknowledges is then seen in time by all. A region's API accepts sales whatever its state, and
until the grant nobody processes them here or there.
"""

from __future__ import annotations

from typing import Any

from ..run import SwitchRun
from ..traffic_shares import TrafficNotMoved, told
from .step import Step

SHIFT_SECONDS = 10.0
"""What the traffic is waited for while nobody processes; it is moved again after the grant."""


class Shift(Step):
    title = "shift"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return run.control.work.hold is not None and run.traffic.is_directed and bool(run.traffic.early())

    def will(self) -> str:
        return f"move the traffic: {told(self.run.traffic.early())}"

    def foretold_details(self) -> dict[str, Any]:
        return {"shares": self.run.traffic.early()}

    def do(self) -> str:
        traffic = self.run.traffic
        try:
            return traffic.move(traffic.early(), SHIFT_SECONDS)
        except TrafficNotMoved as error:
            # The states move without it, and the traffic is moved again after the grant.
            return f"the traffic did not move yet ({error})"
