# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook that somebody runs at a terminal, and answers."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time
from pathlib import Path

from harness.playbooks import ROOT, playbook_command, playbook_environment
from localcloud import Cloud


class Terminal:
    """ansible-playbook at a terminal of its own, whose output is read as it comes."""

    def __init__(self, cloud: Cloud, playbook: str, inventory: Path, *arguments: str, user: str = "Ana") -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            playbook_command(playbook, inventory, *arguments),
            cwd=ROOT,
            env=playbook_environment({**cloud.env(), "ANSIBLE_NOCOLOR": "1", "USER": user}),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            # Ansible only asks somebody whose terminal it controls.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.output = ""

    def read_until(self, pattern: str, patience: float = 60.0) -> None:
        deadline = time.monotonic() + patience
        while not re.search(pattern, self.output):
            assert time.monotonic() < deadline and self._read(), f"{pattern!r} did not come:\n{self.output[-3000:]}"

    def _read(self) -> bool:
        """Take what has come, for a second at most; whether more can come."""
        if select.select([self.master], [], [], 1)[0]:
            try:
                self.output += os.read(self.master, 4096).decode(errors="replace")
            except OSError:  # the other end is closed
                return False
        return True

    def answer(self, text: str, patience: float = 60.0) -> None:
        """Type it, and again until the next task begins: what is typed before Ansible listens is thrown away."""
        asked, deadline = self.output.count("TASK ["), time.monotonic() + patience
        while self.output.count("TASK [") == asked:
            assert time.monotonic() < deadline, f"nothing came of {text!r}:\n{self.output[-3000:]}"
            time.sleep(1)
            os.write(self.master, f"{text}\r".encode())
            for _ in range(3):
                self._read()

    def end(self, patience: float = 60.0) -> int:
        deadline = time.monotonic() + patience
        while self._read():
            assert time.monotonic() < deadline, f"it did not end:\n{self.output[-3000:]}"
        os.close(self.master)
        return self.process.wait(30)

    def close(self) -> None:
        self.process.kill()
