# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another terminal may ask of a switch or a deployment under way: to pause between two steps, or to go back.

The signal is an item beside the lease. It is meant for one tenure, by its generation, so that one that was never heeded
says nothing to the next switch.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource
from ..lease import Lease, LeaseTable, messages
from ..lease.deployment_plan import is_deployment, tell_ways
from ..lease.watch import EXPIRED, FREE, Watch
from ..protocol import SCHEMA

PAUSE, CANCEL = "pause", "cancel"
SIGNALS = (PAUSE, CANCEL)

IDENTIFIER = "signal"


def read_signal(table: LeaseTable, generation: int) -> str | None:
    """What the tenure `generation` is asked for, or None."""
    found = table.look_up(IDENTIFIER)
    return str(found["signal"]) if found and found["generation"] == generation else None


class Signal(Resource):
    """Wanted: `signal`, `generation` (the tenure that it is meant for). `lease` is what was read when planning."""

    kind = "switch_signal"
    owned: ClassVar[bool] = False

    def __init__(self, table: LeaseTable, lease: Lease | None, name: str, region: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.table, self.lease = table, lease

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Signal], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            lease = resource.lease
            item = resource.table.look_up(IDENTIFIER) if lease else None
            if lease and item and lease.holder and item["generation"] == lease.generation:
                actual[resource.name] = {key: item[key] for key in ("signal", "generation")}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        now = self.table.read()
        if now is None or not now.holder or now.generation != wanted["generation"]:
            raise CollectionError("the run that was meant has ended in the meantime; there is nothing left to signal")
        self.table.put(IDENTIFIER, {**wanted, "schema": SCHEMA})
        if wanted["signal"] == CANCEL and cloud.wait:
            self._wait_for_its_end(cloud, wanted["generation"])
        return dict(wanted)

    def _wait_for_its_end(self, cloud: Cloud, generation: int) -> None:
        """Wait until that tenure has let the lease go, or is seen dead: it has not beaten for its duration."""
        watch = Watch()

        def ended() -> bool:
            sent = self.table.clock()
            lease = self.table.read()
            verdict = watch.judge(lease, sent, self.table.clock())
            return lease is None or lease.generation != generation or verdict in (FREE, EXPIRED)

        cloud.wait_until("the run, which has its signal, to go back and let its lease go", ended)
        left = self.table.read()
        if left and left.generation == generation and left.holder and is_deployment(left.plan):
            raise CollectionError(messages.cancelled_dead(left, tell_ways(left.plan or {})))

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        self.table.remove(IDENTIFIER)
