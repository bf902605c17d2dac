# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many vCPU the tasks of Fargate may have at once, in a region: a quota of the account, low while it is new."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from localcloud.ecs.task_definition_rules import size_in_units
from localcloud.servicequotas.models import quota_of

ON_DEMAND, SPOT = "L-3032A538", "L-36FBB829"
UNITS_PER_VCPU = 1024

REACHED = "You've reached the limit on the number of vCPUs you can run concurrently"


def quota_for(launch_type: str | None, provider: str | None) -> str | None:
    """The code of the quota that a task counts towards; None for one that runs on instances."""
    if provider == "FARGATE_SPOT":
        return SPOT
    return ON_DEMAND if "FARGATE" in (launch_type, provider) else None


def room(
    account: str, region: str, running: Iterable[Any], cpu: str | None, launch_type: str | None, provider: str | None
) -> float:
    """How many more tasks with so much `cpu` fit beside those that have not stopped; infinite where nothing counts."""
    code, units = quota_for(launch_type, provider), _units(cpu)
    if code is None or not units:
        return math.inf
    used = sum(_units(task.cpu) for task in running if quota_for(task.launch_type, task.capacity_provider_name) == code)
    return max(0, (quota_of(account, region, "fargate", code) * UNITS_PER_VCPU - used) // units)


def _units(cpu: str | None) -> int:
    return int(size_in_units(cpu, "cpu") or 0)
