# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes an epoch into the regions: each one's item and then its parameter, one region after the other."""

from __future__ import annotations

from collections.abc import Iterable

from ..kernel import error_code
from ..protocol import ProtocolError, RegionMap, accept_refusal, maps_of, state_write
from ..protocol.service_errors import is_silent
from .control import SwitchControl
from .lost_regions import LostRegions


class StateWrites:
    """The writes of one run. last_write: when the last one was done, on the clock of the lease table."""

    def __init__(self, control: SwitchControl, lost: LostRegions) -> None:
        self.control, self.lost = control, lost
        self.last_write = 0.0

    def write(self, order: Iterable[str]) -> list[str]:
        """Write the epoch that the lease handed out last, in this order of regions; those that were written."""
        new, written = self.control.tenure.lease.last_map, []
        for region in [each for each in order if each in self.control.maps]:
            self.control.renew()
            with self.lost.doing_without(region):
                self._write_twice(region, new)
                written.append(region)
                self.last_write = self.control.table.clock()
        return written

    def read_back(self) -> None:
        """Rewrite a parameter that somebody set late: it has no condition that a paused old run would meet."""
        control = self.control
        for region in list(control.maps):
            with self.lost.doing_without(region):
                answer = control.quick("ssm", region).get_parameter(Name=control.parameter)
                if answer["Parameter"]["Value"] != control.tenure.lease.last_map.ssm_value(region):
                    control.renew()
                    self._copy(region, control.tenure.lease.last_map)

    def _write_twice(self, region: str, new: RegionMap) -> None:
        """Write it again, and wait less long, if nobody answered: one lost answer does not mean that it is dead."""
        try:
            self._write_one(region, new)
        except Exception as error:
            if not is_silent(error):
                raise
            self.control.suspects.add(region)
            self.control.renew()
            self._write_one(region, new)
            self.control.suspects.discard(region)

    def _write_one(self, region: str, new: RegionMap) -> None:
        """Write the item, which only goes up, and its copy.

        Raises:
            ProtocolError: a newer epoch, or another content of this one, is there already.
        """
        control = self.control
        try:
            control.client(region).put_item(**state_write(control.state_table, region, new))
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            key = {"region": {"S": region}}
            answer = control.client(region).get_item(TableName=control.state_table, Key=key, ConsistentRead=True)
            if not answer.get("Item"):
                raise ProtocolError(f"the state item of {region} vanished while it was written") from error
            accept_refusal(region, maps_of([answer["Item"]])[region], new)
        self._copy(region, new)

    def _copy(self, region: str, new: RegionMap) -> None:
        def put(said: RegionMap) -> None:
            name, value = self.control.parameter, said.ssm_value(region)
            self.control.quick("ssm", region).put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

        with self.control.late.sending(("copy", region), put):
            put(new)
