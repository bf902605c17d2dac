# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What state an alarm is in: the tables of "Configuring how CloudWatch alarms treat missing data", and expressions."""

from __future__ import annotations

import pytest

from localcloud.cloudwatch.evaluation import (
    ALARM,
    BREACHING,
    IGNORE,
    INSUFFICIENT_DATA,
    MISSING,
    NOT_BREACHING,
    OK,
    calculate,
    judge,
    statistic,
)

KEPT = "the state before"
TREATMENTS = (MISSING, IGNORE, BREACHING, NOT_BREACHING)
POINTS = {"0": False, "X": True, "-": None}


@pytest.mark.parametrize(
    ("points", "to_alarm", "states"),
    [
        ("0 - X - X", 3, (OK, OK, OK, OK)),
        ("0 - - - -", 3, (OK, OK, OK, OK)),
        ("- - - - -", 3, (INSUFFICIENT_DATA, KEPT, ALARM, OK)),
        ("0 X X - X", 3, (ALARM, ALARM, ALARM, ALARM)),
        ("- - X - -", 3, (ALARM, KEPT, ALARM, OK)),
        ("0 - X - X", 2, (ALARM, ALARM, ALARM, ALARM)),
        ("0 0 X 0 X", 2, (ALARM, ALARM, ALARM, ALARM)),
        ("0 - X - -", 2, (OK, OK, ALARM, OK)),
        ("- - - - 0", 2, (OK, OK, ALARM, OK)),
        ("- - - X -", 2, (ALARM, KEPT, ALARM, OK)),
    ],
)
def test_the_tables_of_the_user_guide(points: str, to_alarm: int, states: tuple[str, ...]) -> None:
    told = [POINTS[each] for each in points.split()]
    for before in (OK, ALARM, INSUFFICIENT_DATA):
        found = tuple(judge(told, 3, to_alarm, treat, before) for treat in TREATMENTS)
        assert found == tuple(before if state == KEPT else state for state in states), before


@pytest.mark.parametrize("points", ["- - - - X", "- - - X -"])
def test_no_alarm_before_its_time_while_the_next_point_may_be_good(points: str) -> None:
    assert judge([POINTS[each] for each in points.split()], 3, 3, MISSING, OK) == OK


def test_expressions() -> None:
    values = {"desired": 4.0, "running": 1.0, "none": 0.0}
    assert calculate("desired - running", values) == 3
    assert calculate("100 * (desired - running) / desired", values) == 75
    assert calculate("desired / none", values) is None
    assert calculate("desired - lacking", values) is None
    for wrong in ("__import__('os')", "desired if 1 else 2", "desired -"):
        with pytest.raises(ValueError):
            calculate(wrong, values)


def test_statistics() -> None:
    values = [4.0, 1.0, 2.0, 3.0]
    told = {name: statistic(values, name) for name in ("Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50")}
    assert told == {"Sum": 10, "Average": 2.5, "Minimum": 1, "Maximum": 4, "SampleCount": 4, "p50": 2.5}
    assert statistic([float(n) for n in range(101)], "p99") == 99
    with pytest.raises(ValueError, match="tm90"):
        statistic(values, "tm90")
