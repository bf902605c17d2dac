# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sales system's data layer in two regions of the embedded cloud, and its API and workers as real processes.

Built with plain boto3, without the collection's modules: what fails here is the workload's fault.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud import Cloud
from tests.support.sales_system import System


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    home = tmp_path_factory.mktemp("cloud")
    with Cloud(home, port=0, door_port=0, replication_lag=0.2, replica_delay=0.1) as cloud:
        system = System(cloud, home)
        system.build()
        yield system


@pytest.fixture
def system(built: System) -> Iterator[System]:
    yield built
    built.stop_tasks()
