# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plan of `region_toggle` is made of: the lease's record of the map, and its copies in every region.

Each writes only after renewing the lease. The order (lease, then the item of a region, then its parameter) comes from
their references.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none, error_code
from ..lease import Lease
from ..protocol import ProtocolError, RegionMap, accept_refusal, maps_of, state_write
from ..resources.parameter import Parameter
from .control import Control
from .judgement import WRITE


class LeaseRecord(Resource):
    """Wanted: `epoch`, `states`, `unfinished` (text, empty when nothing is). Gives `run_id`, whose epoch it is."""

    kind = "region_lease"
    owned: ClassVar[bool] = False
    renewed: ClassVar[frozenset[str]] = frozenset({"run_id"})

    def __init__(self, control: Control, *, state: str, **wanted: Any) -> None:
        super().__init__(control.table.table, next(iter(control.table.clients), ""), state=state, **wanted)
        self.control = control

    def renewed_by(self, differences: dict[str, Difference]) -> frozenset[str]:
        return self.renewed if "epoch" in differences else frozenset()

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[LeaseRecord], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {each.name: each._attributes() for each in resources if each._is_there()}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        return self._hand_out(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "epoch" in differences:
            return self._hand_out(wanted)
        # What is unfinished ends when the run has written everything and lets the lease go.
        self.control.renew()
        return {**actual, "unfinished": ""}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        self.control.tenure.remove()
        self.control.removed = True

    def _hand_out(self, wanted: Attributes) -> Attributes:
        tenure = self.control.renew()
        states = wanted["states"]
        lease = tenure.next_epoch(wanted["epoch"] - 1, states, {"kind": WRITE}, owed=list(states))
        new = lease.last_map
        return {"epoch": lease.epoch, "states": dict(new.states), "unfinished": "", "run_id": new.run_id}

    def _is_there(self) -> bool:
        lease = self.control.lease
        return lease is not None and (lease.map is not None or self.state == "absent")

    def _attributes(self) -> Attributes:
        lease = self.control.lease or Lease()
        return {
            "epoch": lease.epoch,
            "states": dict(lease.map.states) if lease.map else {},
            "unfinished": self.control.unfinished(),
            "run_id": lease.map.run_id if lease.map else None,
        }


class RegionState(Resource):
    """Wanted: `epoch`, `states`, `run_id`, `lease`: the whole map, in one region's own item."""

    kind = "region_state"
    owned: ClassVar[bool] = False
    renewed: ClassVar[frozenset[str]] = frozenset({"written"})
    written: float | None = None
    """When this run last wrote it, on the lease table's clock."""

    def __init__(self, control: Control, region: str, *, state: str, needs: Any = (), **wanted: Any) -> None:
        super().__init__(control.state_table, region, state=state, needs=needs, **wanted)
        self.control = control

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[RegionState], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for each in resources:
            own = each.control.own_map(region)
            if own is not None:
                actual[each.name] = {
                    "epoch": own.epoch,
                    "states": dict(own.states),
                    "run_id": own.run_id,
                    "lease": own.lease,
                }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        new = self.control.renew().lease.last_map
        client = self.control.client(self.region)
        try:
            client.put_item(**state_write(self.name, self.region, new))
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            # Perhaps this very write, whose first answer was lost.
            key = {"region": {"S": self.region}}
            item = client.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")
            if item is None:
                raise ProtocolError(f"the state item of {self.region} vanished while it was written") from error
            accept_refusal(self.region, maps_of([item])[self.region], new)
        self.written = self.control.table.clock()
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        if self.control.taken is not None:
            self.control.renew()
        with absent_is_none("ResourceNotFoundException"):
            self.control.client(self.region).delete_item(TableName=self.name, Key={"region": {"S": self.region}})


class StateCopy(Parameter):
    """The SSM parameter of a region: ACTIVE, or else PASSIVE, for images that know nothing else."""

    renewed: ClassVar[frozenset[str]] = frozenset({"written"})
    written: float | None = None
    """When this run last wrote its value, on the lease table's clock."""

    def __init__(self, control: Control, name: str, region: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.control = control

    def foreign(self, actual: Attributes, workload: str | None) -> str:
        """Beside an item of this lease it is ours: a switch that went on from a deployment made it without tags."""
        untagged = "workload" not in (actual["tags"] or {})
        return "" if untagged and self.control.own_map(self.region) else super().foreign(actual, workload)

    def renewed_by(self, differences: dict[str, Difference]) -> frozenset[str]:
        return self.renewed if "value" in differences else frozenset()

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        self.control.renew()
        with self.control.late.sending(("copy", self.region), self._mend):
            made = super().create(cloud, wanted)
        self.written = self.control.table.clock()
        return made

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.control.renew()
        with self.control.late.sending(("copy", self.region), self._mend):
            made = super().update(cloud, actual, wanted, differences)
        if "value" in differences:
            self.written = self.control.table.clock()
        return made

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        if self.control.taken is not None:
            self.control.renew()
        super().delete(cloud, actual)

    def _mend(self, said: RegionMap) -> None:
        ssm = self.control.cloud.client("ssm", self.region)
        ssm.put_parameter(Name=self.name, Value=said.ssm_value(self.region), Type="String", Overwrite=True)


def mend_copies(copies: list[StateCopy]) -> None:
    """Read the copies again and rewrite those that somebody set after this run did."""
    for copy in copies:
        cloud = copy.control.cloud
        actual = copy.find(cloud, copy.region, [copy], {}).get(copy.name)
        if actual is None:
            copy.create(cloud, copy.wanted)
        elif differences := copy.differences(actual, copy.wanted):
            copy.update(cloud, actual, copy.wanted, differences)
