# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deployment has to do: a journal to begin with, from what is asked, recorded, and running; pure functions.

A region takes part if a service of it runs other images than are wanted, or if what it runs is not recorded so. The
others are in the journal too, as done: a later rollback returns all regions to one release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..lease.deployment_plan import DEPLOYMENT, DONE, WAITING
from ..protocol import SCHEMA, ProtocolError
from .asked import Asked
from .present import Present
from .record import Images, Record, moved_to
from .wishes import apply_wish

Regions = dict[str, dict[str, Any]]
AllPresent = Mapping[str, Mapping[str, Present]]


def wished_images(wishes: Mapping[str, Mapping[str, str]], present: Mapping[str, Present], region: str) -> Images:
    """Service → container → the image that the wishes mean in a region. ProtocolError: there is no such container."""
    found: Images = {}
    for service, images in wishes.items():
        now = present[service].images
        for container, wish in images.items():
            if container not in now:
                raise ProtocolError(
                    f"service {service} in {region} has no container {container!r}; its containers are "
                    f"{', '.join(sorted(now))}"
                )
            found.setdefault(service, {})[container] = apply_wish(wish, now[container])
    return found


def begin_forward(
    asked: Asked, waves: Sequence[Sequence[str]], wanted: Mapping[str, Images], present: AllPresent, record: Record
) -> dict[str, Any]:
    """The journal of a deployment that begins, but for who, why and when; empty if there is nothing to do."""
    regions: Regions = {}
    for region in (region for wave in waves for region in wave):
        services = {name: _service(present[region][name], images) for name, images in sorted(wanted[region].items())}
        good, carried = record.good_before(region)
        earlier = {name: each["images_before"] for name, each in services.items()}
        regions[region] = _region(region, services, record, good=good, images={**earlier, **carried})
        due = any(each["images"] != each["images_before"] for each in services.values())
        if not due and _is_recorded(record, region, wanted[region]):
            regions[region]["phase"] = DONE
    if all(each["phase"] == DONE for each in regions.values()):
        return {}
    return _journal(asked, waves, regions)


def begin_back(
    asked: Asked,
    waves: Sequence[Sequence[str]],
    entry: Mapping[str, Any],
    present: AllPresent,
    record: Record,
) -> dict[str, Any]:
    """The journal of going back from the deployment of this entry, where it is in force or followed."""
    kept = [[r for r in wave if record.in_force(r).get("deployment", entry["id"]) == entry["id"]] for wave in waves]
    first = next(iter(entry["regions"]))
    regions: Regions = {}
    for region in (region for wave in kept for region in wave):
        # A region that was added later has followed the release.
        left = entry["regions"].get(region) or {"services": {}}
        good = left.get("good") or moved_to(region, first, entry["regions"][first]["good"])
        services = {}
        for name, images in sorted(good["images"].items()):
            if name not in present[region]:
                raise ProtocolError(f"service {name}, which is to go back, is not among the services of this inventory")
            if lacking := sorted(images.keys() - present[region][name].images.keys()):
                raise ProtocolError(
                    f"service {name} in {region} has no container {', '.join(lacking)} any more, which is to go back"
                )
            services[name] = _service(present[region][name], images)
            before = left["services"].get(name, {})
            if before.get("images_before") == images:
                services[name]["candidate"] = before["before"]
            if before.get("after") == present[region][name].revision:
                services[name]["leaves"] = before["after"]
        regions[region] = _region(region, services, record, good=good["deployment"], images=good["images"])
        regions[region]["becomes"] = good["deployment"]
    return _journal(asked, [wave for wave in kept if wave], regions)


def _service(present: Present, images: Mapping[str, str]) -> dict[str, Any]:
    cluster = present.service["arn"].split("/")[-2]
    return {
        "cluster": cluster,
        "images": dict(images),
        "images_before": {container: present.images[container] for container in images},
        "before": present.revision,
        "after": None,
        "candidate": None,
        "leaves": None,
        "digests": {},
    }


def _region(region: str, services: dict[str, Any], record: Record, good: str | None, images: Images) -> dict[str, Any]:
    in_force = record.in_force(region)
    recorded = {name: told for name, told in in_force.get("services", {}).items() if name in services}
    return {
        "phase": WAITING,
        "before": {"deployment": in_force.get("deployment"), "services": recorded},
        "becomes": None,
        "good": {"deployment": good, "images": images},
        "services": services,
    }


def _is_recorded(record: Record, region: str, wanted: Images) -> bool:
    """Whether the release says of these services what is wanted, or nothing in any region."""
    everywhere = [record.in_force(each).get("services", {}) for each in record.release.get("regions") or {}]
    here = record.in_force(region).get("services", {})
    return all(
        (here.get(name) or {}).get("images") == images or not any(name in services for services in everywhere)
        for name, images in wanted.items()
    )


def _journal(asked: Asked, waves: Sequence[Sequence[str]], regions: Regions) -> dict[str, Any]:
    return {
        "kind": DEPLOYMENT,
        "schema": SCHEMA,
        "asked": asked.to_dict(),
        "waves": [list(wave) for wave in waves],
        "returns": [],
        "failed": "",
        "cancelled": False,
        "steps": [],
        "regions": regions,
    }
