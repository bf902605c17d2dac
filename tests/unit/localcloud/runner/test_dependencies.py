# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which containers start and stop."""

from __future__ import annotations

import pytest

from localcloud.runner.dependencies import NeverReady, Progress, may_start, may_stop

RUNS = Progress(is_started=True, age=1)
HEALTHY = Progress(is_started=True, health="HEALTHY", age=1)
DONE = Progress(is_started=True, exit_code=0, age=1)
BROKEN = Progress(is_started=True, exit_code=3, age=1)


def web(condition: str) -> dict:
    return {"name": "web", "dependsOn": [{"containerName": "db", "condition": condition}]}


@pytest.mark.parametrize(
    ("condition", "db", "starts"),
    [
        ("START", Progress(), False),
        ("START", RUNS, True),
        ("START", BROKEN, True),
        ("COMPLETE", RUNS, False),
        ("COMPLETE", BROKEN, True),
        ("SUCCESS", RUNS, False),
        ("SUCCESS", DONE, True),
        ("HEALTHY", RUNS, False),
        ("HEALTHY", HEALTHY, True),
    ],
)
def test_conditions(condition: str, db: Progress, starts: bool) -> None:
    assert may_start(web(condition), {"web": Progress(), "db": db}) is starts


@pytest.mark.parametrize(
    ("condition", "db", "why"),
    [
        ("SUCCESS", BROKEN, "needs db to end with 0; it ended with 3"),
        ("HEALTHY", DONE, "needs db to be HEALTHY; it ended with 0"),
        ("HEALTHY", Progress(True, None, "UNHEALTHY", 9, 8), r"waited longer than 8 s .* its health is UNHEALTHY"),
        ("SUCCESS", Progress(True, None, "UNKNOWN", 9, 8), "waited longer than 8 s"),
    ],
)
def test_what_can_never_come(condition: str, db: Progress, why: str) -> None:
    with pytest.raises(NeverReady, match=why):
        may_start(web(condition), {"web": Progress(), "db": db})


def test_an_unknown_container_is_named() -> None:
    with pytest.raises(NeverReady, match="container db, which the task does not have"):
        may_start(web("START"), {"web": Progress()})


def test_all_conditions_count_and_a_volumes_owner_is_there_first() -> None:
    asking = {**web("HEALTHY"), "volumesFrom": [{"sourceContainer": "files"}]}
    assert not may_start(asking, {"db": HEALTHY, "files": Progress()})
    assert not may_start(asking, {"db": RUNS, "files": RUNS})
    assert may_start(asking, {"db": HEALTHY, "files": RUNS})


def test_who_is_depended_on_stops_last() -> None:
    running = {"web": web("HEALTHY"), "db": {"name": "db"}}
    assert may_stop("web", running)
    assert not may_stop("db", running)
    assert may_stop("db", {"db": {"name": "db"}})
