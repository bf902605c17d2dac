# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A third region is one more host of the inventory: the demonstration passes as it does with two."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from demos.sales.story import Story
from harness.inventories import default_inventory
from localcloud import Cloud


def with_third_region(folder: Path) -> Path:
    """A copy of the inventory with eu-west-1 added as one host."""
    shutil.copytree(default_inventory(), folder)
    hosts = yaml.safe_load((folder / "hosts.yml").read_text())
    hosts["all"]["children"]["regions"]["hosts"]["eu-west-1"] = {
        "region_role": "recovery",
        "region_state": "PASSIVE",
        "region_cidr": "10.30.0.0/16",
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump(hosts, sort_keys=False))
    return folder


def test_three_regions(cloud: Cloud, tmp_path: Path) -> None:
    inventory = with_third_region(tmp_path / "inventory")
    # Failovers among three regions are drills of their own (drills/).
    summary = Story(cloud, inventory, tmp_path / "results", moves=False, tell=lambda line: None).run()
    assert summary["regions"] == ["sa-east-1", "us-east-1", "eu-west-1"]
    assert summary["posted"] >= 300 and summary["processed"] == summary["in_lake"] == summary["posted"]
    zero = ("lost", "duplicated", "wrong_content", "failed_requests", "second_run_changed", "destroyed_leftovers")
    assert {key: summary[key] for key in zero} == dict.fromkeys(zero, 0), summary["leftovers"]
