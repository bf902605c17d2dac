# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A third region is one more host of the inventory: the demonstration passes, failover included, as with two.

In the end it is retired, before the rest is taken down.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demos.sales.story import Story
from harness.inventories import THIRD, add_third_region, copy_inventory
from localcloud import Cloud
from tests.support.deployed_sales import lease_item, recorded_states, traffic_dials
from tests.support.retiring import Site


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as running:
        yield running


def test_three_regions(cloud: Cloud, tmp_path: Path) -> None:
    inventory = copy_inventory(tmp_path / "inventory")
    add_third_region(inventory, "PASSIVE")
    seen: dict[str, Any] = {}

    def look(line: str) -> None:
        """Keep what is so right after the failover, before everything is taken down again."""
        if line.startswith("Build it again"):
            seen["before"] = lease_item(cloud)
        if line.startswith("Wait until all is processed"):
            seen["lease"], seen["dials"] = lease_item(cloud), traffic_dials(cloud)
            seen["states"] = recorded_states(cloud, regions)
        if line.startswith("Take everything down"):
            site = Site(cloud, inventory, tmp_path)
            site.refuse_to_forget(THIRD)
            site.retire([THIRD])
            seen["left"], seen["after"], seen["left_dials"] = (
                site.left_in([THIRD]),
                lease_item(cloud),
                traffic_dials(cloud),
            )
            site.forget([THIRD])

    regions = ["sa-east-1", "us-east-1", "eu-west-1"]
    # What is counted does not depend on the rate; beside other tests the cloud must not be the bottleneck.
    summary = Story(cloud, inventory, tmp_path / "results", rate=4, tell=look).run()

    assert summary["regions"] == regions
    assert summary["posted"] >= 300 and summary["processed"] == summary["in_lake"] == summary["posted"]
    assert summary["lake_in_both_regions"] == summary["posted"]  # in all three
    assert sum(summary["path"].values()) == summary["posted"]
    assert all(
        way.startswith("Global Accelerator → Application Load Balancer → sales-api in ") and way.count("lake of ") == 3
        for way in summary["path"]
    )
    zero = ("lost", "duplicated", "wrong_content", "failed_requests", "second_run_changed", "destroyed_leftovers")
    assert {key: summary[key] for key in zero} == dict.fromkeys(zero, 0), summary["leftovers"]
    assert summary["failover"]["rpo_sales"] == 0 and summary["failover"]["rto_seconds"] > 0
    assert summary["served_by"].keys() == {"sa-east-1", "us-east-1"}

    now = seen["lease"]
    moved = {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE", "eu-west-1": "PASSIVE"}
    assert int(now["epoch"]["N"]) == int(seen["before"]["epoch"]["N"]) + 2
    assert {name: state["S"] for name, state in now["map"]["M"]["states"]["M"].items()} == moved
    assert now["holder"]["S"] == "" and now["owed"]["M"] == {} and "NULL" in now["plan"]
    assert seen["states"] == moved
    assert seen["dials"] == {"sa-east-1": 0, "us-east-1": 100, "eu-west-1": 0}

    left = seen["after"]
    assert (left["map"]["M"]["states"]["M"].keys(), int(left["epoch"]["N"])) == (
        {"sa-east-1", "us-east-1"},
        int(now["epoch"]["N"]) + 1,
    )
    assert left["holder"]["S"] == "" and left["owed"]["M"] == {} and "NULL" in left["plan"]
    assert (seen["left"], seen["left_dials"]) == ([], {"sa-east-1": 0, "us-east-1": 100})
