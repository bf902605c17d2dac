# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MiniStack as a process of its own: an emulator of AWS that nobody here wrote, on one loopback port."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.contract.case import REPOSITORY

PYTHON = REPOSITORY / "build" / "second-emulator" / "bin" / "python"
"""Of the environment that `make test-second-emulator` makes; nothing of it is imported here."""

ACCOUNT = "123456789012"
"""The account that the cases name."""

START_PATIENCE_SECONDS = 30.0

SERVE = (
    "import os, sys, threading; "
    "threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start(); "
    "from ministack.app import main; main()"
)
"""It ends when its standard input does: with the tests, however they end."""


class MiniStack:
    """One emulator, whose files are all in `home`. As a context manager it runs from entry to exit."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.log = home / "ministack.log"

    def __enter__(self) -> MiniStack:
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [PYTHON, "-c", SERVE],
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                said = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"MiniStack did not start on port {self.port}; it said:\n{said}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def env(self) -> dict[str, str]:
        """The variables that point the modules, and the commands of a case, at it."""
        return {"AWS_ENDPOINT_URL": self.endpoint}

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL")}
        return {
            **inherited,
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "STATE_DIR": str(self.home / "state"),
            "S3_DATA_DIR": str(self.home / "s3"),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            # Ports of its own that nothing here asks for.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # Whether this machine has Docker must make no difference.
            "DOCKER_HOST": f"unix://{self.home}/no-docker.sock",
            "LOG_LEVEL": "WARNING",
        }

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/ready", timeout=2) as answer:
                return bool(json.load(answer))
        except (OSError, ValueError):
            return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
