# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes again, in every region, what nobody has processed there; a killed run goes on from the journal's cursor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..aws.names import arn
from ..lease import LeaseTable
from .control import SwitchControl
from .journal import Journal
from .reconcile_pass import CALLS_AT_ONCE, PAUSE_SECONDS, Cursors, reconcile_region

LEAST_PAUSE_SECONDS = 0.2

PUBLISH_SECONDS = 1.0
"""How long a sale's own publish may take after its item was written, besides the lag."""

SCAN_MARGIN_SECONDS = 3600
"""How much further back than the last completed reconcile a scan looks: clocks differ, and regions lag."""


RECONCILED = "reconciled#"
"""How the identifiers of the items begin that tell when a table was scanned last, beside the lease."""


def scanned_since(table: LeaseTable, region: str, what: Mapping[str, Any]) -> dict[str, Any]:
    """`what`, with the moment from which on a scan looks: all that is older was found before."""
    last = table.look_up(f"{RECONCILED}{region}/{what['table']}") if what["scan"] else None
    return {**what, "since": int(last["at"]) - SCAN_MARGIN_SECONDS if last else 0}


class Reconciliation:
    """What one run publishes again.

    heed:      waits while the run is paused, and ends it when it is cancelled.
    published: region → how many were published.
    sent:      id → when it was published last.
    lag:       seconds until a write in a region that processed is seen where the work goes on; None: not known.
    """

    def __init__(self, control: SwitchControl, journal: Journal, heed: Callable[[], None]) -> None:
        self.control, self.journal, self.heed = control, journal, heed
        self.published: dict[str, int] = {}
        self.sent: dict[str, float] = {}
        self.lag: float | None = None

    def minimum_age(self, what: Mapping[str, Any]) -> float:
        """How old an item is at the least that nobody but us publishes any more, in seconds.

        Publishing twice is harmless, so it need not be certain: what is unprocessed here may be processed there, and
        say so after the lag.
        """
        declared = float(what["minimum_age"])
        return declared if self.lag is None else min(declared, PUBLISH_SECONDS + 2 * self.lag)

    def pause_seconds(self) -> float:
        """How long between two passes."""
        return PAUSE_SECONDS if self.lag is None else min(PAUSE_SECONDS, max(LEAST_PAUSE_SECONDS, self.lag))

    def reconcile(self, region: str, what: Mapping[str, Any]) -> bool:
        """Repeat passes over one table of a region until nothing is found; whether it came so far in its time."""
        control = self.control
        label = f"{region}/{what['table']}"
        identifier = f"{RECONCILED}{label}"
        what = scanned_since(control.table, region, what)

        def advance(cursors: Cursors) -> None:
            control.require_parent()
            others = {key: value for key, value in self.journal.get("cursors", {}).items() if key != label}
            self.journal.put(cursors={**others, **({label: cursors} if cursors else {})})
            if any(cursors.values()):
                self.journal.write(control.tenure.lease.owed)
            self.heed()

        account = control.cloud.find_account(control.maps)
        outcome = reconcile_region(
            control.quick("dynamodb", region, CALLS_AT_ONCE),
            control.quick("sns", region, CALLS_AT_ONCE),
            {**what, "minimum_age": self.minimum_age(what)},
            arn("sns", region, account, what["topic"]),
            advance,
            control.pause,
            cursors=self.journal.get("cursors", {}).get(label),
            sent=self.sent,
            tell=control.cloud.tell,
            name=label,
            pause_seconds=self.pause_seconds(),
        )
        self.published[region] = self.published.get(region, 0) + outcome.published
        if outcome.ended and what["scan"]:
            control.renew()
            control.table.put(identifier, {"at": int(outcome.began_at or time.time())})
        return outcome.ended
