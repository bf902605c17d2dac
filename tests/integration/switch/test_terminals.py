# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People at terminals: one is asked before a failover, another pauses it, lets it go on, and makes one go back."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.playbooks import ROOT, PlaybookFailed, run_playbook
from demo.story import default_inventory
from localcloud import Cloud

STATES = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}
# Nobody sells here, so nobody is fenced off; the countdown is only as long as a person needs.
FENCE = ("-e", "switch_view_ttl=3", "-e", "switch_claim_to_effect=3")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("terminals")
    with Cloud(folder / "cloud", port=0, door_port=0) as running:
        run_playbook("site.yml", default_inventory(), running.env(), folder / "site.log")
        yield running


@pytest.fixture
def terminal(cloud: Cloud) -> Iterator[Callable[..., Terminal]]:
    """Starts a playbook at a terminal; what still runs when the test ends is ended."""
    opened: list[Terminal] = []

    def start(playbook: str, *arguments: str) -> Terminal:
        opened.append(Terminal(cloud, playbook, "-e", "reason=test", *FENCE, *arguments))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


class Terminal:
    """ansible-playbook at a terminal of its own, whose output is read as it comes."""

    def __init__(self, cloud: Cloud, playbook: str, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        command = [str(Path(sys.prefix) / "bin" / "ansible-playbook"), playbook, "-i", str(default_inventory())]
        self.process = subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env={**inherited, **cloud.env(), "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
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

    def type(self, text: str) -> None:
        time.sleep(1)  # what is typed before Ansible listens is thrown away
        os.write(self.master, f"{text}\r".encode())

    def end(self, patience: float = 60.0) -> int:
        deadline = time.monotonic() + patience
        while self._read():
            assert time.monotonic() < deadline, f"it did not end:\n{self.output[-3000:]}"
        os.close(self.master)
        return self.process.wait(30)

    def close(self) -> None:
        self.process.kill()


def states(cloud: Cloud) -> dict[str, str]:
    return {
        region: cloud.client("ssm", region).get_parameter(Name="/sales/region/state")["Parameter"]["Value"]
        for region in STATES
    }


def test_without_a_terminal_and_without_approval_nothing_happens(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(PlaybookFailed, match="add -e approve=true"):
        run_playbook(
            "playbooks/failover.yml",
            default_inventory(),
            cloud.env(),
            tmp_path / "log",
            *("-e", "to=us-east-1", "-e", "reason=test"),
        )
    assert states(cloud) == STATES


def test_a_person_who_does_not_say_yes_changes_nothing(cloud: Cloud, terminal: Callable[..., Terminal]) -> None:
    failover = terminal("playbooks/failover.yml", "-e", "to=us-east-1")
    failover.read_until("Type yes to go on")
    failover.type("no")
    assert failover.end() != 0 and "Nothing was changed" in failover.output
    assert states(cloud) == STATES


def test_a_failover_is_approved_paused_and_resumed(
    cloud: Cloud, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    outrun = terminal("playbooks/toggle.yml", "-e", "target=us-east-1", "-e", "turn=on")
    outrun.read_until("Type yes to go on")
    failover = terminal("playbooks/failover.yml", "-e", "to=us-east-1")
    failover.read_until("Type yes to go on")
    assert "lease: nobody holds it" in failover.output and "plan: read the lease" in failover.output
    failover.type("yes")
    failover.read_until("hold: epoch 2")
    run_playbook("playbooks/pause.yml", default_inventory(), cloud.env(), tmp_path / "pause.log")
    failover.read_until("paused from another terminal")
    assert states(cloud) == {"sa-east-1": "PASSIVE", "us-east-1": "PASSIVE"}, "held: nobody processes"
    run_playbook("playbooks/resume.yml", default_inventory(), cloud.env(), tmp_path / "resume.log")
    assert failover.end() == 0, failover.output
    outrun.type("yes")  # to a plan that was made on what is no longer so
    assert outrun.end() != 0 and "the plan was made on epoch 1" in " ".join(outrun.output.split())
    assert states(cloud) == {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"}


def test_a_failback_is_cancelled_from_another_terminal(
    cloud: Cloud, terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    failback = terminal("playbooks/failback.yml", "-e", "approve=true")
    failback.read_until("hold: epoch 4")
    approved = ("-e", "approve=true")
    told = run_playbook("playbooks/cancel.yml", default_inventory(), cloud.env(), tmp_path / "cancel.log", *approved)
    assert failback.end() != 0 and "cancelled from another terminal" in failback.output
    assert states(cloud) == {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"}
    assert "is already so, nothing is unfinished or owed" in told.output
