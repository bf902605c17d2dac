# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories that drills are played on."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from drills.variants import BOTH_ACTIVE, DROPS, THREE_ACTIVE, TWO, write_variant
from harness.inventories import THIRD, default_inventory, regions_of


@pytest.mark.parametrize(
    ("variant", "active"),
    [
        (TWO, ["sa-east-1"]),
        (BOTH_ACTIVE, ["sa-east-1", "us-east-1"]),
        (THREE_ACTIVE, ["sa-east-1", "us-east-1", THIRD]),
        (DROPS, ["sa-east-1"]),
    ],
)
def test_a_variant_is_the_shipped_inventory_with_one_thing_changed(
    tmp_path: Path, variant: str, active: list[str]
) -> None:
    write_variant(variant, tmp_path / "inventory")
    regions = regions_of(tmp_path / "inventory")
    assert [name for name, region in regions.items() if region["region_state"] == "ACTIVE"] == active
    workers = [definitions(folder)["sales-worker"] for folder in (tmp_path / "inventory", default_inventory())]
    if variant == DROPS:
        changed, shipped = workers
        assert changed.pop("passive_behaviour") == "drops"
        assert changed["environment"].pop("PASSIVE_BEHAVIOUR") == "drops"
        assert changed == shipped
    else:
        assert workers[0] == workers[1]


def definitions(folder: Path) -> dict[str, dict]:
    services = yaml.safe_load((folder / "group_vars" / "all" / "service.yml").read_text())["service_definitions"]
    return {service["name"]: service for service in services}
