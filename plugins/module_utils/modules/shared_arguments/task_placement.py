# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tasks run, and how many: as every module takes it that lets ECS start tasks."""

from __future__ import annotations

from typing import Any

from .capacity_provider_strategy import STRATEGY_ARGUMENT

NETWORK_ARGUMENT: dict[str, Any] = {
    "type": "dict",
    "options": {
        "subnets": {"type": "list", "elements": "str", "required": True},
        "security_groups": {"type": "list", "elements": "str", "default": []},
        "assign_public_ip": {"type": "bool", "default": False},
    },
}

PLACEMENT_ARGUMENTS: dict[str, Any] = {
    "network": NETWORK_ARGUMENT,
    "count": {"type": "int", "default": 1},
    "launch_type": {"type": "str", "choices": ["FARGATE", "EC2", "EXTERNAL"]},
    "capacity_provider_strategy": STRATEGY_ARGUMENT,
    "platform_version": {"type": "str"},
}
"""Of modules that run tasks outside a service."""
