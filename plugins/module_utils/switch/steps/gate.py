# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `gate`: the traffic is seen to follow the readiness of the regions, where nothing else has moved it.

It comes after the reconciliation, which must not wait for health checks: the target processes since the grant.
"""

from __future__ import annotations

import time
from typing import Any

from ...kernel.errors import NotReadyInTime
from ..run import SwitchRun
from ..traffic_shares import told
from .step import Step


class Gate(Step):
    title = "gate"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return run.traffic.has_gate

    def will(self) -> str:
        only = "" if self.run.traffic.follows_grant else ", if the weights cannot be set"
        return f"see the traffic follow the readiness of the regions{only}: {told(self.run.traffic.wanted())}"

    def foretold_details(self) -> dict[str, Any]:
        return {"shares": self.run.traffic.wanted()}

    def do(self) -> str:
        """NotReadyInTime: the public name does not lead to a region that is ready."""
        run, traffic = self.run, self.run.traffic
        if not (traffic.follows_grant or traffic.is_owed):
            return "not needed: the weights have moved the traffic"
        shares = traffic.wanted()
        try:
            moved = traffic.move_by_readiness(shares)
        except NotReadyInTime as error:
            if traffic.follows_grant:
                raise
            return f"the traffic was NOT moved by the readiness of the regions either: {error}"
        # Nothing was written to move it but the grant.
        run.journal.put(traffic_at=run.journal.get("granted_at") or round(time.time() * 1000))
        return f"{told(shares)}: {moved}"
