# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The release in force, and the deployments that have ended: items beside the lease, written by whoever holds it.

`release` says of each region which deployment brought what runs there, and its images: `regions` → region →
`deployment` (None: nothing was deployed since the region was built, or all of it was rolled back) and `services` →
name → `images` and `digests` by container. Each deployment that has ended has an entry, its journal with `outcome`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ..kernel import absent_is_none
from ..lease import LeaseTable
from ..lease.deployment_plan import ENTRY, RELEASE, entry_id
from ..protocol import SCHEMA, ProtocolError
from ..protocol.schema import check_schema
from ..taskdef.images import ecr_image

Images = dict[str, dict[str, str]]
"""Service → container → image."""

DONE_OUTCOME = "done"


def in_record(region: Mapping[str, Any]) -> dict[str, Any]:
    """What the release says of the services of a region of a journal."""
    keys = ("images", "digests")
    return {name: {key: each[key] for key in keys} for name, each in region["services"].items()}


def images_for(release: Mapping[str, Any], region: str) -> Images:
    """The images of the release in force in a region; in one that is new, those of the newest deployment elsewhere.

    Each region has an ECR registry of its own.
    """
    regions = release.get("regions") or {}
    if not regions:
        return {}
    if region in regions:
        services = regions[region]["services"]
        return {name: dict(told["images"]) for name, told in services.items()}
    newest = max(regions, key=lambda each: (regions[each]["deployment"] or "", each))
    services = regions[newest]["services"]
    return {
        name: {container: _moved(image, newest, region) for container, image in told["images"].items()}
        for name, told in services.items()
    }


def moved_to(here: str, there: str, good: Mapping[str, Any]) -> dict[str, Any]:
    """What a rollback returns one region to (`deployment` and `images`), for another whose images are its own."""
    images = good["images"].items()
    return {
        "deployment": good["deployment"],
        "images": {name: {c: _moved(image, there, here) for c, image in told.items()} for name, told in images},
    }


def _moved(image: str, there: str, here: str) -> str:
    parts = ecr_image(image)
    if parts is None or parts.region != there:
        return image
    return image.replace(f".{there}.", f".{here}.", 1)


class Record:
    """Reads and writes the release, and the entries of deployments."""

    def __init__(self, table: LeaseTable) -> None:
        self.table = table
        self.release: dict[str, Any] = {}
        self._entries: dict[str, dict[str, Any] | None] = {}
        self._one_at_a_time = threading.Lock()
        self._has_assumed = False

    def read(self) -> None:
        found = None
        with absent_is_none("ResourceNotFoundException"):
            found = self.table.look_up(RELEASE)
        if found:
            check_schema(RELEASE, found.get("schema"))
        self.release = found or {}

    def in_force(self, region: str) -> dict[str, Any]:
        """`deployment` and `services` of a region; empty if nothing was ever deployed there."""
        return dict((self.release.get("regions") or {}).get(region) or {})

    def entry(self, deployment: str) -> dict[str, Any] | None:
        """The entry of a deployment that has ended."""
        if deployment not in self._entries:
            found = self.table.look_up(f"{ENTRY}{deployment}")
            self._entries[deployment] = found and {**found, "id": deployment}
        return self._entries[deployment]

    def assume(self, region: str, images: Images) -> None:
        """That these images are the release in a region of which nothing is recorded; written with the next write."""
        services = {name: {"images": dict(each), "digests": {}} for name, each in images.items()}
        regions = {**(self.release.get("regions") or {}), region: {"deployment": None, "services": services}}
        self.release, self._has_assumed = {"schema": SCHEMA, "regions": regions}, True

    def write_assumed(self) -> None:
        """Write what was assumed, if anything was."""
        if self._has_assumed:
            self.table.put(RELEASE, self.release)

    def put(self, region: str, deployment: str | None, services: Mapping[str, Any]) -> None:
        """What runs in this region from now on; services that are not named stay as they are recorded."""
        with self._one_at_a_time:
            now = self.in_force(region)
            told = {"deployment": deployment, "services": {**now.get("services", {}), **services}}
            regions = {**(self.release.get("regions") or {}), region: told}
            self.release = {"schema": SCHEMA, "regions": regions}
            self.table.put(RELEASE, self.release)

    def restore(self, region: str, before: Mapping[str, Any], names: Iterable[str]) -> None:
        """Put back what was recorded of these services before, and the deployment that was in force."""
        with self._one_at_a_time:
            others = {k: v for k, v in self.in_force(region).get("services", {}).items() if k not in set(names)}
            told = {"deployment": before["deployment"], "services": {**others, **before["services"]}}
            if told != {"deployment": None, "services": {}, **self.in_force(region)}:
                regions = {**(self.release.get("regions") or {}), region: told}
                self.release = {"schema": SCHEMA, "regions": regions}
                self.table.put(RELEASE, self.release)

    def end(self, journal: Mapping[str, Any], outcome: str) -> None:
        """Write the entry of a deployment that has ended, in the place of one that says it was interrupted."""
        self.table.put(entry_id(journal), {**journal, "outcome": outcome})

    def good_before(self, region: str) -> tuple[str | None, Images]:
        """The release that a rollback of the next deployment returns a region to: the last that was done everywhere.

        None stands for what the region was built with. The images are those of services that such a deployment must
        not take from what runs now, since what runs now came by one that failed or was interrupted.
        """
        deployment = self.in_force(region).get("deployment")
        images: Images = {}
        while deployment is not None:
            entry = self.entry(deployment)
            told = entry and entry["regions"].get(region)
            if not entry or not told or entry["outcome"] == DONE_OUTCOME:
                break
            images = {**images, **told["good"]["images"]}
            deployment = told["good"]["deployment"]
        return deployment, images

    def newest(self, regions: list[str]) -> dict[str, Any]:
        """The entry of the newest deployment in force in any of these regions. ProtocolError: there is none."""
        deployments = [self.in_force(region).get("deployment") for region in regions]
        known = [each for each in deployments if each is not None]
        if not known:
            raise ProtocolError(
                f"nothing was deployed to {', '.join(regions)} that could be gone back from: what runs there is what "
                "site.yml built, or all deployments were rolled back"
            )
        entry = self.entry(max(known))
        if entry is None:
            raise ProtocolError(
                f"the entry {ENTRY}{max(known)} of the deployment in force is gone from the lease table"
            )
        return entry
