# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task definitions for the tests: generated from the service model, shuffled, answered as AWS answers them, spoilt."""

from __future__ import annotations

import copy
import csv
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.resources.task_definition import TaskDefinition
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import (
    KEYS,
    SETS,
    canonical,
    network_mode,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.fargate_sizes import (
    CPU_UNITS_PER_VCPU,
    MIB_PER_GB,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import PAIRS, read, request_shape

REPOSITORY = Path(__file__).resolve().parents[2]

Step = str | int


def shared_data() -> Path:
    """Where the real task definitions are: MULTIREGION_SHARED, or `shared` beside the repository."""
    return Path(os.environ.get("MULTIREGION_SHARED", REPOSITORY.parent / "shared")) / "data" / "taskdefs"


def real_definitions(fit: bool | None = None) -> list[Any]:
    """The real definitions as test parameters, or one that is skipped and says why; only (un)fit ones if asked."""
    files = [f for f in sorted(shared_data().glob("*.json")) if fit is None or fit is (f.stem not in UNFIT)]
    if not files:
        reason = f"no real task definitions in {shared_data()}; set MULTIREGION_SHARED"
        return [pytest.param(None, id="absent", marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(json.loads(path.read_text(encoding="utf-8")), id=path.stem) for path in files]


def descriptions() -> list[Any]:
    """Of the fit real definitions, those that are what AWS described."""
    sources = shared_data() / "SOURCES.tsv"
    if not sources.is_file():
        return real_definitions()
    with sources.open(encoding="utf-8", newline="") as file:
        kinds = {Path(row["file"]).stem: row["kind"] for row in csv.DictReader(file, delimiter="\t")}
    return [document for document in real_definitions(fit=True) if kinds[str(document.id)] == "describe"]


UNFIT = {
    "005": ["executionRoleArn is .*'11111111111' is no account id, which has 12 digits"],
    "004": ["XXXXXXXXXXXX", r"secret apikey is .*'\$\{Partition\}' looks like a placeholder"],
    "011": [f"container {name}: image is empty" for name in ("session-service", "collab-service", "gateway")],
    "019": ["container gokabot-core-api: image is '<IMAGE1_NAME>'"],
    "022": [r"executionRoleArn is '\{\{execution-role-arn\}\}'", r"awslogs-region is '\{\{awslogs-region\}\}'"],
    "023": [r"container demo-app: image is '\{\{demo-app-image\}\}'", r"taskRoleArn is '\{\{task-role-arn\}\}'"],
    "033": ["container php-app-container: image is .*'<region>'", "links names 'app-container:app-container'"],
    "034": ["container rust-backend: hostPort is 80 for containerPort 8000; with network_mode awsvpc"],
    "035": [r"container prometheus-sample-app: image is '\{\{sampleAppImage\}\}'"],
    "036": [r"family is '<\+service.name>'", r"container wordpress: image is '<\+artifacts.primary.image>'"],
    "040": ["executionRoleArn is .*'YOUR_ACCOUNT_ID'", "secret SPRING_DATASOURCE_PASSWORD is .*'YOUR_REGION"],
}
"""Real definitions that AWS would refuse, or take for something nobody meant, and what is said of each, as patterns.

All but 005 and 034 hold an empty image or something that was never filled in. Of 005 the account was shortened before
it was published, and 034 was edited by hand after it was described: under awsvpc the host's port is the container's.
"""


def container_shape() -> Any:
    """The shape of one container definition."""
    return request_shape().members["containerDefinitions"].member


SIZES = (("cpu", CPU_UNITS_PER_VCPU, "vcpu"), ("memory", MIB_PER_GB, "GB"))

DEFAULTS: dict[str, Any] = {
    "cpu": 0,
    "essential": True,
    "protocol": "tcp",
    "readOnly": False,
    "rootDirectory": "/",
    "enableFaultInjection": False,
    "retries": 3,
    "interval": 30,
    "timeout": 5,
}
"""What a person leaves out who writes by hand."""


def by_hand(document: dict[str, Any]) -> dict[str, Any]:
    """The same, written by a person: defaults left out, lists in another order, sizes in vCPU and GB."""
    definition, _problems = read(document)
    same_port = network_mode(definition) in ("awsvpc", "host")

    def minimal(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: minimal(item) for key, item in value.items() if key not in DEFAULTS or item != DEFAULTS[key]}
            if same_port and "containerPort" in kept and kept.get("hostPort") == kept["containerPort"]:
                del kept["hostPort"]
            return {key: item for key, item in kept.items() if item not in ([], {})}
        return [minimal(item) for item in value] if isinstance(value, list) else value

    order = random.Random(7)
    short = minimal(shuffled(request_shape(), definition, order))
    for name, factor, unit in SIZES:
        if str(definition.get(name, "")).isdigit():
            short[name] = f"{int(definition[name]) / factor:g} {unit}".removeprefix("0" if name == "cpu" else "")
    return short


WORDS = st.sampled_from(["", "a", "b", "api", "A_TOKEN", "/data", "0", "latest", "x y"])


def values(shape: Any, member: str = "") -> st.SearchStrategy[Any]:
    """Values that fit a shape of the service model."""
    if shape.type_name == "structure":
        members = {name: values(child, name) for name, child in shape.members.items() if name != "tags"}
        # A variable without a value is none.
        always = {"value": members.pop("value")} if shape.name == "KeyValuePair" else {}
        return st.fixed_dictionaries(always, optional=members)
    if shape.type_name == "list":
        return st.lists(values(shape.member), max_size=3, unique_by=repr if member in SETS else None)
    if shape.type_name == "map":
        return st.dictionaries(WORDS, WORDS, max_size=2)
    if shape.type_name == "boolean":
        return st.booleans()
    if shape.type_name == "string":
        return st.sampled_from(shape.enum) if shape.enum else WORDS
    return st.sampled_from([0, 1, 3, 5, 30, 300, 8080])


def definitions() -> st.SearchStrategy[dict[str, Any]]:
    """Whole definitions, on Fargate and elsewhere."""
    compatibilities = st.sampled_from([[], ["FARGATE"], ["EC2"], ["FARGATE", "EC2"]])
    return st.builds(
        lambda definition, launch: {**definition, "requiresCompatibilities": launch},
        values(request_shape()),
        compatibilities,
    )


def full(shape: Any, *, number: int, flag: bool, counter: Iterator[int]) -> Any:
    """A value with every member that the shape has, two items in every list, and no text twice."""
    if shape.type_name == "structure":
        return {
            name: full(child, number=number, flag=flag, counter=counter)
            for name, child in shape.members.items()
            if name != "tags"
        }
    if shape.type_name == "list":
        return [full(shape.member, number=number, flag=flag, counter=counter) for _item in range(2)]
    if shape.type_name == "map":
        return {f"key{next(counter)}": f"text{next(counter)}"}
    if shape.type_name == "boolean":
        return flag
    if shape.type_name == "string":
        return shape.enum[-1] if shape.enum else f"text{next(counter)}"
    return number


PLAUSIBLE = {
    "family": "everything",
    "name": "a",
    "image": "api:1",
    "cpu": "256",
    "memory": "512",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "taskRoleArn": "arn:aws:iam::123456789012:role/task",
    "sourceVolume": "a",
    "sourceContainer": "b",
    "containerName": "b",
    "links": "b",
    "rootDirectory": "/",
    "containerPortRange": "",
    "fileSystemId": "fs-0123456789abcdef0",
    "accessPointId": "fsap-0123456789abcdef0",
    "fileSystemArn": "arn:aws:s3files:sa-east-1:123456789012:file-system/fs-0123456789abcdef0",
    "accessPointArn": "arn:aws:s3files:sa-east-1:123456789012:access-point/fsap-0123456789abcdef0",
}
"""Texts that have a meaning, by member. An empty one leaves the member out: it excludes another one."""

PLAUSIBLE_NUMBERS = {"restartAttemptPeriod": 60, "memoryReservation": 4}

OTHER = {"name": "b", "image": "api:1", "memory": 5}
"""A container that another one waits for."""


def everything(shape: Any, member: str = "") -> Any:
    """A definition with every member that the model has, which the checks take for right."""
    if shape.type_name == "structure":
        value = {name: everything(child, name) for name, child in shape.members.items() if name != "tags"}
        if "secrets" in value:
            value["secrets"] = [{"name": "OF_ITS_OWN", "valueFrom": "a"}]
        if shape.name == "EnvironmentFile":
            value["value"] = "arn:aws:s3:::bucket/variables.env"
        return {name: item for name, item in value.items() if item != ""}
    if shape.type_name == "list":
        return [everything(shape.member, member), *([OTHER] if member == "containerDefinitions" else [])]
    if shape.type_name == "map":
        return {"key": "text"}
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else PLAUSIBLE.get(member, "text")
    return PLAUSIBLE_NUMBERS.get(member, 5)


def shuffled(shape: Any, value: Any, random: Any, member: str = "") -> Any:
    """The same with every list that AWS treats as a set in another order."""
    if shape.type_name == "structure":
        names = list(value)
        random.shuffle(names)
        return {name: shuffled(shape.members[name], value[name], random, name) for name in names}
    if shape.type_name == "list":
        items = [shuffled(shape.member, item, random) for item in value]
        if shape.member.name in KEYS or member in SETS:
            random.shuffle(items)
        return items
    return value


def spelled_out(shape: Any, form: Any) -> Any:
    """The way back from a canonical form: a definition that has it."""
    if shape.type_name == "structure" and isinstance(form, dict):
        return {name: spelled_out(shape.members[name], item) for name, item in form.items()}
    if shape.type_name == "list" and isinstance(form, dict):
        return [spelled_out(shape.member, item) for name, same in form.items() for item in _items(shape, name, same)]
    if shape.type_name == "list":
        return [spelled_out(shape.member, item) for item in form]
    return form


def _items(shape: Any, name: str, same: Any) -> list[Any]:
    """The items of a set that the form holds under one name; of mere pairs only the values are there."""
    key, value = PAIRS.get(shape.member.name, ("", ""))
    items = same if isinstance(same, list) else [same]
    return [item if isinstance(item, dict) else {key: name, value: item} for item in items]


def items(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """The paths of all items of lists."""
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(value, list):
                yield (*path, key)
            yield from items(item, (*path, key))


def leaves(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """The paths of all plain values."""
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    else:
        yield path


def changed(definition: dict[str, Any], path: tuple[Step, ...]) -> dict[str, Any]:
    """A copy with another value at `path`."""
    result = copy.deepcopy(definition)
    place = result
    for step in path[:-1]:
        place = place[step]
    value = place[path[-1]]
    place[path[-1]] = (not value) if isinstance(value, bool) else value + 2 if isinstance(value, int) else value + "'"
    return result


def without(definition: dict[str, Any], path: tuple[Step, ...]) -> dict[str, Any]:
    """A copy without the value at `path`."""
    result = copy.deepcopy(definition)
    place = result
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return result


def answered(definition: dict[str, Any]) -> dict[str, Any]:
    """What `DescribeTaskDefinition` makes of a registered definition, after the rules written down for this product."""
    result = copy.deepcopy(definition)
    compatibilities = result.get("requiresCompatibilities") or []
    mode = result.setdefault("networkMode", "awsvpc" if "FARGATE" in compatibilities else "bridge")
    for container in result.setdefault("containerDefinitions", []):
        container.setdefault("cpu", 0)
        container.setdefault("essential", True)
        for name in ("environment", "mountPoints", "volumesFrom", "systemControls", "portMappings"):
            container.setdefault(name, [])
        for port in container["portMappings"]:
            port.setdefault("protocol", "tcp")
            if "containerPort" in port:
                port.setdefault("hostPort", port["containerPort"] if mode in ("awsvpc", "host") else 0)
        for mount in container["mountPoints"]:
            mount.setdefault("readOnly", False)
        if container.get("healthCheck"):
            container["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3, **container["healthCheck"]}
        if container.get("firelensConfiguration"):
            container.setdefault("user", "0")
    for volume in result.setdefault("volumes", []):
        if volume.get("efsVolumeConfiguration"):
            volume["efsVolumeConfiguration"].setdefault("rootDirectory", "/")
    result.setdefault("placementConstraints", [])
    return {
        **result,
        "taskDefinitionArn": "arn:aws:ecs:sa-east-1:123456789012:task-definition/a:1",
        "revision": 1,
        "status": "ACTIVE",
        "compatibilities": ["EC2", "FARGATE"],
        "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
        "registeredBy": "arn:aws:iam::123456789012:user/somebody",
    }


generated = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def form(definition: dict[str, Any]) -> dict[str, Any]:
    return canonical(read(definition)[0])


def planned(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What a plan shows when one definition is there and another is wanted."""
    resource = TaskDefinition("api", "sa-east-1", latest=None)
    wanted, actual = ({"definition": read(definition)[0], "tags": {}} for definition in (after, before))
    return resource.differences(actual, wanted)
