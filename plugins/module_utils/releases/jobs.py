# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of a service, such as migrations, that run in a region with its new revision before the service gets it.

What a job is told is resolved while the deployment is planned, so that a reference that leads nowhere is refused then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..deployments import rollout
from ..deployments.task_run import STOPPED, TaskFailed, failure_of
from ..kernel import CollectionError
from ..resources.parameter import from_text, outputs_parameter, read_texts
from ..resources.task_run import Manner, RunOfTasks, lent_by
from ..services.jobs import job_run
from ..services.wiring import Place
from ..taskdef.task_overrides import to_aws, without_secrets
from ..toggle.arguments import state_parameter, state_table

if TYPE_CHECKING:
    from .run import DeploymentRun

LAYERS = {"queue": "messaging", "bucket": "storage", "load_balancer": "edge"}
"""References whose value only a layer below can tell, and that layer."""

LOG_LINES = 20
"""Last lines of each container that are kept."""

Jobs = dict[tuple[str, str], list[dict[str, Any]]]
"""Region and service → its jobs, in order."""


def jobs_left(run: DeploymentRun) -> tuple[Jobs, dict[str, Place]]:
    """The jobs that this run has to see to, and where they are. A rollback has none.

    Raises:
        CollectionError: a reference cannot be followed.
    """
    if run.found["asked"]["rollback"] or run.goes_back:
        return {}, {}
    jobs: Jobs = {}
    for region in run.left():
        for name, told in run.found["regions"][region]["services"].items():
            now, wanted = run.present[region][name].images, told["images"]
            if any(now[container] != image for container, image in wanted.items()):
                jobs[region, name] = [dict(each) for each in run.services[name]["before_deploy"]]
    places = {region: _place(run, region, name, jobs) for (region, name), some in jobs.items() if some}
    for (region, name), some in jobs.items():
        for job in some:
            job_run(job, places[region], name, "")
    return jobs, places


def _place(run: DeploymentRun, region: str, service: str, jobs: Jobs) -> Place:
    params = run.params
    kinds = set(_kinds(jobs, region))
    names = {kind: outputs_parameter(params["workload"], layer) for kind, layer in LAYERS.items() if kind in kinds}
    texts = read_texts(run.cloud, region, list(names.values())) if names else {}
    told: dict[str, Any] = {kind: from_text(texts.get(name, "{}")) for kind, name in names.items()}
    queues = told.get("queue", {}).get("queues") or {}
    return Place(
        workload=params["workload"],
        region=region,
        regions=tuple(params["regions"]),
        account=run.present[region][service].service["arn"].split(":")[4],
        queues={name: each["url"] for name, each in queues.items()},
        buckets=told.get("bucket", {}).get("buckets") or {},
        load_balancers=told.get("load_balancer", {}).get("load_balancers") or {},
        toggle={"parameter": state_parameter(params), "state_table": state_table(params)},
    )


def _kinds(jobs: Jobs, region: str) -> Iterator[str]:
    """The kinds of references in a region's jobs."""
    for (where, _service), some in jobs.items():
        for job in some if where == region else []:
            for value in (job.get("environment") or {}).values():
                yield from value if isinstance(value, Mapping) else ()


def run_job(run: DeploymentRun, region: str, service: str, job: dict[str, Any], revision: str) -> str:
    """Run the job with this revision, or watch the task that does already; what came of it, in words.

    A job that failed is tried again by another deployment, and not by one that goes on.

    Raises:
        TaskFailed: it did not exit with 0. `details` has `exit_code`.
        CollectionError: it could not run, or has not ended in time.
    """
    present = run.present[region][service].service
    asked = job_run(job, run.places[region], service, revision)
    task = RunOfTasks(
        asked["run_id"],
        region,
        cluster=run.found["regions"][region]["services"][service]["cluster"],
        request="",
        manner=Manner(
            until=STOPPED,
            keep=True,
            retry_failed=not run.is_resumed,
            counted=job.get("container"),
            lines=LOG_LINES,
            timeout=job.get("wait_timeout"),
        ),
        mask=without_secrets,
        task_definition=revision,
        count=1,
        overrides=to_aws(asked["overrides"]),
        tags=present["tags"],
        reaches=STOPPED,
        **lent_by(present),
    )
    what = f"job {job['name']} of service {service}, with {rollout.revision(revision)} in {region}"
    try:
        found = RunOfTasks.find(run.cloud, region, [task], {}).get(task.name)
        if found is None:
            found = task.create(run.cloud, task.wanted)
        elif differences := task.differences(found, task.wanted):
            found = task.update(run.cloud, found, task.wanted, differences)
    except CollectionError as error:
        raise CollectionError(f"{what}: {error}", advice=error.advice, **error.details) from error
    if failure := failure_of(found["tasks"], found["counted"]):
        raise TaskFailed(f"{what}, failed: {failure}", **failure.details)
    return f"{what}, exited with {found['exit_code']}{'' if task.acted else ', as it had before'}"
