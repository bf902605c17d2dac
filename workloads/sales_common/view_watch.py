# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps a task's view of the map fresh: the reading and the registering that `protocol.Reader` leaves to its caller.

One thread reads the local source every second, and tells in the register what the task has let go of; while the task is
joining, one more thread per peer asks that peer's own endpoint, so that a dead region never delays the local reading.
Everybody else only asks `look` and `readiness`, and says what it does, which costs a lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from protocol.limits import PEER_READ_SECONDS, REGISTER_SECONDS
from protocol.reader import Reader
from protocol.region_map import RegionMap, maps_of
from protocol.service_errors import error_code
from protocol.states import HELD, copy_of

from .aws import Aws, Patience, patience_within
from .batches import Incomplete, scan_items
from .log import Log, describe
from .register import Lately, Register
from .settings import ViewSettings
from .task import find_task_arn

DENIED = "AccessDeniedException"
STOP_SECONDS = 5.0

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
    """The state items, each strongly consistent: once the regions are known, those of all of them in one call.

    A Scan would read the items of the register too. It is what a task is left with whose role knows only that.
    """

    def __init__(self, aws: Aws, table: str) -> None:
        self._aws = aws
        self._table = table
        self._local = aws.client("dynamodb", Patience(connect=1.0, read=2.0, attempts=1), connections=1)
        self._peers: dict[str, object] = {}
        self._regions: set[str] = set()
        self._scans = False

    def read_local(self) -> Mapping[str, RegionMap]:
        maps = self._scan(self._local) if self._scans or not self._regions else self._read_items()
        for known in maps.values():
            self._regions.update(known.regions)
        return maps

    def read_peer(self, region: str) -> Mapping[str, RegionMap]:
        if region not in self._peers:
            patience = patience_within(PEER_READ_SECONDS)
            self._peers[region] = self._aws.client("dynamodb", patience, region=region, connections=1)
        return self._scan(self._peers[region])

    def _read_items(self) -> Mapping[str, RegionMap]:
        """Incomplete: DynamoDB left one unread, of which nothing may be concluded."""
        keys = [{"region": {"S": region}} for region in sorted(self._regions | {self._aws.region})]
        asked = {self._table: {"Keys": keys, "ConsistentRead": True}}
        try:
            answer = self._local.batch_get_item(RequestItems=asked)
        except Exception as error:
            if error_code(error) != DENIED:
                raise
            self._scans = True
            return self._scan(self._local)
        if answer.get("UnprocessedKeys"):
            raise Incomplete("BatchGetItem", answer["UnprocessedKeys"])
        return maps_of(answer["Responses"][self._table])

    def _scan(self, client) -> Mapping[str, RegionMap]:
        return maps_of(scan_items(client, self._table))


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


def choose_register(aws: Aws, settings: ViewSettings, claim_to_effect: float = 0.0) -> Register | None:
    """The register beside the state table; None for a task that was given no table.

    claim_to_effect: the seconds that the task takes at the most for what it has claimed, if it claims anything.
    """
    if not settings.state_table:
        return None
    return Register(aws, settings.state_table, task=find_task_arn(), ttl=settings.ttl, claim_to_effect=claim_to_effect)


class ViewWatch:
    """A `Reader` that reads and registers by itself, from `start` until `stop`."""

    def __init__(
        self, settings: ViewSettings, source: Source, log: Log, clock=monotonic, register: Register | None = None
    ) -> None:
        hints = settings.peer_regions if settings.state_table else ()
        self._reader = Reader(
            settings.region, clock(), settings.ttl, settings.join_patience, hints, registers=register is not None
        )
        self._refresh = settings.refresh
        self._source = source
        self._register = register
        self._lately = Lately(clock)
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._awake = threading.Event()
        self._asking: set[str] = set()
        self._told: tuple[object, ...] = ()
        self._acknowledged = 0
        self._acknowledged_at = clock()
        self._blocked = False
        self._telling: dict[str, list[str]] = {}
        self._failing: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop reading, give up the right to claim, and leave the register. Nothing may be under way by then."""
        self._stopping.set()
        self._awake.set()
        if self._register is None or not self._thread.is_alive():
            return
        self._thread.join(STOP_SECONDS)
        if not self._thread.is_alive() and self._reader.registration.required:
            try:
                self._register.remove()
            # Whoever waits for this task sees that it has ended all the same.
            except Exception as error:
                self._log.warning("register_not_left", error=describe(error))

    def look(self) -> tuple[RegionMap | None, bool, float]:
        """The map, whether a claim may be made at this moment (to be asked right before each), and the moment."""
        with self._lock:
            now = self._clock()
            return self._reader.map, self._reader.may_claim(now) and not self._stopping.is_set(), now

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Around what decides and then does: what was begun under an epoch is ended before the next is acknowledged."""
        with self._lock:
            token = self._reader.begin()
        try:
            yield
        finally:
            with self._lock:
                self._reader.under_way.end(token)
                owes = self._blocked and self._reader.let_go > self._acknowledged
            if owes:
                self._awake.set()

    def wrote(self, table: str, ids: Iterable[str]) -> None:
        """Remember what this task wrote, to tell it when it acknowledges."""
        self._lately.add(table, ids)

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
        if not reader.registration.covers(now, now):
            return "not registered: this task's item could not be written beside the region's state"
        if not reader.may_claim(now):
            return f"the view is older than {reader.view.ttl:g} s: the region's state cannot be read"
        return f"the region is {reader.state}"

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.refresh()
            with self._lock:
                seconds = self._reader.refresh_seconds(self._refresh)
            self._awake.wait(seconds)
            self._awake.clear()

    def refresh(self) -> None:
        """Read the local source once, tell the register, ask the peers while joining, and log what changed."""
        self._read_local()
        if self._tell_register():
            # What was read before the task was registered gives no right.
            self._read_local()
        with self._lock:
            peers = [peer for peer in self._reader.peers_to_ask() if peer not in self._asking]
            self._asking.update(peers)
        for peer in peers:
            threading.Thread(target=self._ask, args=(peer,), name=f"ask {peer}", daemon=True).start()
        self._tell()

    def _read_local(self) -> None:
        sent = self._clock()
        try:
            maps = self._source.read_local()
            with self._lock:
                self._reader.read_local(maps, sent)
            self._failing.discard("view_not_read")
        # Whatever went wrong, the thread must go on reading; the right to claim ends without it.
        except Exception as error:
            self._tell_failing("view_not_read", error)
            with self._lock:
                self._reader.look(self._clock())

    def _tell_register(self) -> bool:
        """Write this task's item when it is due, when an epoch can be acknowledged, and while the region is HELD.

        Whether it had no place in the register before.
        """
        register, reader = self._register, self._reader
        with self._lock:
            seen, let_go, now = reader.map, reader.let_go, self._clock()
            news = let_go > self._acknowledged or reader.state == HELD
            due = news or reader.registration.is_due(now)
            had_place = reader.registration.covers(now, now)
            self._blocked = let_go < reader.epoch
        if register is None or seen is None or not reader.registration.required or not due:
            return False
        if news:
            self._telling, self._acknowledged_at = self._lately.ids(), now
        elif now > self._acknowledged_at + REGISTER_SECONDS:
            self._telling = {}
        try:
            sent = self._clock()
            register.write(seen, let_go, self._telling)
            with self._lock:
                reader.registration.written(sent, self._clock())
                self._acknowledged = let_go
            for name in register.tidy():
                self._log.info("vanished_reader_removed", reader=name)
            self._failing.discard("not_registered")
        except Exception as error:
            self._tell_failing("not_registered", error)
            if error_code(error) == DENIED:
                # Its role is older than it. A switch sees that it runs and is not registered.
                with self._lock:
                    reader.registration.waive()
                return True
        return not had_place

    def _tell_failing(self, event: str, error: Exception) -> None:
        if event not in self._failing:
            self._log.warning(event, error=describe(error))
        self._failing.add(event)

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
