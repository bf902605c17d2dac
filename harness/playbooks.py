# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the project's own playbooks as a user would, and reads the recap that the user sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

ROOT = Path(__file__).resolve().parents[1]
RECAP_LINE = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


class PlaybookFailed(Exception):
    """ansible-playbook ended with an error; the message holds the end of what it printed."""


@dataclass(frozen=True)
class Run:
    """What one ansible-playbook run printed and how long it took. lines: (unix seconds, line), as they came."""

    output: str
    seconds: float
    changed: int
    ok: int
    began: float = 0.0
    lines: list[tuple[float, str]] = field(default_factory=list)


class Started(Protocol):
    """A playbook that runs: a `subprocess.Popen`, or what does as much. stdout: what it prints, errors included."""

    stdout: IO[str] | None
    returncode: int | None

    def wait(self) -> int: ...

    def kill(self) -> None: ...


def playbook_command(playbook: str, inventory: Path, *arguments: str) -> list[str]:
    """The words of the command line."""
    return [str(Path(sys.prefix) / "bin" / "ansible-playbook"), playbook, "-i", str(inventory), *arguments]


def playbook_environment(environment: dict[str, str]) -> dict[str, str]:
    """This process's environment without what it says of AWS and Ansible, which `environment` says instead."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    return {**inherited, **environment, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}


def start_playbook(
    playbook: str, inventory: Path, environment: dict[str, str], *arguments: str
) -> subprocess.Popen[str]:
    """Start ansible-playbook from the repository root, in a session of its own; its output is a pipe."""
    return subprocess.Popen(
        playbook_command(playbook, inventory, *arguments),
        cwd=ROOT,
        env=playbook_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


start: Callable[..., Started] = start_playbook
"""How `run_playbook` starts one. The tests, which run hundreds, have something quicker."""


def run_playbook(
    playbook: str, inventory: Path, environment: dict[str, str], log: Path, *arguments: str, timeout: float = 600
) -> Run:
    """Run `playbook` from the repository root; the output goes to `log` and into the result.

    Raises:
        PlaybookFailed: it did not end with 0, or printed no recap.
    """
    started, began = time.monotonic(), time.time()
    process = start(playbook, inventory, environment, *arguments)
    # A playbook that says nothing any more must still end in time, so the patience is not the reader's.
    patience = threading.Timer(timeout, process.kill)
    patience.start()
    lines = []
    try:
        for line in process.stdout:
            lines.append((time.time(), line.rstrip("\n")))
        process.wait()
    finally:
        patience.cancel()
        process.kill()
    output = "".join(f"{line}\n" for _at, line in lines)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(output)
    recap = RECAP_LINE.findall(output)
    if process.returncode != 0 or not recap:
        called = " ".join(["ansible-playbook", playbook, "-i", str(inventory), *arguments])
        raise PlaybookFailed(f"{called} ended with {process.returncode} (see {log}):\n{output[-6000:]}")
    return Run(
        output=output,
        seconds=time.monotonic() - started,
        ok=sum(int(line[1]) for line in recap),
        changed=sum(int(line[2]) for line in recap),
        began=began,
        lines=lines,
    )
