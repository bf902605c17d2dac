# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions that go back to what they ran before this deployment, side by side; what it registered there is withdrawn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from ..deployments import rollout
from ..kernel import CollectionError
from ..lease.deployment_plan import RETURNED, RETURNING
from .service_revision import move, revision_to_return_to, withdraw

if TYPE_CHECKING:
    from .run import DeploymentRun

THREADS = 8


def go_back(run: DeploymentRun, regions: list[str]) -> None:
    """Return these regions. CollectionError: at least one could not be; the others were."""
    _side_by_side([partial(_return_region, run, region) for region in regions])


def _return_region(run: DeploymentRun, region: str) -> None:
    began = time.time()
    journal = run.journal
    run.control.renew()
    journal.enter(RETURNING, region)
    told = journal["regions"][region]
    _side_by_side([partial(_return_service, run, region, name) for name in told["services"]])
    run.control.renew()
    run.record.restore(region, told["before"], told["services"])
    journal.enter(RETURNED, region)
    before = ", ".join(sorted(rollout.revision(each["before"]) for each in told["services"].values()))
    journal.note("return", region, f"{region} runs {before} again", began)


def _return_service(run: DeploymentRun, region: str, name: str) -> None:
    told = run.journal["regions"][region]["services"][name]
    revision = revision_to_return_to(run.cloud, region, told["before"])
    run.control.renew()
    move(run.cloud, region, told["cluster"], name, revision, run.services[name])
    withdraw(run.cloud, region, told["after"], revision)


def _side_by_side(tasks: Iterable[Callable[[], Any]]) -> None:
    """Do all of them, whatever happens to some; then the first error, with the others' words."""
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        futures = [pool.submit(task) for task in tasks]
    errors = [error for future in futures if (error := future.exception()) is not None]
    if not errors:
        return
    if not all(isinstance(error, Exception) for error in errors) or len(errors) == 1:
        raise next((error for error in errors if not isinstance(error, Exception)), errors[0])
    raise CollectionError("; ".join(str(error) for error in errors)) from errors[0]
