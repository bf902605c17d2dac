# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that lose what they receive in a region that is not ACTIVE: they run only where the region is ACTIVE.

Nobody may scale them meanwhile, so the range of automatic scaling moves with the count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..deployments.service_tasks import ServiceTasks
from ..kernel import Cloud
from ..readiness import read_counts, set_counts
from .control import SwitchControl
from .journal import DRAINED

NONE = {"min": 0, "max": 0, "suspended": True}
"""The range of automatic scaling where nothing may run, and no schedule may start it."""


def stop(cloud: Cloud, counts: Mapping[str, Mapping[str, Any]]) -> None:
    """Want no task of these services of one region any more, and wait until every task is seen STOPPED.

    counts: how they are now, as `readiness.read_counts` tells it.

    Raises:
        NotReadyInTime: a task had not stopped within the run's `wait_timeout`.
    """
    watched = [ServiceTasks(cloud, each["region"], each["cluster"], each["service"]) for each in counts.values()]
    for tasks in watched:
        tasks.living()  # what runs now is watched even when listings have forgotten it
    for each in counts.values():
        set_counts(cloud, {**each, "desired": 0, "scaling": each["scaling"] and {**each["scaling"], **NONE}})
    what = f"the tasks of {', '.join(counts)} to be STOPPED"
    cloud.wait_until(what, lambda: not any(tasks.living() for tasks in watched))


class Workers:
    """The workers that drop. Their counts are what `readiness.read_counts` tells, by name.

    Those of a region that does not answer are kept beside the lease, until it is seen with its workers again.
    """

    def __init__(self, control: SwitchControl) -> None:
        self.control = control
        self.declared: list[dict[str, Any]] = control.params["drops"]
        self.names = [each["name"] for each in self.declared]

    def __str__(self) -> str:
        return ", ".join(self.names)

    def counts(self, region: str) -> dict[str, dict[str, Any]]:
        return read_counts(self.control.cloud, region, self.declared[0]["cluster"], self.names)

    def kept(self, region: str) -> dict[str, Any] | None:
        found = self.control.table.look_up(_kept(region))
        return found and found["services"]

    def keep(self, region: str, counts: Mapping[str, Any]) -> None:
        self.control.table.put(_kept(region), {"services": counts})

    def forget(self, region: str) -> None:
        self.control.table.remove(_kept(region))


def _kept(region: str) -> str:
    return f"{DRAINED}#{region}"
