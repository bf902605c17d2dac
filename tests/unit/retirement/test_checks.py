# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory that forgets a region is refused, and so is a wish that cannot be right."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import RegionMap
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement.checks import retirement_problems

A, B, C = "sa-east-1", "us-east-1", "eu-west-1"
LEASE = Lease(epoch=4, map=RegionMap(4, {A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"}, "run", "sales-lease@us-east-1"))
BEGUN = {C: {"operator": "Ana", "reason": "too dear", "since": "2026-01-02T03:04:05Z"}}


@pytest.mark.parametrize(
    ("retiring", "inventory", "retire", "told"),
    [
        ({}, [A, B, C], [], []),
        ({}, [A, B, C], [C], []),
        (BEGUN, [A, B, C], [C], []),
        ({}, [A, B], [], [f"The inventory has no host {C}, and the recorded map names it, as PASSIVE (epoch 4)"]),
        ({}, [A, C], [], [f"The inventory has no host {B}"]),
        (BEGUN, [A, B, C], [], []),
        (BEGUN, [A, B], [], [f"The inventory has no host {C}"]),
        ({}, [A, B, C], ["eu-west-3"], ["retire names eu-west-3, which is no region of the inventory"]),
        ({}, [A, B, C], [A, B, C], ["retire names every region of the inventory; one has to stay"]),
    ],
)
def test_what_is_refused(retiring: dict[str, Any], inventory: list[str], retire: list[str], told: list[str]) -> None:
    found = retirement_problems(LEASE, retiring, inventory, retire)
    assert len(found) == len(told) and all(text.startswith(said) for text, said in zip(found, told, strict=True)), found


def test_a_host_that_was_taken_out_too_early_is_put_back() -> None:
    (found,) = retirement_problems(LEASE, {}, [A, B], [])
    assert "Put the host back" in found and f"-e retire={C} -e delete_data=true" in found
    left = Lease(epoch=5, map=RegionMap(5, {A: "ACTIVE", B: "PASSIVE"}, "run", "sales-lease@us-east-1"))
    (found,) = retirement_problems(left, BEGUN, [A, B, C], [])
    assert found.startswith(f"{C} is being retired, by Ana since 2026-01-02T03:04:05Z (reason: too dear)")
    (found,) = retirement_problems(left, BEGUN, [A, B], [])
    assert "Put its host back into the inventory, and complete that" in found
    assert retirement_problems(left, {}, [A, B], []) == retirement_problems(None, {}, [A, B], []) == []


def test_the_host_of_a_region_that_is_gone_goes_out_with_the_word() -> None:
    left = Lease(epoch=5, map=RegionMap(5, {A: "ACTIVE", B: "PASSIVE"}, "run", "sales-lease@us-east-1"))
    (found,) = retirement_problems(left, {}, [A, B], [C])
    assert "It is done, or it never was one. Leave it out" in found
