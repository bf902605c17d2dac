# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One MiniStack for all tests of a worker, and the modules pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud as kernel_cloud
from tests.second_emulator.inventory import Clients
from tests.second_emulator.ministack import PYTHON, MiniStack
from tests.second_emulator.stand_ins import Completed


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """A MiniStack at which the environment of this process points."""
    if not PYTHON.is_file():
        pytest.skip(f"MiniStack is not installed in {PYTHON.parents[1]}: `make test-second-emulator` installs it")
    with MiniStack(tmp_path_factory.mktemp("ministack")) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.env().items():
            patch.setenv(name, value)
        yield running


@pytest.fixture(scope="module")
def clients(emulator: MiniStack) -> Clients:
    """Clients of MiniStack whose answers nobody completes. They share the parsed models with the collection's."""
    session = kernel_cloud._new_session(None)

    @cache
    def client(service: str, region: str) -> Any:
        return session.create_client(service, region_name=region, endpoint_url=emulator.endpoint)

    return client


@pytest.fixture(scope="module")
def stand_ins(clients: Clients) -> Iterator[Completed]:
    """The stand-ins, at work in every run of a module."""
    made = Completed(clients)
    session = kernel_cloud._new_session(None)
    made.register(session)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel_cloud, "_session", lambda _profile: session)
        yield made


@pytest.fixture
def completed(stand_ins: Completed) -> Completed:
    """The stand-ins, of which none was needed yet."""
    stand_ins.needed.clear()
    return stand_ins
