# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that status.yml prints says what was read, and says so when something could not be read."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.reports.status_table import status_table
from ansible_collections.multiregion.ecs.plugins.module_utils.reports.text_table import as_table

WELL: dict[str, Any] = {
    "region": "sa-east-1",
    "reachable": True,
    "services": {
        "sales-api": {"status": "ACTIVE", "running": 2, "desired": 2, "revision": "sales-api:7", "images": ["api:1"]},
        "sales-worker": {"status": "MISSING"},
    },
    "target_groups": {"sales-api": {"healthy": 1, "total": 2}},
    "queues": {
        "sales-queue": {
            "visible": 4,
            "delayed": 1,
            "in_flight": 3,
            "dlq": {"visible": 9, "delayed": 0, "in_flight": 0},
        }
    },
}
ILL: dict[str, Any] = {"region": "us-east-1", "reachable": False, "why": "no answer within 3 s"}
LEASE: dict[str, Any] = {
    "holder": "", "operator": "", "reason": "", "since": "", "unfinished": None, "owed": {},
}  # fmt: skip
SWITCH: dict[str, Any] = {
    "kind": "switch", "rolls_back": False, "reason": "a drill",
    "asked": {"to": "us-east-1", "source": None, "target": None, "turn": None},
}  # fmt: skip
STATES: dict[str, Any] = {
    "epoch": 4,
    "regions": {
        "sa-east-1": {"reachable": True, "state": "ACTIVE", "epoch": 4, "parameter": "ACTIVE", "agrees": True},
        "us-east-1": {"reachable": False, "state": None, "epoch": None, "parameter": None, "agrees": False},
    },
    "lease": LEASE,
    "trouble": [],
}


def row(table: str, region: str) -> list[str]:
    line = next(line for line in table.splitlines() if line.startswith(region))
    return [cell.strip() for cell in line.split("│")]


def test_a_healthy_region_is_told_in_one_row() -> None:
    table = status_table([WELL, ILL], STATES, {"dials": {"sa-east-1": 100, "us-east-1": 0}})
    assert row(table, "sa-east-1") == [
        "sa-east-1", "ACTIVE", "4", "sales-api 2/2, sales-api:7, api:1", "sales-api 1/2", "5 (+3)", "9", "100 %",
    ]  # fmt: skip
    assert "sales-worker: missing" in table


def test_an_image_by_its_digest_is_told_as_shortly_as_it_can_be() -> None:
    digest = "0e5b1d0f4c5b" + "0" * 52
    image = f"123456789012.dkr.ecr.sa-east-1.amazonaws.com/sales/sales-api@sha256:{digest}"
    service = {"status": "ACTIVE", "running": 1, "desired": 1, "revision": "api:1", "images": [image]}
    table = status_table([{**WELL, "services": {"api": service}}], STATES, {})
    assert row(table, "sa-east-1")[3] == "api 1/1, api:1, sales/sales-api@0e5b1d0f4c5b"


def test_an_ill_region_has_a_row_too_with_the_reason() -> None:
    table = status_table([WELL, ILL], STATES, {"dials": {"sa-east-1": 100, "us-east-1": 0}})
    assert row(table, "us-east-1") == [
        "us-east-1", "?", "?", "unreachable: no answer within 3 s", "?", "?", "?", "0 %",
    ]  # fmt: skip


def test_copies_that_disagree_are_named() -> None:
    assert "look at us-east-1." in status_table([WELL, ILL], STATES, {})
    agreed = {**STATES, "regions": {"sa-east-1": STATES["regions"]["sa-east-1"]}}
    assert status_table([WELL], agreed, {}).endswith("Every copy of the map agrees at epoch 4.")
    nothing = {**STATES, "epoch": None, "regions": {"sa-east-1": {"reachable": True, "state": None}}}
    assert status_table([WELL], nothing, {}).endswith("No state has been written yet.")
    silent = {**STATES, "epoch": None, "regions": {"sa-east-1": {"reachable": False}}}
    assert status_table([WELL], silent, {}).endswith("No state could be read in sa-east-1.")


@pytest.mark.parametrize(("parameter", "said"), [("ACTIVE", "ACTIVE"), (None, "nothing")])
def test_a_parameter_that_somebody_set_late_is_told_with_what_sets_it_right(parameter: str | None, said: str) -> None:
    late = {"reachable": True, "state": "PASSIVE", "epoch": 4, "parameter": parameter, "agrees": False}
    told = status_table([WELL], {**STATES, "regions": {**STATES["regions"], "us-east-1": late}}, {})
    assert f"The parameter of us-east-1 says {said}, and the region is PASSIVE. playbooks/toggle.yml -e target=" in told
    assert "The parameter of" not in status_table([WELL, ILL], STATES, {})
    held = {**late, "state": "HELD", "parameter": "PASSIVE"}
    assert "The parameter of" not in status_table([WELL], {**STATES, "regions": {"us-east-1": held}}, {})


def test_dials_that_cannot_be_read_hide_nothing_else() -> None:
    told = status_table([WELL, ILL], STATES, {"msg": "Could not connect", "failed": False})
    assert row(told, "sa-east-1")[-1] == "?" and told.endswith("The traffic dials cannot be read: Could not connect")
    without = status_table([WELL], STATES, {"skipped": True, "skip_reason": "Conditional result was False"})
    assert row(without, "sa-east-1")[-1] == "-" and "dials cannot" not in without


def test_where_records_lead_to_the_regions_their_weights_are_told() -> None:
    skipped = {"skipped": True}
    told = status_table([WELL, ILL], STATES, skipped, {"weights": {"sa-east-1": 100, "us-east-1": 0}})
    assert (row(told, "region")[-1], row(told, "sa-east-1")[-1], row(told, "us-east-1")[-1]) == ("weight", "100", "0")
    unread = status_table([WELL], STATES, skipped, {"msg": "Could not connect", "failed": False})
    assert row(unread, "sa-east-1")[-1] == "?" and unread.endswith("records cannot be read: Could not connect")
    assert row(status_table([WELL], STATES, {"dials": {}}, skipped), "region")[-1] == "dial"


def test_what_is_under_way_is_said() -> None:
    lease = {
        **LEASE, "holder": "r1", "operator": "ana", "since": "noon", "reason": "drill",
        "unfinished": SWITCH, "owed": {"us-east-1": ["write"]},
    }  # fmt: skip
    told = status_table([WELL], {**STATES, "lease": lease, "trouble": ["The lease cannot be read."]}, {})
    assert "held by ana since noon: drill." in told
    assert "A switch is unfinished.\n" in told, "while somebody is at it, nothing is to be done"
    assert "Still owed: us-east-1 (write)." in told
    assert told.endswith("The lease cannot be read.")


def test_how_to_end_what_is_unfinished_is_said_when_nobody_is_at_it() -> None:
    told = status_table([WELL], {**STATES, "lease": {**LEASE, "unfinished": SWITCH}}, {})
    assert "ask for the same again: playbooks/failover.yml -e to=us-east-1 -e 'reason=\"a drill\"'." in told
    assert "playbooks/cancel.yml" in told
    told = status_table([WELL], {**STATES, "lease": {**LEASE, "unfinished": {"kind": "write"}}}, {})
    assert "A write is unfinished. site.yml finishes it, and so does any switch." in told


def test_columns_line_up() -> None:
    table = as_table(["a", "b"], [["1", "two\nlines"], ["three", "4"]])
    bars = [line.index("│") for line in table.splitlines() if "│" in line]
    assert len(set(bars)) == 1 and table.count("┼") == 2


@pytest.mark.parametrize(
    ("what", "switch", "site"), [(["write"], True, False), (["site"], False, True), (["site", "write"], True, True)]
)
def test_who_settles_what_is_owed_is_said(what: list[str], switch: bool, site: bool) -> None:
    told = status_table([WELL], {**STATES, "lease": {**LEASE, "owed": {"us-east-1": what}}}, {})
    assert f"Still owed: us-east-1 ({', '.join(what)})." in told
    assert ("playbooks/toggle.yml" in told.partition("Still owed")[2]) == switch
    assert ("site.yml; one without --limit and dead settles it" in told) == site
