# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run as a resource, and what is returned of it."""

from __future__ import annotations

from typing import Any

from ...aws.names import resource_tags
from ...deployments import rollout
from ...deployments.task_run import STOPPED, TaskFailed, failure_of
from ...kernel import Cloud, CollectionError, Known, absent_is_none
from ...kernel.run import Composition
from ...kernel.values import is_unknown
from ...resources.service_conversion import attributes
from ...resources.task_run import Manner, RunOfTasks, lent_by, request_of
from ...taskdef.task_overrides import to_aws, without_secrets

REQUEST = (
    "task_definition",
    "service",
    "overrides",
    "network",
    "count",
    "launch_type",
    "capacity_provider_strategy",
    "platform_version",
    "group",
)
"""What makes two runs of one id different ones."""

COMPUTE = ("launch_type", "capacity_provider_strategy")

Service = dict[str, Any]


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    if params["state"] == "absent":
        return Composition([_run(params, state="absent")])
    revision = _deployed(params, cloud)
    if revision:
        reason = f"service {params['unless_deployed']} runs {revision}, so this was run before"
        return Composition([], lambda known: {"tasks": [], "not_run_because": reason})
    wanted = _wanted(params, _described(cloud, params, params["service"]) if params["service"] else None)
    if cloud.wait:
        wanted["reaches"] = params["until"] if params["keep"] else STOPPED
    run = _run(params, **wanted)
    return Composition([run], lambda known: _outputs(run, known))


def _run(params: dict[str, Any], *, state: str = "present", **wanted: Any) -> RunOfTasks:
    containers = (params["overrides"] or {}).get("containers") or []
    manner = Manner(
        until=params["until"],
        keep=params["keep"],
        retry_failed=params["retry_failed"],
        counted=next((each["name"] for each in containers if each.get("name")), None),
        lines=params["log_lines"],
    )
    return RunOfTasks(
        params["run_id"],
        params["region"],
        state=state,
        cluster=params["cluster"].rsplit("/", 1)[-1],
        request=request_of({name: params[name] for name in REQUEST}),
        manner=manner,
        mask=without_secrets,
        **wanted,
    )


def _wanted(params: dict[str, Any], service: Service | None) -> dict[str, Any]:
    """What RunTask is told: what is given, otherwise what the service has."""
    wanted: dict[str, Any] = {
        "task_definition": params["task_definition"] or (service or {})["taskDefinition"],
        "count": params["count"],
        "overrides": to_aws(params["overrides"]),
        "enable_execute_command": params["enable_execute_command"],
        "tags": resource_tags(params),
    }
    if params["propagate_tags"] != "NONE":
        wanted["propagate_tags"] = params["propagate_tags"]
    for name in ("network", "platform_version", "group", *COMPUTE):
        if params[name]:
            wanted[name] = params[name]
    if service is None:
        return wanted
    lent = lent_by(attributes(service))
    if any(params[name] for name in COMPUTE):
        lent = {name: value for name, value in lent.items() if name == "network"}
    return {**lent, **wanted}


def _described(cloud: Cloud, params: dict[str, Any], name: str) -> Service:
    """The service that lends its revision and its network.

    Raises:
        CollectionError: there is none.
    """
    found = _look(cloud, params, name)
    if found is None:
        raise CollectionError(
            f"There is no ACTIVE service {name} in cluster {params['cluster']} in {params['region']}. Give the name of "
            "one, or task_definition and network."
        )
    return found


def _look(cloud: Cloud, params: dict[str, Any], name: str) -> Service | None:
    with absent_is_none("ClusterNotFoundException"):
        found = rollout.describe(cloud, params["region"], params["cluster"], name)
        if found and found["status"] == "ACTIVE":
            return found
    return None


def _deployed(params: dict[str, Any], cloud: Cloud) -> str | None:
    """The revision, if the service that the run comes before has it already."""
    if not params["unless_deployed"] or is_unknown(params["task_definition"]):
        return None
    service = _look(cloud, params, params["unless_deployed"])
    wanted = rollout.revision(params["task_definition"])
    return wanted if service and rollout.revision(service["taskDefinition"]) == wanted else None


def _outputs(run: RunOfTasks, known: Known) -> dict[str, Any]:
    tasks, counted = known.attribute(run, "tasks"), known.attribute(run, "counted")
    outputs = {"tasks": tasks, "counted_container": counted}
    if run.manner.until == STOPPED:
        outputs["exit_code"] = known.attribute(run, "exit_code")
    if not isinstance(tasks, str) and (failure := failure_of(tasks, counted)):
        raise TaskFailed(f"In {run.region}, {failure.message}.", changed=run.acted, **{**outputs, **failure.details})
    return outputs
