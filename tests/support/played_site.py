# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures: the whole site on an embedded cloud of its own, played as a user plays it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.inventories import default_inventory
from harness.playbooks import Run, run_playbook
from localcloud import Cloud
from tests.support.images import build_images
from tests.support.site import Play


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        build_images(running)
        yield running


@pytest.fixture(scope="module")
def play(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Runs a playbook; gives what it printed, and the changes that it planned or made."""
    folder = tmp_path_factory.mktemp("logs")
    count = iter(range(1000))

    def run(
        playbook: str,
        *arguments: str,
        inventory: Path = default_inventory(),  # noqa: B008
    ) -> tuple[Run, list[dict[str, Any]]]:
        plan = folder / f"plan-{next(count)}.json"
        environment = {**cloud.env(), "MULTIREGION_PLAN_FILE": str(plan)}
        done = run_playbook(playbook, inventory, environment, plan.with_suffix(".log"), *arguments)
        return done, json.loads(plan.read_text())

    return run
