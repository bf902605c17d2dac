# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of this cloud's own registries: whether they were pushed, and what running them from their layers means.

Nothing isolates a container here, so an image's files are extracted once for each digest, and its process begins in its
working directory among them. `python` is the interpreter that runs the embedded cloud, with the packages it has; what
the layers hold beside the application's own files, such as another interpreter, is not used.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from moto.ecr.models import ecr_backends

from localcloud.ecr.pull_through import BATCH_IMPORT, CREATE, copy_of
from localcloud.options import ACCOUNT_ID
from localcloud.runner.digests import EcrName, ecr_name
from localcloud.runner.execution_role import ExecutionRole
from localcloud.runner.images import PYTHON, Image, ImageTable
from localcloud.runner.start_problems import ImageNotFound, NothingToRun, cannot_pull, not_for, not_pushed

WHITEOUT = ".wh."

SYSTEM = ("bin/", "lib/", "lib64/", "sbin/", "usr/bin/", "usr/lib/", "usr/local/lib/", "usr/sbin/", "usr/share/")
"""Where a base image has what this machine has too. It is not extracted: it is most of an image, and is not used."""


HERE = "linux/amd64"
"""What a task runs on unless its definition says otherwise."""


ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}


def platform_of(definition: Any) -> str:
    """The platform of a task definition of moto, in the words of images."""
    given = getattr(definition, "runtime_platform", None) or {}
    return f"linux/{ARCHITECTURES.get(given.get('cpuArchitecture') or 'X86_64', 'amd64')}"


@dataclass(frozen=True)
class NotExecutable(Image):
    """An image for another processor: its container starts, and that is all that it does."""

    def argv(self, address: str, entrypoint: list[str] | None, command: list[str] | None) -> list[str]:
        return [
            "/bin/sh",
            "-c",
            f"echo 'exec {(entrypoint or command or ['/entrypoint'])[0]}: exec format error'; exit 255",
        ]


class Registry:
    """Where tasks get their images: `table` for those of other registries, layers below `folder` for our own."""

    def __init__(self, table: ImageTable, folder: Path):
        self.table, self.folder = table, folder

    def pull(self, name: str, role: ExecutionRole, platform: str = HERE) -> Image:
        """What running an image means. The lock is held, because the registries are read.

        `role` pulls it, and as that role its registry fetches an image of another one. `platform`, such as
        `linux/amd64`: what the task runs on. Of a list the image for it is taken.

        Raises:
            ImageNotFound: it is not there.
            NotAuthorized: the role may not pull it.
            NothingToRun: it is there, and says no command.
        """
        listed = self.table.find(name)
        ecr = ecr_name(name)
        if ecr is not None:
            role.demand_pull(name, ecr)
        if ecr is None or ecr.account != ACCOUNT_ID:
            if listed is None:
                raise ImageNotFound(cannot_pull(name))
            return listed
        registry: Any = ecr_backends[ecr.account][ecr.region]
        pushed = registry.find_image(ecr.repository, ecr.tag, ecr.digest)
        upstream = registry.pull_through.upstream(ecr.repository)
        if upstream is not None:
            listed = listed or self.table.find(f"{upstream}:{ecr.tag or 'latest'}")
        if pushed is None and listed is not None and upstream is not None and ecr.tag:
            new = () if ecr.repository in registry.repositories else (CREATE,)
            role.demand(name, ecr, *new, BATCH_IMPORT)
            pushed = copy_of(registry, ecr.repository, ecr.tag)
        if pushed is None:
            raise ImageNotFound(not_pushed(name))
        pushed, is_for_it = self._for_platform(name, registry, pushed, ecr, platform)
        if not is_for_it:
            return NotExecutable(("/bin/sh",))
        # What stands for a program that this machine may not have stands for its copy in our registry too.
        return listed or self._from_layers(name, registry, pushed)

    @staticmethod
    def _for_platform(name: str, registry: Any, pushed: Any, ecr: EcrName, platform: str) -> tuple[Any, bool]:
        """The image to run, and whether it is for the platform: a list has none for others, an image says its own."""
        manifest = json.loads(pushed.image_manifest)
        if "manifests" in manifest:
            for each in manifest["manifests"]:
                told = each.get("platform") or {}
                part = registry.find_image(ecr.repository, None, each["digest"])
                if part is not None and f"{told.get('os')}/{told.get('architecture')}" == platform:
                    return part, True
            raise ImageNotFound(not_for(name, platform))
        config = registry.blob((manifest.get("config") or {}).get("digest"))
        told = json.loads(config) if config else {}
        return pushed, not told.get("architecture") or f"{told.get('os')}/{told['architecture']}" == platform

    def _from_layers(self, name: str, registry: Any, pushed: Any) -> Image:
        manifest = json.loads(pushed.image_manifest)
        blobs = [registry.blob(part["digest"]) for part in (manifest.get("config"), *manifest.get("layers", ()))]
        if not blobs or None in blobs:
            raise ImageNotFound(cannot_pull(name))
        root = self._extracted(pushed.get_image_digest(), blobs[1:])
        return image_of(name, json.loads(blobs[0]).get("config") or {}, root)

    def _extracted(self, digest: str, layers: list[bytes]) -> Path:
        root = self.folder / digest.replace(":", "-")
        if not root.is_dir():
            making = root.with_name(f"{root.name}.part")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(parents=True)
            for layer in layers:
                extract(layer, making)
            making.rename(root)
        return root


UNFILTERED: dict[str, Any] = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
"""Newer Pythons warn, or filter by rules of their own, unless they are told."""


def extract(layer: bytes, root: Path) -> None:
    """Put the files of a layer over those of the layers below it; a whiteout removes one of theirs."""
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            if str(path).startswith(SYSTEM):
                continue
            if path.name.startswith(WHITEOUT):
                _remove(root / path.parent / path.name.removeprefix(WHITEOUT))
                continue
            # Devices and links out of the image are nothing that an application's files have.
            if _is_of_an_application(member, root):
                archive.extract(member, root, **UNFILTERED)


def _is_of_an_application(member: tarfile.TarInfo, root: Path) -> bool:
    """A file, folder or link inside the image. Pythons before 3.11.4, such as Debian 12's, have no filter for this."""
    path = root / member.name
    target = path.parent / member.linkname if member.issym() else root / member.linkname
    within = all(each.resolve().is_relative_to(root.resolve()) for each in (path.parent, path, target))
    return within and (member.isfile() or member.isdir() or member.issym() or member.islnk())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def image_of(name: str, config: dict[str, Any], root: Path) -> Image:
    """What an image's configuration says, with its paths where they are on this machine.

    Raises:
        NothingToRun: neither an entry point nor a command.
    """
    first, rest = config.get("Entrypoint") or [], config.get("Cmd") or []
    if not first:
        first, rest = rest, []
    if not first:
        raise NothingToRun(f"CannotStartContainerError: no command specified by the image {name}")
    environment = dict(entry.partition("=")[::2] for entry in config.get("Env") or [])
    environment.pop("PATH", None)  # of the image's own programs, which are not used
    if "PYTHONPATH" in environment:
        environment["PYTHONPATH"] = ":".join(_here(root, each) for each in environment["PYTHONPATH"].split(":"))
    # What a RUN line compiles once is compiled by the first task here, for all that come after it.
    environment["PYTHONDONTWRITEBYTECODE"] = ""
    words = [_here(root, word) for word in first]
    program = PurePosixPath(words[0]).name
    return Image(
        entrypoint=(program if program in PYTHON else words[0], *words[1:]),
        command=tuple(_here(root, word) for word in rest),
        environment=environment,
        directory=root / str(config.get("WorkingDir") or "/").strip("/"),
    )


def _here(root: Path, word: str) -> str:
    """A path of the image as a path of this machine; any other word as it is."""
    return str(root / word.lstrip("/")) if word.startswith("/") and (root / word.lstrip("/")).exists() else word
