# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch that takes over the lease of a dead run: that one may have been only paused, and set a copy late."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import LeaseTable, Run, acquire
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.running import SwitchRun

DURATION = 1.0


def test_after_a_takeover_what_was_set_late_is_read_back_one_duration_later(workload, switch, monkeypatch):
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    acquire(table, Run("dead", operator="Ana", duration=DURATION), 1)
    record, waited = SwitchRun.record, []

    def then_somebody_wakes_up(self: SwitchRun) -> Any:
        told = record(self)

        def wait(seconds: float) -> None:
            # All is done, and the old run's duration has not passed since the takeover: it writes what it was about to.
            waited.append(self.table.clock() + seconds - self.tenure.since)
            workload.parameter("sa-east-1", "ACTIVE")

        self.table.sleep = wait
        return told

    monkeypatch.setattr(SwitchRun, "record", then_somebody_wakes_up)
    made = switch(to="us-east-1")
    assert len(waited) == 1 and waited[0] >= DURATION
    assert made["epoch"] == 3
    assert (workload.parameter("sa-east-1"), workload.parameter("us-east-1")) == ("PASSIVE", "ACTIVE")
