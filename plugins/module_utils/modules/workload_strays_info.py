# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells what carries a workload's tag and is not wanted, and how to remove it."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud
from ..kernel.run import ModuleDefinition
from .workload_strays import STRAY_ARGUMENTS, Strays, problems


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    strays = Strays(params, cloud)
    return {"strays": [strays.told(thing) for thing in [*strays.there(), *strays.others]]}


MODULE = ModuleDefinition(
    arguments=STRAY_ARGUMENTS,
    services=("resourcegroupstaggingapi", "iam", "cloudwatch"),
    read=read,
    problems=problems,
)
