# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds an image with buildah, podman or docker, and pushes it.

An image is built once on a machine, and kept in its local store under the tag of its content: the regions that come
after the first get the same one. Where an engine keeps its images and how it isolates is its own configuration, such as
`STORAGE_DRIVER` and `BUILDAH_ISOLATION`.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..kernel.errors import CollectionError
from .commands import environment, private_login, run
from .context import Context

ENGINES = ("buildah", "podman", "docker")
"""In the order in which they are looked for: those without a daemon first."""


def find_engine(wanted: str) -> str:
    """The engine that is asked for, or with `auto` the first that is installed.

    Raises:
        CollectionError: it is not on PATH.
    """
    asked = ENGINES if wanted == "auto" else (wanted,)
    found = next((name for name in asked if shutil.which(name)), None)
    if found is None:
        raise CollectionError(
            f"the image has to be built, and PATH has no {', no '.join(asked)}. Install one of {', '.join(ENGINES)}; "
            "buildah needs neither a daemon nor root. Or run this on a machine that has one (image_engine)."
        )
    return found


@dataclass(frozen=True)
class Built:
    """An image that an engine makes when it is needed. `name`: with its tag, in the engine's own store."""

    engine: str
    context: Context
    name: str
    platform: str
    time: int
    labels: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)

    def build_command(self) -> list[str]:
        """What builds it. The same source gives the same image: its times are those of the source."""
        command = [self.engine, "build", "--platform", self.platform]
        if self.engine != "docker":
            # One layer over those of the base image. Docker's format would contain the name of the build's container.
            command += ["--format", "oci", "--layers=false", "--timestamp", str(self.time)]
        for name, value in {"SOURCE_DATE_EPOCH": str(self.time), **self.arguments}.items():
            command += ["--build-arg", f"{name}={value}"]
        for name, value in self.labels.items():
            command += ["--label", f"{name}={value}"]
        return [*command, "--tag", self.name, "--file", str(self.context.root / self.context.dockerfile), "."]

    def is_there(self) -> bool:
        """Whether the engine has it."""
        kind = ["inspect", "--type", "image"] if self.engine == "buildah" else ["image", "inspect"]
        asked = subprocess.run([self.engine, *kind, self.name], capture_output=True, check=False, env=environment())
        return asked.returncode == 0

    def make(self) -> None:
        """Build it, unless the engine has it."""
        if not self.is_there():
            ignored = self.context.root / f"{self.context.dockerfile}.dockerignore"
            command = self.build_command()
            if self.engine != "docker" and ignored.is_file():
                command[2:2] = ["--ignorefile", str(ignored)]
            run(command, f"building {self.context.dockerfile}", self.context.root)

    def push(self, registry: str, repository: str, tag: str, token: str) -> None:
        """Push it under a tag. `registry` is the URL of the registry, `token` what its user and password are in.

        The token goes through a private file.
        """
        url = urlsplit(registry)
        target = f"{url.netloc}/{repository}:{tag}"
        with private_login(url.netloc, token) as login:
            if self.engine == "docker":
                run([self.engine, "tag", self.name, target], f"naming {target}")
                run([self.engine, "--config", str(login.parent), "push", target], f"pushing {target}")
                return
            flags = ["--authfile", str(login), *(["--tls-verify=false"] if url.scheme == "http" else [])]
            run([self.engine, "push", *flags, self.name, f"docker://{target}"], f"pushing {target}")
