# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a container is healthy: interval, timeout, retries, start period."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from localcloud.runner.container_health import ContainerHealth, check_command, check_of
from localcloud.runner.options import RunnerOptions

OPTIONS = RunnerOptions(container_check_interval=5, first_container_check=0.5, grace_period=20)


class Check:
    """A health check whose command is played: `answers` are the exit statuses, None for one that hangs."""

    def __init__(self, *answers: int | None, **settings: Any) -> None:
        self.health = ContainerHealth({"command": ["CMD", "x"], **settings}, OPTIONS, started=0.0)
        self.answers, self.asked = list(answers), []

    def run(self) -> subprocess.Popen[bytes]:
        answer = self.answers.pop(0)
        words = ["sleep", "60"] if answer is None else ["sh", "-c", f"exit {answer}"]
        process = subprocess.Popen(words, start_new_session=True)
        if answer is not None:
            process.wait()
        return process

    def look(self, *times: float) -> str:
        """The status after looks at these times; each time twice: to ask, and to hear the answer."""
        for now in times:
            before = len(self.answers)
            self.health.look(now, self.run)
            if len(self.answers) < before:
                self.asked.append(now)
                if self.health._process is not None and self.health._process.poll() is not None:
                    self.health.look(now, self.run)
        return self.health.status


def test_the_first_good_answer_makes_healthy_and_the_interval_counts_from_then() -> None:
    check = Check(0, 0, interval=30)
    assert check.look(0.1, 0.4) == "UNKNOWN"
    assert check.look(0.6) == "HEALTHY"
    check.look(1, 5, 5.7)
    assert check.asked == [0.6, 5.7]


def test_it_takes_retries_in_a_row_to_be_unhealthy_and_one_to_be_well_again() -> None:
    check = Check(0, 1, 1, 0, 1, 1, 1, 0, interval=5, retries=3)
    assert check.look(1, 7, 13, 19, 25, 31) == "HEALTHY"
    assert check.look(37) == "UNHEALTHY"
    assert check.look(43) == "HEALTHY"


def test_failures_in_the_start_period_do_not_count() -> None:
    check = Check(1, 1, 1, 1, 1, startPeriod=10, retries=2)
    assert check.look(1, 4, 8) == "UNKNOWN"
    assert check.look(11) == "UNKNOWN"
    assert check.look(12) == "UNHEALTHY"


def test_a_command_that_hangs_is_killed_and_failed() -> None:
    check = Check(None, timeout=2, retries=1)
    check.look(1)
    hanging = check.health._process
    assert hanging is not None
    assert check.look(2.9) == "UNKNOWN"
    assert check.look(3) == "UNHEALTHY"
    assert hanging.poll() is not None


def test_a_command_that_is_not_there_fails_the_check() -> None:
    health = ContainerHealth({"command": ["CMD", "x"], "retries": 1}, OPTIONS, started=0.0)

    def run() -> subprocess.Popen[bytes]:
        raise FileNotFoundError

    health.look(1, run)
    assert health.status == "UNHEALTHY"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["CMD", "curl", "http://localhost:80/x"], ["curl", "http://127.20.1.4:80/x"]),
        (["CMD-SHELL", "curl 127.0.0.1 || exit 1"], ["/bin/sh", "-c", "curl 127.20.1.4 || exit 1"]),
        (["curl", "http://[::1]/"], ["curl", "http://127.20.1.4/"]),
        (["CMD", "ask", "localhost.example.org", "mylocalhost", "127.0.0.12"], None),
    ],
)
def test_localhost_in_a_command_is_the_task(command: list[str], words: list[str] | None) -> None:
    assert check_command({"command": command}, "127.20.1.4") == (words or command[1:])


def test_none_is_no_check() -> None:
    assert check_of({"healthCheck": {"command": ["NONE"]}}) is None
    assert check_of({}) is None
