# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `ecs_taskdef_revision` takes."""

from __future__ import annotations

from typing import Any

from ...taskdef.image_scan import SEVERITIES

ARGUMENTS: dict[str, Any] = {
    "family": {"type": "str"},
    "definition": {"type": "dict"},
    "base": {"type": "str"},
    "revision": {"type": "str"},
    "cpu": {"type": "str"},
    "memory": {"type": "str"},
    "network_mode": {"type": "str", "choices": ["awsvpc", "bridge", "host", "none"]},
    "requires_compatibilities": {
        "type": "list",
        "elements": "str",
        "choices": ["FARGATE", "EC2", "EXTERNAL", "MANAGED_INSTANCES"],
    },
    "runtime_platform": {
        "type": "dict",
        "options": {
            "cpu_architecture": {"type": "str", "choices": ["X86_64", "ARM64"]},
            "operating_system_family": {"type": "str"},
        },
    },
    "execution_role_arn": {"type": "str"},
    "task_role_arn": {"type": "str"},
    "containers": {"type": "list", "elements": "dict"},
    "volumes": {"type": "list", "elements": "dict"},
    "ephemeral_storage_gib": {"type": "int"},
    "pid_mode": {"type": "str", "choices": ["host", "task"]},
    "ipc_mode": {"type": "str", "choices": ["host", "task", "none"]},
    "proxy_configuration": {"type": "dict"},
    "placement_constraints": {"type": "list", "elements": "dict"},
    "enable_fault_injection": {"type": "bool"},
    "pin_images": {"type": "bool", "default": False},
    "verify": {"type": "bool", "default": False},
    "verify_for": {
        "type": "dict",
        "options": {
            "subnets": {"type": "list", "elements": "str"},
            "load_balancers": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "target_group_arn": {"type": "str", "required": True},
                    "container_name": {"type": "str"},
                    "container_port": {"type": "int"},
                },
            },
        },
    },
    "image_scan": {
        "type": "dict",
        "options": {
            "stops_at": {"type": "str", "choices": list(SEVERITIES), "required": True},
            "accepts": {"type": "list", "elements": "str", "default": []},
            "required": {"type": "bool", "default": True},
            "timeout": {"type": "float", "default": 600.0},
        },
    },
    "prune": {
        "type": "dict",
        "options": {
            "keep": {"type": "int", "required": True},
            "delete": {"type": "bool", "default": False},
        },
    },
    "delete": {"type": "bool", "default": False},
}
