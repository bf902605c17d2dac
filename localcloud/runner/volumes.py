# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files a container sees: its volumes and mount points as directories of this machine.

A process here sees the machine's own paths, so a path of the container (`/data/db`) is told to it as a path below the
directory that stands for the volume mounted there, through `{mount:/data/db}` in images.yml. A volume of EFS outlives
the task; a volume without a configuration, and what is mounted nowhere, ends with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from localcloud.runner.file_systems import Mounted, below

MOUNT = re.compile(r"\{mount:([^}]+)\}")


@dataclass(frozen=True)
class Mount:
    """One mount point: a path of the container, and the directory that is there."""

    path: str
    directory: Path
    read_only: bool = False


@dataclass(frozen=True)
class Files:
    """What one container sees. `root` stands for everything that is no volume."""

    root: Path
    mounts: tuple[Mount, ...] = ()

    def locate(self, path: str) -> Path:
        """Where a path of the container is on this machine. As with mount points, the deepest one counts."""
        wanted = PurePosixPath("/" + path.strip("/"))
        deepest = max(
            (m for m in self.mounts if wanted.is_relative_to(_normal(m.path))),
            key=lambda mount: len(_normal(mount.path).parts),
            default=Mount("/", self.root),
        )
        return below(deepest.directory, str(wanted.relative_to(_normal(deepest.path))))

    def fill(self, word: str) -> str:
        """Replace each `{mount:<path>}` in a word of a command. What is no volume is made, as an image has it."""

        def locate(match: re.Match[str]) -> str:
            directory = self.locate(match[1])
            directory.mkdir(parents=True, exist_ok=True)
            return str(directory)

        return MOUNT.sub(locate, word)

    @property
    def read_only(self) -> list[Path]:
        return [mount.directory for mount in self.mounts if mount.read_only]


def lay_out(definition: Any, directory: Path, mount_efs: Callable[[dict[str, Any]], Mounted]) -> dict[str, Files]:
    """The files of each container of a task definition, by the container's name.

    `directory` is the task's own and ends with it; `mount_efs` mounts an `efsVolumeConfiguration`.
    """
    volumes = {volume["name"]: _directory_of(volume, directory, mount_efs) for volume in definition.volumes or []}
    containers = {each["name"]: each for each in definition.container_definitions}
    return {
        name: Files(directory / "containers" / name, tuple(_mounts(each, containers, volumes)))
        for name, each in containers.items()
    }


def _directory_of(volume: dict[str, Any], directory: Path, mount_efs: Callable[[dict[str, Any]], Mounted]) -> Mounted:
    if volume.get("efsVolumeConfiguration"):
        return mount_efs(volume["efsVolumeConfiguration"])
    own = directory / "volumes" / volume["name"]
    own.mkdir(parents=True, exist_ok=True)
    return Mounted(own)


def _mounts(
    container: dict[str, Any],
    containers: dict[str, dict[str, Any]],
    volumes: dict[str, Mounted],
    seen: tuple[str, ...] = (),
) -> list[Mount]:
    """The mount points of a container, and those of the containers whose volumes it takes over."""
    found = [
        Mount(point["containerPath"], volume.directory, volume.read_only or bool(point.get("readOnly")))
        for point in container.get("mountPoints") or []
        if point.get("sourceVolume")
        for volume in [volumes[point["sourceVolume"]]]
    ]
    for other in container.get("volumesFrom") or []:
        name = other["sourceContainer"]
        if name in containers and name not in seen:
            taken = _mounts(containers[name], containers, volumes, (*seen, container["name"]))
            found += [Mount(m.path, m.directory, m.read_only or bool(other.get("readOnly"))) for m in taken]
    return found


def _normal(path: str) -> PurePosixPath:
    return PurePosixPath("/" + path.strip("/"))
