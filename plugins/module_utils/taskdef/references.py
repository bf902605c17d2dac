# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers and volumes of a task that name one another: none that is not there, and none in a circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..kernel.values import is_unknown
from .model import called

Definition = dict[str, Any]


def reference_problems(definition: Definition) -> Iterator[str]:
    given = definition.get("containerDefinitions") or []
    known = {c.get("name"): c for c in given}
    listed = ", ".join(sorted(str(name) for name in known))
    for container in given:
        where = called(container)
        for dependency in container.get("dependsOn") or []:
            other, condition = dependency.get("containerName"), dependency.get("condition")
            if not other or is_unknown(other):
                continue
            if other not in known:
                yield f"{where}: dependsOn names {other!r}; this task has {listed}."
            elif condition == "HEALTHY" and not known[other].get("healthCheck"):
                yield f"{where}: waits for {other} to be HEALTHY, which has no healthCheck."
            elif condition in ("COMPLETE", "SUCCESS") and known[other].get("essential", True):
                yield f"{where}: waits for {other} to end ({condition}); set essential: false there."
        for mount in container.get("volumesFrom") or []:
            other = mount.get("sourceContainer")
            if other and not is_unknown(other) and other not in known:
                yield f"{where}: volumesFrom names {other!r}; this task has {listed}."
        for link in container.get("links") or []:
            if not is_unknown(link) and link.split(":")[0] not in known:
                yield f"{where}: links names {link!r}; this task has {listed}."
    proxy = (definition.get("proxyConfiguration") or {}).get("containerName")
    if proxy and not is_unknown(proxy) and proxy not in known:
        yield f"proxyConfiguration names the container {proxy!r}; this task has {listed}."
    yield from circles({str(c.get("name")): list(dict.fromkeys(_waits_for(c))) for c in given if c.get("name")})


def _waits_for(container: Definition) -> Iterator[str]:
    """The containers that have to be there first."""
    yield from (str(item.get("containerName")) for item in container.get("dependsOn") or [])
    yield from (str(item.get("sourceContainer")) for item in container.get("volumesFrom") or [])
    yield from (str(link).split(":", maxsplit=1)[0] for link in container.get("links") or [])


def circles(waits: dict[str, list[str]]) -> Iterator[str]:
    """A sentence for each circle, said once."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> Iterator[str]:
        if name in path:
            circle = " → ".join([*path[path.index(name) :], name])
            yield f"containers wait for one another ({circle}; dependsOn, links, volumesFrom); none could start."
        if name in done or name not in waits:
            return
        done.add(name)
        for other in waits[name]:
            yield from walk(other, [*path, name])

    for name in waits:
        yield from walk(name, [])


def volume_problems(definition: Definition) -> Iterator[str]:
    volumes = definition.get("volumes") or []
    names = Counter(v.get("name") for v in volumes)
    for name, count in names.items():
        if name and count > 1:
            yield f"{count} volumes are called {name!r}; names must be unique in a task."
    for container in definition.get("containerDefinitions") or []:
        for mount in container.get("mountPoints") or []:
            source = mount.get("sourceVolume")
            if source and not is_unknown(source) and source not in names:
                listed = ", ".join(sorted(map(str, names))) or "none"
                where = called(container)
                yield f"{where}: mounts volume {source!r}; this task has {listed}."
    for volume in volumes:
        yield from (f"volume {volume.get('name')}: {told}" for told in _of_volume(volume))


def _of_volume(volume: Definition) -> Iterator[str]:
    efs, s3 = volume.get("efsVolumeConfiguration") or {}, volume.get("s3filesVolumeConfiguration") or {}
    access = efs.get("authorizationConfig") or {}
    transit = efs.get("transitEncryption")
    encrypted = transit == "ENABLED" or is_unknown(transit or "")
    for point, root in ((access.get("accessPointId"), efs.get("rootDirectory", "/")), (s3.get("accessPointArn"), "/")):
        root = s3.get("rootDirectory", root) if s3 else root
        if point and root != "/" and not is_unknown(root):
            yield f"rootDirectory is {root!r}; with an access point leave it out, or give '/'."
    if access.get("accessPointId") and not encrypted:
        yield "an access point needs transitEncryption: ENABLED."
    if access.get("iam") == "ENABLED" and not encrypted:
        yield "IAM authorisation needs transitEncryption: ENABLED."
    for name in ("efsVolumeConfiguration", "s3filesVolumeConfiguration"):
        port = (volume.get(name) or {}).get("transitEncryptionPort")
        if isinstance(port, int) and not 0 <= port <= 65535:
            yield f"{name}.transitEncryptionPort is {port}; ports are 0 to 65535."
