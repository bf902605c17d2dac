# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `region_network` takes: subnets, ways out, endpoints, security groups with their rules."""

from __future__ import annotations

from typing import Any

from ...resources.log_group import RETENTION_DAYS


def tiers_of(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The tiers asked for, or the usual two."""
    usual = [{"tier": "public", "route": "internet"}, {"tier": "private", "route": "nat"}]
    return [{"cidrs": None, "public_ip_on_launch": False, **tier} for tier in params.get("subnets") or usual]


def _rule_options() -> dict[str, Any]:
    return {
        "protocol": {"type": "str", "choices": ["tcp", "udp", "icmp", "all"], "default": "tcp"},
        "port": {"type": "int"},
        "from_port": {"type": "int"},
        "to_port": {"type": "int"},
        "cidrs": {"type": "list", "elements": "str"},
        "security_group": {"type": "str"},
        "prefix_list": {"type": "str"},
        "description": {"type": "str", "default": ""},
    }


ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str"},
    "cidr": {"type": "str"},
    "zones": {"type": "list", "elements": "str"},
    "zone_count": {"type": "int", "default": 2},
    "subnets": {
        "type": "list",
        "elements": "dict",
        "options": {
            "tier": {"type": "str", "required": True},
            "route": {"type": "str", "choices": ["internet", "nat", "none"], "default": "nat"},
            "cidrs": {"type": "list", "elements": "str"},
            "public_ip_on_launch": {"type": "bool", "default": False},
        },
    },
    "nat": {"type": "str", "choices": ["per_az", "single", "none"]},
    "ipv6": {"type": "bool", "default": False},
    "flow_logs": {
        "type": "dict",
        "options": {
            "traffic": {"type": "str", "choices": ["ALL", "ACCEPT", "REJECT"], "default": "ALL"},
            "interval": {"type": "int", "choices": [60, 600], "default": 600},
            "bucket": {"type": "str"},
            "retention_in_days": {"type": "int", "choices": list(RETENTION_DAYS)},
        },
    },
    "gateway_endpoints": {
        "type": "list",
        "elements": "str",
        "choices": ["s3", "dynamodb"],
        "default": ["s3", "dynamodb"],
    },
    "interface_endpoints": {"type": "list", "elements": "str", "default": []},
    "security_groups": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "description": {"type": "str"},
            "ingress": {"type": "list", "elements": "dict", "default": [], "options": _rule_options()},
            "egress": {"type": "list", "elements": "dict", "options": _rule_options()},
        },
    },
    "keep_serving": {"type": "bool", "default": False},
    "empty_default_security_group": {"type": "bool", "default": True},
}
