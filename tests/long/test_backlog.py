# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand sales wait in the target's queue when its region takes over: its workers never wait for them.

How fast two workers are is measured first, in the other region, with as many sales and in the same run: what counts is
how much slower they are after the grant. A switch goes on beside them then, on the same processors.
"""

from __future__ import annotations

import time
from pathlib import Path

from drills.catalogue import UNGRACEFUL
from drills.exercise import Exercise
from drills.variants import TWO, Stage
from harness.inventories import PRIMARY, RECOVERY
from tests.support.backlog import BacklogWatch

SALES = 1000
RATE = 120.0
REPLICATION_SECONDS = 3.0
SLOWER = 1.5
"""So much longer it may take beside a switch, from the grant to the last tenth."""

FIRST_SECONDS = 1.0
"""From the grant to the first sale that is processed."""


def sell(stage: Stage, name: str) -> Exercise:
    """Sell to a region whose workers stand still."""
    exercise = Exercise(stage, name, "sales that nobody processes yet", True, RATE, print)
    exercise.freeze_workers(PRIMARY)
    exercise.open()
    exercise.stop_selling(at_least=SALES, patience=60.0)
    assert exercise.record.sales.failures == []
    time.sleep(REPLICATION_SECONDS)
    return exercise


def seconds_for_most(watch: BacklogWatch, sales: int, since: float) -> tuple[float, float]:
    """Seconds until the first sales were processed, and until nine of ten were."""
    return watch.first(sales - 1, since) - since, watch.first(sales / 10, since) - since


def test_a_backlog_is_processed_at_full_speed_from_the_grant_on(tmp_path: Path) -> None:
    with Stage(TWO, tmp_path / "stage") as stage:
        exercise = sell(stage, "full-speed")
        watch = BacklogWatch(stage.cloud, [PRIMARY])
        watch.start()
        began = time.time()
        exercise.thaw_workers()
        watch.wait_for(0)
        watch.over.set()
        accepted = exercise.close().sales.posted
        usual_first, usual = seconds_for_most(watch, accepted, began)

        exercise = sell(stage, "backlog")
        waiting = exercise.record.sales.posted
        exercise.fault(PRIMARY, "dead")
        exercise.kill_workers()
        watch = BacklogWatch(stage.cloud, [RECOVERY])
        watch.start()
        exercise.switch("failover.yml", "-e", f"to={RECOVERY}", *UNGRACEFUL, "-e", "fence=reachable")
        watch.wait_for(0)
        watch.over.set()
        (grant,) = [each["at"] for each in exercise.sampler.grants if each["region"] == RECOVERY]
        first, most = seconds_for_most(watch, waiting, grant)
        exercise.mend(PRIMARY)
        exercise.wait_until_ready(PRIMARY)
        exercise.switch("failover.yml", "-e", f"to={RECOVERY}", name="settle")
        evidence = exercise.close().evidence
        print(
            f"full speed: the first of {accepted} after {usual_first:.1f} s, nine of ten after {usual:.1f} s; "
            f"after the grant: the first of {waiting} after {first:.1f} s, nine of ten after {most:.1f} s"
        )
        assert evidence is not None and (evidence.lost, evidence.duplicated) == (set(), set())
        assert first <= FIRST_SECONDS
        assert most <= SLOWER * usual
