# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster of a workload in one region."""

from __future__ import annotations

import re
from typing import Any

from ..aws.names import resource_tags
from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.cluster import Cluster
from .shared_arguments.capacity_provider_strategy import STRATEGY_ARGUMENT, strategy_problems

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    if not NAME.fullmatch(params["name"]):
        found.append(f"name is {params['name']!r}; AWS accepts up to 255 letters, digits, hyphens and underscores.")
    strategy, providers = params["default_strategy"] or [], params["capacity_providers"]
    for item in strategy:
        if item["capacity_provider"] not in providers:
            found.append(
                f"default_strategy names {item['capacity_provider']!r}; capacity_providers has {', '.join(providers)}."
            )
    return found + strategy_problems("default_strategy", strategy)


def default_strategy(params: dict[str, Any]) -> list[dict[str, Any]]:
    if params["default_strategy"] is not None:
        return params["default_strategy"]
    if "FARGATE" in params["capacity_providers"]:
        return [{"capacity_provider": "FARGATE", "weight": 1, "base": 0}]
    return []


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    cluster = Cluster(
        params["name"],
        params["region"],
        state=params["state"],
        purge_tags=params["purge_tags"],
        capacity_providers=params["capacity_providers"],
        default_strategy=default_strategy(params),
        container_insights=params["container_insights"],
        tags=resource_tags(params),
    )

    def outputs(known: Known) -> dict[str, Any]:
        return {"cluster_arn": known.attribute(cluster, "arn"), "cluster_name": cluster.name}

    return Composition([cluster], outputs)


MODULE = ModuleDefinition(
    arguments={
        "name": {"type": "str", "required": True},
        "capacity_providers": {"type": "list", "elements": "str", "default": ["FARGATE", "FARGATE_SPOT"]},
        "default_strategy": STRATEGY_ARGUMENT,
        "container_insights": {
            "type": "str",
            "choices": ["disabled", "enabled", "enhanced"],
            "default": "disabled",
        },
    },
    services=("ecs",),
    build=build,
    problems=problems,
)
