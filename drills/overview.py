# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The overview of all drills, `index.html`: a table in which each row leads to the page of one drill."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import Any

from harness.report.page import TILES, document, number, verdict

ON_ITS_PAGE_ALONE = (
    "lake_in_both_regions",
    "lake_rpo_sales",
    "first_sale_seconds",
    "catch_up_seconds",
    "sales_per_second",
)
"""What the table has no room for. A drill that misses a lake has not passed, and its page tells how many."""


def write_overview(reports: Iterable[Mapping[str, Any]]) -> str:
    """The table of all drills; each row leads to its page."""
    reports = list(reports)
    columns = [(name, label, unit) for name, label, unit in TILES if name not in ON_ITS_PAGE_ALONE]
    head = "".join(f'<th class="n">{label}</th>' for _, label, _ in columns)
    rows = ""
    for report in reports:
        cells = "".join(f'<td class="n">{number(report["figures"].get(name), unit)}</td>' for name, _, unit in columns)
        link = f'<a href="{report["drill"]}.html">{html.escape(report["drill"])}</a>'
        rows += f"<tr><td>{link}</td><td>{verdict(report['passed'])}</td>{cells}</tr>"
    passed = sum(report["passed"] for report in reports)
    body = (
        f"<h1>Drills</h1><p class='about'>{passed} of {len(reports)} drills passed every gate. Each name leads to "
        "what happened, second by second.</p>"
        f"<table class='overview'><thead><tr><th>drill</th><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"
        "<p class='note'>Lost: acknowledged, and unprocessed after everything was restored and quiet. Duplicated: more "
        "than one content for one sale, over all versions of all lake objects. Processed twice: by two regions, into "
        "the same bytes; harmless. RPO: acknowledged, and not visible in the target at the grant. RTO: last sale "
        "processed by the old region to the first processed by the new. Controller: from taking the lease to the last "
        "traffic write, less the fence. Longest standstill: nobody processed anything.</p>"
    )
    return document("Drills", body)
