# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `global_table`. Pure: no call is made."""

from __future__ import annotations

import re
from typing import Any

from ...aws.regions import region_problems, strong_set_problems
from ...resources.table import NO_STREAM
from ..shared_arguments.dead import dead_problems
from .arguments import REPLICATED_STREAM

NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")


def definition_problems(variable: str, table: dict[str, Any]) -> list[str]:
    """What cannot be right about a table's name, keys and indexes, wherever its replicas are."""
    found = []
    indexes = table.get("indexes") or []
    for where, thing in [(variable, table), *((f"{variable}.indexes", index) for index in indexes)]:
        if not NAME.fullmatch(str(thing.get("name") or "")):
            found.append(
                f"{where}.name is {thing.get('name')!r}; DynamoDB takes 3 to 255 letters, digits, underscores, hyphens "
                "and dots."
            )
        if not thing.get("hash_key"):
            found.append(f"{where}.hash_key is missing; give the name of the partition key.")
    for index in indexes:
        if bool(index.get("include")) != (index.get("projection") == "INCLUDE"):
            found.append(
                f"{variable}.indexes[{index.get('name')}]: projection is {index.get('projection', 'ALL')} and include "
                f"is {index.get('include') or []}; the two go together."
            )
    used = {thing.get(key) for thing in [table, *indexes] for key in ("hash_key", "range_key")} - {None}
    for name, kind in (table.get("attributes") or {}).items():
        if kind not in ("S", "N", "B"):
            found.append(f"{variable}.attributes.{name} is {kind!r}; a key is S (string), N (number) or B (binary).")
        if name not in used:
            found.append(
                f"{variable}.attributes has {name}, which is no key. List only keys: {', '.join(sorted(used))}."
            )
    return found


def problems(params: dict[str, Any]) -> list[str]:
    regions = params["regions"] or []
    found = [problem for region in regions for problem in region_problems("regions", region)]
    if len(set(regions)) != len(regions):
        found.append(f"regions is {', '.join(regions)}; name each region once.")
    found += dead_problems(params, regions)
    if params["state"] == "absent":
        return found
    found += definition_problems(f"table {params['name']}", params)
    found += _consistency_problems(params, regions) + _capacity_problems(params)
    if params["encryption"] == "customer_managed":
        for region in regions or [params["region"]]:
            if region not in params["kms_keys"]:
                found.append(f"kms_keys has no key for {region}; with customer_managed each region needs its own.")
    return found


def _consistency_problems(params: dict[str, Any], regions: list[str]) -> list[str]:
    witness, replicated = params["witness"], len(regions) > 1
    if params["consistency"] == "strong" and (replicated or witness):
        found = strong_set_problems("regions and witness", [*regions, witness] if witness else regions)
        if params["ttl_attribute"]:
            found.append(
                f"ttl_attribute is {params['ttl_attribute']}; a table with strong consistency (MRSC) expires no items."
            )
        if params["stream"] not in (None, NO_STREAM):
            found.append(
                f"stream is {params['stream']}; AWS does not synchronise streams of a table with strong consistency "
                "(MRSC), so the other replicas would have none. Leave it out."
            )
        return found
    found = []
    if witness:
        found.append(f"witness is {witness}; only a table with consistency strong has one.")
    if replicated and params["stream"] not in (None, REPLICATED_STREAM):
        found.append(f"stream is {params['stream']}; replicas need {REPLICATED_STREAM}.")
    return found


def _capacity_problems(params: dict[str, Any]) -> list[str]:
    capacity, found = params["capacity"], []
    for unit in ("read", "write"):
        least, most = capacity[f"{unit}_min"], capacity[f"{unit}_max"]
        if not 1 <= least <= most:
            found.append(f"capacity.{unit}_min is {least} and {unit}_max is {most}; 1 <= min <= max is needed.")
    if not 20 <= capacity["target"] <= 90:
        found.append(f"capacity.target is {capacity['target']} percent; auto-scaling accepts 20 to 90.")
    return found
