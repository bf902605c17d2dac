# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `ecs_service` takes."""

from __future__ import annotations

from typing import Any

from ..shared_arguments.capacity_provider_strategy import STRATEGY_ARGUMENT
from ..shared_arguments.task_placement import NETWORK_ARGUMENT
from .deployment import RECREATE, SHIFTING, STEPS
from .lifecycle_checks import LAMBDA, PAUSE

ARGUMENTS: dict[str, Any] = {
    "cluster": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "task_definition": {"type": "str"},
    "desired_count": {"type": "int"},
    "launch_type": {"type": "str", "choices": ["FARGATE", "EC2", "EXTERNAL"]},
    "capacity_provider_strategy": STRATEGY_ARGUMENT,
    "platform_version": {"type": "str"},
    "placement_constraints": {
        "type": "list",
        "elements": "dict",
        "options": {
            "type": {"type": "str", "choices": ["distinctInstance", "memberOf"], "required": True},
            "expression": {"type": "str"},
        },
    },
    "placement_strategy": {
        "type": "list",
        "elements": "dict",
        "options": {
            "type": {"type": "str", "choices": ["random", "spread", "binpack"], "required": True},
            "field": {"type": "str"},
        },
    },
    "network": NETWORK_ARGUMENT,
    "load_balancers": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "target_group_arn": {"type": "str", "required": True},
            "container_name": {"type": "str", "required": True},
            "container_port": {"type": "int", "required": True},
            "shift": {
                "type": "dict",
                "options": {
                    "alternate_target_group_arn": {"type": "str", "required": True},
                    "production_listener_rule": {"type": "str", "required": True},
                    "test_listener_rule": {"type": "str"},
                    "role_arn": {"type": "str", "required": True},
                },
            },
        },
    },
    "service_registries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "registry_arn": {"type": "str", "required": True},
            "port": {"type": "int"},
            "container_name": {"type": "str"},
            "container_port": {"type": "int"},
        },
    },
    "service_connect": {
        "type": "dict",
        "options": {
            "enabled": {"type": "bool", "default": True},
            "namespace": {"type": "str"},
            "services": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "port_name": {"type": "str", "required": True},
                    "discovery_name": {"type": "str"},
                    "client_aliases": {
                        "type": "list",
                        "elements": "dict",
                        "default": [],
                        "options": {"port": {"type": "int", "required": True}, "dns_name": {"type": "str"}},
                    },
                    "ingress_port_override": {"type": "int"},
                },
            },
        },
    },
    "health_check_grace_period": {"type": "int"},
    "strategy": {"type": "str", "choices": ["rolling", RECREATE, *SHIFTING], "default": "rolling"},
    "deployment": {
        "type": "dict",
        "options": {
            "minimum_healthy_percent": {"type": "int"},
            "maximum_percent": {"type": "int"},
            "healthy_within": {"type": "int"},
            "failed_tasks": {"type": "int"},
            "bake_minutes": {"type": "int"},
            "canary": {
                "type": "dict",
                "options": {
                    "percent": {"type": "float", "default": STEPS["canary"]["percent"]},
                    "bake_minutes": {"type": "int", "default": STEPS["canary"]["bake_minutes"]},
                },
            },
            "linear": {
                "type": "dict",
                "options": {
                    "step_percent": {"type": "float", "default": STEPS["linear"]["step_percent"]},
                    "step_bake_minutes": {"type": "int", "default": STEPS["linear"]["step_bake_minutes"]},
                },
            },
            "lifecycle_hooks": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "target_type": {"type": "str", "choices": [LAMBDA, PAUSE], "default": LAMBDA},
                    "hook_target_arn": {"type": "str"},
                    "role_arn": {"type": "str"},
                    "lifecycle_stages": {"type": "list", "elements": "str", "required": True},
                    "hook_details": {"type": "dict"},
                    "timeout_minutes": {"type": "int"},
                    "timeout_action": {"type": "str", "choices": ["ROLLBACK", "CONTINUE"]},
                },
            },
            "circuit_breaker": {
                "type": "dict",
                "options": {
                    "enable": {"type": "bool", "default": True},
                    "rollback": {"type": "bool", "default": True},
                },
            },
            "alarms": {
                "type": "dict",
                "options": {
                    "names": {"type": "list", "elements": "str", "required": True},
                    "enable": {"type": "bool", "default": True},
                    "rollback": {"type": "bool", "default": True},
                },
            },
        },
    },
    "availability_zone_rebalancing": {"type": "str", "choices": ["ENABLED", "DISABLED"]},
    "enable_execute_command": {"type": "bool", "default": False},
    "propagate_tags": {"type": "str", "choices": ["SERVICE", "TASK_DEFINITION", "NONE"], "default": "SERVICE"},
    "enable_ecs_managed_tags": {"type": "bool", "default": True},
    "force_new_deployment": {"type": "bool", "default": False},
    "keep_forwarded": {"type": "bool", "default": False},
    "scaling": {
        "type": "dict",
        "options": {
            "min": {"type": "int", "required": True},
            "max": {"type": "int", "required": True},
            "cpu": {"type": "float"},
            "memory": {"type": "float"},
            "requests": {"type": "float"},
            "load_balancer_arn": {"type": "str"},
            "queue": {
                "type": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "messages_per_task": {"type": "float", "required": True},
                },
            },
            "schedules": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "schedule": {"type": "str", "required": True},
                    "timezone": {"type": "str", "default": "UTC"},
                    "min": {"type": "int", "required": True},
                    "max": {"type": "int", "required": True},
                },
            },
            "suspend_schedules": {"type": "bool", "default": False},
            "scale_in_cooldown": {"type": "int", "default": 300},
            "scale_out_cooldown": {"type": "int", "default": 60},
        },
    },
    "force": {"type": "bool", "default": False},
}
