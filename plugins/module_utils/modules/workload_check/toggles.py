# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the places of the region states and of the lease (the variables toggle_…)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...aws.regions import region_problems, strong_set_problems

Item = dict[str, Any]


def toggle_findings(toggle: Item, tables: list[str]) -> Iterator[str]:
    """About the place where the state of the regions lives."""
    parameter = toggle.get("parameter")
    if parameter is not None and not parameter.startswith("/"):
        yield f"toggle.parameter is {parameter!r}; give a path such as /sales/region/state."
    for key in ("state_table", "lease_table"):
        if toggle.get(key) in tables:
            yield f"toggle.{key} is {toggle[key]!r}, which is one of the workload's tables; it needs one of its own."
    if toggle.get("state_table") is not None and toggle.get("state_table") == toggle.get("lease_table"):
        yield f"toggle.lease_table and toggle.state_table are both {toggle['lease_table']!r}; they must be two tables."
    control = toggle.get("control_regions")
    if control:
        unknown = [text for region in control for text in region_problems("toggle.control_regions", region)]
        yield from unknown
        if not unknown and len(control) != 1:
            yield from strong_set_problems("toggle.control_regions", control)


def control_findings(toggle: Item | None, regions: list[str]) -> Iterator[str]:
    """About regions between which the workload can be switched, and no place for the lease."""
    if toggle is not None and len(regions) > 1 and not toggle.get("control_regions"):
        yield (
            f"toggle.control_regions (toggle_control_regions) is missing, and the workload has {len(regions)} regions. "
            "Give three of one DynamoDB region set, such as [us-east-1, us-east-2, us-west-2], or one region alone."
        )
