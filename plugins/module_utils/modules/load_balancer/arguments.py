# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `load_balancer` takes: address type, target groups with health checks, listeners, rules."""

from __future__ import annotations

from typing import Any

PROTOCOLS = {"application": ("HTTP", "HTTPS"), "network": ("TCP", "TLS", "UDP", "TCP_UDP")}


def default_protocol(params: dict[str, Any]) -> str:
    return PROTOCOLS[params["type"]][0]


DEREGISTRATION_SECONDS = 30


def _actions() -> dict[str, Any]:
    return {
        "target_group": {"type": "str"},
        "fixed_response": {
            "type": "dict",
            "options": {
                "status_code": {"type": "int", "required": True},
                "content_type": {
                    "type": "str",
                    "choices": [
                        "text/plain",
                        "text/css",
                        "text/html",
                        "application/javascript",
                        "application/json",
                    ],
                    "default": "text/plain",
                },
                "body": {"type": "str", "default": ""},
            },
        },
        "redirect": {
            "type": "dict",
            "options": {
                "protocol": {"type": "str", "choices": ["HTTP", "HTTPS"]},
                "host": {"type": "str"},
                "port": {"type": "int"},
                "path": {"type": "str"},
                "query": {"type": "str"},
                "status_code": {"type": "int", "choices": [301, 302], "default": 301},
            },
        },
    }


PROTOCOL = {"type": "str", "choices": ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"]}
STRINGS = {"type": "list", "elements": "str"}

TARGET_GROUP_OPTIONS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "protocol": PROTOCOL,
    "protocol_version": {"type": "str", "choices": ["HTTP1", "HTTP2", "GRPC"]},
    "target_type": {"type": "str", "choices": ["ip", "instance", "alb"], "default": "ip"},
    "health_check": {  # without a default: Ansible would fill in the options of the one dict for all groups
        "type": "dict",
        "options": {
            "path": {"type": "str"},
            "protocol": {"type": "str", "choices": ["HTTP", "HTTPS", "TCP"]},
            "port": {"type": "str"},
            "interval": {"type": "int"},
            "timeout": {"type": "int"},
            "healthy_threshold": {"type": "int"},
            "unhealthy_threshold": {"type": "int"},
            "matcher": {"type": "str"},
        },
    },
    "deregistration_delay": {"type": "int"},
    "stickiness_seconds": {"type": "int"},
    "attributes": {"type": "dict", "default": {}},
    "targets": {
        "type": "list",
        "elements": "dict",
        "options": {"id": {"type": "str"}, "load_balancer": {"type": "str"}, "port": {"type": "int"}},
    },
}

LISTENER_OPTIONS: dict[str, Any] = {
    "port": {"type": "int", "required": True},
    "protocol": PROTOCOL,
    "certificate": {"type": "str"},
    "ssl_policy": {"type": "str", "default": "ELBSecurityPolicy-TLS13-1-2-2021-06"},
    "default": {"type": "dict", "required": True, "options": _actions()},
    "rules": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "priority": {"type": "int", "required": True},
            "paths": STRINGS,
            "hosts": STRINGS,
            "methods": STRINGS,
            "headers": {"type": "dict"},
            "query": {"type": "dict"},
            "source_cidrs": STRINGS,
            "shifts_to": {"type": "str"},
            "weights": {"type": "dict"},
            **_actions(),
        },
    },
}

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "choices": ["application", "network"], "default": "application"},
    "scheme": {"type": "str", "choices": ["internet-facing", "internal"], "default": "internet-facing"},
    "subnets": STRINGS,
    "security_groups": STRINGS,
    "vpc_id": {"type": "str"},
    "ip_address_type": {"type": "str", "choices": ["ipv4", "dualstack"], "default": "ipv4"},
    "idle_timeout": {"type": "int"},
    "attributes": {"type": "dict", "default": {}},
    "target_groups": {"type": "list", "elements": "dict", "default": [], "options": TARGET_GROUP_OPTIONS},
    "listeners": {"type": "list", "elements": "dict", "default": [], "options": LISTENER_OPTIONS},
    "keep_serving": {"type": "bool", "default": False},
    "purge_listeners": {"type": "bool", "default": True},
    "purge_rules": {"type": "bool", "default": True},
    "purge_target_groups": {"type": "bool", "default": True},
    "delete_protected": {"type": "bool", "default": False},
}
