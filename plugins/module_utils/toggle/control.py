# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run's hold on the recorded states: what it read, and the lease it takes before it changes anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from ..kernel import Cloud, CollectionError, error_code
from ..kernel.cloud import SHORT, replica_clients
from ..lease import OWED_WRITE, Lease, LeaseLost, LeaseTable, Tenure
from ..lease.arguments import lease_regions, lease_table
from ..lease.taking import take_lease
from ..protocol import ProtocolError, RegionMap, maps_of
from ..protocol.service_errors import is_ill
from .arguments import state_table
from .late_writes import LateWrites

PARENT_SECONDS = 0.5
"""How often a pause looks whether the process that started this one is still there."""

DECLARED = "it was declared dead, and was not asked"


class Orphaned(CollectionError):
    """The process that started this one has gone."""


class Control:
    """The lease and the state items of one workload, as read once by `read`, and the tenure.

    maps: region → (region of the item → map) as seen through that region's endpoint; unreachable: region → why.
    dead: regions that somebody declared dead: nothing is asked of them.  late: what is sent without a condition.
    taken: the tenure, None until the lease is taken.
    """

    what = "change of states"
    subject = "The states"
    """What a run of it is, and what it is about, in words."""

    def __init__(self, params: dict[str, Any], cloud: Cloud) -> None:
        self.params = params
        self.cloud = cloud
        self.state_table = state_table(params)
        self.dead = frozenset(params.get("dead") or ())
        replicas = replica_clients(cloud, "dynamodb", lease_regions(params))
        self.table = LeaseTable(lease_table(params), replicas, dead=self.dead)
        self.late = LateWrites(self.table)
        self.lease: Lease | None = None
        self.maps: dict[str, dict[str, RegionMap]] = {}
        self.unreachable: dict[str, str] = {}
        self.taken: Tenure | None = None
        self.removed = False

    @property
    def tenure(self) -> Tenure:
        """The tenure that every write needs. ProtocolError: the lease was not taken."""
        if self.taken is None:
            raise ProtocolError("a state was about to be written without the lease")
        return self.taken

    def client(self, region: str) -> Any:
        return self.cloud.client("dynamodb", region, **SHORT)

    def read(self, regions: list[str]) -> None:
        """Read the lease, and the state items through the endpoint of each region of the inventory and the map.

        A region that does not answer is remembered as unreachable.
        """
        self.lease = self._read_lease()
        everywhere = self._concerned(regions)
        self.unreachable |= dict.fromkeys(everywhere & self.dead, DECLARED)
        asked = sorted(everywhere - self.dead)
        with ThreadPoolExecutor(max_workers=max(1, len(asked))) as pool:
            for region, found in zip(asked, pool.map(self._scan, asked), strict=True):
                if isinstance(found, str):
                    self.unreachable[region] = found
                else:
                    self.maps[region] = found
        known = self.lease.epoch if self.lease else 0
        if any(each.epoch > known for found in self.maps.values() for each in found.values()):
            # Another run goes on meanwhile. The lease hands an epoch out before a region shows it, so it knows it now.
            self.lease = self._read_lease()

    def _concerned(self, regions: list[str]) -> set[str]:
        """The regions that are read, of an inventory with these."""
        recorded = self.lease.map.regions if self.lease and self.lease.map else []
        return {*regions, *recorded}

    def _without_table(self, region: str) -> dict[str, RegionMap] | str:
        """What is seen in a region that has no table of states; text: why it counts as one that does not answer."""
        return {}

    def require_all(self, purpose: str, but: Collection[str] = ()) -> None:
        """Every region answers, `but` these. CollectionError: one does not."""
        silent = {region: why for region, why in self.unreachable.items() if region not in but}
        if silent:
            told = "; ".join(f"{region}: {why}" for region, why in sorted(silent.items()))
            raise CollectionError(f"Every region must answer to {purpose}. Nothing was changed. These do not: {told}.")

    def wait_until_gone(self) -> None:
        """Wait until what was removed in one region is gone from its copies in the others: a deployment that met them
        there would take the lease item for lost.
        """
        if self.cloud.wait:
            self.cloud.wait_until(
                "the removed states to leave the other regions",
                lambda: not any(isinstance(found, dict) and found for found in map(self._scan, self.maps)),
            )

    def unfinished(self) -> str:
        """What an earlier run left and this one can finish, in words: its plan, and writes to regions that answer."""
        if self.lease is None:
            return ""
        plan = [str(self.lease.plan.get("kind"))] if self.lease.plan else []
        owed = sorted(region for region, what in self.lease.owed.items() if OWED_WRITE in what and region in self.maps)
        return ", ".join([*plan, *(f"{OWED_WRITE} in {region}" for region in owed)])

    def own_map(self, region: str) -> RegionMap | None:
        """The map in a region's own item, read through its own endpoint."""
        return self.maps.get(region, {}).get(region)

    def _read_lease(self) -> Lease | None:
        try:
            return self.table.read()
        except Exception as error:
            if error_code(error) != "ResourceNotFoundException":
                raise
            return None

    def scan_states(self, region: str, client: Any = None) -> list[Mapping[str, Any]]:
        """Every item of the table of states through a region's own endpoint: states, and the register of readers."""
        client, items = client or self.client(region), []
        asked: dict[str, Any] = {"TableName": self.state_table, "ConsistentRead": True}
        while True:
            answer = client.scan(**asked)
            items += answer["Items"]
            if not (last := answer.get("LastEvaluatedKey")):
                return items
            asked["ExclusiveStartKey"] = last

    def _scan(self, region: str) -> dict[str, RegionMap] | str:
        try:
            items = self.scan_states(region)
        except Exception as error:
            if error_code(error) == "ResourceNotFoundException":
                return self._without_table(region)
            if is_ill(error):
                return f"{type(error).__name__}: {error}"
            raise
        return maps_of(items)

    def renew(self) -> Tenure:
        """The tenure, just renewed: what every change asks for before it writes."""
        ended = self.late.ended()
        self.tenure.renew()
        self.late.confirm(ended)
        return self.tenure

    def pause(self, seconds: float) -> None:
        """Sleep. Orphaned when the process that started this one ends meanwhile."""
        end = self.table.clock() + seconds
        while (left := end - self.table.clock()) > 0:
            self.require_parent()
            self.table.sleep(min(PARENT_SECONDS, left))

    def require_parent(self) -> None:
        # A worker outlives an ansible-playbook that was killed; nobody would see what it goes on to do.
        if not self.cloud.has_parent():
            raise Orphaned(f"the process that started this {self.what} has ended, so it stops here")

    @contextmanager
    def holding(self, mend: Callable[[], None]) -> Iterator[None]:
        """Hold the lease, on condition that nothing changed since `read`, while the changes are made.

        If they fail, what is unfinished stays in the lease for the next run. `mend` is called one duration after a
        takeover, because the old holder may have been only paused and have set a copy late.
        """
        try:
            self.taken = take_lease(self.table, self.params, self.lease)
            with self.tenure.beating(self.params["lease_heartbeat"], still=self.cloud.has_parent):
                yield
                if self.tenure.taken_from is not None and not self.removed:
                    self._outwait(self.tenure.taken_from.duration)
                    mend()
            if not self.removed:
                self.lease = self._end()
        except ProtocolError as error:
            self._let_go()
            raise CollectionError(f"{self.subject} of workload {self.params['workload']}: {error}") from error
        except BaseException:
            self._let_go()
            raise

    def _end(self) -> Lease:
        """Let the lease go, when all went well."""
        return self.tenure.finish(self._still_owed())

    def _outwait(self, duration: float) -> None:
        self.table.sleep(max(0.0, self.tenure.since + duration - self.table.clock()))

    def _still_owed(self) -> dict[str, list[str]]:
        """What stays owed after this run, whose plan covered every region that answered."""
        owed = {}
        for region, what in self.tenure.lease.owed.items():
            left = [each for each in what if each != OWED_WRITE or region not in self.maps]
            if left:
                owed[region] = left
        return owed

    def _let_go(self) -> None:
        """Best effort: without it the next run waits for one duration, and no more."""
        try:
            if self.taken is not None and not self.removed:
                self.taken.release()
        except LeaseLost:
            with suppress(Exception):
                self.late.mend()
        except Exception:
            pass  # the reason why the run failed is what the user must see
