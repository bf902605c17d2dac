# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of recorded switches says who, why, when, each step's time, evidence and outcome."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.reports.switch_history import switches_table


def switch(**changes: Any) -> dict[str, Any]:
    return {
        "id": "journal#0000000003#0000000007",
        "operator": "ana",
        "reason": "drill",
        "execution": "graceful",
        "began": "2026-11-21T06:51:02Z",
        "asked": {"to": "us-east-1", "source": None, "target": None, "turn": None},
        "changes": {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"},
        "base_epoch": 1,
        "epoch": 3,
        "states": {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"},
        "unfenced": [],
        "steps": [{"step": "hold", "sentence": "…", "milliseconds": 32}],
        "published": {"sa-east-1": 18, "us-east-1": 2},
        "proof": {"processed_by": ["us-east-1"]},
        "owed": {},
        "outcome": "done",
        **changes,
    }


def test_a_switch_is_told_whole():
    table = switches_table([switch(controller_ms=1250, rto={"declared_ms": 60000, "measured_ms": 41500})])
    for told in (
        "2026-11-21T06:51:02Z",
        "epoch 1 → 3",
        "to us-east-1",
        "sa-east-1 PASSIVE",
        "ana, graceful",
        "drill",
        "hold 0.0 s",
        "RTO 41.5 s of 60 s declared",
        "controller 1.2 s",
        "20 published again",
        "proved by us-east-1",
        "done",
    ):
        assert told in table
    assert "MISSED" not in table


def test_the_rpo_of_the_lake_is_told():
    found = {"looked_at": 812, "put": 37, "unknown": 0, "behind_seconds": 92}
    assert "lake: RPO 37 of 812 objects, 92 s, put again in us-east-1" in switches_table(
        [switch(lake={"us-east-1": {"sales": found}})]
    )
    assert "lake: all of 812 objects were in us-east-1" in switches_table(
        [switch(lake={"us-east-1": {"sales": {**found, "put": 0}}})]
    )


def test_what_was_cancelled_and_processed_is_told():
    table = switches_table([switch(cancelled_and_processed={"count": 2, "ids": ["a", "b"]})])
    assert "2 cancelled on one side and processed on the other: a, b" in table
    assert "cancelled" not in switches_table([switch(cancelled_and_processed={"count": 0, "ids": []})])


def test_what_went_wrong_is_told():
    table = switches_table(
        [
            switch(
                operator="",
                reason="",
                unfenced=["sa-east-1"],
                owed={"sa-east-1": ["reconcile", "write"]},
                rto={"declared_ms": 30000, "measured_ms": 41500},
                skipped=[{"check": "capacity", "region": "us-east-1", "skipped": True}],
                proof=None,
                outcome="done, something owed",
            )
        ]
    )
    for told in (
        "somebody",
        "no reason given",
        "unfenced: sa-east-1",
        "sa-east-1 owed reconcile, write",
        "30 s declared, MISSED",
        "checks skipped: capacity",
        "done, something owed",
    ):
        assert told in table


def test_turning_a_region_and_settling_are_told_apart():
    off = {"to": None, "source": None, "target": "us-east-1", "turn": "off"}
    assert "us-east-1 off" in switches_table([switch(asked=off)])
    assert "to us-east-1, settling" in switches_table([switch(changes={})])


def test_without_any_it_says_so():
    assert switches_table([]) == "No switch is recorded."
