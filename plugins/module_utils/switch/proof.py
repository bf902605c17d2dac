# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves with a synthetic sale through the public door that the workload processes, and tells where."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from ..kernel import CollectionError, NotReadyInTime
from ..kernel.cloud import BotoCoreError, ClientError
from ..protocol import ACTIVE, claim_id
from ..protocol.attributes import DONE_AT_ATTRIBUTE
from ..status.public_name import ask_until_answered
from .control import SwitchControl
from .journal import Journal
from .traffic_shares import TrafficShares

EARLY_SECONDS = 5
"""How long it is tried to post the sale before the proof's own step, which needs it and tries longer."""


class ProcessedElsewhere(CollectionError):
    """The synthetic sale was processed by a region that is not ACTIVE."""


class Proof:
    """The synthetic sale of one run. seen: how it was processed, as `see_processed` tells it; None before that."""

    def __init__(self, control: SwitchControl, journal: Journal, traffic: TrafficShares) -> None:
        self.control, self.journal, self.traffic = control, journal, traffic
        self.seen: dict[str, Any] | None = None

    def post_early(self) -> None:
        """Post the synthetic sale as soon as sales are processed again, so that its end tells the recovery time."""
        control = self.control
        wanted = (
            control.params["proof"]
            and ACTIVE in control.work.states.values()
            and (self.traffic.has_gate or not self.traffic.is_owed)
        )
        if wanted and "posted" not in self.journal:
            try:
                posted = self._post(patience=EARLY_SECONDS)
            except (CollectionError, ClientError, BotoCoreError) as error:
                control.cloud.tell(f"  the synthetic sale was not accepted yet: {error}")
            else:
                self.journal.remember(posted=posted)

    def prove(self) -> dict[str, Any]:
        """See the sale processed, and post it now if that was not done early.

        Raises:
            NotReadyInTime: it was not processed within the time of the proof.
            CollectionError: it was not taken, or was processed by no ACTIVE region.
        """
        try:
            self.seen = self._see_processed(self.journal.get("posted") or self._post())
        except (NotReadyInTime, ProcessedElsewhere):
            if "posted" not in self.journal:
                raise
            # It may have been cancelled, or hidden for long by a worker that had not seen the grant; or processed by
            # one that nobody could reach. A run that is resumed would find the same of it for ever.
            self.seen = self._see_processed(self._post())
        return self.seen

    def _post(self, patience: int = 60) -> dict[str, Any]:
        """Post the synthetic request: `id`, `served_by`. CollectionError: not taken within `patience` seconds."""
        proof = self.control.params["proof"]
        asked = {
            **self.traffic.reach(),
            "url": f"{self.traffic.public_url}{proof['path']}",
            "method": "POST",
            "body": proof["body"],
            "status": [201],
            "timeout": 5,
            "wait_timeout": patience,
        }
        answer = ask_until_answered(asked)
        return {"id": json.loads(answer["body"])[proof["id"]], "served_by": answer["served_by"]}

    def _see_processed(self, posted: Mapping[str, Any]) -> dict[str, Any]:
        """Wait until what was posted has been processed; adds `processed_by` (regions) and `done_at` (unix seconds).

        NotReadyInTime when it is not, within the time of the proof; ProcessedElsewhere when no ACTIVE region did it.
        """
        control, work = self.control, self.control.work
        proof, identifier = control.params["proof"], posted["id"]
        actives = [region for region, state in work.states.items() if state == ACTIVE and region in control.maps]
        if not actives:
            raise CollectionError("no ACTIVE region answers, so nothing can be proven")
        looked_at = next((region for region in work.takers if region in actives), actives[0])

        def item(region: str, table: str, key: str) -> dict[str, Any]:
            found = control.client(region).get_item(TableName=table, Key={"id": {"S": key}}, ConsistentRead=True)
            return found.get("Item") or {}

        control.cloud.wait_until(
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
            raise ProcessedElsewhere(
                f"the synthetic sale {identifier} was processed by none of the ACTIVE regions {actives}"
            )
        done = item(looked_at, claims, identifier).get(DONE_AT_ATTRIBUTE, {}).get("N")
        return {**posted, "processed_by": by, "done_at": int(done or seen)}
