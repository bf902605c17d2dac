# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the project's own playbooks as a user would, and reads the recap that the user sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECAP_LINE = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


class PlaybookFailed(Exception):
    """ansible-playbook ended with an error; the message holds the end of what it printed."""


@dataclass(frozen=True)
class Run:
    """What one ansible-playbook run printed and how long it took."""

    output: str
    seconds: float
    changed: int
    ok: int


def run_playbook(
    playbook: str, inventory: Path, environment: dict[str, str], log: Path, *arguments: str, timeout: float = 600
) -> Run:
    """Run `playbook` from the repository root; the output goes to `log` and into the result.

    Raises:
        PlaybookFailed: it did not end with 0, or printed no recap.
    """
    command = [str(Path(sys.prefix) / "bin" / "ansible-playbook"), playbook, "-i", str(inventory), *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**inherited, **environment, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(done.stdout)
    recap = RECAP_LINE.findall(done.stdout)
    if done.returncode != 0 or not recap:
        called = " ".join(command[1:])
        raise PlaybookFailed(f"{called} ended with {done.returncode} (see {log}):\n{done.stdout[-6000:]}")
    return Run(
        output=done.stdout,
        seconds=time.monotonic() - started,
        ok=sum(int(line[1]) for line in recap),
        changed=sum(int(line[2]) for line in recap),
    )
