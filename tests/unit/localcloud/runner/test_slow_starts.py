# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks whose images take long to be pulled."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.runner import task as tasks
from localcloud.runner.options import RunnerOptions
from localcloud.runner.task import Task


def placed() -> Task:
    """A task that was placed and has no container left to start."""
    task = Task.__new__(Task)
    task.last_status, task.desired_status = "PENDING", "RUNNING"
    task.containers, task._waiting = [], {}
    task._pulled_by = task._ready_by = 0.0
    task._is_ready = False
    return task


def test_a_task_starts_when_its_delay_is_over_and_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(tasks.time, "monotonic", lambda: now[0])
    around: Any = SimpleNamespace(options=RunnerOptions(start_delay=30.0))
    slow = placed()
    assert slow.is_starting
    assert not slow.launch(around) and not slow.is_starting
    now[0] += 29.0
    assert not slow.launch(around)
    now[0] += 1.0
    assert slow.launch(around) and slow.is_starting


def test_without_a_delay_it_starts_at_once() -> None:
    around: Any = SimpleNamespace(options=RunnerOptions())
    assert placed().launch(around)
