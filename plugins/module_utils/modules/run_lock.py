# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps two runs from building one workload at the same time."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, Known, absent_is_none
from ..kernel.controller import find_controller
from ..kernel.run import Composition, ModuleDefinition
from ..resources.run_lock import RunLock


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    table = params["table"] or f"{params['workload']}-lease"
    if params["only_if_table_exists"] and not _exists(cloud, params["region"], table):
        return Composition([], lambda known: {"holder": None})
    lock = RunLock(
        params["workload"],
        params["region"],
        state=params["state"],
        table=table,
        take_over=params["take_over"],
        holder=find_controller().run_id,
        operator=params["operator"] or "",
    )

    def outputs(known: Known) -> dict[str, Any]:
        return {"holder": known.attribute(lock, "holder")}

    return Composition([lock], outputs)


def _exists(cloud: Cloud, region: str, table: str) -> bool:
    with absent_is_none("ResourceNotFoundException"):
        cloud.client("dynamodb", region).describe_table(TableName=table)
        return True
    return False


MODULE = ModuleDefinition(
    arguments={
        "table": {"type": "str"},
        "operator": {"type": "str"},
        "take_over": {"type": "bool", "default": False},
        "only_if_table_exists": {"type": "bool", "default": False},
    },
    services=("dynamodb",),
    build=build,
)
