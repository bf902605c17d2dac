# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one form of a task definition in which two that mean the same are equal.

`DescribeTaskDefinition` returns more than was registered, and lists in any order. The canonical form leaves out what
equals the default that AWS documents or fills in, and turns lists that AWS treats as sets into dictionaries by name.
Lists whose order has a meaning (commands, DNS servers, environment files, mount options) stay as they are. Whatever is
not known to be a default or a set is kept, so that no real difference disappears.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kernel.values import is_unknown
from .fargate_sizes import cpu_units, memory_mib
from .model import PAIRS, request_shape

DEFAULTS: dict[str, dict[str, Any]] = {
    "RegisterTaskDefinitionRequest": {"enableFaultInjection": False},
    "ContainerDefinition": {
        "cpu": 0,
        "essential": True,
        "privileged": False,
        "readonlyRootFilesystem": False,
        "interactive": False,
        "pseudoTerminal": False,
        "disableNetworking": False,
        "versionConsistency": "enabled",
    },
    "PortMapping": {"protocol": "tcp"},
    "MountPoint": {"readOnly": False},
    "VolumeFrom": {"readOnly": False},
    "HealthCheck": {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0},
    "ContainerRestartPolicy": {"restartAttemptPeriod": 300},
    "LinuxParameters": {"initProcessEnabled": False, "swappiness": 60},
    "Device": {"permissions": ["mknod", "read", "write"]},
    "Volume": {"configuredAtLaunch": False},
    "DockerVolumeConfiguration": {"autoprovision": False, "scope": "task"},
    "EFSVolumeConfiguration": {"rootDirectory": "/", "transitEncryption": "DISABLED"},
    "EFSAuthorizationConfig": {"iam": "DISABLED"},
    "S3FilesVolumeConfiguration": {"rootDirectory": "/"},
    "ProxyConfiguration": {"type": "APPMESH"},
    "TrustedExecutionConfiguration": {"isolationMode": "SHARED"},
}
"""By shape of the service model: the values that mean the same as leaving the member out."""

FARGATE_DEFAULTS: dict[str, dict[str, Any]] = {
    "RuntimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
    "ContainerDefinition": {"stopTimeout": 30},
}
"""Further ones that hold only for a definition that runs on Fargate and nowhere else."""


def _named(member: str) -> Callable[[dict[str, Any]], str]:
    return lambda item: str(item.get(member, ""))


def _port(item: dict[str, Any]) -> str:
    port = str(item.get("containerPort") or item.get("containerPortRange") or "")
    return f"{port}/{item.get('protocol', 'tcp')}"


KEYS: dict[str, Callable[[dict[str, Any]], str]] = {
    **{shape: _named(name) for shape, (name, _value) in PAIRS.items()},
    "ContainerDefinition": _named("name"),
    "PortMapping": _port,
    "MountPoint": _named("containerPath"),
    "VolumeFrom": _named("sourceContainer"),
    "Ulimit": _named("name"),
    "ResourceRequirement": _named("type"),
    "Device": lambda item: str(item.get("containerPath") or item.get("hostPath", "")),
    "Tmpfs": _named("containerPath"),
    "Volume": _named("name"),
    "TaskDefinitionPlacementConstraint": _named("expression"),
    "InferenceAccelerator": _named("deviceName"),
}
"""By shape: lists of it are sets, told apart by this key."""

SETS = frozenset(
    {
        "links",
        "dockerSecurityOptions",
        "ignoredExitCodes",
        "add",
        "drop",
        "permissions",
        "requiresCompatibilities",
    }
)
"""Members that are lists of plain values without order."""


def canonical(definition: dict[str, Any]) -> dict[str, Any]:
    """The canonical form of a definition as `model.read` returns it. The same object is never changed.

    `tags` are left out: they belong to the revision, but are no part of what it defines.
    """
    compatibilities = definition.get("requiresCompatibilities") or []
    fargate = set(compatibilities) == {"FARGATE"}
    shape = request_shape()
    without_tags = {name: value for name, value in definition.items() if name != "tags"}
    result = _Form(definition, fargate).of(shape, "", without_tags)
    # Said even where it is the default: what the default is depends on the rest, and a mode that stays is no change.
    result["networkMode"] = network_mode(definition)
    for name, read in (("cpu", cpu_units), ("memory", memory_mib)):
        size = None if is_unknown(result.get(name, "")) else read(result.get(name, ""))
        if size is not None:
            result[name] = str(size)
    return result


def network_mode(definition: dict[str, Any]) -> str:
    """The network mode that AWS uses. Fargate has `awsvpc` only; elsewhere `bridge` is the default."""
    default = "awsvpc" if "FARGATE" in (definition.get("requiresCompatibilities") or []) else "bridge"
    return definition.get("networkMode") or default


class _Form:
    """Brings values to canonical form. What a default is depends on the whole definition, so it is remembered here."""

    def __init__(self, definition: dict[str, Any], fargate: bool) -> None:
        self.fargate = fargate
        # Under awsvpc and host, the host's port is the container's; under bridge, none or 0 means "any".
        self.same_port = network_mode(definition) in ("awsvpc", "host")

    def of(self, shape: Any, member: str, value: Any) -> Any:
        if shape.type_name == "structure":
            return self.structure(shape, value) if isinstance(value, dict) else value
        if shape.type_name == "list":
            return self.list(shape, member, value) if isinstance(value, list) else value
        if shape.type_name == "map" and isinstance(value, dict):
            return {key: item for key, item in sorted(value.items()) if item is not None}
        return value

    def structure(self, shape: Any, value: dict[str, Any]) -> dict[str, Any]:
        defaults = dict(DEFAULTS.get(shape.name, {}))
        if self.fargate:
            defaults.update(FARGATE_DEFAULTS.get(shape.name, {}))
        if shape.name == "PortMapping":
            defaults["hostPort"] = value.get("containerPort", 0) if self.same_port and value.get("hostPort") else 0
        if shape.name == "ContainerDefinition" and value.get("firelensConfiguration"):
            defaults["user"] = "0"  # ECS runs a FireLens log router as root and says so when it is described
        result = {}
        for name in sorted(value):
            item = value[name]
            if name in shape.members:
                item = self.of(shape.members[name], name, item)
            if item is None or item in ([], {}) or _same(item, defaults.get(name)):
                continue
            result[name] = item
        return result

    def list(self, shape: Any, member: str, value: list[Any]) -> Any:
        items = [self.of(shape.member, "", item) for item in value if item is not None]
        key = KEYS.get(shape.member.name)
        if key is not None:
            return _keyed(items, key, PAIRS.get(shape.member.name, ()))
        if member in SETS:
            return sorted(set(items), key=repr)
        return items


def _same(value: Any, default: Any) -> bool:
    """Equality that does not take False for 0."""
    return default is not None and type(value) is type(default) and value == default


def _keyed(items: list[dict[str, Any]], key: Callable[[dict[str, Any]], str], pair: tuple[str, ...]) -> dict[str, Any]:
    """A set of structures by key; of a structure that is a mere pair, what the key leaves.

    Where several have the same key, which AWS refuses in most cases but not in all, they stand as a list.
    """
    grouped: dict[str, list[Any]] = {}
    for item in items:
        short = item.get(pair[1], "") if pair and set(item) <= set(pair) else item
        grouped.setdefault(key(item), []).append(short)
    return {name: same[0] if len(same) == 1 else sorted(same, key=repr) for name, same in sorted(grouped.items())}
