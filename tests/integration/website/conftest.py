# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One embedded cloud for each file of this directory."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from localcloud import Cloud
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        # A cloud is up when its API answers; its door opens a moment later.
        eventually(lambda: is_open(running.door), what="the front door is open")
        yield running


def is_open(door: str) -> bool:
    host, _, port = door.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0
