# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes again, in every region, what nobody has processed there; a killed run goes on from the journal's cursor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lease import LeaseTable
from .control import SwitchControl
from .journal import Journal
from .reconcile_pass import PAUSE_SECONDS, reconcile_region, topic_arn

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

    since:     when it began, in unix seconds: all that is older is looked for, and nothing else.
    published: region → how many were published.
    sent:      id → when it was published last.
    lag:       seconds until a write in a region that processed is seen where the work goes on; None: not known.
    """

    def __init__(self, control: SwitchControl, journal: Journal) -> None:
        self.control, self.journal = control, journal
        self.since = 0.0
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

        def advance(cursor: dict[str, Any] | None) -> None:
            control.require_parent()
            cursors = {key: value for key, value in self.journal.get("cursors", {}).items() if key != label}
            self.journal.put(cursors={**cursors, **({label: cursor} if cursor else {})})
            if cursor:
                self.journal.write(control.tenure.lease.owed)

        published, ended = reconcile_region(
            control.client(region),
            control.quick("sns", region),
            {**what, "minimum_age": self.minimum_age(what)},
            topic_arn(region, control.cloud.find_account(control.maps), what["topic"]),
            self.journal.get("cursors", {}).get(label),
            advance,
            control.pause,
            self.since,
            self.sent,
            pause_seconds=self.pause_seconds(),
        )
        self.published[region] = self.published.get(region, 0) + published
        if ended and what["scan"]:
            control.renew()
            control.table.put(identifier, {"at": int(self.since)})
        return ended
