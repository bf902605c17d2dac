# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As many sales as the machine gives, up to 200 a second, for two minutes; then a failover.

The cloud, the tasks of two regions and the client share one machine. So what it gives is measured first, and told.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from drills.exercise import Exercise
from drills.variants import TWO, Stage
from tests.support.backlog import BacklogWatch

WANTED = float(os.environ.get("THROUGHPUT", "200"))
SHARE = 0.8
"""Of what a burst came to: a machine that has nothing left never gets rid of a backlog, however it arose."""

BURST_SECONDS, STEADY_SECONDS = 20.0, 120.0
USUAL_SECONDS = 3.0
"""So many seconds' worth of sales are always on their way."""


def burst(stage: Stage) -> float:
    """Sales a second that the machine accepts and processes when it is offered all that is wanted."""
    exercise = Exercise(stage, "burst", "as many as the machine gives", True, WANTED, print)
    backlog = BacklogWatch(stage.cloud, stage.regions)
    exercise.open()
    began = time.time()
    time.sleep(BURST_SECONDS)
    backlog.start()
    accepted = len(exercise.stop_selling().acknowledged)
    emptied = backlog.wait_for(0)
    backlog.over.set()
    exercise.close()
    print(f"a burst: {accepted / BURST_SECONDS:.0f} accepted a second, {accepted / (emptied - began):.0f} processed")
    return accepted / (emptied - began)


def test_nothing_is_lost_under_load_and_the_backlog_of_a_failover_goes_soon(tmp_path: Path) -> None:
    with Stage(TWO, tmp_path / "stage") as stage:
        rate = min(WANTED, SHARE * burst(stage))
        usual = rate * USUAL_SECONDS
        exercise = Exercise(stage, "throughput", "two minutes of load, then a failover", True, rate, print)
        backlog = BacklogWatch(stage.cloud, stage.regions)
        exercise.open()
        backlog.start()
        time.sleep(STEADY_SECONDS)
        at_rest = max(count for at, count in backlog.looks[len(backlog.looks) // 2 :])
        began = time.time()
        exercise.switch("failover.yml", "-e", "to=us-east-1")
        ended = time.time()
        backlog.wait_for(usual)
        sales = exercise.stop_selling()
        backlog.over.set()
        record = exercise.close()

        most, peak = max((count, at) for at, count in backlog.looks if began <= at)
        # It arises from the hold on, until somebody processes again, and is gone when no more is left than usual.
        arose = max(1.0, peak - began)
        gone = backlog.first(usual, peak)
        posted = sales.posted / (sales.requests[-1].began - sales.requests[0].began)
        print(
            f"{rate:.0f} sales a second wanted, {posted:.0f} posted; at rest {at_rest} unprocessed; failover "
            f"{ended - began:.1f} s; backlog {most} after {arose:.1f} s, gone {gone - peak:.1f} s later"
        )
        evidence = record.evidence
        assert evidence is not None and record.quiet_seconds is not None and sales.failures == []
        assert (evidence.lost, evidence.duplicated, evidence.wrong_content) == (set(), set(), set())
        assert len(sales.acknowledged) >= 0.9 * rate * STEADY_SECONDS
        assert at_rest <= usual, "the machine does not keep up, and what a failover leaves cannot be told from that"
        assert gone - peak <= 2 * arose
