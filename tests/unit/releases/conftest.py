# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workloads that are deployed in moto's tables and services in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments import post_mortem, task_run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_toggle
from tests.support.aws_clients import one_session as one_session
from tests.support.deployed_regions import World
from tests.support.switching import call
from tests.support.workload_tables import Workload

PASSIVE_FIRST = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}


@pytest.fixture
def tables() -> Iterator[Workload]:
    with mock_aws():
        yield Workload()


@pytest.fixture
def made(tables: Workload, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    """Makes a workload with these states, at epoch 1."""

    def make(states: dict[str, str] = PASSIVE_FIRST, **others: Any) -> World:
        for region in states:
            tables.make_table("sales-state", "region", region)
        tables.make_table("sales-lease", "id", "us-east-2")
        call(region_toggle.MODULE, {"regions": states})
        # Nothing writes to a log here, and waiting for it would be most of these tests' time.
        monkeypatch.setattr(post_mortem, "LOG_PATIENCE_SECONDS", 0.0)
        world = World(states, **others)
        world.install(monkeypatch)
        for name in ("QUIET_SECONDS", "FIRST_LINE_SECONDS"):
            monkeypatch.setattr(task_run, name, 0.0)
        return world

    return make


@pytest.fixture
def world(made: Callable[..., World]) -> World:
    return made()
