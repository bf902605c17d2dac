# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long requests took: which of the times of a second are told, and drawn in the chart "Response times"."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

Pick = Callable[[Sequence[float]], float]


def percentile(share: float) -> Pick:
    """What picks the time within which `share` (0 to 1) of all requests were answered."""
    return lambda times: sorted(times)[int(len(times) * share)]


PICKS: dict[str, Pick] = {
    "median": statistics.median,
    "p95": percentile(0.95),
    "slowest": max,
}
"""Name in legend and JSON → what picks it from the times of one second (at least one), in the order of the legend.
A further percentile, p99 say, is one more entry."""
