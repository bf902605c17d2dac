# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `traffic`: the public name leads where the states say, or that is owed."""

from __future__ import annotations

from typing import Any

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
        if traffic.moved == shares and not traffic.is_owed:  # a moment ago; it is read back before the record
            sentence = f"{told(shares)}: already so"
        else:
            sentence = traffic.settle()
        if not traffic.is_owed:
            run.journal.stamp("traffic_at")
        return sentence
