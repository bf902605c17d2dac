# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the services run now in each region, read side by side: their revisions, and the images of their containers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..deployments import rollout
from ..kernel import Cloud, CollectionError
from ..resources.service import Service
from ..resources.task_definition import described

THREADS = 8


@dataclass(frozen=True)
class Present:
    """A service as it is in a region.

    service:    the actual attributes of the resource `Service`.
    definition: those of the revision that it is to run.
    """

    service: dict[str, Any]
    definition: dict[str, Any]

    @property
    def revision(self) -> str:
        return str(self.definition["task_definition_arn"])

    @property
    def images(self) -> dict[str, str]:
        """Container → image."""
        return {each["name"]: each["image"] for each in self.definition["definition"]["containerDefinitions"]}

    @property
    def target_groups(self) -> list[str]:
        """The ARNs of those that its tasks are in, and of those that they are in by turns."""
        balancers = self.service["load_balancers"]
        shifts = [each["shift"] for each in balancers if each.get("shift")]
        return [*(each["target_group_arn"] for each in balancers), *(s["alternate_target_group_arn"] for s in shifts)]

    @property
    def is_settled(self) -> bool:
        """Whether no deployment of it is under way, none has failed, and none was interrupted."""
        return self.service["rollout"] == "COMPLETED" and not self.service.get("recreate")


def handle(cluster: str, name: str, region: str, **wanted: Any) -> Service:
    """A service of which only what `wanted` says is to change."""
    return Service(cluster, name, region, keeps_count=True, purge_tags=False, tags={}, **wanted)


def read_present(cloud: Cloud, regions: Iterable[str], services: Mapping[str, str]) -> dict[str, dict[str, Present]]:
    """Region → service → what it is now. `services`: name → cluster. CollectionError: one is not there."""
    regions = list(regions)
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        found = dict(zip(regions, pool.map(lambda region: _services(cloud, region, services), regions), strict=True))
        wanted = [(region, name) for region in regions for name in services]
        revisions = [(region, found[region][name]["task_definition"]) for region, name in wanted]
        definitions = pool.map(lambda asked: _definition(cloud, *asked), revisions)
        present: dict[str, dict[str, Present]] = {region: {} for region in regions}
        for (region, name), definition in zip(wanted, definitions, strict=True):
            present[region][name] = Present(found[region][name], definition)
    return present


def _services(cloud: Cloud, region: str, services: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    handles = {name: handle(cluster, name, region, state="absent") for name, cluster in services.items()}
    found = Service.find(cloud, region, list(handles.values()), {})
    told = {name: found[each.name] for name, each in handles.items() if each.name in found}
    if missing := [name for name in services if name not in told or told[name]["status"] != "ACTIVE"]:
        raise CollectionError(
            f"There is no service {', '.join(missing)} in {region}, and a deployment changes only services that run. "
            "Build the region first: site.yml"
        )
    return told


def _definition(cloud: Cloud, region: str, revision: str) -> dict[str, Any]:
    found = described(cloud, region, revision)
    if found is None:
        raise CollectionError(f"{rollout.revision(revision)} in {region}, which a service is to run, cannot be read.")
    return found
