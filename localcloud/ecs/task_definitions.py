# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS demands of a task definition, and what it adds to one: pure functions over the request's own shape.

A description is not what was registered: defaults are filled in, lists that are sets come back in another order,
capabilities are worked out. Comparing the two naively makes a new revision on every run, so none of that may be missing
here.
"""

from __future__ import annotations

import copy
import re
from typing import Any

#: Fargate: CPU units → the memory sizes (MiB) that go with them.
FARGATE_SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
ECR_IMAGE = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/")
#: Options the awslogs driver needs on Fargate.
AWSLOGS_OPTIONS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")

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


def enrich_container(container: Definition, network_mode: str | None) -> Definition:
    """A container as DescribeTaskDefinition returns it."""
    enriched = {
        "cpu": 0,
        "portMappings": [],
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
        **copy.deepcopy(container),
    }
    for mapping in enriched["portMappings"]:
        mapping.setdefault("protocol", "tcp")
        if network_mode in ("awsvpc", "host"):
            mapping["hostPort"] = mapping.get("hostPort") or mapping["containerPort"]
        else:
            mapping.setdefault("hostPort", 0)
    # Sets on AWS's side: their order carries no meaning, and is not kept.
    for name in ("environment", "secrets"):
        if name in enriched:
            enriched[name] = sorted(enriched[name], key=lambda pair: pair["name"], reverse=True)
    if enriched.get("healthCheck"):
        enriched["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3, **enriched["healthCheck"]}
    return enriched


def enrich_volume(volume: Definition) -> Definition:
    """A volume as DescribeTaskDefinition returns it."""
    enriched = copy.deepcopy(volume)
    efs = enriched.get("efsVolumeConfiguration")
    if efs is not None:
        efs.setdefault("rootDirectory", "/")
        if "authorizationConfig" in efs:
            efs["authorizationConfig"].setdefault("iam", "DISABLED")
    elif set(enriched) == {"name"}:
        enriched["host"] = {}
    return enriched


def capabilities(definition: Definition) -> list[dict[str, str]]:
    """`requiresAttributes`: what an agent must be able to do to run the task."""
    containers = definition.get("containerDefinitions") or []
    logs = [(c.get("logConfiguration") or {}).get("logDriver") for c in containers]
    secrets = [secret["valueFrom"] for c in containers for secret in c.get("secrets") or []]
    efs = [v["efsVolumeConfiguration"] for v in definition.get("volumes") or [] if "efsVolumeConfiguration" in v]
    execution_role = bool(definition.get("executionRoleArn"))
    uses_ecr = any(ECR_IMAGE.match(c["image"]) for c in containers)
    needed = {
        "com.amazonaws.ecs.capability.docker-remote-api.1.18": True,
        "com.amazonaws.ecs.capability.docker-remote-api.1.19": "awslogs" in logs or uses_ecr,
        "com.amazonaws.ecs.capability.docker-remote-api.1.29": any(c.get("healthCheck") for c in containers),
        "com.amazonaws.ecs.capability.logging-driver.awslogs": "awslogs" in logs,
        "ecs.capability.execution-role-awslogs": "awslogs" in logs and execution_role,
        "com.amazonaws.ecs.capability.ecr-auth": uses_ecr,
        "ecs.capability.execution-role-ecr-pull": uses_ecr and execution_role,
        "com.amazonaws.ecs.capability.task-iam-role": bool(definition.get("taskRoleArn")),
        "ecs.capability.task-eni": definition.get("networkMode") == "awsvpc",
        "ecs.capability.container-health-check": any(c.get("healthCheck") for c in containers),
        "ecs.capability.container-ordering": any(c.get("dependsOn") for c in containers),
        "ecs.capability.secrets.asm.environment-variables": any(":secretsmanager:" in s for s in secrets),
        "ecs.capability.secrets.ssm.environment-variables": any(":secretsmanager:" not in s for s in secrets),
        "ecs.capability.efs": bool(efs),
        "ecs.capability.efsAuth": any("authorizationConfig" in v or "transitEncryption" in v for v in efs),
    }
    return [{"name": name} for name, is_needed in needed.items() if is_needed]


def compatibilities(definition: Definition) -> list[str]:
    """The launch types a definition would pass the checks of, whatever it requires."""
    fargate = dict(definition, requiresCompatibilities=["FARGATE"])
    try:
        check(fargate)
    except Refused:
        return ["EC2"]
    return ["EC2", "FARGATE"]
