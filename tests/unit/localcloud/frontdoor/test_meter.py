# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What load balancers count, and when they tell it."""

from __future__ import annotations

from localcloud.frontdoor.meter import Meter


def test_a_point_is_told_once_when_its_period_is_over() -> None:
    now = [120.5]
    meter = Meter(60, lambda: now[0])
    for status, seconds in ((200, 0.1), (500, 0.3), (404, 0.2)):
        meter.answered("lb", "tg", status, seconds)
    meter.failed("lb", "tg")
    meter.failed("lb")
    meter.failed("")  # an answer of nobody
    assert meter.take() == []
    now[0] = 180.0
    meter.answered("lb", "tg", 200, 0.9)
    told = {(point["metric"], point["group"]): point["values"] for point in meter.take() if point["at"] == 120}
    assert told == {
        ("RequestCount", "tg"): [4],
        ("RequestCount", ""): [4],
        ("HTTPCode_Target_5XX_Count", "tg"): [1],
        ("HTTPCode_Target_5XX_Count", ""): [1],
        ("HTTPCode_ELB_5XX_Count", ""): [2],
        ("TargetResponseTime", "tg"): [0.1, 0.3, 0.2],
        ("TargetResponseTime", ""): [0.1, 0.3, 0.2],
    }
    assert meter.take() == []


def test_a_network_load_balancer_counts_nothing() -> None:
    meter = Meter(1, lambda: 1.0)
    meter.answered("", "tg", 500, 0.1)
    meter.failed("", "")
    assert meter.take() == []
