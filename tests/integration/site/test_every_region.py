# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region is an inventory host, whichever region it is: two at a time, nothing of the inventory is refused.

`make regions` plans and builds the whole site so; here the inventory is checked, and the network planned.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from drills.regions import pairs
from localcloud import Cloud
from tests.support.modules import run_named

PAIRS = list(pairs())


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running.env()


def test_every_region_of_ecs_is_in_a_pair() -> None:
    names = [name for pair in PAIRS for name in pair]
    assert len(names) == len(set(names)) >= 38
    assert {"ap-northeast-1", "us-west-1", "cn-north-1", "us-gov-west-1", "me-south-1"} <= set(names)


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_two_regions_are_planned(
    pair: tuple[str, ...], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    states = ["ACTIVE", "PASSIVE"]
    regions = [
        {"name": name, "role": "recovery" if n else "primary", "state": states[n], "cidr": f"10.{n + 1}0.0.0/16"}
        for n, name in enumerate(pair)
    ]
    toggle = {"control_regions": [pair[0]]}
    queues = [{"name": "sales-queue", "subscribes_to": ["sales"]}]
    run_named("workload_check", regions=regions, topics=[{"name": "sales"}], queues=queues, toggle=toggle)
    asked = [{"name": each["name"], "cidr": each["cidr"], "nat": "per_az"} for each in regions]
    zones = run_named("account_check", region=pair[0], regions=asked)["zones"]
    for each in regions:
        network = {"region": each["name"], "cidr": each["cidr"], "nat": "per_az", "interface_endpoints": ["ecr.api"]}
        planned = run_named("region_network", check_mode=True, **network)
        assert planned["zones"] == zones[each["name"]] and len(set(planned["zones"])) == 2
        assert f"{each['name']}.ecr.api" in json.dumps(planned["changes"])
