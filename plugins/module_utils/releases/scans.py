# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether ECR's scans let regions have the images that a deployment gives them.

Only what is new in a region counts, and nothing when regions go back: the way back is open whatever was found since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..aws.image_names import tell_image
from ..taskdef.image_scan import Scan, ScanRule, Wanted, folded, wanted_of, where
from .present import Present


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
        for name in names:
            if wanted := wanted_of(image, present[name].definition["definition"]):
                found[wanted] = None
    return list(found)


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
