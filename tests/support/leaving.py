# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of regions that leave look at, and what they tamper with, in moto."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes, to_attributes
from tests.support.switching import A, B
from tests.support.workload_tables import Workload

LEFT = {A: "ACTIVE", B: "PASSIVE"}


def planned(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(change["action"], change["kind"], change["region"]) for change in result["changes"]]


def running(workload: Workload, region: str) -> int:
    (service,) = workload.client("ecs", region).describe_services(cluster="sales", services=["api"])["services"]
    return int(service["desiredCount"])


def kept(workload: Workload, name: str) -> dict[str, Any] | None:
    item = (
        workload.client("dynamodb", "us-east-2").get_item(TableName="sales-lease", Key={"id": {"S": name}}).get("Item")
    )
    return from_attributes(item) if item else None


def sell(workload: Workload, region: str) -> None:
    sale = {"id": "1", "unprocessed": "yes", "timestamp": int(time.time()) - 60, "sale_processed": False}
    workload.client("dynamodb", region).put_item(TableName="sales", Item=to_attributes(sale))
