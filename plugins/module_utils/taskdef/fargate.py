# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task on Fargate needs, and what Fargate does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..aws.registries import without_registry
from ..kernel.values import is_unknown
from .fargate_sizes import cpu_units, memory_mib, pair_problems
from .model import called

EPHEMERAL_GIB = (21, 200)
FARGATE_STOP_TIMEOUT = 120
"""Seconds. For startTimeout the reference says the same, but AWS registered 600 (one of the real definitions)."""

ABSENT_IN_CONTAINER = ("privileged", "links", "dockerSecurityOptions", "extraHosts", "disableNetworking")
ABSENT_IN_LINUX = ("devices", "maxSwap", "sharedMemorySize", "swappiness")
FARGATE_CAPABILITIES = ("SYS_PTRACE",)
"""The only kernel capabilities that can be added on Fargate."""

Definition = dict[str, Any]


def size_problems(definition: Definition) -> Iterator[str]:
    """How the size of a task is written, wherever it runs."""
    for name, read, forms in (
        ("cpu", cpu_units, "CPU units (256) or vCPUs (.25 vcpu)"),
        ("memory", memory_mib, "MiB (512) or GB (0.5 GB)"),
    ):
        value = definition.get(name)
        if value and not is_unknown(value) and read(value) is None:
            yield f"{name} is {value!r}; write {forms}."


def fargate_problems(definition: Definition) -> Iterator[str]:
    yield from _of_size(definition)
    mode = definition.get("networkMode") or "awsvpc"
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
    if definition.get("ipcMode") and not is_unknown(definition["ipcMode"]):
        yield f"ipc_mode is {definition['ipcMode']!r}; Fargate does not have it."
    if definition.get("placementConstraints"):
        yield "placement_constraints are given; Fargate does not have them."
    if definition.get("inferenceAccelerators"):
        yield "inferenceAccelerators are given; Fargate does not have them."
    for volume in definition.get("volumes") or []:
        if (volume.get("host") or {}).get("sourcePath") or volume.get("dockerVolumeConfiguration"):
            yield f"volume {volume.get('name')}: Fargate has no host paths and no Docker volumes."
        if volume.get("fsxWindowsFileServerVolumeConfiguration"):
            yield f"volume {volume.get('name')}: Fargate has no volumes of FSx for Windows File Server."
    for container in definition.get("containerDefinitions") or []:
        where = called(container)
        yield from (f"{where}: {told}" for told in _of_container(container))


def _of_container(container: Definition) -> Iterator[str]:
    for name in ABSENT_IN_CONTAINER:
        if container.get(name) and not is_unknown(container[name]):
            yield f"{name} is given; Fargate does not have it."
    linux = container.get("linuxParameters") or {}
    for name in ABSENT_IN_LINUX:
        if linux.get(name) not in (None, []):
            yield f"linuxParameters.{name} is given; Fargate does not have it."
    added = [name for name in (linux.get("capabilities") or {}).get("add") or [] if not is_unknown(name)]
    others = [name for name in added if name not in FARGATE_CAPABILITIES]
    if others:
        yield f"linuxParameters.capabilities adds {', '.join(others)}; Fargate adds {FARGATE_CAPABILITIES[0]} only."
    for item in container.get("resourceRequirements") or []:
        yield f"resourceRequirements has {item.get('type')}; Fargate does not have it."
    stop = container.get("stopTimeout")
    if stop is not None and not is_unknown(stop) and stop > FARGATE_STOP_TIMEOUT:
        yield f"stopTimeout is {stop}; Fargate accepts up to {FARGATE_STOP_TIMEOUT}."
    logging = container.get("logConfiguration") or {}
    if logging.get("logDriver") == "awslogs" and not (logging.get("options") or {}).get("awslogs-stream-prefix"):
        yield "on Fargate the log driver awslogs needs the option awslogs-stream-prefix."


def _of_size(definition: Definition) -> Iterator[str]:
    given = {name: definition.get(name) for name in ("cpu", "memory")}
    missing = [name for name, value in given.items() if not value]
    for name in missing:
        yield f"{name} is missing; a Fargate task needs cpu and memory."
    if missing or is_unknown(given):
        return
    cpu, memory = cpu_units(str(given["cpu"])), memory_mib(str(given["memory"]))
    if cpu is not None and memory is not None:
        yield from pair_problems(cpu, memory)


def _needs_execution_role(definition: Definition) -> Iterator[str]:
    """What ECS does in the name of the task before any container runs."""
    for container in definition.get("containerDefinitions") or []:
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
        if container.get("environmentFiles"):
            yield "to read environment files"
