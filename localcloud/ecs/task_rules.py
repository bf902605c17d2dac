# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS demands before it runs tasks that belong to no service."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.ecs.exceptions import EcsClientException, ECSException, InvalidParameterException

from localcloud.ecs import service_rules
from localcloud.ecs.role_rules import check_roles
from localcloud.ecs.task_definition_rules import FARGATE_SIZES

COUNTS = range(1, 11)
MOST_OVERRIDE_CHARACTERS = 8192
MOST_TAGS = 50
EPHEMERAL_GIB = range(21, 201)

TOKEN = re.compile(r"[!-~]{1,64}")
STARTED_BY = re.compile(r"[A-Za-z0-9_/-]{1,128}")
RESERVED_GROUPS = ("family:", "service:")

FARGATE_PROVIDERS = ("FARGATE", "FARGATE_SPOT")

ROLE_OVERRIDES = ("taskRoleArn", "executionRoleArn")

Parameters = dict[str, Any]


class TokenInUse(ECSException):
    """The token of an earlier request with other parameters."""

    def __init__(self, arns: list[str]) -> None:
        super().__init__(
            "ConflictException",
            "The provided clientToken is already in use with a different RunTask request: its parameters differ from "
            f"those with which {', '.join(arns)} was started.",
        )
        self.resource_ids = arns


def check_run(backend: Any, parameters: Parameters) -> Any:
    """Refuse a RunTask that ECS refuses; returns the task definition that it is to run.

    Raises:
        ECSException: with ECS's code and an equivalent message.
    """
    cluster = backend._get_cluster(parameters.get("cluster") or "default")
    if cluster.status != "ACTIVE":
        raise ECSException("ClusterNotFoundException", "The referenced cluster was inactive.")
    if parameters.get("count", 1) not in COUNTS:
        raise InvalidParameterException(f"Count must be {COUNTS[0]} to {COUNTS[-1]}.")
    definition = find_definition(backend, parameters.get("taskDefinition"))
    _check_words(parameters)
    overrides = parameters.get("overrides") or {}
    _check_overrides(definition, overrides)
    check_roles(backend, definition, [overrides[name] for name in ROLE_OVERRIDES if overrides.get(name)])
    strategy = _check_compute(backend, cluster, parameters, definition)
    if _is_on_fargate(parameters, strategy):
        _check_fargate(definition, overrides)
    service_rules.check_network(backend, parameters, definition)
    return definition


def find_definition(backend: Any, name: str | None) -> Any:
    """The revision that a name means: of a family its latest active one.

    Raises:
        EcsClientException: there is none, or it was deregistered.
    """
    if not name:
        raise InvalidParameterException("TaskDefinition cannot be empty.")
    short = name.rpartition("/")[2]
    family, _colon, number = short.partition(":")
    revisions = backend.task_definitions.get(family, {})
    if number:
        found = revisions.get(int(number)) if number.isdigit() else None
    else:
        active = [each for each in revisions.values() if each.status == "ACTIVE"]
        found = max(active, key=lambda each: each.revision, default=None)
    if found is None:
        raise EcsClientException("TaskDefinition not found.")
    if found.status != "ACTIVE":
        raise EcsClientException("TaskDefinition is inactive")
    return found


def _check_words(parameters: Parameters) -> None:
    token, started_by = parameters.get("clientToken"), parameters.get("startedBy")
    if token is not None and not TOKEN.fullmatch(token):
        raise InvalidParameterException("Client token can be up to 64 characters in the ASCII range 33 to 126.")
    if started_by and not STARTED_BY.fullmatch(started_by):
        raise InvalidParameterException(
            "startedBy can be up to 128 letters (uppercase and lowercase), numbers, hyphens, forward slashes and "
            "underscores."
        )
    if str(parameters.get("group") or "").startswith(RESERVED_GROUPS):
        raise InvalidParameterException("Group name cannot begin with family: or service:.")
    if parameters.get("propagateTags") == "SERVICE":
        raise InvalidParameterException("SERVICE is not a valid value of propagateTags for a task without a service.")
    tags = parameters.get("tags") or []
    if len(tags) > MOST_TAGS or any(str(tag.get("key", "")).lower().startswith("aws:") for tag in tags):
        raise InvalidParameterException(f"At most {MOST_TAGS} tags are valid, and none may begin with aws:.")


def _check_overrides(definition: Any, overrides: Parameters) -> None:
    if len(json.dumps(overrides, separators=(",", ":"))) > MOST_OVERRIDE_CHARACTERS:
        raise InvalidParameterException(f"Overrides exceed {MOST_OVERRIDE_CHARACTERS} characters.")
    known = [container["name"] for container in definition.container_definitions]
    for container in overrides.get("containerOverrides") or []:
        name = container.get("name")
        if not name:
            raise InvalidParameterException("Container override must have a name.")
        if name not in known:
            raise InvalidParameterException(
                f"Override for container named {name} is not a container in the TaskDefinition."
            )
    size = (overrides.get("ephemeralStorage") or {}).get("sizeInGiB")
    if size is not None and size not in EPHEMERAL_GIB:
        raise InvalidParameterException(f"Ephemeral storage must be {EPHEMERAL_GIB[0]} to {EPHEMERAL_GIB[-1]} GiB.")


def _check_compute(backend: Any, cluster: Any, parameters: Parameters, definition: Any) -> list[Parameters]:
    """Where it is to run; returns the capacity provider strategy, if there is one."""
    given, launch_type = parameters.get("capacityProviderStrategy") or [], parameters.get("launchType")
    if given and launch_type:
        raise InvalidParameterException(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    check_strategy(cluster, given)
    strategy = given or ([] if launch_type else cluster.default_capacity_provider_strategy or [])
    on_fargate = _is_on_fargate(parameters, strategy)
    if on_fargate and "FARGATE" not in definition.compatibilities:
        raise InvalidParameterException(
            "Task definition does not support launch_type FARGATE: its compatibilities are "
            f"{', '.join(definition.compatibilities)}."
        )
    if not on_fargate and not strategy and not backend.container_instances.get(cluster.name):
        raise InvalidParameterException("No Container Instances were found in your cluster.")
    return strategy


def check_strategy(cluster: Any, strategy: list[Parameters]) -> None:
    """Refuse a strategy that names what the cluster does not have, or that places nothing."""
    names = [item["capacityProvider"] for item in strategy]
    strangers = [name for name in names if name not in (cluster.capacity_providers or [])]
    if strangers:
        raise InvalidParameterException(
            "The specified capacity provider strategy cannot contain a capacity provider that is not associated with "
            f"the cluster: {', '.join(strangers)}. Associate the capacity provider with the cluster and try again."
        )
    if 0 < sum(name in FARGATE_PROVIDERS for name in names) < len(names):
        raise InvalidParameterException(
            "The specified capacity provider strategy cannot mix Fargate capacity providers with others."
        )
    if sum(item.get("base", 0) > 0 for item in strategy) > 1:
        raise InvalidParameterException("Only one capacity provider of a strategy can have a base.")
    if strategy and not any(item.get("weight", 0) for item in strategy):
        raise InvalidParameterException("At least one capacity provider of a strategy must have a weight above 0.")


def _is_on_fargate(parameters: Parameters, strategy: list[Parameters]) -> bool:
    return parameters.get("launchType") == "FARGATE" or any(
        item["capacityProvider"] in FARGATE_PROVIDERS for item in strategy
    )


def _check_fargate(definition: Any, overrides: Parameters) -> None:
    """What is overridden of the task's size must be a size of Fargate, and containers must fit into it."""
    cpu, memory = (int(overrides.get(kind) or getattr(definition, kind) or 0) for kind in ("cpu", "memory"))
    if memory not in FARGATE_SIZES.get(cpu, ()):
        raise InvalidParameterException(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS "
            "documentation for the valid values."
        )
    for container in overrides.get("containerOverrides") or []:
        for kind, most in (("cpu", cpu), ("memory", memory)):
            if int(container.get(kind) or 0) > most:
                raise InvalidParameterException(
                    f"Invalid '{kind}' override for container {container['name']}: {container[kind]} exceeds the "
                    f"task's, {most}."
                )


def asked_of(parameters: Parameters) -> str:
    """The parameters of a RunTask in one spelling, by which a repeated request is known."""
    return json.dumps({key: value for key, value in parameters.items() if key != "clientToken"}, sort_keys=True)
