# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud with a network in three zones and another network beside it, and a file system's module to run in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import efs_with_sg
from localcloud import Cloud
from tests.support.file_systems import REGION, WORKLOAD, Go, make_networks
from tests.support.modules import checked

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    images = str(Path(__file__).with_name("images.yml"))
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0, image_tables=images, network_quota=50) as running:
        yield running


@pytest.fixture(autouse=True)
def _at_the_cloud(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="package")
def networks(cloud: Cloud) -> dict[str, dict[str, Any]]:
    return make_networks(cloud)


@pytest.fixture
def network(networks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return networks["goals"]


@pytest.fixture
def go() -> Go:
    """Runs the module. `check=True` only asks for the plan; otherwise the run must do exactly what was planned.

    With `settled=False` something is under way that may be done between the plan and the run, and they may differ.
    """

    def converge(check: bool = False, settled: bool = True, **arguments: Any) -> dict[str, Any]:
        params = checked(efs_with_sg.MODULE, **{"workload": WORKLOAD, "region": REGION, **arguments})
        planned = run(efs_with_sg.MODULE, params, check_mode=True, diff_mode=True)
        if check:
            return planned
        made = run(efs_with_sg.MODULE, params, diff_mode=True)
        assert not settled or made["changes"] == planned["changes"]
        return made

    return converge


@pytest.fixture
def wanted(network: dict[str, Any], go: Go) -> Iterator[dict[str, Any]]:
    """Parameters of a file system in two zones with one client; it is removed when the test is over."""
    params = {
        "name": f"volume-{next(_numbers)}",
        "subnets": network["subnets"]["private"][:2],
        "client_security_groups": [network["security_groups"]["tasks"]],
    }
    yield params
    go(name=params["name"], state="absent", delete_data=True)
