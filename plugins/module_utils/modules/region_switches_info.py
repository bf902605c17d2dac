# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded switches of a workload, as its journal beside the lease tells them."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud
from ..kernel.run import ModuleDefinition
from ..lease.arguments import READING_ARGUMENTS, place_problems
from ..lease.reading import read_items
from ..protocol import from_attributes

PREFIX = "journal#"


def problems(params: dict[str, Any]) -> list[str]:
    found = place_problems(params)
    if params["last"] is not None and params["last"] < 1:
        found.append(f"last is {params['last']}; it is a number of switches, 1 or more.")
    return found


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    entries = [from_attributes(item) for item in read_items(params, cloud, prefix=PREFIX).values()]
    # The identifier holds epoch and generation in fixed width, so its order is that of the switches.
    entries.sort(key=lambda entry: entry["id"])
    return {"switches": entries[-params["last"] :] if params["last"] else entries}


MODULE = ModuleDefinition(
    arguments={
        **READING_ARGUMENTS,
        "last": {"type": "int"},
    },
    services=("dynamodb",),
    read=read,
    problems=problems,
)
