# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `traffic`: the public name leads where the states say, or that is owed."""

from __future__ import annotations

from typing import Any

from ...kernel.errors import NotReadyInTime
from ...protocol.service_errors import is_ill
from ..owed import OWED_TRAFFIC
from ..run import SwitchRun
from ..traffic_shares import told
from .step import Step


class MoveTraffic(Step):
    title = "traffic"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return run.traffic.is_directed

    def will(self) -> str:
        return f"set the traffic shares: {told(self.run.traffic.wanted())}"

    def foretold_details(self) -> dict[str, Any]:
        return {"shares": self.run.traffic.wanted()}

    def do(self) -> str:
        run, traffic = self.run, self.run.traffic
        shares = traffic.wanted()
        if traffic.follows_grant:
            run.journal.stamp("traffic_at")  # nothing more is written to move it
        if traffic.moved == shares:  # a moment ago, by this run; it is read back before the record
            sentence = f"{told(shares)}: already so"
        else:
            try:
                sentence = traffic.move(shares)
            except Exception as error:
                if not is_ill(error):
                    raise
                # What directs the traffic has a control plane of its own. Sales are processed without it.
                run.owed.owe(shares, OWED_TRAFFIC)
                return self._without_control_plane(shares, error)
        if traffic.is_owed:
            run.owed.settle(shares, OWED_TRAFFIC)
        run.journal.stamp("traffic_at")
        return sentence

    def _without_control_plane(self, shares: dict[str, int], error: Exception) -> str:
        """Let the readiness of the regions move the traffic, if the inventory allows it; what became of that."""
        again = "Ask for the same again when that answers"
        try:
            moved = self.run.traffic.move_by_readiness(shares)
        except NotReadyInTime as late:
            return f"the traffic was NOT moved, and is owed: {error}; nor was it by the health gate: {late}. {again}"
        if moved is None:
            return f"the traffic was NOT moved, and is owed: {error}; there is no health gate to move it. {again}"
        self.run.journal.stamp("traffic_at")
        return (
            f"{told(shares)}: {moved}, since the control plane does not answer: {error}. The weights are owed. {again}"
        )
