# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether ECR's scans let regions have the images that a deployment gives them.

Only what is new in a region counts, and nothing when regions go back: the way back is open whatever was found since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from ..aws.image_names import tell_image
from ..kernel import Cloud, CollectionError, NotReadyInTime
from ..resources.image_scan import Scan, ScanRule, folded, read_scan, refusals, where
from ..taskdef.images import EcrImage, ecr_image
from .present import THREADS, Present

ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
"""ECS's word → that of images."""

Wanted = tuple[EcrImage, str]
"""An image by its digest, and the architecture that it is for."""


def rule_of(params: Mapping[str, Any]) -> ScanRule | None:
    """The rule of a module's parameters; None if findings stop nothing."""
    if params["scan_stops_at"] is None:
        return None
    return ScanRule(params["scan_stops_at"], frozenset(params["scan_accepts"]), params["scan_required"])


def new_images(services: Mapping[str, Any]) -> dict[str, list[str]]:
    """Image → the services of a region, as the journal tells them, that do not run it yet."""
    found: dict[str, list[str]] = {}
    for name, each in services.items():
        for container, image in each["images"].items():
            if image != each["images_before"][container]:
                found.setdefault(image, []).append(name)
    return found


def to_be_scanned(services: Mapping[str, Any], present: Mapping[str, Present]) -> list[Wanted]:
    """The new images of a region that are in ECR."""
    found: dict[Wanted, None] = {}
    for image, names in new_images(services).items():
        parts = ecr_image(image)
        for name in names if parts and parts.digest else ():
            platform = present[name].definition["definition"].get("runtimePlatform") or {}
            found[parts, ARCHITECTURES[platform.get("cpuArchitecture", "X86_64")]] = None  # type: ignore[index]
    return list(found)


def read_scans(cloud: Cloud, wanted: Iterable[Wanted]) -> list[Scan]:
    """The scans, read side by side."""
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        return list(pool.map(lambda each: read_scan(cloud, *each), wanted))


def wait_for_scans(cloud: Cloud, wanted: list[Wanted], rule: ScanRule, timeout: float) -> list[Scan]:
    """The scans once they have ended. CollectionError: the images are not to be run, or it is not known in time."""
    scans: list[Scan] = []
    for each in wanted:
        latest = [read_scan(cloud, *each)]
        if latest[0].is_under_way:
            cloud.tell(f"  waits for the scan of {where(latest[0])}")
            try:
                what = f"the scan of {where(latest[0])}, which is {latest[0].status}"
                cloud.wait_until(what, partial(_has_ended, cloud, each, latest), timeout=timeout)
            except NotReadyInTime as error:
                if rule.required:
                    raise CollectionError(
                        f"{error} The limit is deployment_image_scan_timeout, {timeout:g} s; "
                        "deployment_image_scan_required=false deploys without a result"
                    ) from error
        scans += latest
    if reasons := refusals(scans, rule):
        raise CollectionError(" ".join(reasons).rstrip("."))
    return scans


def _has_ended(cloud: Cloud, wanted: Wanted, latest: list[Scan]) -> bool:
    latest[:] = [read_scan(cloud, *wanted)]
    return not latest[0].is_under_way


def scan_sentences(scans: Iterable[Scan], others: Iterable[str], rule: ScanRule, timeout: float) -> list[str]:
    """What somebody who approves a plan should know of the scans. `others`: new images that are not in ECR."""
    told = [f"images in which ECR finds {rule.stops_at} or worse stop it before their wave"]
    for scan in folded(scans):
        if scan.is_under_way:
            told.append(f"  the scan of {where(scan)} is {scan.status}; the wave waits for it, {timeout:g} s at most")
        elif not scan.is_proof:
            told.append(f"  {where(scan)} has no result of a scan: {scan.status}")
    told += [f"  {tell_image(image)} is not in ECR, and is not scanned" for image in dict.fromkeys(others)]
    return told
