# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory one embedded cloud lives in, and the processes that belong to it.

Every process of a cloud (server, front door, tasks) carries LOCALCLOUD_HOME=<home> and LOCALCLOUD_PART=<role> in its
environment. That mark, and not a list of process ids, is what ending a cloud relies on: it survives `kill -9` of any
part, restarts of a part, and a lost state file. A user's shell that merely exports LOCALCLOUD_HOME lacks the part.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

STATE_FILE = "state.json"
TLS_FOLDER = "tls"
"""Where the front door's certificate authority is."""

PART = "LOCALCLOUD_PART"
PARENT = "LOCALCLOUD_PARENT"
""""pid:birth" of the process with which the cloud is to end."""


def write_state(home: Path, state: dict[str, Any]) -> None:
    """Replace state.json in one step, so that a reader never sees half of it."""
    temporary = home / (STATE_FILE + ".new")
    temporary.write_text(json.dumps(state, indent=2) + "\n")
    temporary.replace(home / STATE_FILE)


def read_state(home: Path) -> dict[str, Any] | None:
    """The state of the cloud that last ran in this home, or None."""
    try:
        return json.loads((home / STATE_FILE).read_text())
    except (OSError, ValueError):
        return None


def environment(home: Path, part: str) -> dict[str, str]:
    """The two variables that mark a process as part of the cloud in `home`."""
    return {"LOCALCLOUD_HOME": str(home), PART: part}


def processes(home: Path) -> dict[int, str]:
    """Process id → part, for every living process of the cloud in `home`."""
    mark = f"LOCALCLOUD_HOME={home}".encode()
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            variables = (entry / "environ").read_bytes().split(b"\0")
            part = next((v.split(b"=", 1)[1] for v in variables if v.startswith(PART.encode() + b"=")), None)
            if mark in variables and part is not None and not _is_zombie(entry):
                found[int(entry.name)] = part.decode()
    return found


def end_processes(home: Path, patience: float = 3.0) -> list[int]:
    """End every process of the cloud in `home`: politely, the server first, then by force.

    Returns the process ids that had to be ended.
    """
    ended = processes(home)
    servers = [pid for pid, part in ended.items() if part == "server"]
    _end(home, servers, patience)
    _end(home, [pid for pid in processes(home)], patience)
    with contextlib.suppress(FileNotFoundError):
        (home / STATE_FILE).unlink()
    return sorted(ended)


def _end(home: Path, pids: list[int], patience: float) -> None:
    for wanted, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 2.0)):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, wanted)
        deadline = time.monotonic() + wait
        while pids and time.monotonic() < deadline:
            alive = processes(home)
            pids = [pid for pid in pids if pid in alive]
            if pids:
                time.sleep(0.02)


def birth_of(pid: int) -> str | None:
    """What tells a process from a later one of the same id: when it started. None if it is gone."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    return None


def _is_zombie(entry: Path) -> bool:
    return (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
