# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A third region is one more host of the inventory: the demonstration passes as it does with two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demos.sales.story import Story
from harness.inventories import add_third_region, copy_inventory
from localcloud import Cloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as running:
        yield running


def test_three_regions(cloud: Cloud, tmp_path: Path) -> None:
    inventory = copy_inventory(tmp_path / "inventory")
    add_third_region(inventory, "PASSIVE")
    # Failovers among three regions are drills of their own (drills/).
    summary = Story(cloud, inventory, tmp_path / "results", moves=False, tell=lambda line: None).run()
    assert summary["regions"] == ["sa-east-1", "us-east-1", "eu-west-1"]
    assert summary["posted"] >= 300 and summary["processed"] == summary["in_lake"] == summary["posted"]
    zero = ("lost", "duplicated", "wrong_content", "failed_requests", "second_run_changed", "destroyed_leftovers")
    assert {key: summary[key] for key in zero} == dict.fromkeys(zero, 0), summary["leftovers"]
