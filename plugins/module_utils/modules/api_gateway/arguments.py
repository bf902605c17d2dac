# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `api_gateway` takes."""

from __future__ import annotations

from typing import Any

from ...resources.health_check import INTERVALS

TLS_POLICIES = ("TLS_1_2",)
"""Those that a regional custom domain may have that is mapped by the second version of API Gateway's interface."""

HTTP, REST = "http", "rest"

HEALTH_CHECK: dict[str, Any] = {
    "path": {"type": "str", "default": "/readiness"},
    "interval": {"type": "int", "choices": list(INTERVALS), "default": 10},
    "failure_threshold": {"type": "int", "default": 3},
}

REQUEST: dict[str, Any] = {
    "route": {"type": "str", "required": True},
    "headers": {"type": "list", "elements": "str", "default": []},
    "query": {"type": "list", "elements": "str", "default": []},
    "body": {"type": "dict"},
}

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "choices": [HTTP, REST], "default": HTTP},
    "listener": {"type": "str"},
    "port": {"type": "int", "default": 80},
    "server_name": {"type": "str"},
    "subnets": {"type": "list", "elements": "str"},
    "security_groups": {"type": "list", "elements": "str"},
    "routes": {"type": "list", "elements": "str", "default": ["$default"]},
    "requests": {"type": "list", "elements": "dict", "default": [], "options": REQUEST},
    "timeout": {"type": "int"},
    "rate_limit": {"type": "float", "default": 10000},
    "burst_limit": {"type": "int", "default": 5000},
    "log_retention_in_days": {"type": "int", "default": 30},
    "web_acl": {"type": "str"},
    "domain": {
        "type": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "certificate": {"type": "str"},
            "tls_policy": {"type": "str", "choices": list(TLS_POLICIES), "default": TLS_POLICIES[0]},
            "zone": {"type": "str"},
            "weight": {"type": "int", "default": 100},
            "keep_weight": {"type": "bool", "default": True},
            "latency": {"type": "bool", "default": False},
            "health_check": {"type": "dict", "options": HEALTH_CHECK},
        },
    },
}

RULES: dict[str, Any] = {"required_if": [("state", "present", ("listener",))]}
