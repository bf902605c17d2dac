# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of one region that podman, buildah, docker and skopeo push to: Debian's `docker-registry`, on loopback.

It starts when somebody first asks for its address, and ends with the cloud. What it is sent, it keeps in a folder of
the cloud's home, where ECR's own answers find it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from localcloud import home as homes
from localcloud.options import ACCOUNT_ID, LOOPBACK

log = logging.getLogger("localcloud")

PROGRAM = "docker-registry"
PATIENCE = 5.0
"""How long a registry may take until it answers (seconds)."""

LOGIN = "AWS:$2b$04$abcdefghijklmnopqrstuu/cMn6kFoLFEf9ShbIPSVtJoiKQtizZG\n"
"""The user of every token and what its password is hashed to: the password that moto gives to our account."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Push(NamedTuple):
    """A tag that somebody pushed, or an image of a list, which has none. `time`: when, in nanoseconds."""

    repository: str
    tag: str | None
    digest: str
    time: int


class DockerRegistry:
    """The registry of a region, once it was asked for."""

    def __init__(self, region: str):
        home = os.environ.get("LOCALCLOUD_HOME")
        self.home = Path(home) if home else None
        self.folder = self.home / "registry" / region if self.home else None
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def address(self) -> str | None:
        """Where to push to. None where `docker-registry` is not installed, or does not start."""
        program = shutil.which(PROGRAM)
        if self.folder is None or program is None:
            return None
        if self.process is None or self.process.poll() is not None:
            self._start(program, self.folder)
        return f"http://{LOOPBACK}:{self.port}" if self._answers() else None

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def pushes(self) -> Iterator[Push]:
        """Every tag that was pushed, and what it is of now."""
        if self.folder is None or self.process is None:
            return
        root = self.folder / "docker" / "registry" / "v2" / "repositories"
        for link in root.glob("**/_manifests/tags/*/current/link"):
            digest = link.read_text()
            # While a push writes it, the file may still be empty.
            if _DIGEST.fullmatch(digest):
                tag, repository = link.parents[1].name, link.parents[4].relative_to(root)
                yield Push(str(repository), tag, digest, link.stat().st_mtime_ns)

    def content(self, digest: str) -> Path:
        """The file of a layer, a configuration or a manifest."""
        assert self.folder is not None
        plain = digest.removeprefix("sha256:")
        return self.folder / "docker" / "registry" / "v2" / "blobs" / "sha256" / plain[:2] / plain / "data"

    def _start(self, program: str, folder: Path) -> None:
        assert self.home is not None
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            self.port = probe.getsockname()[1]
        users, settings = folder / "users", folder / "settings.yml"
        users.write_text(LOGIN)
        # JSON is YAML.
        settings.write_text(
            json.dumps(
                {
                    "version": "0.1",
                    "log": {"level": "warn"},
                    "storage": {"filesystem": {"rootdirectory": str(folder)}},
                    "http": {"addr": f"{LOOPBACK}:{self.port}", "secret": ACCOUNT_ID},
                    "auth": {"htpasswd": {"realm": "embedded cloud", "path": str(users)}},
                }
            )
        )
        environment = {**os.environ, **homes.environment(self.home, "registry"), "OTEL_TRACES_EXPORTER": "none"}
        with (self.home / "registry.log").open("ab") as output:
            self.process = subprocess.Popen(
                [program, "serve", str(settings)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def _answers(self) -> bool:
        deadline = time.monotonic() + PATIENCE
        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection((LOOPBACK, self.port), timeout=1).close()
                return True
            except OSError:
                time.sleep(0.01)
        log.warning("%s did not start; its output is in registry.log", PROGRAM)
        return False
