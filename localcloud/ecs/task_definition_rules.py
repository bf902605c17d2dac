# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS demands of a task definition: pure functions over the request's own shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import Shape
from botocore.session import Session

from localcloud.validation import complaints

FARGATE_SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""Fargate: CPU units → the memory sizes (MiB) that go with them."""

ECR_IMAGE = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.(?:com(?:\.cn)?|eu)/")
AWSLOGS_OPTIONS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")
"""Options the awslogs driver needs on Fargate."""

ROLE = re.compile(r"(arn:[a-z-]+:iam::\d{12}:role/)?[\w+=,.@/-]+")
MOST_CONTAINERS, MOST_PORT_RANGES = 10, 100
PORT_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})")
LEAST_MEMORY_MIB = 4

NOT_ON_FARGATE = {
    "container": ("privileged", "links", "dockerSecurityOptions", "extraHosts", "disableNetworking"),
    "linuxParameters": ("devices", "maxSwap", "sharedMemorySize", "swappiness"),
}
"""What the API reference says of each: "not supported for tasks that use the Fargate launch type"."""

Definition = dict[str, Any]


@cache
def _request_shape() -> Shape:
    return Session().get_service_model("ecs").shape_for("RegisterTaskDefinitionRequest")


class Refused(Exception):
    """ECS's answer to a task definition it does not take."""

    def __init__(self, message: str, code: str = "ClientException"):
        super().__init__(message)
        self.code = code
        self.message = message


def size_in_units(value: str | None, kind: str) -> str | None:
    """A task's cpu ("0.25 vCPU") or memory ("1GB") as the plain number ECS returns ("256", "1024").

    `kind` is "cpu" or "memory".
    """
    if value is None:
        return None
    suffix = r"vcpu" if kind == "cpu" else r"gb"
    match = re.fullmatch(rf"\s*(\d*\.?\d+)\s*({suffix})?\s*", str(value), re.IGNORECASE)
    if match is None:
        raise Refused(f"Invalid '{kind}' setting for task: {value}")
    number = float(match[1]) * (1024 if match[2] else 1)
    return str(int(number))


def check(definition: Definition) -> None:
    """Refuse a registration that ECS refuses. `definition` has RegisterTaskDefinition's parameters.

    Raises:
        Refused: with ClientException and an equivalent message.
    """
    for complaint in complaints(definition, _request_shape()):
        raise Refused(f"Invalid request: {complaint}")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", definition.get("family") or ""):
        raise Refused(f"Invalid family name {definition.get('family')!r}: up to 255 letters, digits, - and _ are valid")
    containers = definition.get("containerDefinitions") or []
    if not containers:
        raise Refused("Container list cannot be empty.")
    if len(containers) > MOST_CONTAINERS:
        raise Refused(f"A task definition has at most {MOST_CONTAINERS} containers.")
    for name in ("executionRoleArn", "taskRoleArn"):
        if definition.get(name) and not ROLE.fullmatch(definition[name]):
            raise Refused("Role is not valid")
    _check_containers(definition, containers)
    _check_networking(definition, containers)
    _check_circles(containers)
    _check_volumes(definition)
    if "FARGATE" in (definition.get("requiresCompatibilities") or []):
        _check_fargate(definition, containers)
    elif not definition.get("memory"):
        _check_memory(containers)
    _check_reservations(definition, containers)


def _check_containers(definition: Definition, containers: list[Definition]) -> None:
    names = [container.get("name") for container in containers]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name or ""):
            raise Refused("Container.name should not be null or empty." if not name else f"Invalid name {name!r}")
        if names.count(name) > 1:
            raise Refused(f"The container name {name} is duplicated.")
    if not any(container.get("essential", True) for container in containers):
        raise Refused("Invalid 'essential' setting for containers: at least one container must be essential.")
    volumes = {volume.get("name") for volume in definition.get("volumes") or []}
    for container in containers:
        if not container.get("image"):
            raise Refused("Container.image should not be null or empty.")
        for kind in ("memory", "memoryReservation"):
            if 0 < (container.get(kind) or 0) < LEAST_MEMORY_MIB:
                raise Refused(f"Invalid '{kind}' setting for container '{container['name']}'.")
        for mount in container.get("mountPoints") or []:
            if mount.get("sourceVolume") not in volumes:
                raise Refused(f"Unknown volume '{mount.get('sourceVolume')}'.")
        for dependency in container.get("dependsOn") or []:
            if dependency["containerName"] not in names:
                raise Refused(
                    f"Invalid 'dependsOn' setting for container '{container['name']}': unknown container "
                    f"'{dependency['containerName']}'."
                )


def network_mode(definition: Definition) -> str:
    """The network mode of a definition, by default that of Docker.

    Raises:
        Refused: on Managed Instances, which have no default.
    """
    compatibilities = definition.get("requiresCompatibilities") or []
    mode = definition.get("networkMode")
    if not mode and "MANAGED_INSTANCES" in compatibilities:
        raise Refused("Managed Instances require the network mode 'awsvpc' or 'host'.")
    return mode or "bridge"


def ports_of(container: Definition) -> list[int]:
    """The ports that a container maps, those of ranges included."""
    ports: list[int] = []
    for mapping in container.get("portMappings") or []:
        match = PORT_RANGE.fullmatch(mapping.get("containerPortRange") or "")
        ports += range(int(match[1]), int(match[2]) + 1) if match else [mapping["containerPort"]]
    return ports


def _check_networking(definition: Definition, containers: list[Definition]) -> None:
    mode = network_mode(definition)
    ports: set[tuple[int, str]] = set()
    for container in containers:
        name, mappings = container["name"], container.get("portMappings") or []
        absent = {"links": mode != "bridge", "hostname": mode == "awsvpc", "extraHosts": mode == "awsvpc"}
        for member, is_absent in absent.items():
            if container.get(member) and is_absent:
                raise Refused(f"{member} is not supported on container when networkMode={mode}.")
        if mappings and mode == "none":
            raise Refused("Port mappings are not supported when networkMode=none.")
        if sum("containerPortRange" in mapping for mapping in mappings) > MOST_PORT_RANGES:
            raise Refused(f"Invalid 'portMappings' setting for container '{name}': too many port ranges.")
        for mapping in mappings:
            if mapping.get("containerPortRange"):
                _check_port_range(mapping, mode, name)
                continue
            port, protocol = mapping.get("containerPort"), mapping.get("protocol", "tcp")
            if not port or not 1 <= port <= 65535:
                raise Refused(f"Invalid 'containerPort' setting for container '{name}'.")
            if not 0 <= (mapping.get("hostPort") or 0) <= 65535:
                raise Refused(f"Invalid 'hostPort' setting for container '{name}'.")
            if mode in ("awsvpc", "host") and mapping.get("hostPort", port) not in (port, 0):
                raise Refused(
                    f"When networkMode={mode}, the host ports and container ports in port mappings must match."
                )
            if mode == "awsvpc" and (port, protocol) in ports:
                raise Refused(f"Container port {port}/{protocol} is used by more than one container of the task.")
            ports.add((port, protocol))


def _check_port_range(mapping: Definition, mode: str, name: str) -> None:
    match = PORT_RANGE.fullmatch(mapping["containerPortRange"])
    if not match or not 1 <= int(match[1]) < int(match[2]) <= 65535:
        raise Refused(f"Invalid 'containerPortRange' setting for container '{name}'.")
    if mapping.get("containerPort") or mapping.get("hostPort"):
        raise Refused(f"Container '{name}': containerPortRange cannot be given with containerPort or hostPort.")
    if mode not in ("awsvpc", "bridge"):
        raise Refused(f"containerPortRange is not supported on container when networkMode={mode}.")


def _check_circles(containers: list[Definition]) -> None:
    """Containers that can never start, since each waits for another."""
    waits = {container["name"]: set(_waits_for(container)) for container in containers}
    while waits:
        free = [name for name, others in waits.items() if not others & waits.keys()]
        if not free:
            raise Refused(f"Containers have circular dependencies: {', '.join(sorted(waits))}.")
        waits = {name: others for name, others in waits.items() if name not in free}


def _waits_for(container: Definition) -> Iterator[str]:
    yield from (item["containerName"] for item in container.get("dependsOn") or [])
    yield from (item.get("sourceContainer") for item in container.get("volumesFrom") or [])
    yield from (link.split(":")[0] for link in container.get("links") or [])


def _check_volumes(definition: Definition) -> None:
    for volume in definition.get("volumes") or []:
        if not volume.get("name"):
            raise Refused("Volume.name should not be null or empty.")
        efs = volume.get("efsVolumeConfiguration")
        if efs is None:
            continue
        authorization = efs.get("authorizationConfig") or {}
        encrypted = efs.get("transitEncryption") == "ENABLED"
        if (authorization.get("iam") == "ENABLED" or authorization.get("accessPointId")) and not encrypted:
            raise Refused(
                f"Volume '{volume['name']}': EFS IAM authorization and access points require transit encryption "
                "to be ENABLED."
            )
        if authorization.get("accessPointId") and efs.get("rootDirectory", "/") != "/":
            raise Refused(f"Volume '{volume['name']}': with an access point, rootDirectory must be omitted or '/'.")


def _check_fargate(definition: Definition, containers: list[Definition]) -> None:
    if definition.get("networkMode") != "awsvpc":  # nothing is assumed of one that is left out
        raise Refused("Fargate only supports network mode 'awsvpc'.")
    for kind in ("cpu", "memory"):
        if not definition.get(kind):
            raise Refused(f"Fargate requires that '{kind}' be defined at the task level.")
    cpu = int(size_in_units(definition["cpu"], "cpu") or 0)
    memory = int(size_in_units(definition["memory"], "memory") or 0)
    valid = FARGATE_SIZES.get(cpu)
    if valid is None or memory not in valid:
        sizes = ", ".join(map(str, valid or FARGATE_SIZES))
        raise Refused(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS "
            f"documentation for the valid values ({'memory for this cpu' if valid else 'cpu'}: {sizes})."
        )
    for container in containers:
        linux = container.get("linuxParameters") or {}
        given = [name for name in NOT_ON_FARGATE["container"] if container.get(name)]
        given += [name for name in NOT_ON_FARGATE["linuxParameters"] if linux.get(name) not in (None, [])]
        given += [item["type"] for item in container.get("resourceRequirements") or []]
        given += [name for name in (linux.get("capabilities") or {}).get("add") or [] if name != "SYS_PTRACE"]
        if given:
            raise Refused(f"Fargate does not support {', '.join(given)} (container '{container['name']}').")
        _check_awslogs(container)
    _check_execution_role(definition, containers)


def _check_memory(containers: list[Definition]) -> None:
    for container in containers:
        if not container.get("memory") and not container.get("memoryReservation"):
            raise Refused(
                f"Invalid setting for container '{container['name']}'. At least one of 'memory' or 'memoryReservation' "
                "must be specified."
            )


def _check_reservations(definition: Definition, containers: list[Definition]) -> None:
    """Whatever the launch type: what containers reserve fits into the task's own size, if it has one."""
    cpu, memory = (int(size_in_units(definition.get(kind), kind) or 0) for kind in ("cpu", "memory"))
    if cpu and sum(container.get("cpu") or 0 for container in containers) > cpu:
        raise Refused(f"The total of the containers' 'cpu' exceeds the task's: {cpu}.")
    for container in containers:
        if memory and max(container.get("memory") or 0, container.get("memoryReservation") or 0) > memory:
            raise Refused(
                f"Invalid 'memory' setting for container '{container['name']}': it exceeds the task's, {memory}."
            )
    reserved = sum(c.get("memoryReservation") or c.get("memory") or 0 for c in containers)
    if memory and reserved > memory:
        raise Refused(f"The total of the containers' memory, {reserved}, exceeds the task's: {memory}.")


def _check_awslogs(container: Definition) -> None:
    log = container.get("logConfiguration") or {}
    if log.get("logDriver") != "awslogs":
        return
    missing = [option for option in AWSLOGS_OPTIONS if option not in (log.get("options") or {})]
    if missing:
        raise Refused(f"Log driver awslogs requires options: {', '.join(missing)}")


def _check_execution_role(definition: Definition, containers: list[Definition]) -> None:
    if definition.get("executionRoleArn"):
        return
    reasons = {
        "ECR images": any(ECR_IMAGE.match(container["image"]) for container in containers),
        "log driver awslogs": any(
            (container.get("logConfiguration") or {}).get("logDriver") == "awslogs" for container in containers
        ),
        "secrets": any(container.get("secrets") or container.get("repositoryCredentials") for container in containers),
        "environment files": any(container.get("environmentFiles") for container in containers),
    }
    for what, needed in reasons.items():
        if needed:
            raise Refused(f"Fargate requires task definition to have execution role ARN to support {what}.")
