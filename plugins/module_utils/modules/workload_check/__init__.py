# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the whole inventory of a workload before anything runs. Makes no AWS call."""

from __future__ import annotations

from typing import Any

from ...aws.names import tag_problems
from ...kernel import Cloud
from ...kernel.run import ModuleDefinition
from . import inventory as check
from .apis import api_findings
from .certificates import certificate_findings
from .guards import guard_findings
from .images import image_findings, mirror_findings, own_image_findings
from .known_images import known_image_findings, mirrored_services
from .networks import network_findings, network_warnings
from .observability import observability_findings
from .routing import routing_findings
from .rules import rule_findings
from .shapes import shape_findings, site_findings
from .surroundings import partition_findings, way_out_findings, way_out_warnings
from .tasks import job_findings, schedule_findings
from .toggles import control_findings, toggle_findings
from .websites import website_findings

LISTS = (
    "services",
    "images",
    "mirrors",
    "load_balancers",
    "security_groups",
    "tables",
    "topics",
    "queues",
    "buckets",
    "websites",
    "file_systems",
    "schedules",
)


def problems(params: dict[str, Any]) -> list[str]:
    """Every finding, in the order in which the layers are built, each once."""
    regions = [str(region["name"]) for region in params["regions"]]
    longest = max(regions, key=len, default="")
    toggle, accelerator = params["toggle"] or {}, params["accelerator"] or {}
    known = _known(params)
    found = list(params["argument_errors"])
    found += check.region_findings(params["regions"])
    found += site_findings(params) if params["site"] else []
    found += shape_findings(params)
    found += tag_problems("workload_tags", params["tags"], strict=True, ignoring_case=True)
    found += check.security_group_findings(params["security_groups"] or [])
    found += check.bucket_findings(params["workload"], params["buckets"] or [], longest)
    found += website_findings(params, longest, known)
    found += check.table_findings(params["tables"] or [])
    found += toggle_findings(toggle, known["table"] or [])
    found += control_findings(params["toggle"], regions) if params["site"] else []
    found += partition_findings(regions, [str(name) for name in toggle.get("control_regions") or []], accelerator)
    found += check.messaging_findings(params["topics"], params["queues"], regions)
    found += check.file_system_findings(params["file_systems"] or [], known["security_group"])
    found += check.load_balancer_findings(params["load_balancers"] or [], known["security_group"])
    found += certificate_findings(params["load_balancers"] or [], regions)
    if params["load_balancers"] is not None:
        found += rule_findings(params["load_balancers"], params["services"] or [])
        found += api_findings(params, known)
    found += guard_findings(params)
    found += routing_findings(params)
    found += check.service_findings(params["services"] or [], known, params["load_balancers"])
    found += check.insight_findings(params["services"] or [], params["container_insights"])
    found += observability_findings(params, longest)
    found += network_findings(params)
    found += way_out_findings(params["regions"], params["services"] or [], params["mirrors"] or [])
    found += job_findings(params["services"] or [], known)
    found += schedule_findings(params["schedules"] or [], params["services"], known)
    found += image_findings(params["images"] or [])
    found += mirror_findings(params["mirrors"] or [], params["images"] or [])
    found += own_image_findings(params["services"] or [], params["images"], params["mirrors"])
    found += check.role_name_findings(params["workload"], params["services"] or [], longest)
    services = mirrored_services(params["services"] or [], params["mirrors"] or [])
    found += known_image_findings(services, params["reconcile"], params["proof"], len(regions))
    found += check.accelerator_findings(accelerator, params["load_balancers"])
    return list(dict.fromkeys(found))


def _known(params: dict[str, Any]) -> dict[str, list[str] | None]:
    """What a service may refer to, by kind; None where the inventory was not told."""
    kinds = {
        "topic": "topics",
        "queue": "queues",
        "table": "tables",
        "bucket": "buckets",
        "load_balancer": "load_balancers",
        "security_group": "security_groups",
        "file_system": "file_systems",
    }
    known: dict[str, list[str] | None] = {
        kind: None if params[variable] is None else [str(item.get("name")) for item in params[variable]]
        for kind, variable in kinds.items()
    }
    known["region"] = ["name", "peers"]
    known["toggle"] = None if params["toggle"] is None else ["parameter", "state_table", "lease_table"]
    return known


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    counted = {name: len(params[name]) for name in LISTS if params[name] is not None}
    warnings = [*way_out_warnings(params["regions"], params["services"] or []), *network_warnings(params)]
    told = {"warnings": warnings} if warnings else {}
    return {"checked": {"regions": len(params["regions"]), **counted}, **told}


MODULE = ModuleDefinition(
    arguments={
        "regions": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "role": {"type": "raw"},
                "state": {"type": "raw"},
                "cidr": {"type": "raw"},
                **{key: {"type": "raw"} for key in ("zones", "zone_count", "nat", "interface_endpoints")},
                "ipv6": {"type": "bool", "default": False},
                "flow_logs": {"type": "dict"},
            },
        },
        **{name: {"type": "list", "elements": "dict"} for name in LISTS},
        "argument_errors": {"type": "list", "elements": "str", "default": []},
        "site": {"type": "bool", "default": False},
        "websites_root": {"type": "path"},
        "accelerator": {"type": "dict"},
        "peering": {
            "type": "dict",
            "options": {"topology": {"type": "str", "default": "mesh"}, "hub": {"type": "str"}},
        },
        "api": {
            "type": "dict",
            "options": {
                "kind": {"type": "str", "default": "none"},
                "domain": {"type": "str"},
                "load_balancer": {"type": "str"},
                "port": {"type": "raw"},
                "subnets": {"type": "str"},
                "security_groups": {"type": "list", "elements": "str", "default": []},
                "timeout": {"type": "int"},
                "rate_limit": {"type": "float"},
                "burst_limit": {"type": "int"},
                "log_retention_in_days": {"type": "int"},
                "web_acl": {"type": "str"},
                "requests": {"type": "list", "elements": "dict", "default": []},
            },
        },
        "web_acl": {"type": "dict"},
        "web_acl_name": {"type": "str"},
        "routing": {
            "type": "dict",
            "options": {
                "choice": {"type": "str", "required": True},
                "said": {"type": "bool", "default": False},
                "records": {"type": "str", "default": "weighted"},
                "health_check": {"type": "dict"},
            },
        },
        "container_insights": {"type": "str"},
        "observability": {"type": "dict"},
        "tags": {"type": "dict"},
        "reconcile": {"type": "list", "elements": "dict"},
        "proof": {"type": "dict"},
        "toggle": {
            "type": "dict",
            "options": {
                "parameter": {"type": "str"},
                "state_table": {"type": "str"},
                "lease_table": {"type": "str"},
                "control_regions": {"type": "list", "elements": "str"},
            },
        },
    },
    services=(),
    read=read,
    problems=problems,
)
