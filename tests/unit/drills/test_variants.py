# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories that drills are played on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from drills.variants import (
    BOTH_ACTIVE,
    DROPS,
    OTHER_NAMES,
    REFERENCE,
    THREE_ACTIVE,
    TWO,
    UNDECLARED,
    write_variant,
)
from harness.inventories import THIRD, default_inventory, reference_inventory, regions_of


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


def test_the_reference_variant_is_the_inventory_that_we_ship_for_those_images(tmp_path: Path) -> None:
    write_variant(REFERENCE, tmp_path / "inventory")
    for shipped in (reference_inventory() / "group_vars" / "all").iterdir():
        assert (tmp_path / "inventory" / "group_vars" / "all" / shipped.name).read_text() == shipped.read_text()


def test_the_undeclared_variant_lacks_what_that_inventory_declares(tmp_path: Path) -> None:
    write_variant(UNDECLARED, tmp_path / "inventory")
    services = read(tmp_path / "inventory", "service")
    assert {services["sales_api_image"], services["sales_worker_image"]} == set(OTHER_NAMES.values())
    assert all("passive_behaviour" not in service for service in services["service_definitions"])
    (table,) = read(tmp_path / "inventory", "switch")["switch_reconcile"]
    assert table == read(default_inventory(), "switch")["switch_reconcile"][0]


def definitions(folder: Path) -> dict[str, dict]:
    return {service["name"]: service for service in read(folder, "service")["service_definitions"]}


def read(folder: Path, name: str) -> dict[str, Any]:
    return yaml.safe_load((folder / "group_vars" / "all" / f"{name}.yml").read_text())
