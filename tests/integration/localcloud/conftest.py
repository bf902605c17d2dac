# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One embedded cloud for all tests of this directory; each test uses names of its own in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from localcloud import Cloud
from tests.support.expectations import IN_FLIGHT, LAG

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("cloud")
    # Tests leave their networks behind.
    with_room = {"network_quota": 100, "in_flight_quota": IN_FLIGHT}
    delays = {"replication_lag": LAG, "replica_delay": 1.5, "accelerator_delay": 1.5, "scan_delay": 1.0}
    with Cloud(home, port=0, door_port=0, mrsc_conflict_share=0.0, **with_room, **delays) as running:
        yield running


@pytest.fixture
def name() -> str:
    """A name nothing else in the shared cloud has."""
    return f"thing-{next(_numbers)}"
