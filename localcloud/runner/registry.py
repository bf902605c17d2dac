# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of this cloud's own registries: whether they were pushed, and what running them from their layers means.

Nothing isolates a container here, so an image's files are extracted once for each digest, and its process begins in its
working directory among them. `python` is the interpreter that runs the embedded cloud, with the packages it has; what
the layers hold beside the application's own files, such as another interpreter, is not used.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

from moto.ecr.models import ecr_backends

from localcloud.ecr.pull_through import BATCH_IMPORT, CREATE, copy_of
from localcloud.options import ACCOUNT_ID
from localcloud.policies import role_may
from localcloud.runner.digests import EcrName, ecr_name
from localcloud.runner.images import PYTHON, Image, ImageTable
from localcloud.runner.start_problems import ImageNotFound, NothingToRun, cannot_pull, not_pushed

WHITEOUT = ".wh."

SYSTEM = ("bin/", "lib/", "lib64/", "sbin/", "usr/bin/", "usr/lib/", "usr/local/lib/", "usr/sbin/", "usr/share/")
"""Where a base image has what this machine has too. It is not extracted: it is most of an image, and is not used."""


class Registry:
    """Where tasks get their images: `table` for those of other registries, layers below `folder` for our own."""

    def __init__(self, table: ImageTable, folder: Path):
        self.table, self.folder = table, folder

    def pull(self, name: str, role: str | None = None) -> Image:
        """What running an image means. The lock is held, because the registries are read.

        `role`: the execution role, as which a registry fetches an image of another one.

        Raises:
            ImageNotFound: it is not there.
            NothingToRun: it is there, and says no command.
        """
        listed = self.table.find(name)
        ecr = ecr_name(name)
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
            _check_importing(name, ecr, role, () if ecr.repository in registry.repositories else (CREATE,))
            pushed = copy_of(registry, ecr.repository, ecr.tag)
        if pushed is None:
            raise ImageNotFound(not_pushed(name))
        # What stands for a program that this machine may not have stands for its copy in our registry too.
        return listed or self._from_layers(name, registry, pushed)

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


def _check_importing(name: str, ecr: EcrName, role: str | None, also: tuple[str, ...]) -> None:
    """Refuse to fetch an image for a role that may not have the registry do so. ImageNotFound."""
    arn = f"arn:aws:ecr:{ecr.region}:{ecr.account}:repository/{ecr.repository}"
    for action in (*also, BATCH_IMPORT):
        if role is None or not role_may(ecr.account, role, action, arn):
            raise ImageNotFound(
                f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
                f"{name}: unexpected status from HEAD request: 403 Forbidden (User: {role} is not authorized to "
                f"perform: {action} on resource: {arn} because no identity-based policy allows the {action} action)"
            )


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
            with contextlib.suppress(tarfile.FilterError):
                archive.extract(member, root, filter="data")


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
