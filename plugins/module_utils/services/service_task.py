# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task of a service, from its definition in an inventory: containers, volumes, permissions, and who is asked.

A definition describes one container by itself (`image`, `port`, `environment` …), or several in `containers`. Both
become the container definitions that `ecs_taskdef_revision` takes.
"""

from __future__ import annotations

from typing import Any

from ..kernel import KNOWN_AFTER_APPLY
from ..kernel.errors import CollectionError
from .wiring import Place, environment

Item = dict[str, Any]

SINGLE_WRITER_LABEL = "multiregion.ecs.single-writer"
"""The Docker label of a container that must never run twice on one volume, readable from its task definition."""

LAYERS = ("image", "network", "storage", "messaging", "volumes", "cluster", "edge")
"""The layers that services may build on, bottom first."""

PLATFORMS: dict[str, Item] = {
    "linux/amd64": {"operating_system_family": "LINUX", "cpu_architecture": "X86_64"},
    "linux/arm64": {"operating_system_family": "LINUX", "cpu_architecture": "ARM64"},
}
"""The platform of an image in the words of a task definition."""

_PASSED_ON = ("health_check", "depends_on", "stop_timeout", "start_timeout", "user", "entry_point")


def task(definition: Item, place: Place, log_prefix: str) -> Item:
    """What ECS is told about a service: `containers`, `volumes`, `uses`, `target` and `runtime_platform`.

    `target` is the container and port that a load balancer asks, None if no container has a port. `runtime_platform` is
    as given, or that of images of the workload's own repositories, and None if neither is known.

    Raises:
        CollectionError: a reference that cannot be followed.
    """
    group = f"{log_prefix}/{definition['name']}"
    return {
        "containers": [_container(each, group, place) for each in containers(definition)],
        "volumes": [_volume(each, place) for each in definition.get("volumes") or []],
        "uses": [*(definition.get("uses") or []), *_mounted(definition)],
        "target": _target(definition),
        "runtime_platform": _runtime_platform(definition, place),
    }


def containers(definition: Item) -> list[Item]:
    """The containers as the inventory describes them. A service that is its only container has its name."""
    if definition.get("containers"):
        return list(definition["containers"])
    keys = ("name", "image", "command", "port", "port_name", "environment", "secrets", "mounts", "single_writer")
    return [{key: definition[key] for key in (*keys, *_PASSED_ON) if key in definition}]


def _container(container: Item, log_group: str, place: Place) -> Item:
    if not container.get("image"):
        raise CollectionError(
            f"Container {container['name']} has no image. Give image, or containers with an image each."
        )
    made = {
        "name": container["name"],
        "image": _image(container, place),
        "command": container.get("command") or [],
        "port_mappings": _port_mappings(container),
        "environment": environment(container.get("environment") or {}, place),
        "secrets": container.get("secrets") or {},
        "log_configuration": {
            "log_driver": "awslogs",
            "options": {
                "awslogs-group": log_group,
                "awslogs-region": place.region,
                "awslogs-stream-prefix": "ecs",
            },
        },
    }
    made.update({key: container[key] for key in _PASSED_ON if container.get(key) is not None})
    if "essential" in container:
        made["essential"] = container["essential"]
    if container.get("mounts"):
        made["mount_points"] = [
            {
                "source_volume": mount["volume"],
                "container_path": mount["path"],
                "read_only": bool(mount.get("read_only", False)),
            }
            for mount in container["mounts"]
        ]
    if container.get("single_writer"):
        made["docker_labels"] = {SINGLE_WRITER_LABEL: "true"}
    return made


def own_repository(container: Item) -> str | None:
    """The repository of the workload's own that a container's image comes from; None if it is named as a whole."""
    image = container.get("image")
    return str(image["repository"]) if isinstance(image, dict) and image.get("repository") else None


def own_repositories(definitions: list[Item]) -> list[str]:
    """The repositories of the workload's own that services get images from, each once."""
    named = [own_repository(container) for definition in definitions for container in containers(definition)]
    return list(dict.fromkeys(name for name in named if name))


def _image(container: Item, place: Place) -> str:
    """The image as ECS takes it. One of the workload's own is named by its digest, so that it is the same for ever."""
    repository = own_repository(container)
    if repository is None:
        return str(container["image"])
    image = _known("image in repository", place.images, repository)
    if KNOWN_AFTER_APPLY in (image["uri"], image["digest"]):
        return KNOWN_AFTER_APPLY
    return f"{image['uri']}@{image['digest']}"


def _runtime_platform(definition: Item, place: Place) -> Item | None:
    named = {own_repository(each) for each in containers(definition)} - {None}
    platforms = sorted({place.images[name]["platform"] for name in named if name in place.images})
    given = definition.get("runtime_platform")
    if given:
        return _given_platform(definition["name"], dict(given), platforms)
    if len(platforms) > 1:
        raise CollectionError(
            f"Service {definition['name']} has images for {' and '.join(platforms)}, and all containers of a task run "
            "on one platform. Build them for the same."
        )
    return PLATFORMS[platforms[0]] if platforms else None


def _given_platform(name: str, given: Item, platforms: list[str]) -> Item:
    """The platform that the inventory says, whole; the workload's own images are to be for it."""
    whole = {"operating_system_family": "LINUX", "cpu_architecture": "X86_64", **given}
    other = [each for each in platforms if PLATFORMS[each] != whole]
    if other:
        raise CollectionError(
            f"Service {name} has the runtime_platform {whole['operating_system_family']}/{whole['cpu_architecture']}, "
            f"and images for {' and '.join(other)} (image_definitions, platform). Give both the same."
        )
    return whole


def _port_mappings(container: Item) -> list[Any]:
    """The container's port, with its name if it has one, by which Service Connect refers to it."""
    port, name = container.get("port"), container.get("port_name")
    if name and not port:
        raise CollectionError(f"Container {container['name']} has the port_name {name!r}, but no port. Give port.")
    if not port:
        return []
    return [{"container_port": int(port), "name": name} if name else port]


def _volume(volume: Item, place: Place) -> Item:
    """A volume of a file system, or one that ends with the task.

    Transport is encrypted and the task role is asked, as the file systems of this collection demand.
    """
    name = volume.get("file_system")
    if not name:
        return {"name": volume["name"]}
    authorization = {"iam": "ENABLED"}
    efs = {
        "file_system_id": _known("file system", place.file_systems, name),
        "transit_encryption": "ENABLED",
        "authorization_config": authorization,
    }
    if volume.get("access_point"):
        point = _known("access point", place.access_points.get(name) or {}, volume["access_point"])
        authorization["access_point_id"] = point["access_point_id"]
    elif volume.get("path"):
        efs["root_directory"] = volume["path"]
    return {"name": volume["name"], "efs_volume_configuration": efs}


def _mounted(definition: Item) -> list[Item]:
    """The file systems that the service mounts, as things it uses.

    The root folder of a file system belongs to root, so a volume without an access point that is written needs root's
    rights there. Through an access point a container has the rights of the point's user, or its own.
    """
    writable = {
        mount["volume"]
        for container in containers(definition)
        for mount in container.get("mounts") or []
        if not mount.get("read_only")
    }
    found: dict[tuple[str, str], str] = {}
    for volume in definition.get("volumes") or []:
        if volume.get("file_system"):
            point = volume.get("access_point") or ""
            written = "write" if point else "root"
            key = (volume["file_system"], point)
            if volume["name"] in writable or key not in found:
                found[key] = written if volume["name"] in writable else "read"
    return [
        {"file_system": name, **({"access_point": point} if point else {}), "access": access}
        for (name, point), access in found.items()
    ]


def _target(definition: Item) -> Item | None:
    listening = [container for container in containers(definition) if container.get("port")]
    wanted = definition.get("container")
    if wanted:
        listening = [container for container in listening if container["name"] == wanted]
        if not listening:
            raise CollectionError(
                f"Service {definition['name']}: container {wanted!r} is to be asked, but none has that name and a port."
            )
    return {"container": listening[0]["name"], "port": int(listening[0]["port"])} if listening else None


def layers_below(definitions: list[Item]) -> list[str]:
    """The layers whose outputs the services need, bottom first."""
    needed = {"network", "cluster"}
    if own_repositories(definitions):
        needed.add("image")
    for definition in definitions:
        if definition.get("target_group"):
            needed.add("edge")
        if any(volume.get("file_system") for volume in definition.get("volumes") or []):
            needed.add("volumes")
        named = [*(definition.get("uses") or []), *_references(definition)]
        if any("bucket" in each for each in named):
            needed.add("storage")
        if any("load_balancer" in each for each in named):
            needed.add("edge")
        if any("queue" in each for each in named):
            needed.add("messaging")
    return [layer for layer in LAYERS if layer in needed]


def _references(definition: Item) -> list[Item]:
    values = [value for each in containers(definition) for value in (each.get("environment") or {}).values()]
    return [value for value in values if isinstance(value, dict)]


def _known(kind: str, names: dict[str, Any], name: str) -> Any:
    if name not in names:
        known = ", ".join(sorted(names)) or "none"
        raise CollectionError(f"There is no {kind} called {name!r} in this workload. Known: {known}.")
    return names[name]
