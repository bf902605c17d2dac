# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `accelerator` takes: address type, listeners, endpoint groups with health checks."""

from __future__ import annotations

from typing import Any

from ..shared_arguments.dead import DEAD_ARGUMENT

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "enabled": {"type": "bool", "default": True},
    "ip_address_type": {"type": "str", "choices": ["IPV4", "DUAL_STACK"], "default": "IPV4"},
    "listeners": {
        "type": "list",
        "elements": "dict",
        "options": {
            "ports": {"type": "list", "elements": "str", "required": True},
            "protocol": {"type": "str", "choices": ["TCP", "UDP"], "default": "TCP"},
            "client_affinity": {"type": "str", "choices": ["NONE", "SOURCE_IP"], "default": "NONE"},
        },
    },
    "endpoint_groups": {
        "type": "list",
        "elements": "dict",
        "options": {
            "region": {"type": "str", "required": True},
            "dial": {"type": "int", "default": 100},
            "health_check": {
                "type": "dict",
                "options": {
                    "protocol": {"type": "str", "choices": ["TCP", "HTTP", "HTTPS"]},
                    "port": {"type": "int"},
                    "path": {"type": "str"},
                    "interval": {"type": "int", "choices": [10, 30]},
                    "threshold": {"type": "int"},
                },
            },
            "endpoints": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "id": {"type": "str"},
                    "load_balancer": {"type": "str"},
                    "weight": {"type": "int", "default": 128},
                    "client_ip_preservation": {"type": "bool"},
                },
                "mutually_exclusive": [["id", "load_balancer"]],
                "required_one_of": [["id", "load_balancer"]],
            },
        },
    },
    "keep_dials": {"type": "bool", "default": True},
    **DEAD_ARGUMENT,
}
