# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every reason why a task definition cannot be registered or would not start, found before AWS is asked.

The functions take a definition as `model.read` returns it. Values that are not known yet are not judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..aws.registries import without_registry
from ..kernel.values import is_unknown
from .canonical import network_mode
from .compare import SECRET_SOURCE, Path, masked
from .fargate_sizes import cpu_units, fargate_problems, memory_mib

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")

# The grammar of image references: optional host with port, lower-case path, optional tag, optional digest.
_IMAGE = re.compile(
    r"((?P<host>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d+)?)/)?"
    r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@[A-Za-z0-9]+:[0-9a-fA-F]{32,})?"
)
_ROLE = re.compile(r"(arn:[a-z-]+:iam::\w+:role/)?[\w+=,.@/-]+")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\$\{.*?\}|<\+?[\w .-]+>|%\w+%|YOUR[_-]\w+|X{4,}")
_LOG_OPTIONS = {
    "awslogs-group": (re.compile(r"[A-Za-z0-9_/.#-]{1,512}"), "the name of a log group"),
    "awslogs-region": (re.compile(r"[a-z]{2,}(-[a-z0-9]+)+"), "a region"),
}

HEALTH_CHECK_RANGES = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
EPHEMERAL_GIB = (21, 200)
FARGATE_STOP_TIMEOUT = 120

Definition = dict[str, Any]


def problems(definition: Definition) -> list[str]:
    """All findings, in the order in which a person would read the definition."""
    fargate = "FARGATE" in (definition.get("requiresCompatibilities") or [])
    found = [*_of_task(definition), *_of_containers(definition), *_of_references(definition), *_of_volumes(definition)]
    found += _of_fargate(definition) if fargate else _of_memory_elsewhere(definition)
    found += _of_what_containers_reserve(definition)
    return list(dict.fromkeys(found))


def containers(definition: Definition) -> list[Definition]:
    return definition.get("containerDefinitions") or []


def _told(container: Definition) -> str:
    return f"container {container.get('name') or '(without a name)'}"


def _of_task(definition: Definition) -> Iterator[str]:
    family = definition.get("family")
    if not family:
        yield "family is missing; give the task definition a name."
    elif not is_unknown(family) and not _NAME.fullmatch(family):
        yield from _placeholder("family", family) or [
            f"family is {family!r}; AWS accepts up to 255 letters, digits, hyphens and underscores."
        ]
    for name in ("executionRoleArn", "taskRoleArn"):
        role = definition.get(name)
        if role and not is_unknown(role):
            yield from _placeholder(name, role) or (
                [] if _ROLE.fullmatch(role) else [f"{name} is {role!r}; expected the ARN of an IAM role."]
            )
    if not containers(definition):
        yield "containers is empty; a task needs at least one."
    elif not any(c.get("essential", True) for c in containers(definition)):
        yield "no container is essential; at least one must be."


def _placeholder(where: str, text: str, path: Path = ()) -> list[str]:
    """`path` says what the text is, where it may be a secret."""
    match = _PLACEHOLDER.search(text)
    if match is None:
        return []
    told = masked(path, text)
    what = repr(match[0]) if told == text else "a part of it"
    return [f"{where} is {told!r}; {what} looks like a placeholder that was never filled in."]


def _of_containers(definition: Definition) -> Iterator[str]:
    for name, count in Counter(c.get("name") for c in containers(definition)).items():
        if name and count > 1:
            yield f"{count} containers are called {name!r}; names must be unique in a task."
    same_port = network_mode(definition) in ("awsvpc", "host")
    taken: Counter[tuple[Any, Any]] = Counter()
    for container in containers(definition):
        yield from _of_container(container)
        for port in container.get("portMappings") or []:
            host, inside = port.get("hostPort"), port.get("containerPort")
            if same_port and host and inside and host != inside and not is_unknown([host, inside]):
                yield (
                    f"{_told(container)}: hostPort is {host} for containerPort {inside}; with network_mode "
                    f"{network_mode(definition)} they are the same. Leave hostPort out."
                )
            number = port.get("hostPort") or (port.get("containerPort") if same_port else None)
            if number:
                taken[(number, port.get("protocol", "tcp"))] += 1
            if not port.get("containerPort") and not port.get("containerPortRange"):
                yield f"{_told(container)}: a port mapping needs containerPort."
    for (number, protocol), count in taken.items():
        if count > 1:
            yield f"port {number}/{protocol} is mapped {count} times; containers of one task share the host's ports."


def _of_container(container: Definition) -> Iterator[str]:
    where, image = _told(container), container.get("image")
    if not container.get("name"):
        yield f"{where}: name is missing."
    elif not is_unknown(container["name"]) and not _NAME.fullmatch(container["name"]):
        yield f"{where}: a name has up to 255 letters, digits, hyphens and underscores."
    if not image:
        yield f"{where}: image is empty; give the image to run, for instance nginx:1.29."
    elif not is_unknown(image):
        yield from _placeholder(f"{where}: image", image, ("image",)) or (
            []
            if _IMAGE.fullmatch(image)
            else [f"{where}: image is {masked(('image',), image)!r}, which is no image reference."]
        )
    yield from _of_environment(container)
    yield from _of_logging(container)
    yield from _of_health_check(container)
    hard, soft = container.get("memory"), container.get("memoryReservation")
    if hard and soft and hard < soft:
        yield f"{where}: memory is {hard} MiB, less than the memoryReservation of {soft} MiB."


def _of_environment(container: Definition) -> Iterator[str]:
    given = Counter(item.get("name") for item in container.get("environment") or [])
    secret = Counter(item.get("name") for item in container.get("secrets") or [])
    for name, count in (given + secret).items():
        if not name:
            yield f"{_told(container)}: an environment variable or secret has no name."
        elif given[name] and secret[name]:
            yield f"{_told(container)}: {name} is both an environment variable and a secret; AWS accepts one of them."
        elif count > 1:
            yield f"{_told(container)}: {name} is given {count} times."
    logging = container.get("logConfiguration") or {}
    for item in [*(container.get("secrets") or []), *(logging.get("secretOptions") or [])]:
        where, source = f"{_told(container)}: secret {item.get('name')}", item.get("valueFrom")
        if not source:
            yield f"{where} needs valueFrom, the ARN of a secret or parameter."
        elif not is_unknown(source):
            # What is not the name of a secret may be the secret itself, so it is not repeated.
            yield from _placeholder(where, source, ("secretOptions", "")) or (
                []
                if SECRET_SOURCE.fullmatch(source)
                else [f"{where}: valueFrom is neither an ARN of Secrets Manager or SSM nor a parameter's name."]
            )


def _of_logging(container: Definition) -> Iterator[str]:
    logging = container.get("logConfiguration")
    if not logging:
        return
    if not logging.get("logDriver"):
        yield f"{_told(container)}: logConfiguration needs logDriver."
    if logging.get("logDriver") != "awslogs":
        return
    options = logging.get("options") or {}
    for option, (form, what) in _LOG_OPTIONS.items():
        where, value, path = f"{_told(container)}: {option}", options.get(option), ("options", option)
        if not value:
            yield f"{_told(container)}: the log driver awslogs needs the option {option}."
        elif not is_unknown(value):
            yield from _placeholder(where, value, path) or (
                [] if form.fullmatch(value) else [f"{where} is {masked(path, value)!r}; expected {what}."]
            )


def _of_health_check(container: Definition) -> Iterator[str]:
    check = container.get("healthCheck")
    if not check:
        return
    if not check.get("command"):
        yield f"{_told(container)}: healthCheck needs command, for instance [CMD-SHELL, curl -f http://localhost/]."
    for name, (least, most) in HEALTH_CHECK_RANGES.items():
        if name in check and not is_unknown(check[name]) and not least <= check[name] <= most:
            yield f"{_told(container)}: healthCheck.{name} is {check[name]}; AWS accepts {least} to {most}."


def _of_references(definition: Definition) -> Iterator[str]:
    """Containers that name other containers."""
    known = {c.get("name"): c for c in containers(definition)}
    listed = ", ".join(sorted(str(name) for name in known))
    for container in containers(definition):
        where = _told(container)
        for dependency in container.get("dependsOn") or []:
            other, condition = dependency.get("containerName"), dependency.get("condition")
            if other not in known:
                yield f"{where}: dependsOn names {other!r}; this task has {listed}."
            elif condition == "HEALTHY" and not known[other].get("healthCheck"):
                yield f"{where}: waits for {other} to be HEALTHY, which has no healthCheck."
            elif condition in ("COMPLETE", "SUCCESS") and known[other].get("essential", True):
                yield f"{where}: waits for {other} to end ({condition}); set essential: false there."
        for mount in container.get("volumesFrom") or []:
            if mount.get("sourceContainer") not in known:
                yield f"{where}: volumesFrom names {mount.get('sourceContainer')!r}; this task has {listed}."
        for link in container.get("links") or []:
            if link.split(":")[0] not in known:
                yield f"{where}: links names {link!r}; this task has {listed}."


def _of_volumes(definition: Definition) -> Iterator[str]:
    volumes = definition.get("volumes") or []
    names = Counter(v.get("name") for v in volumes)
    for name, count in names.items():
        if count > 1:
            yield f"{count} volumes are called {name!r}; names must be unique in a task."
    for container in containers(definition):
        for mount in container.get("mountPoints") or []:
            if mount.get("sourceVolume") and mount["sourceVolume"] not in names:
                listed = ", ".join(sorted(map(str, names))) or "none"
                yield f"{_told(container)}: mounts volume {mount['sourceVolume']!r}; this task has {listed}."
    for volume in volumes:
        efs = volume.get("efsVolumeConfiguration")
        if efs is None:
            continue
        access = efs.get("authorizationConfig") or {}
        encrypted = efs.get("transitEncryption") == "ENABLED"
        where = f"volume {volume.get('name')}"
        if not efs.get("fileSystemId"):
            yield f"{where}: efsVolumeConfiguration needs fileSystemId."
        if access.get("accessPointId") and efs.get("rootDirectory", "/") != "/":
            yield f"{where}: rootDirectory is {efs['rootDirectory']!r}; with an access point leave it out, or give '/'."
        if access.get("accessPointId") and not encrypted:
            yield f"{where}: an access point needs transitEncryption: ENABLED."
        if access.get("iam") == "ENABLED" and not encrypted:
            yield f"{where}: IAM authorisation needs transitEncryption: ENABLED."


def _of_fargate(definition: Definition) -> Iterator[str]:
    yield from _of_fargate_size(definition)
    mode = definition.get("networkMode", "awsvpc")
    if mode != "awsvpc" and not is_unknown(mode):
        yield f"network_mode is {mode!r}; Fargate has awsvpc only."
    if not definition.get("executionRoleArn"):
        for reason in dict.fromkeys(_needs_execution_role(definition)):
            yield f"execution_role_arn is missing; Fargate needs it {reason}."
    storage = (definition.get("ephemeralStorage") or {}).get("sizeInGiB")
    if storage is not None and not is_unknown(storage) and not EPHEMERAL_GIB[0] <= storage <= EPHEMERAL_GIB[1]:
        yield f"ephemeral_storage_gib is {storage}; AWS accepts {EPHEMERAL_GIB[0]} to {EPHEMERAL_GIB[1]}."
    if definition.get("pidMode") == "host":
        yield "pid_mode is 'host'; Fargate has 'task' only."
    if definition.get("ipcMode"):
        yield f"ipc_mode is {definition['ipcMode']!r}; Fargate does not have it."
    if definition.get("placementConstraints"):
        yield "placement_constraints are given; Fargate does not have them."
    for volume in definition.get("volumes") or []:
        if (volume.get("host") or {}).get("sourcePath") or volume.get("dockerVolumeConfiguration"):
            yield f"volume {volume.get('name')}: Fargate has no host paths and no Docker volumes."
    for container in containers(definition):
        yield from _of_fargate_container(container)


def _of_fargate_container(container: Definition) -> Iterator[str]:
    where = _told(container)
    for name in ("privileged", "links", "dockerSecurityOptions", "extraHosts", "disableNetworking"):
        if container.get(name):
            yield f"{where}: {name} is given; Fargate does not have it."
    stop = container.get("stopTimeout")
    if stop is not None and not is_unknown(stop) and stop > FARGATE_STOP_TIMEOUT:
        yield f"{where}: stopTimeout is {stop}; Fargate accepts up to {FARGATE_STOP_TIMEOUT}."
    logging = container.get("logConfiguration") or {}
    if logging.get("logDriver") == "awslogs" and not (logging.get("options") or {}).get("awslogs-stream-prefix"):
        yield f"{where}: on Fargate the log driver awslogs needs the option awslogs-stream-prefix."


def _of_fargate_size(definition: Definition) -> Iterator[str]:
    given = {name: definition.get(name) for name in ("cpu", "memory")}
    missing = [name for name, value in given.items() if not value]
    for name in missing:
        yield f"{name} is missing; a Fargate task needs cpu and memory."
    if missing or is_unknown(given):
        return
    cpu, memory = cpu_units(given["cpu"]), memory_mib(given["memory"])
    if cpu is None:
        yield f"cpu is {given['cpu']!r}; write CPU units (256) or vCPUs (.25 vcpu)."
    if memory is None:
        yield f"memory is {given['memory']!r}; write MiB (512) or GB (0.5 GB)."
    if cpu is None or memory is None:
        return
    yield from fargate_problems(cpu, memory)


def _of_what_containers_reserve(definition: Definition) -> Iterator[str]:
    """What containers reserve together, or one may use at most, fits into the task's size, if it has one."""
    for name, size, unit in (("cpu", cpu_units, "CPU units"), ("memory", memory_mib, "MiB")):
        given = definition.get(name)
        total = size(given) if given and not is_unknown(given) else None
        reserved = [_reserved(c, name) for c in containers(definition)]
        if total is None or is_unknown(reserved):
            continue
        if sum(reserved) > total:
            yield f"the containers reserve {sum(reserved)} {unit} of {name}; the task has {total}."
        for container in containers(definition):
            limit = container.get("memory") or 0
            if name == "memory" and not is_unknown(limit) and limit > total:
                yield f"{_told(container)}: memory is {limit} MiB; the task has {total}."


def _reserved(container: Definition, name: str) -> Any:
    if name == "memory":
        return container.get("memoryReservation") or container.get("memory") or 0
    return container.get(name) or 0


def _needs_execution_role(definition: Definition) -> Iterator[str]:
    for container in containers(definition):
        image = container.get("image") or ""
        logging = container.get("logConfiguration") or {}
        if without_registry(image) != image:
            yield "to pull from ECR"
        if logging.get("logDriver") == "awslogs":
            yield "to write with awslogs"
        if container.get("secrets") or logging.get("secretOptions"):
            yield "to read secrets"
        if container.get("repositoryCredentials"):
            yield "to read the registry's credentials"


def _of_memory_elsewhere(definition: Definition) -> Iterator[str]:
    """On EC2 the task or each container must say how much memory it takes."""
    for name, read, forms in (
        ("cpu", cpu_units, "CPU units (256) or vCPUs (.25 vcpu)"),
        ("memory", memory_mib, "MiB (512) or GB (0.5 GB)"),
    ):
        value = definition.get(name)
        if value and not is_unknown(value) and read(value) is None:
            yield f"{name} is {value!r}; write {forms}."
    if definition.get("memory"):
        return
    for container in containers(definition):
        if not container.get("memory") and not container.get("memoryReservation"):
            yield f"{_told(container)}: needs memory or memoryReservation, because the task has no memory of its own."
