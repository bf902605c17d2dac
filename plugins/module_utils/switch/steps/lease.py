# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `lease`: the lease is taken before any step; how long that took is told as the first one."""

from __future__ import annotations

from ...lease import messages
from ..run import SwitchRun
from .step import Step


class TakeLease(Step):
    title = "lease"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return run.control.taken is None  # a run that goes back has it already

    def will(self) -> str:
        return f"take the lease {self.run.control.table.place}"

    def do(self) -> str:
        control = self.run.control
        lease, dead = control.tenure.lease, control.tenure.taken_from
        told = f"took the lease {control.table.place}, generation {lease.generation}, at epoch {lease.epoch}"
        return f"{told}, {messages.taken_over(dead)}" if dead else told

    def timed(self, began: float, seconds: float) -> tuple[float, float]:
        return self.run.lease_asked, self.run.lease_seconds
