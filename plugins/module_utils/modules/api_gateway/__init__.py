# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP API of API Gateway in front of a listener inside a VPC, under a custom domain."""

from __future__ import annotations

from ...kernel.run import ModuleDefinition
from .arguments import ARGUMENTS, RULES
from .build import build
from .checks import problems

MODULE = ModuleDefinition(
    arguments=ARGUMENTS,
    services=("apigatewayv2", "apigateway", "wafv2", "logs", "route53"),
    build=build,
    problems=problems,
    rules=RULES,
)
