# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that are run once: migrations, repairs, reports."""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from ..shared_arguments.task_overrides import secrets
from .arguments import ARGUMENTS
from .build import build
from .checks import problems

MODULE = ModuleDefinition(
    arguments=ARGUMENTS,
    services=("ecs", "ec2", "logs"),
    build=build,
    problems=problems,
    secrets=secrets,
)
