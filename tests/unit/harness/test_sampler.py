# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sampler's view of a moment."""

from __future__ import annotations

from harness.sampler import sample
from protocol import RegionMap

HERE, THERE = "sa-east-1", "us-east-1"


def test_a_moment_tells_every_reader_apart():
    before = RegionMap(1, {HERE: "ACTIVE", THERE: "PASSIVE"}, "run", "lease@a")
    after = RegionMap(2, {HERE: "HELD", THERE: "HELD"}, "run", "lease@a")
    tasks = [
        {"region": HERE, "service": "sales-worker", "id": "1", "address": "127.0.0.2"},
        {"region": HERE, "service": "sales-worker", "id": "2", "address": "127.0.0.3"},
        {"region": HERE, "service": "sales-worker", "id": "3", "address": "127.0.0.4"},
    ]
    seen = {
        "time": 1.0,
        "items": {
            HERE: [after.to_attributes(HERE), before.to_attributes(THERE)],
            THERE: [before.to_attributes(THERE)],
        },
        "parameters": {HERE: "PASSIVE"},
        "queues": {HERE: {"sales-queue": {"visible": 2, "hidden": 3}}},
        "dials": {HERE: 100},
        "tasks": tasks,
        "faults": {},
        "calls": {"operators": 5},
    }
    says = {"1": {"ready": True, "state": "ACTIVE", "epoch": 1}, "2": {"ready": False, "state": "HELD", "epoch": 2}}
    found = sample(seen, says)
    assert found["readers"] == {
        f"{HERE} item": ["HELD", 2],
        f"{HERE} sees {THERE}": ["PASSIVE", 1],
        f"{THERE} item": ["PASSIVE", 1],
        f"{HERE} parameter": ["PASSIVE", None],
        f"{HERE} sales-worker tasks": ["ACTIVE/HELD", 2],
    }
    assert found["ready"] == {f"{HERE} sales-worker": [1, 3]}
    assert found["backlog"] == {f"{HERE} sales-queue": 5}
