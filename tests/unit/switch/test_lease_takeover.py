# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch that takes over the lease of a dead run: that one may have been only paused, and set a copy late."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import LeaseTable, Run, acquire
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from tests.support.switching import STEP_CLASSES

DURATION = 1.0


def test_after_a_takeover_what_was_set_late_is_read_back_one_duration_later(workload, switch, monkeypatch):
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    acquire(table, Run("dead", operator="Ana", duration=DURATION), 1)
    record, waited = STEP_CLASSES["record"].do, []

    def then_somebody_wakes_up(self: Step) -> Any:
        told = record(self)

        def wait(seconds: float) -> None:
            # All is done, and the old run's duration has not passed since the takeover: it writes what it was about to.
            waited.append(self.run.control.table.clock() + seconds - self.run.control.tenure.since)
            workload.parameter("sa-east-1", "ACTIVE")

        self.run.control.table.sleep = wait
        return told

    monkeypatch.setattr(STEP_CLASSES["record"], "do", then_somebody_wakes_up)
    made = switch(to="us-east-1")
    assert len(waited) == 1 and waited[0] >= DURATION
    assert made["epoch"] == 3
    assert (workload.parameter("sa-east-1"), workload.parameter("us-east-1")) == ("PASSIVE", "ACTIVE")
