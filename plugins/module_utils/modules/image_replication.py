# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule by which a region's registry replicates a workload's repositories to its other regions."""

from __future__ import annotations

import re
from typing import Any

from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.replication_rule import ReplicationRule

PREFIX = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]*)*/)*[a-z0-9]*(?:[._-][a-z0-9]*)*")
"""What ECR takes as a filter."""


def problems(params: dict[str, Any]) -> list[str]:
    found, prefix = [], params["prefix"]
    if not PREFIX.fullmatch(prefix) or not 2 <= len(prefix) <= 256:
        found.append(
            f"prefix is {prefix!r}; ECR takes 2 to 256 lower-case letters and digits, joined by . _ - or /, such as "
            "shop/ for all repositories that begin so."
        )
    if params["state"] == "present" and not set(params["regions"] or []) - {params["region"]}:
        found.append(f"regions is {params['regions']!r}; name one region or more beside {params['region']}.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    regions = sorted(set(params["regions"] or []) - {cloud.region})
    rule = ReplicationRule(params["prefix"], cloud.region, state=params["state"], regions=regions)

    def outputs(known: Known) -> dict[str, Any]:
        return {"rule": {"prefix": params["prefix"], "regions": regions}}

    return Composition([rule], outputs)


MODULE = ModuleDefinition(
    arguments={
        "prefix": {"type": "str", "required": True},
        "regions": {"type": "list", "elements": "str"},
    },
    services=("ecr",),
    build=build,
    problems=problems,
)
