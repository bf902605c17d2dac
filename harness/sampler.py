# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches the sales system: twice a second everything an onlooker sees, and at each grant the sales in the target.

It reads the embedded cloud's private window, which costs no call to AWS and shows also regions that are dead or silent.
The tasks are asked for themselves, over their own /readiness.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from protocol.errors import ProtocolError
from protocol.region_map import RegionMap, maps_of
from protocol.states import ACTIVE

PERIOD_SECONDS = 0.5
GRANT_PERIOD_SECONDS = 0.1
READINESS_TIMEOUT = 0.4
TASK_PORT = 8080

Ask = Callable[[str], Any]


class Sampler:
    """Samples until stopped. `ask` answers a private topic of the embedded cloud.

    samples: see `sample`.  grants: region, epoch, at (unix seconds of the write of its state item), seen_at, visible
    (ids of the sales in its replica right then), for each region that is ACTIVE at a new epoch.
    """

    def __init__(self, ask: Ask, regions: list[str], state_table: str, parameter: str, sales_table: str) -> None:
        self.samples: list[dict[str, Any]] = []
        self.grants: list[dict[str, Any]] = []
        self._ask = ask
        self._regions = regions
        self._state_table, self._sales_table = state_table, sales_table
        self._topic = f"observe?table={state_table}&parameter={parameter}"
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(12)
        self._threads = [
            threading.Thread(target=self._sample_for_ever, name="sampler", daemon=True),
            threading.Thread(target=self._watch_grants, name="grants", daemon=True),
        ]

    def start(self) -> Sampler:
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _sample_for_ever(self) -> None:
        due = time.monotonic()
        while not self._stopping.is_set():
            seen = self._ask(self._topic)
            says = dict(zip((t["id"] for t in seen["tasks"]), self._pool.map(readiness, seen["tasks"]), strict=True))
            self.samples.append(sample(seen, says))
            due = max(due + PERIOD_SECONDS, time.monotonic())
            self._stopping.wait(due - time.monotonic())

    def _watch_grants(self) -> None:
        """What a region sees of the sales is read when its own item first says, at a new epoch, that it is ACTIVE."""
        seen = self._own_writes()
        while not self._stopping.wait(GRANT_PERIOD_SECONDS):
            now = self._own_writes()
            for region in self._regions:
                if now.get(region) != seen.get(region):
                    self._look_at(region, now[region])
            seen = now

    def _own_writes(self) -> dict[str, float]:
        """Region → when its own state item was written."""
        written = self._ask(f"observe/written?table={self._state_table}")
        return {region: keys[region] for region, keys in written.items() if region in keys}

    def _look_at(self, region: str, at: float) -> None:
        visible = self._ask(f"observe/keys?region={region}&table={self._sales_table}")
        found = _maps(self._ask(f"observe/items?region={region}&table={self._state_table}")).get(region)
        if found is not None and found.state_of(region) == ACTIVE:
            grant = {"region": region, "epoch": found.epoch, "at": at, "seen_at": time.time(), "visible": visible}
            self.grants.append(grant)


def sample(seen: Mapping[str, Any], says: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    """One moment, ready for a chart.

    at: unix seconds.  backlog: "region queue" → messages, hidden ones included.  dials: region → percent.
    readers: who → [state, epoch] for each reader: "<region> item" (its own), "<replica> sees <region>" (a peer's item
    in its replica), "<region> parameter", "<region> sales-worker" (what its tasks say of themselves; several answers
    are joined with /).  ready: "region service" → [ready, all].  faults: what is wrong.
    calls: AWS calls so far, by who made them.
    """
    readers: dict[str, list[Any]] = {}
    for replica, items in seen["items"].items():
        maps = _maps(items)
        for region, found in maps.items():
            name = f"{region} item" if region == replica else f"{replica} sees {region}"
            readers[name] = [found.state_of(region), found.epoch]
    for region, value in seen["parameters"].items():
        readers[f"{region} parameter"] = [value, None]
    ready: dict[str, list[int]] = {}
    told: dict[str, set[tuple[str, int]]] = {}
    for task in seen["tasks"]:
        service = f"{task['region']} {task['service']}"
        count = ready.setdefault(service, [0, 0])
        count[1] += 1
        answer = says.get(task["id"])
        if answer is None:
            continue
        count[0] += bool(answer.get("ready"))
        told.setdefault(f"{service} tasks", set()).add((str(answer.get("state") or "none"), answer.get("epoch") or 0))
    for name, states in told.items():
        readers[name] = ["/".join(sorted({state for state, _ in states})), max(epoch for _, epoch in states)]
    return {
        "at": seen["time"],
        "backlog": {
            f"{region} {queue}": counts["visible"] + counts["hidden"]
            for region, queues in seen["queues"].items()
            for queue, counts in queues.items()
        },
        "dials": seen["dials"],
        "readers": readers,
        "ready": ready,
        "faults": seen["faults"],
        "calls": seen["calls"],
    }


def readiness(task: Mapping[str, str]) -> dict[str, Any] | None:
    """What a task says of itself; None when it does not answer."""
    connection = http.client.HTTPConnection(task["address"], TASK_PORT, timeout=READINESS_TIMEOUT)
    try:
        connection.request("GET", "/readiness")
        return json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _maps(items: list[dict[str, Any]]) -> dict[str, RegionMap]:
    try:
        return dict(maps_of(items))
    except ProtocolError:
        return {}
