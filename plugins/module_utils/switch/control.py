# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every part of a switch shares: the lease and the states, the work, and how long a region is waited for."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud
from ..kernel.cloud import ONCE, SHORT
from ..lease.arguments import lease_regions
from ..protocol import PASSIVE, ProtocolError, RegionMap
from ..protocol.service_errors import is_ill
from .signalled_control import SignalledControl
from .work import Work


class SwitchControl(SignalledControl):
    """One run's hold on the recorded states.

    planned:   what is to be done; None until that is planned, and when there is nothing to do.
    may_skip:  whether it may go on without a region that changes and does not answer.
    suspects:  regions that may be dead: they are asked once, and not waited for.
    regions:   those it is about: the recorded ones, whatever the inventory has, but for those in `left_out`.
    left_out:  recorded regions that are PASSIVE and gone from the inventory.  unrecorded: what only the inventory has.
    """

    what = "switch"

    def __init__(self, params: dict[str, Any], cloud: Cloud) -> None:
        graceful = params["execution"] == "graceful"
        self.may_skip = not graceful or params["may_turn_ungraceful"]
        gaining = params["to"] or (params["target"] if params["turn"] == "on" else None)
        self.suspects = set() if graceful else set(params["regions"])
        # A replica that is perhaps dead is asked last: every renewal would wait for it.
        replicas = sorted(lease_regions(params), key=lambda region: region in self.suspects - {gaining})
        super().__init__({**params, "lease_regions": replicas}, cloud)
        self.planned: Work | None = None
        self.regions: list[str] = list(params["regions"])
        self.left_out: set[str] = set()
        self.unrecorded: set[str] = set()

    @property
    def work(self) -> Work:
        """What is to be done, for those who do it. ProtocolError: there is nothing to do."""
        if self.planned is None:
            raise ProtocolError("a step of the switch was asked for while nothing is planned")
        return self.planned

    @property
    def parameter(self) -> str:
        """The SSM parameter that holds a region's state."""
        return self.params["parameter"] or f"/{self.params['workload']}/region/state"

    def client(self, region: str) -> Any:
        return self.quick("dynamodb", region)

    def quick(self, service: str, region: str, calls_at_once: int = 0) -> Any:
        """A client that gives up soon on a region, and at once on one that may be dead."""
        limits = ONCE if region in self.suspects else SHORT
        more = {"max_pool_connections": calls_at_once} if calls_at_once else {}
        return self.cloud.client(service, region, **limits, **more)

    def look(self) -> None:
        """Read the lease and the states. Who answers is no suspect any more."""
        self.read(list(self.params["regions"]))
        self.suspects -= self.maps.keys()

    def _concerned(self, regions: list[str]) -> set[str]:
        if self.lease and self.lease.map:
            states, inventory = self.lease.map.states, set(regions)
            self.left_out = {each for each, state in states.items() if state == PASSIVE and each not in inventory}
            self.unrecorded = inventory - states.keys()
            self.regions = [each for each in states if each not in self.left_out]
        return set(self.regions)

    def _without_table(self, region: str) -> dict[str, RegionMap] | str:
        return f"it has no table {self.state_table}"

    def look_again(self) -> None:
        """Who answers now, and not when the switch was planned. Going back does without those that do not."""
        self.maps.clear()
        self.unreachable.clear()
        self.suspects, self.may_skip = set(self.regions), True
        self.look()
        for region in sorted(self.unreachable.keys() - self.dead):  # one lost answer does not mean that it is dead
            if not isinstance(found := self._scan(region), str):
                self.maps[region] = found
                del self.unreachable[region]
                self.suspects.discard(region)

    def seen(self) -> list[RegionMap]:
        """Every map that was read."""
        return [each for found in self.maps.values() for each in found.values()]

    def told_states(self) -> dict[str, dict[str, Any]]:
        """Each region's state and epoch as its own item tells them."""
        own = {region: self.own_map(region) for region in self.regions}
        return {r: {"state": m.state_of(r), "epoch": m.epoch} for r, m in own.items() if m is not None}

    def differing(self) -> list[str]:
        """The regions that answer, and whose parameter says something else than the lease: somebody set it late."""
        if self.lease is None or self.lease.map is None:
            return []
        found = []
        for region in self.maps:
            told = self._copy_of(region)
            if told is not None and told != self.lease.map.ssm_value(region):
                found.append(region)
        return found

    def _copy_of(self, region: str) -> str | None:
        """What a region's parameter says, nothing if there is none; None if nobody tells."""
        try:
            answer = self.quick("ssm", region).get_parameters(Names=[self.parameter])
        except Exception as error:
            if not is_ill(error):
                raise
            return None
        return "".join(each["Value"] for each in answer["Parameters"])

    def outwait_the_dead(self) -> bool:
        """After a takeover: wait until the old holder can write nothing any more that its lease allowed.

        Whether there was one. It may have been only paused, and have set a copy late.
        """
        if self.tenure.taken_from is None:
            return False
        self._outwait(self.tenure.taken_from.duration)
        return True
