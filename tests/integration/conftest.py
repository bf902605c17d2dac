# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the files that take longest first, so that none of them is left over when the others have ended; and runs
playbooks in forks of one prepared process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness import playbooks
from tests.support.prepared_playbooks import prepared_playbooks

LONGEST = (
    "switch/test_terminals.py",
    "switch/test_random_runs.py",
    "site/test_interrupted.py",
    "releases/test_sales.py",
    "site/test_plan.py",
    "website/test_layer.py",
    "mysfits/test_site.py",
    "mysfits/test_the_exercise.py",
    "awx/test_configure.py",
    "workloads/test_reference_images.py",
    "volumes/test_file_systems.py",
    "goals/test_goals.py",
    "ecs/test_service_recreate.py",
    "workloads/test_processes.py",
    "images/test_engines.py",
    "switch/test_two_operators.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((number for number, name in enumerate(LONGEST) if path.endswith(name)), len(LONGEST))

    items.sort(key=rank)


@pytest.fixture(scope="session", autouse=True)
def _quick_playbooks() -> Iterator[None]:
    with prepared_playbooks() as prepared:
        playbooks.start = prepared.start
        yield
        playbooks.start = playbooks.start_playbook
