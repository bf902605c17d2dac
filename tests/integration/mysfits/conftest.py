# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One mysfits system for all tests of this directory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud import Cloud
from tests.support.mysfits import Mysfits


@pytest.fixture(scope="package")
def mysfits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mysfits]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as cloud:
        yield Mysfits(cloud, tmp_path_factory.mktemp("logs"))
