# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves with a synthetic sale through the public door that the workload processes, and tells where."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..kernel import CollectionError
from ..modules.http_check import read as ask_public_name
from ..protocol import ACTIVE, claim_id

if TYPE_CHECKING:
    from .running import SwitchRun

DONE_AT = "done_at"
"""Attribute of the item that says that a sale is done: when, in unix seconds."""


def post(run: SwitchRun, public_name: str, patience: int = 60) -> dict[str, Any]:
    """Post the synthetic request: `id`, `served_by`. CollectionError if it is not taken within `patience` seconds."""
    proof = run.params["proof"]
    asked = {
        "url": f"http://{public_name}{proof['path']}",
        "connect_to": run.params["connect_to"],
        "method": "POST",
        "body": proof["body"],
        "status": [201],
        "timeout": 5,
        "wait_timeout": patience,
    }
    answer = ask_public_name(asked, run.cloud)
    return {"id": json.loads(answer["body"])[proof["id"]], "served_by": answer["served_by"]}


def see_processed(run: SwitchRun, posted: Mapping[str, Any]) -> dict[str, Any]:
    """Wait until what was posted has been processed; adds `processed_by` (regions) and `done_at` (unix seconds).

    NotReadyInTime when it is not, within the time of the proof; CollectionError when no ACTIVE region did it.
    """
    proof, identifier = run.params["proof"], posted["id"]
    actives = [region for region, state in run.work.states.items() if state == ACTIVE and region in run.maps]
    if not actives:
        raise CollectionError("no ACTIVE region answers, so nothing can be proved")
    looked_at = next((region for region in run.work.takers if region in actives), actives[0])

    def item(region: str, table: str, key: str) -> dict[str, Any]:
        found = run.client(region).get_item(TableName=table, Key={"id": {"S": key}}, ConsistentRead=True)
        return found.get("Item") or {}

    run.cloud.wait_until(
        f"the synthetic sale {identifier} to be processed, seen in {looked_at}",
        lambda: item(looked_at, proof["table"], identifier).get(proof["done_attribute"], {}).get("BOOL"),
        timeout=proof["timeout"],
    )
    seen = int(time.time())
    claims = proof["claims"]
    if not claims:
        return {**posted, "processed_by": [looked_at], "done_at": seen}
    by = [region for region in actives if item(region, claims, claim_id(identifier, region))]
    if not by:
        raise CollectionError(f"the synthetic sale {identifier} was processed by none of the ACTIVE regions {actives}")
    done = item(looked_at, claims, identifier).get(DONE_AT, {}).get("N")
    return {**posted, "processed_by": by, "done_at": int(done or seen)}
