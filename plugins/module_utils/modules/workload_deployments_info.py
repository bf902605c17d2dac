# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded deployments of a workload, the release in force, and a deployment that is unfinished."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud
from ..kernel.run import ModuleDefinition
from ..lease import Lease, lease_report, messages
from ..lease.arguments import READING_ARGUMENTS, lease_regions, lease_table, place_problems
from ..lease.deployment_plan import ENTRY, RELEASE, is_deployment, tell_ways
from ..lease.item import LEASE_ID
from ..lease.reading import read_items
from ..protocol import from_attributes
from ..protocol.region_map import lease_place
from ..protocol.schema import check_schema
from ..releases.record import images_for


def problems(params: dict[str, Any]) -> list[str]:
    found = place_problems(params)
    if params["last"] is not None and params["last"] < 0:
        found.append(f"last is {params['last']}; it is a number of deployments, 0 or more.")
    return found


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    table = lease_table(params)
    always = (LEASE_ID, RELEASE)
    items = read_items(params, cloud, *always, prefix="" if params["last"] == 0 else ENTRY)
    lease = Lease.from_attributes(items.get(LEASE_ID))
    release = from_attributes(items[RELEASE]) if RELEASE in items else {}
    if release:
        check_schema(RELEASE, release.get("schema"))
    entries = [from_attributes(item) for name, item in sorted(items.items()) if name.startswith(ENTRY)]
    last = params["last"]
    unfinished = lease if lease and is_deployment(lease.plan) else None
    return {
        "deployments": entries if last is None else entries[-last:] if last else [],
        "release": release.get("regions") or {},
        "images": images_for(release, params["region"]),
        "unfinished": messages.deployment_unfinished(unfinished, tell_ways(unfinished.plan or {}))
        if unfinished
        else "",
        "lease": lease_report(lease, lease_place(table, lease_regions(params))),
    }


MODULE = ModuleDefinition(
    arguments={
        **READING_ARGUMENTS,
        "last": {"type": "int"},
    },
    services=("dynamodb",),
    read=read,
    problems=problems,
)
