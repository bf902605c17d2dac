# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Route 53 shares a domain out: the weight of each region's record. Nothing is waited for long."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud
from ..kernel.cloud import SHORT
from ..kernel.run import ModuleDefinition
from ..resources.hosted_zone import find_zone, records_named
from .certificate import domain_problems


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    domain = params["domain"].lower()
    zone = find_zone(cloud, [domain], params["zone"], limits=SHORT)
    records = records_named(cloud, zone, domain, limits=SHORT)
    own = [each for each in records if "SetIdentifier" in each]
    return {
        "zone_id": zone,
        "weights": {each["SetIdentifier"]: int(each["Weight"]) for each in own if "Weight" in each},
        "health_checks": {each["SetIdentifier"]: each.get("HealthCheckId") for each in own},
    }


MODULE = ModuleDefinition(
    arguments={"domain": {"type": "str", "required": True}, "zone": {"type": "str"}},
    services=("route53",),
    read=read,
    problems=lambda params: list(domain_problems("domain", params["domain"])),
)
