# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of a workload in one region: VPC, subnets, ways out, endpoints, security groups.

Everything in it carries the tags `workload`, `region` and `network`. What carries them and is not wanted is removed,
after everything else has been changed to do without it.
"""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from .arguments import ARGUMENTS
from .build import build
from .checks import problems

MODULE = ModuleDefinition(
    arguments=ARGUMENTS,
    services=("ec2", "iam", "logs", "sts"),
    build=build,
    problems=problems,
)
