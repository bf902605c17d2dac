# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DynamoDB table and its replicas, managed from one region.

One description of the table, read first, tells the region it is managed from and the replicas that are no longer asked
for. The rules of global tables that decide the order of things are in the resources.
"""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from .arguments import ARGUMENTS
from .build import build
from .checks import problems

MODULE = ModuleDefinition(
    arguments=ARGUMENTS,
    services=("dynamodb", "application-autoscaling", "kms", "sts"),
    build=build,
    problems=problems,
    rules={"required_if": [("state", "present", ["hash_key"])]},
)
