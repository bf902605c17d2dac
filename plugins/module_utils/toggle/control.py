# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run's hold on the recorded states: what it read, and the lease it takes before it changes anything."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from ..kernel import Cloud, CollectionError, error_code
from ..kernel.cloud import ONCE, SHORT
from ..protocol import Lease, LeaseHeld, LeaseTable, ProtocolError, RegionMap, Run, StalePlan, Tenure, maps_of
from ..protocol.lease import OWED_WRITE
from ..protocol.lease_table import is_ill


class Control:
    """The lease and the state items of one workload, as read once by `read`, and the tenure while it holds.

    maps: region → (region of the item → map) as seen through that region's endpoint; unreachable: region → why.
    """

    def __init__(self, params: dict[str, Any], cloud: Cloud) -> None:
        self.params = params
        self.cloud = cloud
        self.state_table = params["state_table"] or f"{params['workload']}-state"
        replicas = lease_regions(params)
        # Of several replicas the next is asked at once; a single one has no other to stand in for it.
        clients = {
            region: cloud.client("dynamodb", region, **ONCE) if len(replicas) > 1 else self.client(region)
            for region in replicas
        }
        self.table = LeaseTable(params["lease_table"] or f"{params['workload']}-lease", clients)
        self.lease: Lease | None = None
        self.maps: dict[str, dict[str, RegionMap]] = {}
        self.unreachable: dict[str, str] = {}
        self.tenure: Tenure | None = None
        self.removed = False

    def client(self, region: str) -> Any:
        return self.cloud.client("dynamodb", region, **SHORT)

    def read(self, regions: list[str]) -> None:
        """Read the lease, and the state items through the endpoint of each region of the inventory and the map.

        A table that does not exist yet is an empty one. A region that does not answer is remembered as unreachable.
        """
        self.lease = self._read_lease()
        recorded = self.lease.map.regions if self.lease and self.lease.map else []
        everywhere = sorted({*regions, *recorded})
        with ThreadPoolExecutor(max_workers=len(everywhere)) as pool:
            for region, found in zip(everywhere, pool.map(self._scan, everywhere), strict=True):
                if isinstance(found, str):
                    self.unreachable[region] = found
                else:
                    self.maps[region] = found
        known = self.lease.epoch if self.lease else 0
        if any(each.epoch > known for found in self.maps.values() for each in found.values()):
            # Another run goes on meanwhile. The lease hands an epoch out before a region shows it, so it knows it now.
            self.lease = self._read_lease()

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

    def _scan(self, region: str) -> dict[str, RegionMap] | str:
        try:
            answer = self.client(region).scan(TableName=self.state_table, ConsistentRead=True)
        except Exception as error:
            if error_code(error) == "ResourceNotFoundException":
                return {}
            if is_ill(error):
                return f"{type(error).__name__}: {error}"
            raise
        return maps_of(answer["Items"])

    def renew(self) -> Tenure:
        """The tenure, just renewed: what every change asks for before it writes."""
        if self.tenure is None:
            raise ProtocolError("a state was about to be written without the lease")
        self.tenure.renew()
        return self.tenure

    @contextmanager
    def holding(self, mend: Callable[[], None]) -> Iterator[None]:
        """Hold the lease, on condition that nothing changed since `read`, while the changes are made.

        If they fail, what is unfinished stays in the lease for the next run. `mend` is called one duration after a
        takeover, because the old holder may have been only paused and have set a copy late.
        """
        try:
            self.tenure = self._take()
            with self.tenure.beating(self.params["lease_heartbeat"], still=self.cloud.has_parent):
                yield
                if self.tenure.taken_from is not None and not self.removed:
                    self._outwait(self.tenure.taken_from.duration)
                    mend()
            if not self.removed:
                self.lease = self.tenure.finish(self._still_owed())
        except ProtocolError as error:
            self._let_go()
            raise CollectionError(f"The states of workload {self.params['workload']}: {error}") from error
        except BaseException:
            self._let_go()
            raise

    def _take(self) -> Tenure:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        run = Run(
            run_id=uuid.uuid4().hex,
            operator=self.params["operator"] or "",
            reason=self.params["reason"] or "",
            since=now,
            duration=self.params["lease_duration"],
        )
        read = self.lease or Lease()
        try:
            tenure = self.table.acquire(run, read.epoch)
        except LeaseHeld as error:
            raise CollectionError(
                f"Another run is changing workload {self.params['workload']}: {error} (lease {self.table.place}). "
                "Nothing was changed. Wait until it has ended and run this again; should it have died, its lease is "
                "taken over by itself once it has not beaten for its duration.",
                lease=lease_report(error.lease, self.table.place),
            ) from error
        except Exception as error:
            if error_code(error) == "ResourceNotFoundException":
                raise CollectionError(
                    f"The lease table {self.table.table} does not exist in {', '.join(self.table.clients)}. "
                    "Make it first (module global_table, in site.yml the tag toggle)."
                ) from error
            raise
        found = tenure.lease
        if (found.epoch, found.map, found.plan, found.owed) != (read.epoch, read.map, read.plan, read.owed):
            tenure.release()
            raise StalePlan("another run changed the lease after this one had made its plan; run it again")
        return tenure

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
            if self.tenure is not None and not self.removed:
                self.tenure.release()
        except Exception:
            pass  # the reason why the run failed is what the user must see


def lease_regions(params: dict[str, Any]) -> list[str]:
    """The regions whose endpoints answer for the lease; a workload of one region keeps it there."""
    given = params.get("lease_regions")
    if given:
        return list(given)
    regions = list(params.get("regions") or {})
    return regions if len(regions) == 1 else []


def lease_report(lease: Lease | None, place: str) -> dict[str, Any]:
    """The lease as plain data for a result: who holds it, why and since when, and what is unfinished."""
    found = lease or Lease()
    return {
        "place": place,
        "epoch": found.epoch,
        "holder": found.holder,
        "operator": found.operator,
        "reason": found.reason,
        "since": found.since,
        "unfinished": dict(found.plan) if found.plan else None,
        "owed": {region: list(what) for region, what in found.owed.items()},
    }
