# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies an image of another registry as it is, with `skopeo copy`: the same bytes, and so the same digest.

A list of images is copied whole, with all its platforms: otherwise its digest would be another.
"""

from __future__ import annotations

import re
import shutil
from typing import NamedTuple
from urllib.parse import urlsplit

from ..kernel.errors import CollectionError
from .commands import LOOPBACK, private_login, run

TAG = "mirror-"
"""How the tag begins under which a mirrored image is found again."""

_SOURCE = re.compile(r"(?P<name>[^\s@]+?)(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@(?P<digest>sha256:[0-9a-f]{64})")


def source_problems(variable: str, source: str) -> list[str]:
    """Why the name of an image to be mirrored cannot be one."""
    if "://" in source:
        return [
            f"{variable} is {source!r}; give the name of an image without a scheme, docker.io/library/mongo@sha256:…"
        ]
    if not _SOURCE.fullmatch(source):
        return [
            f"{variable} is {source!r}, which is not pinned by a digest: a tag may name another image tomorrow. Give "
            f"NAME@sha256:…; skopeo inspect --format '{{{{.Digest}}}}' docker://{source or 'NAME'} tells today's."
        ]
    return []


class Mirrored(NamedTuple):
    """An image of another registry. `name`: without tag and digest."""

    name: str
    digest: str

    engine = "skopeo"

    @classmethod
    def of(cls, source: str) -> Mirrored:
        """Of a name without problems. A tag beside the digest says nothing."""
        match = _SOURCE.fullmatch(source)
        if match is None:
            raise ValueError(f"{source!r} is not pinned by a digest")
        return cls(match["name"], match["digest"])

    @property
    def tag(self) -> str:
        """The tag under which the copy is found in a repository."""
        return TAG + self.digest.removeprefix("sha256:")[:32]

    def is_there(self) -> bool:
        """Never on this machine: what a region has need not be fetched from elsewhere."""
        return False

    def make(self) -> None:
        """Nothing: it is made already."""

    def push(self, registry: str, repository: str, tag: str, token: str) -> None:
        """Copy it to a registry, by its URL. `token` is what user and password are in.

        For the source, skopeo has the logins of whoever runs this, such as those of `skopeo login`.
        """
        if shutil.which(self.engine) is None:
            raise CollectionError(
                f"{self.name}@{self.digest} has to be copied, and PATH has no skopeo. Install it, or run this on a "
                "machine that has it; it needs neither a daemon nor root."
            )
        url = urlsplit(registry)
        target, source = f"{url.netloc}/{repository}:{tag}", f"{self.name}@{self.digest}"
        flags = ["--all", "--preserve-digests", "--quiet"]
        if urlsplit(f"//{self.name}").hostname in LOOPBACK:
            flags.append("--src-tls-verify=false")
        if url.scheme == "http":
            flags.append("--dest-tls-verify=false")
        with private_login(url.netloc, token) as login:
            command = [
                "skopeo",
                "copy",
                *flags,
                "--dest-authfile",
                str(login),
                f"docker://{source}",
                f"docker://{target}",
            ]
            run(command, f"copying {source} to {target}")
