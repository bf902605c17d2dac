# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system that outlives every container, and that nobody but its clients can reach.

The group, its one port and the mount targets belong to the file system: removing them removes access, not data.
"""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from .arguments import ARGUMENTS
from .build import build
from .checks import problems

MODULE = ModuleDefinition(
    arguments=ARGUMENTS,
    services=("efs", "ec2"),
    build=build,
    problems=problems,
    rules={"required_if": [("state", "present", ["subnets", "client_security_groups"])]},
)
