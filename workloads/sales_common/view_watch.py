# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a task's view of the map fresh: the reading that `protocol.Reader` leaves to its caller.

One thread reads the local source every few seconds; while the task is joining, one more thread per peer asks that
peer's own endpoint, so that a dead region never delays the local reading. Everybody else only asks `look` and
`readiness`, which cost a lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Protocol

from protocol.limits import PEER_READ_SECONDS
from protocol.reader import Reader
from protocol.region_map import RegionMap, maps_of
from protocol.states import copy_of

from .aws import Aws, Patience, patience_within
from .log import Log, describe
from .settings import ViewSettings

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def monotonic() -> float:
    """Seconds of a clock that never goes back and, unlike CLOCK_MONOTONIC, also runs while the machine is suspended:
    a task that wakes up must see that its view has grown old."""
    return time.clock_gettime(_CLOCK)


class Source(Protocol):
    """Where maps are read. Both methods return region → the map that its item holds, and raise when unanswered."""

    def read_local(self) -> Mapping[str, RegionMap]: ...

    def read_peer(self, region: str) -> Mapping[str, RegionMap]: ...


class StateTable:
    """The state items: a table so small that a strongly consistent Scan is one cheap call."""

    def __init__(self, aws: Aws, table: str) -> None:
        self._aws = aws
        self._table = table
        self._local = aws.client("dynamodb", Patience(connect=1.0, read=2.0, attempts=1), connections=1)
        self._peers: dict[str, object] = {}

    def read_local(self) -> Mapping[str, RegionMap]:
        return self._scan(self._local)

    def read_peer(self, region: str) -> Mapping[str, RegionMap]:
        if region not in self._peers:
            patience = patience_within(PEER_READ_SECONDS)
            self._peers[region] = self._aws.client("dynamodb", patience, region=region, connections=1)
        return self._scan(self._peers[region])

    def _scan(self, client) -> Mapping[str, RegionMap]:
        return maps_of(client.scan(TableName=self._table, ConsistentRead=True)["Items"])


class StateParameter:
    """The SSM parameter alone, for a task that was given no state table: a map of one region, without peers.

    It has no epoch, so every change that is seen makes the next one.
    """

    def __init__(self, aws: Aws, parameter: str) -> None:
        self._client = aws.client("ssm", Patience(connect=1.0, read=2.0, attempts=1), connections=1)
        self._region = aws.region
        self._parameter = parameter
        self._last: RegionMap | None = None

    def read_local(self) -> Mapping[str, RegionMap]:
        value = self._client.get_parameter(Name=self._parameter)["Parameter"]["Value"].strip()
        state = copy_of(value)
        if self._last is None or self._last.state_of(self._region) != state:
            epoch = self._last.epoch + 1 if self._last else 1
            self._last = RegionMap(epoch, {self._region: state}, run_id="none", lease=self._parameter)
        return {self._region: self._last}

    def read_peer(self, region: str) -> Mapping[str, RegionMap]:
        raise LookupError(f"{region}: a parameter knows no peers")


def choose_source(aws: Aws, settings: ViewSettings) -> Source:
    """The state table where the task was given one, else the parameter."""
    if settings.state_table:
        return StateTable(aws, settings.state_table)
    return StateParameter(aws, settings.state_parameter)


class ViewWatch:
    """A `Reader` that reads by itself, from `start` until `stop`."""

    def __init__(self, settings: ViewSettings, source: Source, log: Log, clock=monotonic) -> None:
        hints = settings.peer_regions if settings.state_table else ()
        self._reader = Reader(settings.region, clock(), settings.ttl, settings.join_patience, hints)
        self._refresh = settings.refresh
        self._source = source
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._asking: set[str] = set()
        self._told: tuple[object, ...] = ()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop reading. The right to claim then ends by itself."""
        self._stopping.set()

    def look(self) -> tuple[RegionMap | None, bool, float]:
        """The map, whether a claim may be made at this moment (to be asked right before each), and the moment."""
        with self._lock:
            now = self._clock()
            return self._reader.map, self._reader.may_claim(now), now

    def readiness(self) -> tuple[bool, dict[str, object]]:
        """Whether the region takes part, and the facts behind it: state, epoch, and a reason when it does not."""
        with self._lock:
            now, reader = self._clock(), self._reader
            ready = reader.is_ready(now)
            facts: dict[str, object] = {"ready": ready, "region": reader.region, "state": reader.state}
            if reader.map:
                facts["epoch"] = reader.map.epoch
            if not ready:
                facts["reason"] = self._why_not_ready(now)
            return ready, facts

    def _why_not_ready(self, now: float) -> str:
        reader = self._reader
        if reader.map is None:
            return "no view: the region's state could not be read yet"
        if not reader.joining.joined:
            return f"joining: no answer yet from a peer ({', '.join(reader.peers_to_ask())})"
        if not reader.may_claim(now):
            return f"the view is older than {reader.view.ttl:g} s: the region's state cannot be read"
        return f"the region is {reader.state}"

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.refresh()
            self._stopping.wait(self._refresh)

    def refresh(self) -> None:
        """Read the local source once, ask the peers while joining, and log what changed."""
        sent = self._clock()
        try:
            maps = self._source.read_local()
            with self._lock:
                self._reader.read_local(maps, sent)
            self._failing = False
        # Whatever went wrong, the thread must go on reading; the right to claim ends without it.
        except Exception as error:
            if not self._failing:
                self._log.warning("view_not_read", error=describe(error))
            self._failing = True
            with self._lock:
                self._reader.look(self._clock())
        with self._lock:
            peers = [peer for peer in self._reader.peers_to_ask() if peer not in self._asking]
            self._asking.update(peers)
        for peer in peers:
            threading.Thread(target=self._ask, args=(peer,), name=f"ask {peer}", daemon=True).start()
        self._tell()

    def _ask(self, peer: str) -> None:
        sent = self._clock()
        try:
            maps = self._source.read_peer(peer)
            with self._lock:
                self._reader.read_peer(maps, sent)
        # A peer that does not answer, or answers nonsense, is no evidence; patience covers it.
        except Exception as error:
            self._log.warning("peer_not_read", peer=peer, error=describe(error))
        finally:
            with self._lock:
                self._asking.discard(peer)
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            known, joined = self._reader.map, self._reader.joining.reason
            told = (known.epoch if known else None, self._reader.state, joined)
            if told == self._told:
                return
            self._told = told
        self._log.info("view", epoch=told[0], state=told[1], joined=joined or "not yet")
