# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `before_deploy`: a job of a service runs with the new revision; if it fails, the service is not touched."""

from __future__ import annotations

from typing import Any

from ...kernel import Resource
from ..jobs import run_job
from ..run import DeploymentRun
from .service import new_revision
from .step import Step


class BeforeDeploy(Step):
    title = "before_deploy"

    def __init__(
        self, run: DeploymentRun, region: str, service: str, job: dict[str, Any], needs: list[Resource]
    ) -> None:
        self.service, self.job = service, job
        super().__init__(run, region, needs, name=f"{self.title} {service}/{job['name']}")

    def will(self, region: str) -> str:
        return f"run job {self.job['name']} in {region}, with the revision that service {self.service} then gets"

    def do(self) -> str:
        run = self.run
        run.heed()
        revision = new_revision(run, self.region, self.service)
        told = run_job(run, self.region, self.service, self.job, revision)
        run.control.renew()
        return told
