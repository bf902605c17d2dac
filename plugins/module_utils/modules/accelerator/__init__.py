# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Global Accelerator in front of a workload's regions, with an endpoint group for each region on each listener.

A failover moves the traffic dials. Building the workload again must not move the traffic back, so dials are set when
an endpoint group is made and, unless told otherwise, never again.
"""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from .arguments import ARGUMENTS
from .build import build
from .checks import problems

MODULE = ModuleDefinition(
    arguments=ARGUMENTS,
    services=("globalaccelerator", "elbv2"),
    build=build,
    problems=problems,
)
