# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECR found in the images that a revision brings, and the one before it did not have."""

from __future__ import annotations

from typing import Any

from ...kernel import Cloud, is_unknown
from ...resources.task_definition import TaskDefinition
from ...taskdef.image_scan import ScanRule, Wanted, read_scans, refusals, wait_for_scans, wanted_of
from ...taskdef.images import Images, ecr_image


class Scans:
    """The scans of the new images of a revision. `told` is the option `image_scan`."""

    def __init__(self, cloud: Cloud, told: dict[str, Any], resource: TaskDefinition) -> None:
        self.cloud, self.timeout = cloud, told["timeout"]
        self.rule = ScanRule(told["stops_at"], frozenset(told["accepts"]), told["required"])
        self.wanted = _wanted(cloud, resource) if resource.is_to_be_registered else []

    def refusals(self) -> list[str]:
        """Why it is not to be registered, as far as the scans have ended."""
        return refusals(read_scans(self.cloud, self.wanted), self.rule)

    def wait(self) -> None:
        """Wait for the scans. CollectionError: the images are not to be run, or it is not known in time."""
        wait_for_scans(self.cloud, self.wanted, self.rule, self.timeout)


def _wanted(cloud: Cloud, resource: TaskDefinition) -> list[Wanted]:
    definition = resource.wanted["definition"]
    latest = resource.latest["definition"]["containerDefinitions"] if resource.latest else []
    there = {container["image"] for container in latest}
    images, found = Images(cloud), {}
    for container in definition["containerDefinitions"]:
        image = container["image"]
        parts = None if is_unknown(image) or image in there else ecr_image(image)
        digest = images.digest(parts)[0] if parts else None
        if parts and digest and (wanted := wanted_of(parts.at(digest), definition)):
            found[wanted] = None
    return list(found)
