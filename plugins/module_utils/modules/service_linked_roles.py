# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles that AWS's own services assume in an account, made before the first call that needs one."""

from __future__ import annotations

import re
from typing import Any

from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.service_linked_role import ServiceLinkedRole

SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")


def problems(params: dict[str, Any]) -> list[str]:
    return [
        f"services has {name!r}; the name of a service is like ecs.amazonaws.com."
        for name in params["services"]
        if not SERVICE.fullmatch(name)
    ]


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    names = sorted(set(params["services"]))
    roles = {name: ServiceLinkedRole(name, cloud.region, state=params["state"]) for name in names}

    def outputs(known: Known) -> dict[str, Any]:
        return {"roles": {name: known.attribute(role, "arn") for name, role in roles.items()}}

    return Composition(list(roles.values()), outputs)


MODULE = ModuleDefinition(
    arguments={"services": {"type": "list", "elements": "str", "required": True}},
    services=("iam",),
    build=build,
    problems=problems,
)
