# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a service that the embedded cloud keeps and reports: planned, made once, and no difference afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import Cloud
from tests.support.shop import Shop

SETTINGS: dict[str, dict[str, Any]] = {
    "blue_green": {"strategy": "blue_green", "deployment": {"bake_minutes": 1}, "wait_timeout": 90},
    "canary": {"strategy": "canary", "deployment": {"canary": {"percent": 10}}, "wait_timeout": 900},
    "linear": {"strategy": "linear", "wait_timeout": 3600},
    "connect": {"service_connect": {"namespace": "shop"}},
    "no connect": {"service_connect": {"enabled": False}},
    "registries": {
        "service_registries": [
            {"registry_arn": "arn:aws:servicediscovery:sa-east-1:123456789012:service/srv-1", "port": 8080}
        ]
    },
    "execute": {"enable_execute_command": True},
    "zones": {"availability_zone_rebalancing": "DISABLED"},
    "tags": {"propagate_tags": "TASK_DEFINITION"},
    "spot": {
        "launch_type": None,
        "capacity_provider_strategy": [
            {"capacity_provider": "FARGATE", "base": 1},
            {"capacity_provider": "FARGATE_SPOT", "weight": 3},
        ],
    },
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Cloud(home=tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as cloud:
        shop = Shop(cloud)
        shop.revision = shop.define()  # type: ignore[attr-defined]
        shop.deploy(shop.revision)  # type: ignore[attr-defined]
        yield shop


@pytest.mark.parametrize("given", SETTINGS.values(), ids=SETTINGS)
def test_a_setting_is_planned_made_and_then_no_difference(shop: Shop, given: dict[str, Any]) -> None:
    revision: str = shop.revision  # type: ignore[attr-defined]
    planned = shop.deploy(revision, check_mode=True, **given)
    assert planned["changes"]
    made = shop.deploy(revision, **given)
    assert made["changes"] == planned["changes"]
    assert not shop.deploy(revision, **given)["changed"]
