# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One region is dead: site.yml builds the others, asks nothing of it, and remembers what it is owed.

More of it is in tests/long/dead_region.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.inventories import THIRD, add_third_region, copy_inventory
from harness.playbooks import PlaybookFailed
from localcloud import Cloud
from tests.support.dead_region import LEASE_ONLY, OWED, PAID, A, B, asked_of, debts
from tests.support.site import Play


@pytest.mark.usefixtures("built")
def test_nothing_is_asked_of_what_is_declared_dead_and_nothing_of_it_changes(
    cloud: Cloud, play: Play, typed: Callable[..., tuple[str, list[dict[str, Any]]]]
) -> None:
    """Of the first region, from which all that is global is managed. It answers, which nobody finds out."""
    before = cloud.ask("inventory")
    cloud.client("logs", B).delete_log_group(logGroupName="/ecs/sales/sales-api")
    asked = asked_of(cloud, A)
    said, made = typed("A region is dead, and something must be built in the others")
    assert asked_of(cloud, A) == asked
    assert f"Nothing is asked of {A}." in said
    assert {change["kind"] for change in made if change["region"] == A} == {"region_debt"}
    assert (OWED, "region_debt", A) in {(c["action"], c["kind"], c["name"]) for c in made}
    assert "log_group" in {c["kind"] for c in made if c["region"] == B}
    assert typed("site.yml was killed, and then a region died")[1] == []
    assert debts(typed("A region is dead, and something must be built in the others", 1)[1]) == [(PAID, A)]
    assert play("site.yml")[1] == []
    assert cloud.ask("inventory") == before


@pytest.mark.usefixtures("built")
def test_no_region_joins_while_another_is_left_alone(cloud: Cloud, play: Play, tmp_path: Path) -> None:
    """Its tasks would come back to a map in which the new one is not, and not ask it."""
    inventory = copy_inventory(tmp_path / "inventory")
    add_third_region(inventory, "PASSIVE")
    before = cloud.ask("inventory")
    with pytest.raises(PlaybookFailed) as failure:
        play("site.yml", "-e", f"dead={B}", inventory=inventory)
    said = " ".join(str(failure.value).split())
    assert f"Nothing was changed. {THIRD} would be recorded for the first time" in said
    assert f"nothing is asked of {B}. Take {THIRD} out of the inventory until it answers." in said
    assert cloud.ask("inventory") == before


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["dead=eu-west-1"], f"dead names eu-west-1; the regions are {A}, {B}, {LEASE_ONLY}."),
        ([f"dead={A},{B}"], "dead names every region of the workload; one must answer."),
        ([f"dead={B},{LEASE_ONLY}"], f"dead names every replica of the lease ({B}, {LEASE_ONLY}); one must answer."),
        (["dead=us-east-1", "retire=us-east-1", "delete_data=true"], "A region is retired when all regions answer"),
        ([f"give_up={B}"], f"give_up names {B}, which is not in both retire and dead."),
    ],
)
def test_what_cannot_be_left_alone_is_refused_in_words(play: Play, said: list[str], why: str) -> None:
    with pytest.raises(PlaybookFailed) as failure:
        play("site.yml", *[word for each in said for word in ("-e", each)])
    assert why in " ".join(str(failure.value).split())
