# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `traffic`: the public name leads where the states say, or that is owed."""

from __future__ import annotations

from typing import Any

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
                gate = "their readiness is to move it" if traffic.has_gate else "there is no health gate to move it"
                why = f"since the control plane does not answer: {error}; {gate}"
                return f"the traffic was NOT moved, and is owed, {why}. Ask for the same again when that answers"
        if traffic.is_owed:
            run.owed.settle(shares, OWED_TRAFFIC)
        run.journal.stamp("traffic_at")
        return sentence
