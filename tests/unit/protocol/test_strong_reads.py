# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task believes it reads strongly consistent; the simulated cloud asks the same of every operator."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from protocol import ACTIVE, RegionMap
from sales_common.view_watch import StateTable

HERE, THERE = "sa-east-1", "us-east-1"
KNOWN = RegionMap(3, {HERE: ACTIVE}, "run", "lease@there")


def test_a_task_reads_the_states_strongly_consistent():
    asked = []

    def client(_service: str, *_patience: Any, region: str = HERE, **_others: Any) -> Any:
        def scan(**arguments: Any) -> Any:
            asked.append((region, arguments["TableName"], arguments.get("ConsistentRead")))
            return {"Items": [KNOWN.to_attributes(HERE)]}

        def batch_get_item(RequestItems: dict[str, Any]) -> dict[str, Any]:
            ((name, part),) = RequestItems.items()
            asked.append((region, name, part.get("ConsistentRead")))
            return {"Responses": {name: [KNOWN.to_attributes(HERE)]}}

        return SimpleNamespace(scan=scan, batch_get_item=batch_get_item)

    table = StateTable(SimpleNamespace(client=client, region=HERE), "sales-state")
    for _ in range(2):
        assert table.read_local() == table.read_peer(THERE) == {HERE: KNOWN}
    assert asked == [(HERE, "sales-state", True), (THERE, "sales-state", True)] * 2
