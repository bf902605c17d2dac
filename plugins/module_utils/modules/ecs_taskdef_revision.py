# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One family of task definitions in one region, and the revision that has what was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from ..aws.names import from_tag_list, layer_tags
from ..deployments import rollout
from ..kernel import KNOWN_AFTER_APPLY, Attributes, Cloud, InvalidInput, Known, LayerError
from ..kernel.run import Layer, LayerModule
from ..kernel.values import is_unknown
from ..resources.task_definition import Revisions, TaskDefinition, described, listed, revision
from ..taskdef.canonical import canonical
from ..taskdef.compare import looks_secret, secret_values
from ..taskdef.images import Images, pinned
from ..taskdef.model import read
from ..taskdef.override import laid_over
from ..taskdef.problems import problems as definition_problems
from ..taskdef.sizes import cpu_units, memory_mib
from ..taskdef.usage import in_use
from ..taskdef.verify import Verification

SHORTEST_SECRET = 6
TEXTS = frozenset({"environment", "command", "entrypoint"})
"""Members of a container that are often written as one text."""

LATEST, PREVIOUS = "latest", "previous"

PARTS = {
    "family": "family",
    "cpu": "cpu",
    "memory": "memory",
    "network_mode": "networkMode",
    "requires_compatibilities": "requiresCompatibilities",
    "runtime_platform": "runtimePlatform",
    "execution_role_arn": "executionRoleArn",
    "task_role_arn": "taskRoleArn",
    "containers": "containerDefinitions",
    "volumes": "volumes",
    "pid_mode": "pidMode",
    "ipc_mode": "ipcMode",
    "proxy_configuration": "proxyConfiguration",
    "placement_constraints": "placementConstraints",
    "enable_fault_injection": "enableFaultInjection",
}
"""Parameters, and what they are called in a task definition."""

_NAMED = re.compile(r"(?P<family>[A-Za-z0-9_-]{1,255}):\d+")


def given_parts(params: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the parameters say of a definition, in AWS's form, and what is wrong with how it is written."""
    whole, found = read(params.get("definition") or {})
    parts = {name: params[parameter] for parameter, name in PARTS.items() if params.get(parameter) is not None}
    if params.get("ephemeral_storage_gib") is not None:
        parts["ephemeralStorage"] = {"sizeInGiB": params["ephemeral_storage_gib"]}
    given, more = read(parts)
    definition = {**whole, **given}
    if "family" not in definition and _NAMED.fullmatch(params.get("base") or ""):
        definition["family"] = params["base"].rpartition(":")[0]
    for name, size in (("cpu", cpu_units), ("memory", memory_mib)):
        # As AWS answers it: plain units and MiB, whatever unit was written.
        value = definition.get(name)
        number = size(value) if value and not is_unknown(value) else None
        if number is not None:
            definition[name] = str(number)
    return definition, found + more


def with_defaults(definition: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """A definition that is not made from a base, with what may be left out."""
    completed = dict(definition)
    if not params.get("definition"):
        completed.setdefault("requiresCompatibilities", ["FARGATE"])
    if "FARGATE" in completed.get("requiresCompatibilities", []):
        completed.setdefault("networkMode", "awsvpc")
    return completed


def problems(params: dict[str, Any]) -> list[str]:
    definition, found = given_parts(params)
    if params["state"] == "absent" or params.get("revision") is not None:
        return [*([] if definition.get("family") else ["family is missing; name the family."]), *_of_revision(params)]
    found = [*_of_base(params, definition), *_of_prune(params), *found]
    # What could not be read has been told, judging the rest of it would tell it twice; what is made from a base can
    # only be judged when the base is known.
    return found or ([] if params.get("base") else definition_problems(with_defaults(definition, params)))


def _of_revision(params: dict[str, Any]) -> Iterator[str]:
    wanted = params.get("revision")
    if wanted is None:
        return
    if wanted != PREVIOUS and not re.fullmatch(r"[1-9]\d*", wanted):
        yield f"revision is {wanted!r}; give {PREVIOUS!r} or the number of a revision."
    others = [*PARTS, "ephemeral_storage_gib", "definition", "base", "prune"]
    given = [name for name in others if name != "family" and params.get(name) is not None]
    if given:
        yield f"revision returns a revision that exists; leave out {', '.join(given)}."


def _of_base(params: dict[str, Any], definition: dict[str, Any]) -> Iterator[str]:
    base = params.get("base")
    if base is None:
        return
    if base != LATEST and not _NAMED.fullmatch(base):
        yield f"base is {base!r}; give {LATEST!r} or <family>:<number>."
    elif not definition.get("family"):
        yield "family is missing; with base: latest it says of which family."


def _of_prune(params: dict[str, Any]) -> Iterator[str]:
    keep = (params.get("prune") or {}).get("keep")
    if keep is not None and keep < 1:
        yield f"prune.keep is {keep}; at least 1 revision stays. To remove all, set state: absent."


def secrets(params: dict[str, Any]) -> set[str]:
    """Values of environment variables and options whose names look secret. Short ones would mask half the output."""
    definition, _told = given_parts(params)
    found = secret_values(canonical(definition)) | set(_of_texts(params))
    return {value for value in found if len(value) >= SHORTEST_SECRET}


def _of_texts(value: Any, member: str = "") -> Iterator[str]:
    """Texts with secrets that are no part of the definition, because a list or dictionary belongs in their place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _of_texts(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _of_texts(item, member)
    elif isinstance(value, str) and member.replace("_", "").lower() in TEXTS and looks_secret(("command",), value):
        yield value


def build(params: dict[str, Any], cloud: Cloud) -> Layer:
    given, _told = given_parts(params)
    region, family = params["region"], given["family"]
    if params["state"] == "absent":
        active = listed(cloud, region, family, "ACTIVE")
        inactive = listed(cloud, region, family, "INACTIVE") if params["delete"] else []
        return Layer([Revisions(family, region, active=active, inactive=inactive, delete=params["delete"])])
    if params.get("revision") is not None:
        there = _existing(cloud, region, family, params["revision"])
        return Layer([], lambda known: {**_outputs(there, there["definition"]), "findings": []})

    latest = described(cloud, region, family)
    definition, tags, findings = _wanted(cloud, params, given, latest)
    is_whole, images = not findings, Images(cloud)
    if params["pin_images"] and is_whole:
        definition, findings = pinned(definition, images)
    wanted = {"definition": definition, "tags": tags}
    resource = TaskDefinition(family, region, latest=latest, purge_tags=params["purge_tags"], **wanted)
    if params["verify"] and is_whole and resource.is_to_be_registered:
        findings += Verification(cloud, region, definition, images, params.get("verify_for")).findings()
        findings = list(dict.fromkeys(findings))

    def outputs(known: Known) -> dict[str, Any]:
        now = {name: known.attribute(resource, name) for name in ("task_definition_arn", "revision")}
        return {**_outputs(now, definition), "findings": findings}

    pruned = _pruned(cloud, region, family, params["prune"], resource.is_to_be_registered) if params["prune"] else []
    return Layer([resource, *pruned], outputs, around=partial(_refusing, family, region, findings))


def _wanted(
    cloud: Cloud, params: dict[str, Any], given: dict[str, Any], latest: Attributes | None
) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """The wanted definition, its tags, and why it is not whole yet.

    Raises:
        LayerError: the base does not exist.
        InvalidInput: something is given for containers that the base does not have, or the whole cannot be right.
    """
    given = dict(given)
    tags = {**from_tag_list(given.pop("tags", None), "key", "value"), **layer_tags(params)}
    name = params["base"]
    if name is None:
        return with_defaults(given, params), tags, []
    base = latest if name == LATEST else described(cloud, params["region"], name)
    if base is None and name == LATEST:
        # In check mode an earlier task may be about to register it; then the plan shows what is known of the next one.
        told = (
            f"base is latest, and family {given['family']} has no active revision; register a whole definition first."
        )
        return {"containerDefinitions": [], **given}, tags, [told]
    if base is None:
        raise LayerError(f"base is {name}; there is no such revision in {params['region']}.")
    tags = {**{key: value for key, value in base["tags"].items() if not key.startswith("aws:")}, **tags}
    definition, found = laid_over(base["definition"], given, base["task_definition_arn"].rpartition("/")[2])
    found = found or definition_problems(definition)
    if found:
        raise InvalidInput(found)
    return definition, tags, []


def _existing(cloud: Cloud, region: str, family: str, wanted: str) -> Attributes:
    """The revision to go back to: the one before the latest active one, or the one of a number.

    Raises:
        LayerError: it does not exist, or was deregistered.
    """
    if wanted == PREVIOUS:
        active = listed(cloud, region, family, "ACTIVE")
        if len(active) < 2:
            raise LayerError(
                f"Family {family} has {len(active)} active revision(s) in {region}; there is none before the latest."
            )
        wanted = str(revision(active[1]))
    found = described(cloud, region, f"{family}:{wanted}")
    if found is None or found["status"] != "ACTIVE":
        known = ", ".join(str(revision(arn)) for arn in listed(cloud, region, family, "ACTIVE")) or "none"
        why = "does not exist" if found is None else "was deregistered, so that no service can be moved to it"
        raise LayerError(f"Revision {wanted} of family {family} in {region} {why}; active are: {known}.")
    return found


def _pruned(cloud: Cloud, region: str, family: str, prune: dict[str, Any], one_more: bool) -> list[Revisions]:
    """The revisions that go: older than the last ones that are kept, and used by no service and no task."""
    delete = prune["delete"]
    old = listed(cloud, region, family, "ACTIVE")[max(prune["keep"] - one_more, 0) :]
    inactive = listed(cloud, region, family, "INACTIVE") if delete else []
    used = in_use(cloud, region, family) if old or inactive else set()
    active, inactive = ([arn for arn in arns if rollout.revision(arn) not in used] for arns in (old, inactive))
    return [Revisions(family, region, active=active, inactive=inactive, delete=delete)]


@contextmanager
def _refusing(family: str, region: str, findings: list[str]) -> Iterator[None]:
    """Entered when changes are made: a definition whose tasks could not run is not registered."""
    if findings:
        raise LayerError(
            f"Task definition {family} is not registered in {region}, because its tasks could not run. "
            f"{' '.join(findings)}",
            findings=findings,
        )
    yield


def _outputs(attributes: Attributes, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "family": definition["family"],
        "task_definition_arn": attributes["task_definition_arn"],
        "revision": attributes["revision"],
        "containers": [
            {
                "name": container["name"],
                "image": container.get("image", KNOWN_AFTER_APPLY),
                "ports": [port.get("containerPort") for port in container.get("portMappings", [])],
            }
            for container in definition["containerDefinitions"]
        ],
    }


MODULE = LayerModule(
    arguments={
        "family": {"type": "str"},
        "definition": {"type": "dict"},
        "base": {"type": "str"},
        "revision": {"type": "str"},
        "cpu": {"type": "str"},
        "memory": {"type": "str"},
        "network_mode": {"type": "str", "choices": ["awsvpc", "bridge", "host", "none"]},
        "requires_compatibilities": {
            "type": "list",
            "elements": "str",
            "choices": ["FARGATE", "EC2", "EXTERNAL", "MANAGED_INSTANCES"],
        },
        "runtime_platform": {
            "type": "dict",
            "options": {
                "cpu_architecture": {"type": "str", "choices": ["X86_64", "ARM64"]},
                "operating_system_family": {"type": "str"},
            },
        },
        "execution_role_arn": {"type": "str"},
        "task_role_arn": {"type": "str"},
        "containers": {"type": "list", "elements": "dict"},
        "volumes": {"type": "list", "elements": "dict"},
        "ephemeral_storage_gib": {"type": "int"},
        "pid_mode": {"type": "str", "choices": ["host", "task"]},
        "ipc_mode": {"type": "str", "choices": ["host", "task", "none"]},
        "proxy_configuration": {"type": "dict"},
        "placement_constraints": {"type": "list", "elements": "dict"},
        "enable_fault_injection": {"type": "bool"},
        "pin_images": {"type": "bool", "default": False},
        "verify": {"type": "bool", "default": False},
        "verify_for": {
            "type": "dict",
            "options": {
                "subnets": {"type": "list", "elements": "str"},
                "load_balancers": {
                    "type": "list",
                    "elements": "dict",
                    "options": {
                        "target_group_arn": {"type": "str", "required": True},
                        "container_name": {"type": "str"},
                        "container_port": {"type": "int"},
                    },
                },
            },
        },
        "prune": {
            "type": "dict",
            "options": {
                "keep": {"type": "int", "required": True},
                "delete": {"type": "bool", "default": False},
            },
        },
        "delete": {"type": "bool", "default": False},
    },
    services=("ecs", "ecr", "iam", "logs"),
    build=build,
    problems=problems,
    secrets=secrets,
)
