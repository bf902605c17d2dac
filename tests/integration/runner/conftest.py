# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud with a network, a cluster and a file system, where tasks of a few containers run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud import Cloud
from tests.support.container_runs import Runs

IMAGES = Path(__file__).with_name("images.yml")


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("cloud")
    with Cloud(home, port=0, door_port=0, tick=0.1, image_tables=str(IMAGES), schedule_minute=1.0) as cloud:
        yield cloud


@pytest.fixture(scope="package")
def runs(cloud: Cloud) -> Runs:
    return Runs(cloud)
