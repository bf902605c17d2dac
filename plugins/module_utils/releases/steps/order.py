# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps: in each wave scans, jobs, services, bakes; between waves a pause; in the end the record."""

from __future__ import annotations

from ...kernel import Resource
from ...lease.deployment_plan import RETURNED
from ..run import DeploymentRun
from .bake import Bake
from .job import BeforeDeploy
from .pause import Pause
from .record import EndRecord
from .returning import ReturnRegion
from .scan import Scan
from .service import ServiceImages


def steps_of(run: DeploymentRun) -> list[Resource]:
    """What is left of the run's work."""
    home = run.params["region"]
    if not run.found:
        return []
    if run.goes_back:
        left = [r for r in run.found["returns"] if run.found["regions"][r]["phase"] != RETURNED]
        returns: list[Resource] = [ReturnRegion(run, region, []) for region in left]
        return [*returns, EndRecord(run, home, returns)]
    steps: list[Resource] = []
    before: list[Resource] = []
    for number, wave in run.waves_now():
        if number > 1 and run.params["wave_pause"]:
            before = [Pause(run, home, before, name=f"pause before wave {number}")]
            steps += before
        scans: list[Resource] = [Scan(run, region, before) for region in wave if run.is_scanned(region)]
        steps += scans
        before = scans or before
        bakes: list[Resource] = []
        for region in wave:
            services: list[Resource] = []
            for name in run.found["regions"][region]["services"]:
                jobs = before
                for job in run.jobs.get((region, name), []):
                    jobs = [BeforeDeploy(run, region, name, job, jobs)]
                    steps += jobs
                services.append(ServiceImages(run, region, name, jobs))
            steps += services
            bakes.append(Bake(run, region, services or before))
        steps += bakes
        before = bakes
    if run.ends_here:
        steps.append(EndRecord(run, home, before))
    return steps
