# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `ecs_run_task` takes."""

from __future__ import annotations

from typing import Any

from ..shared_arguments.task_overrides import OVERRIDES_ARGUMENT
from ..shared_arguments.task_placement import PLACEMENT_ARGUMENTS

ARGUMENTS: dict[str, Any] = {
    "cluster": {"type": "str", "required": True},
    "task_definition": {"type": "str"},
    "service": {"type": "str"},
    "run_id": {"type": "str"},
    "overrides": OVERRIDES_ARGUMENT,
    **PLACEMENT_ARGUMENTS,
    "group": {"type": "str"},
    "enable_execute_command": {"type": "bool", "default": False},
    "propagate_tags": {"type": "str", "choices": ["TASK_DEFINITION", "NONE"], "default": "NONE"},
    "until": {"type": "str", "choices": ["RUNNING", "STOPPED"], "default": "STOPPED"},
    "keep": {"type": "bool", "default": True},
    "retry_failed": {"type": "bool", "default": False},
    "unless_deployed": {"type": "str"},
    "log_lines": {"type": "int", "default": 20},
}
