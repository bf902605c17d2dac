# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last look at the view, right before a claim: a batch takes time, and a switch may come in between."""

from __future__ import annotations

from typing import Any


def test_a_region_switched_off_between_the_decision_and_the_claim_claims_nothing(world: Any) -> None:
    sale = world.accept()
    aws, tap = world.tapped()
    clerk, inbox = world.make_clerk(aws)
    decide = clerk._decide

    def then_switch_off(*arguments: Any) -> Any:
        decision = decide(*arguments)
        world.view.states = {"us-east-1": "HELD"}
        return decision

    clerk._decide = then_switch_off
    world.run(clerk, inbox)

    assert world.claim(sale) is None
    assert "UpdateItem" not in tap.calls
