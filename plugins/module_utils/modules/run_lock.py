# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps two runs from building one workload at the same time."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, Known, absent_is_none
from ..kernel.cloud import replica_clients
from ..kernel.controller import find_controller
from ..kernel.run import Composition, ModuleDefinition
from ..lease import LeaseTable, LeaseUnreachable
from ..resources.run_lock import ITEM, RunLock


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    lock = run_lock(params, cloud)
    if params["only_if_table_exists"] and not _exists(lock.table):
        return Composition([], lambda known: {"holder": None})

    def outputs(known: Known) -> dict[str, Any]:
        return {"holder": known.attribute(lock, "holder")}

    return Composition([lock], outputs)


def run_lock(params: dict[str, Any], cloud: Cloud) -> RunLock:
    """The lock that the parameters name, for the run that this process belongs to."""
    regions = params["lease_regions"] or [params["region"]]
    name = params["table"] or f"{params['workload']}-lease"
    return RunLock(
        params["workload"],
        params["region"],
        state=params["state"],
        table=LeaseTable(name, replica_clients(cloud, "dynamodb", regions)),
        take_over=params["take_over"],
        holder=find_controller().run_id,
        operator=params["operator"] or "",
    )


def _exists(table: LeaseTable) -> bool:
    with absent_is_none("ResourceNotFoundException"):
        try:
            table.look_up(ITEM)
        except LeaseUnreachable as error:
            raise CollectionError(f"Whether there is a table to lock cannot be asked: {error}") from error
        return True
    return False


MODULE = ModuleDefinition(
    arguments={
        "table": {"type": "str"},
        "lease_regions": {"type": "list", "elements": "str"},
        "operator": {"type": "str"},
        "take_over": {"type": "bool", "default": False},
        "only_if_table_exists": {"type": "bool", "default": False},
    },
    services=("dynamodb",),
    build=build,
)
