# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as plain data: figures, gates, and the series that the page draws. The JSON of a drill is this."""

from __future__ import annotations

from collections import Counter
from typing import Any

from harness.report.figures import count
from harness.report.gates import judge
from harness.report.series import backlog_series, dial_spans, fault_spans, request_series, state_spans
from harness.scene import Record

SCHEMA = 1


def build_report(record: Record) -> dict[str, Any]:
    """Everything that is told of a `Record`, ready for JSON and for the page."""
    figures = count(record)
    gates = judge(
        figures,
        record.graceful,
        record.trouble,
        record.promise,
        record.bounds,
        record.expectations,
    )
    start = record.began
    seconds = int(record.ended - start) + 1
    return {
        "schema": SCHEMA,
        "drill": record.name,
        "about": record.about,
        "graceful": record.graceful,
        "regions": record.regions,
        "began": start,
        "seconds": round(record.ended - start, 1),
        "passed": all(gate["passed"] for gate in gates),
        "figures": figures,
        "gates": gates,
        "events": [{"at": round(each["at"] - start, 2), "text": each["text"]} for each in record.events],
        "faults": fault_spans(record.samples, start),
        "series": {
            **request_series(record.sales.requests, start, seconds),
            "backlog": backlog_series(record.samples, start),
            "states": state_spans(record.samples, start),
            "dials": dial_spans(record.samples, start),
        },
        "failures": dict(Counter(record.sales.failures).most_common(10)),
    }
