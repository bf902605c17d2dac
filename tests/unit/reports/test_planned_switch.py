# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who approves a switch has read who holds the lease, what will be done, and what is in the way."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.reports.planned_switch import planned_switch

FREE = {"epoch": 1, "holder": "", "operator": "", "reason": "", "since": ""}
HELD = {**FREE, "holder": "4be1f0", "operator": "ana", "reason": "drill", "since": "2026-01-02T03:04:05Z"}


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "changes": [
            {"name": "preflight", "after": {"will": "check that us-east-1 can take over"}},
            {"name": "hold", "after": {"will": "hold sa-east-1, us-east-1 at epoch 2"}},
        ],
        "epoch": 3,
        "states": {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"},
        "lease": FREE,
        "resumed": False,
        "evidence_sentences": ["us-east-1 PASSIVE: api:7 runs 2/2 of api:1.2 (0123456789ab)"],
        "findings": [{"sentence": "queues in us-east-1: expected …"}],
        **changes,
    }


def test_a_plan_is_told_whole_and_in_order() -> None:
    assert planned_switch(plan(), 1.23, measures_lag=True) == [
        "plan: read the lease, the states and what runs (1.2 s)",
        "lease: nobody holds it",
        'Begins from epoch 1 and ends at 3: {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"}',
        "check that us-east-1 can take over",
        "hold sa-east-1, us-east-1 at epoch 2",
        "us-east-1 PASSIVE: api:7 runs 2/2 of api:1.2 (0123456789ab)",
        "replication lag: measured under the lease, by the preflight, where the source answers",
        "queues in us-east-1: expected …",
    ]


def test_a_lag_that_nobody_will_measure_is_not_promised() -> None:
    resumed = plan(changes=plan()["changes"][1:], resumed=True)
    for told in (planned_switch(plan(), 1.0), planned_switch(resumed, 1.0, measures_lag=True)):
        assert not any("lag" in sentence for sentence in told)


def test_somebody_else_who_holds_the_lease_is_named() -> None:
    told = "lease: ANOTHER RUN HOLDS IT, of ana since 2026-01-02T03:04:05Z: drill. While it lives, this one is refused."
    assert planned_switch(plan(lease=HELD), 1.0)[1] == told
    nameless = {**HELD, "operator": "", "reason": ""}
    assert "of 4be1f0 since 2026-01-02T03:04:05Z: no reason given" in planned_switch(plan(lease=nameless), 1.0)[1]


def test_nothing_to_do_is_said_beside_who_holds_the_lease() -> None:
    told = planned_switch(plan(changes=[], lease=HELD), 1.0)
    assert told[1].startswith("lease: ANOTHER RUN")
    assert told[2:] == ["Nothing to do: epoch 3 is already so, no switch is unfinished or owed."]
