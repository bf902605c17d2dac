# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `service`: a service of a region is given the wanted images, and its deployment is followed to its end."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from ...deployments import rollout
from ...kernel import Attributes, Cloud, Difference, Resource
from ...lease.deployment_plan import tell_images
from ..digests import wait_until_pushed
from ..run import DeploymentRun
from ..service_revision import ensure_revision, move

ROLLOUT = "rollout"


class ServiceImages(Resource):
    """Wanted: container → image, and `rollout`. `name` is `cluster/service`."""

    kind = "ecs_service_images"
    shown_late: ClassVar[bool | None] = False

    def __init__(self, run: DeploymentRun, region: str, service: str, needs: list[Resource]) -> None:
        told = run.found["regions"][region]["services"][service]
        super().__init__(
            f"{told['cluster']}/{service}", region, needs=needs, **{**told["images"], ROLLOUT: "COMPLETED"}
        )
        self.run, self.service = run, service

    @property
    def is_due(self) -> bool:
        return bool(self.differences(self._actual(), self.wanted))

    def _actual(self) -> Attributes:
        present = self.run.present[self.region][self.service]
        settled = "COMPLETED" if present.is_settled else present.service[ROLLOUT]
        return {**present.images, ROLLOUT: settled, "tags": present.service["tags"]}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ServiceImages], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {each.name: each._actual() for each in resources}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        run, region, name, began = self.run, self.region, self.service, time.time()
        run.heed()
        revision = new_revision(run, region, name)
        told = run.journal["regions"][region]["services"][name]
        service = move(cloud, region, told["cluster"], name, revision, run.services[name])
        images = tell_images(run.journal, name, told["images"])
        sentence = (
            f"{name} in {region} runs {images} as {rollout.revision(revision)}, "
            f"{service['running_count']} of {service['desired_count']} tasks"
        )
        run.journal.note("service", f"{region}/{name}", sentence, began)
        return {**wanted, "revision": rollout.revision(revision)}


def new_revision(run: DeploymentRun, region: str, name: str) -> str:
    """The revision with the wanted images, which the journal has from now on: this begins the region."""
    run.begin_region(region)
    told = run.journal["regions"][region]["services"][name]
    wait_until_pushed(run.cloud, told["images"], region)
    run.control.renew()
    now = run.present[region][name].definition
    revision = ensure_revision(run.cloud, region, now, told["images"], told["after"] or told["candidate"])
    run.journal.put_service(region, name, after=revision)
    run.control.renew()
    return revision


def revisions(run: DeploymentRun, region: str) -> dict[str, Any]:
    """Service → the revisions before and after, for the result."""
    services = run.found["regions"][region]["services"]
    return {name: {"before": each["before"], "after": each["after"]} for name, each in services.items()}
