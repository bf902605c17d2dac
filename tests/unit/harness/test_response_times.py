# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which response times are told, and that each of them is drawn."""

from __future__ import annotations

import pytest

from harness.report import response_times
from harness.report.charts import draw_latency
from harness.report.series import request_series
from harness.traffic import Request

TIMES = [number / 1000 for number in range(1, 101)]


def test_a_percentile_is_the_time_within_which_that_share_was_answered() -> None:
    assert response_times.percentile(0.95)(list(range(100))) == 95
    assert response_times.percentile(0.95)([7.0]) == 7.0


def test_one_more_entry_is_told_in_each_second_and_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(response_times.PICKS, "p99", response_times.percentile(0.99))
    requests = [Request(100.0, seconds, "POST", 201, "sa-east-1", str(seconds)) for seconds in TIMES]
    series = request_series(requests, 100.0, 1)
    assert series["latency"] == {"median": [50.5], "p95": [96.0], "slowest": [100.0], "p99": [100.0]}
    lines = draw_latency({"series": series}).data
    assert [line.name for line in lines] == ["median", "p95", "slowest", "p99"]
    assert len({(line.line.color, line.line.dash) for line in lines}) == 4
