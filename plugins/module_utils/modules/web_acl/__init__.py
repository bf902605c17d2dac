# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web ACL of AWS WAF in one region, with its sets of addresses, and the load balancers that it guards."""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from .arguments import ARGUMENTS
from .build import build
from .checks import problems

MODULE = ModuleDefinition(arguments=ARGUMENTS, services=("wafv2",), build=build, problems=problems)
