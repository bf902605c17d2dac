# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded deployments, told in one table that a person reads after the fact: a row for each."""

from __future__ import annotations

import textwrap
from typing import Any

from ..aws.image_names import short_digest
from ..lease.deployment_plan import tell_asked
from .text_table import as_table

HEADER = ("when", "what", "who and why", "regions", "steps", "outcome")
OUTCOME_CHARACTERS = 50


def deployments_table(deployments: list[dict[str, Any]], unfinished: str = "") -> str:
    """The table that `report.yml` prints. `deployments` is what `workload_deployments_info` tells, the oldest first."""
    told = as_table(HEADER, [_row(each) for each in deployments]) if deployments else "No deployment is recorded."
    return f"{told}\nUnfinished: {unfinished}" if unfinished else told


def _row(deployment: dict[str, Any]) -> list[str]:
    number = deployment["id"].rpartition("#")[2].lstrip("0")
    return [
        f"{deployment['began']}\nnumber {number}",
        tell_asked(deployment).replace(", ", "\n"),
        f"{deployment['operator'] or 'somebody'}\n{deployment['reason'] or 'no reason given'}",
        "\n".join(line for wave in enumerate(deployment["waves"], start=1) for line in _wave(deployment, *wave)),
        "\n".join(_step(each) for each in deployment["steps"]),
        "\n".join(textwrap.wrap(deployment["outcome"], OUTCOME_CHARACTERS)),
    ]


def _wave(deployment: dict[str, Any], number: int, regions: list[str]) -> list[str]:
    lines = []
    for region in regions:
        told = deployment["regions"][region]
        lines.append(f"wave {number}: {region} {told['phase']}")
        for name, service in told["services"].items():
            digests = sorted(service["digests"].values())
            shown = [short_digest(digest) for digest in digests]
            lines.append(f"  {name} {', '.join(shown) or 'no digest known'}")
    return lines


def _step(step: dict[str, Any]) -> str:
    return f"{step['step']} {step['region'] or ''} {step['milliseconds'] / 1000:.1f} s".replace("  ", " ")
