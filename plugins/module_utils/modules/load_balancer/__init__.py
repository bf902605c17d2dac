# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One load balancer with its target groups, listeners and rules.

What belongs to it and is not wanted is removed, after everything else has been changed to do without it.
"""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from .arguments import ARGUMENTS
from .build import build
from .checks import problems

MODULE = ModuleDefinition(
    arguments=ARGUMENTS,
    services=("elbv2",),
    build=build,
    problems=problems,
)
