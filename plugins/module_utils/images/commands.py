# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs that build, push and copy images, with the login to a registry in a private file only."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..kernel.errors import CollectionError

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_SHOWN = 15
"""Lines of a program's output that an error shows."""


def environment() -> dict[str, str]:
    # BuildKit would put a statement about the build beside the image, with the time and the place of it.
    return {**os.environ, "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


def run(command: Sequence[str], doing: str, directory: Path | None = None) -> None:
    """Run a program to its end. CollectionError: it fails; the message has the end of what it said."""
    done = subprocess.run(
        command,
        cwd=directory,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = "\n".join(done.stdout.strip().splitlines()[-_SHOWN:])
        raise CollectionError(f"{doing} with {command[0]} failed, exit status {done.returncode}. It said:\n{said}")


@contextmanager
def private_login(registry: str, token: str) -> Iterator[Path]:
    """The file `config.json` in a folder of its own, which only this user can read, and which is removed afterwards.

    registry: host and port.  token: what its user and password are in, as GetAuthorizationToken gives it.
    """
    with tempfile.TemporaryDirectory(prefix="login-") as folder:
        login = Path(folder) / "config.json"
        descriptor = os.open(login, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"auths": {registry: {"auth": token}}}, file)
        yield login
