# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of lakes that are older than their replication to each other, in every one of them.

It runs once, for all regions: which lake lacks what is seen by comparing them.
"""

from __future__ import annotations

from typing import Any

from ..aws.names import bucket_name
from ..aws.regions import region_problems
from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.older_objects import OlderObjects
from .lake_bucket import prefix_problems


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    for region in params["regions"]:
        found += region_problems("regions", region) or prefix_problems("prefix", params["prefix"], region)
    if len(set(params["regions"])) < 2:
        found.append(f"regions is {params['regions']!r}; name two or more, whose lakes replicate to each other.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    buckets = {each: bucket_name(params["prefix"], cloud.account_id, each) for each in params["regions"]}
    older = OlderObjects(params["prefix"], cloud.region, buckets=buckets, owed={})
    resources = [older] if params["state"] == "present" else []

    def outputs(known: Known) -> dict[str, Any]:
        return {"left": known.attribute(older, "owed")}

    return Composition(list(resources), outputs)


MODULE = ModuleDefinition(
    arguments={
        "prefix": {"type": "str", "required": True},
        "regions": {"type": "list", "elements": "str", "required": True},
    },
    services=("s3", "sts"),
    build=build,
    problems=problems,
)
