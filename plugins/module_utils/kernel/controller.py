# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process drives this run: the ansible-playbook whose worker, or whose worker's child, this code runs in."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Controller:
    """A process on a host. `started` (clock ticks since boot) tells it from a later process of the same id."""

    host: str
    pid: int
    started: int

    @property
    def run_id(self) -> str:
        return f"{self.host}:{self.pid}:{self.started}"

    @classmethod
    def parse(cls, run_id: str) -> Controller | None:
        host, _colon, rest = run_id.partition(":")
        pid, _colon, started = rest.partition(":")
        return cls(host, int(pid), int(started)) if pid.isdigit() and started.isdigit() else None

    def is_gone(self) -> bool:
        """True only if it ran on this host and runs no more; of another host's processes nothing is known."""
        if self.host != socket.gethostname():
            return False
        return _started(self.pid) != self.started


def find_controller() -> Controller:
    """The outermost ancestor that is an ansible command, or this process if there is none."""
    found, pid = os.getpid(), os.getpid()
    while pid > 1:
        if _is_ansible(pid):
            found = pid
        pid = _parent(pid)
    return Controller(socket.gethostname(), found, _started(found) or 0)


def _is_ansible(pid: int) -> bool:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")[:3]
    except OSError:
        return False
    return any(os.path.basename(word).startswith(b"ansible") for word in words)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the command's name, which may hold spaces and brackets."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _started(pid: int) -> int | None:
    fields = _stat(pid)
    return int(fields[19]) if fields and fields[0] != "Z" else None
