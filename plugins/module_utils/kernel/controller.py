# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process drives this run: the ansible-playbook whose worker, or whose worker's child, this code runs in."""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Controller:
    """A process on a machine. `started` (clock ticks since boot) tells it from a later process of the same id.

    `host` is for people: two containers may have one name. `machine` tells them apart; it is empty where there is no
    way to tell.
    """

    host: str
    machine: str
    pid: int
    started: int

    @property
    def run_id(self) -> str:
        return f"{self.host}:{self.machine}:{self.pid}:{self.started}"

    @classmethod
    def parse(cls, run_id: str) -> Controller | None:
        host, machine, pid, started = [*run_id.split(":"), "", "", ""][:4]
        return cls(host, machine, int(pid), int(started)) if pid.isdigit() and started.isdigit() else None

    def is_gone(self) -> bool:
        """True only if it ran on this machine and runs no more; of another one's processes nothing is known."""
        if not self.machine or self.machine != this_machine():
            return False
        if _stat(self.pid):
            return _started(self.pid) != self.started
        try:
            os.kill(self.pid, 0)  # asks only; another user's process may be hidden in /proc
        except ProcessLookupError:
            return True
        except OSError:
            pass
        return False


@cache
def this_machine() -> str:
    """What tells apart the machines, their boots, and the containers in which a process id means something.

    From the kernel's boot id and the namespace of process ids; empty without them.
    """
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink(PROC / "self/ns/pid")
    except OSError:
        return ""
    return hashlib.sha256(f"{boot} {namespace}".encode()).hexdigest()[:12]


def find_controller() -> Controller:
    """The outermost ancestor that is an ansible command, or this process if there is none."""
    found, pid = os.getpid(), os.getpid()
    while pid > 1:
        if _is_ansible(pid):
            found = pid
        pid = _parent(pid)
    return Controller(socket.gethostname(), this_machine(), found, _started(found) or 0)


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
