# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log groups of a workload in one region."""

from __future__ import annotations

from typing import Any

from ..aws.names import resource_tags
from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.log_group import RETENTION_DAYS, LogGroup


def problems(params: dict[str, Any]) -> list[str]:
    days = params["retention_in_days"]
    if days is None or days in RETENTION_DAYS:
        return []
    return [f"retention_in_days is {days}; CloudWatch Logs accepts {', '.join(map(str, RETENTION_DAYS))}."]


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    groups = [
        LogGroup(
            name,
            params["region"],
            state=params["state"],
            purge_tags=params["purge_tags"],
            retention_in_days=params["retention_in_days"],
            tags=resource_tags(params),
        )
        for name in params["names"]
    ]

    def outputs(known: Known) -> dict[str, Any]:
        return {"log_groups": {group.name: {"arn": known.attribute(group, "arn")} for group in groups}}

    return Composition(groups, outputs)


MODULE = ModuleDefinition(
    arguments={
        "names": {"type": "list", "elements": "str", "required": True},
        "retention_in_days": {"type": "int"},
    },
    services=("logs",),
    build=build,
    problems=problems,
)
