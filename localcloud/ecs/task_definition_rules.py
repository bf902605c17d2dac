# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS demands of a task definition: pure functions over the request's own shape."""

from __future__ import annotations

import re
from typing import Any

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

ECR_IMAGE = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/")
AWSLOGS_OPTIONS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")
"""Options the awslogs driver needs on Fargate."""

Definition = dict[str, Any]


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
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", definition.get("family") or ""):
        raise Refused(f"Invalid family name {definition.get('family')!r}: up to 255 letters, digits, - and _ are valid")
    containers = definition.get("containerDefinitions") or []
    if not containers:
        raise Refused("Container list cannot be empty.")
    _check_containers(definition, containers)
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
    volumes = {volume["name"] for volume in definition.get("volumes") or []}
    mode = definition.get("networkMode")
    awsvpc = mode == "awsvpc"
    ports: set[tuple[int, str]] = set()
    for container in containers:
        if not container.get("image"):
            raise Refused("Container.image should not be null or empty.")
        for mount in container.get("mountPoints") or []:
            if mount.get("sourceVolume") not in volumes:
                raise Refused(f"Unknown volume '{mount.get('sourceVolume')}'.")
        for dependency in container.get("dependsOn") or []:
            if dependency["containerName"] not in names:
                raise Refused(
                    f"Invalid 'dependsOn' setting for container '{container['name']}': unknown container "
                    f"'{dependency['containerName']}'."
                )
        for mapping in container.get("portMappings") or []:
            port, protocol = mapping.get("containerPort"), mapping.get("protocol", "tcp")
            if mode in ("awsvpc", "host") and mapping.get("hostPort", port) not in (port, 0):
                raise Refused(
                    f"When networkMode={mode}, the host ports and container ports in port mappings must match."
                )
            if awsvpc and (port, protocol) in ports:
                raise Refused(f"Container port {port}/{protocol} is used by more than one container of the task.")
            ports.add((port, protocol))


def _check_volumes(definition: Definition) -> None:
    for volume in definition.get("volumes") or []:
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
    if definition.get("networkMode") != "awsvpc":
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
        if container.get("privileged"):
            raise Refused("Fargate does not support privileged containers.")
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
    }
    for what, needed in reasons.items():
        if needed:
            raise Refused(f"Fargate requires task definition to have execution role ARN to support {what}.")
