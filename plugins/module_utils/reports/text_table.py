# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain-text tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence


def as_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under a header, columns as wide as they need to be. A cell may have several lines.

    >>> print(as_table(["region", "state"], [["sa-east-1", "ACTIVE"]]))
    region    │ state
    ──────────┼───────
    sa-east-1 │ ACTIVE
    """
    cells = [[cell.split("\n") or [""] for cell in row] for row in [list(header), *rows]]
    widths = [max(len(line) for row in cells for line in row[i]) for i in range(len(header))]
    lines: list[str] = []
    for number, row in enumerate(cells):
        if number == 1 or (number > 1 and any(len(cell) > 1 for cell in [*row, *cells[number - 1]])):
            lines.append("─┼─".join("─" * width for width in widths))
        for height in range(max(len(cell) for cell in row)):
            texts = [cell[height] if height < len(cell) else "" for cell in row]
            lines.append(" │ ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True)).rstrip())
    return "\n".join(lines)
