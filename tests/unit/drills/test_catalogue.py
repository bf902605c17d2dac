# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which drills there are, in which order they are played, and when a new cloud is needed between two."""

from __future__ import annotations

import pytest

from drills.__main__ import left_clean, parse
from drills.catalogue import DRILLS, find
from drills.variants import DROPS, REFERENCE, UNDECLARED
from harness.scene import AT_LEAST_ONCE, EXACTLY_ONCE, LOSES


def test_every_drill_has_a_name_of_its_own_and_the_first_six_are_throttled_too() -> None:
    names = [drill.name for drill in DRILLS]
    assert len(set(names)) == len(names) == 36
    assert {f"{name}-throttled" for name in names[:6]} <= set(names)
    assert {drill.name for drill in DRILLS if drill.variant == DROPS} == {"graceful-drops", "dead-drops"}


def test_only_with_the_reference_images_less_is_promised() -> None:
    promised = {drill.variant: drill.promise for drill in DRILLS}
    assert (promised.pop(REFERENCE), promised.pop(UNDECLARED)) == (AT_LEAST_ONCE, LOSES)
    assert set(promised.values()) == {EXACTLY_ONCE}


def test_drills_of_one_inventory_are_played_in_a_row() -> None:
    variants = [drill.variant for drill in find([])]
    assert len(variants) == 36
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


def test_only_what_was_left_behind_asks_for_a_new_cloud() -> None:
    def report(**failed: bool) -> dict:
        gates = ("quiet", "lost", "duplicated", "wrong_content", "failover: controller_seconds")
        return {"gates": [{"gate": gate, "passed": gate not in failed} for gate in gates]}

    assert left_clean(report())
    assert left_clean({"gates": [{"gate": "failover: controller_seconds", "passed": False}]})
    assert not left_clean(report(lost=True)) and not left_clean(report(quiet=True))
    assert not left_clean({"gates": [{"gate": "playbooks", "passed": False}]})
