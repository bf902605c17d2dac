# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which drills there are, in which order they are played, and on which inventories."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from drills.__main__ import left_clean, parse
from drills.catalogue import DRILLS, find
from drills.variants import BOTH_ACTIVE, DROPS, THREE_ACTIVE, TWO, write_variant
from harness.inventories import THIRD, default_inventory, regions_of


def test_every_drill_has_a_name_of_its_own_and_the_first_six_are_throttled_too() -> None:
    names = [drill.name for drill in DRILLS]
    assert len(set(names)) == len(names) == 15
    assert {f"{name}-throttled" for name in names[:6]} <= set(names)
    assert {drill.name for drill in DRILLS if drill.variant == DROPS} == {"graceful-drops", "dead-drops"}


def test_drills_of_one_inventory_are_played_in_a_row() -> None:
    variants = [drill.variant for drill in find([])]
    assert len(variants) == 15
    assert [v for v, before in zip(variants, [None, *variants], strict=False) if v != before] == list(
        dict.fromkeys(variants)
    )
    assert [drill.name for drill in find(["toggle", "dead", "toggle-throttled"])] == [
        "toggle",
        "toggle-throttled",
        "dead",
    ]


def test_an_unknown_drill_and_too_little_traffic_are_refused(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(ValueError, match="no drill is called gracefull; the drills are graceful, dead"):
        find(["gracefull"])
    for wrong in (["gracefull"], ["graceful", "--rate", "5"]):
        with pytest.raises(SystemExit):
            parse(wrong)
    assert "a drill needs at least 15 sales per second" in capsys.readouterr().err


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


def test_only_what_was_left_behind_asks_for_a_new_cloud() -> None:
    def report(**failed: bool) -> dict:
        gates = ("quiet", "lost", "duplicated", "wrong_content", "failover: controller_seconds")
        return {"gates": [{"gate": gate, "passed": gate not in failed} for gate in gates]}

    assert left_clean(report())
    assert left_clean({"gates": [{"gate": "failover: controller_seconds", "passed": False}]})
    assert not left_clean(report(lost=True)) and not left_clean(report(quiet=True))
    assert not left_clean({"gates": [{"gate": "playbooks", "passed": False}]})
