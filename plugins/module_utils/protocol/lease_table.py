# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease where it lives: the few calls that turn the pure rules of `lease` into items of a DynamoDB table.

Either replica's endpoint will do (an MRSC table answers alike in both); if none answers, nothing is changed. One that
did not answer is asked last from then on: waiting for it at every call would take longer than the lease lasts. The
clients are given, with their own short timeouts; nothing here knows boto3 beyond the shape of its errors.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from . import lease as rules
from .lease import Lease, LeaseHeld, LeaseLost, Run
from .region_map import lease_place
from .wire import from_attributes, to_attribute, to_attributes
from .words import LEASE_HEARTBEAT_SECONDS, ProtocolError

CONFLICT_RETRIES = 5
POLL_SECONDS = 1.0
ROUNDS = 2
"""How often each of several replicas is asked: one is dead and the other's answer is lost. Their clients try once."""

# Answers after which another endpoint may do better; botocore's own retries are already spent by then.
_ILL = (
    "InternalServerError",
    "ServiceUnavailable",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
)


class LeaseUnreachable(ProtocolError):
    """No endpoint of the lease table answered, so nothing may be changed."""


class LeaseTable:
    """The lease of one workload.

    clients: region → low-level DynamoDB client, one for each replica of the table (one for a single-region table).
    clock, sleep: replaced in tests.
    """

    def __init__(
        self,
        table: str,
        clients: Mapping[str, Any],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.table = table
        self.clients = dict(clients)
        self._order = list(self.clients)
        self.place = lease_place(table, self.clients)
        self.clock = clock
        self.sleep = sleep

    def read(self) -> Lease | None:
        """The lease as it is now (strongly consistent); None when there is no item. LeaseUnreachable."""
        answer = self._call(
            "get_item", TableName=self.table, Key={"id": to_attribute(rules.LEASE_ID)}, ConsistentRead=True
        )
        return Lease.from_attributes(answer.get("Item"))

    def acquire(self, run: Run, planned_epoch: int, may_take_over: bool = True) -> Tenure:
        """Take the lease, or watch it for its duration and take it over. LeaseHeld, StalePlan, LeaseUnreachable.

        A holder that beats is found out at its next heartbeat. After a takeover look at `tenure.lease.plan`.
        """
        watch = rules.Watch()
        first: Lease | None = None
        while True:
            sent = self.clock()
            found = self.read()
            verdict = watch.judge(found, sent, self.clock())
            if found is None or verdict == rules.FREE:
                new = rules.take(found, run, planned_epoch)
            elif verdict == rules.EXPIRED:
                new = rules.take_over(found, run)
            else:
                first = first or found
                alive = found.version != first.version
                if alive or found.moved_to is not None or not may_take_over:
                    rules.take(found, run, planned_epoch)  # raises LeaseHeld, which names the holder
                self.sleep(min(POLL_SECONDS, found.duration / 4))
                continue
            if self.swap(found, new):
                return Tenure(self, new, found)

    def swap(self, found: Lease | None, new: Lease) -> bool:
        """Write `new` in the place of exactly `found`; False if that is not there. LeaseHeld, LeaseUnreachable."""
        try:
            self._call("put_item", **rules.swap(self.table, found, new))
        except Exception as error:  # the shape of botocore's errors, see code_of
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            # It may be this very write, applied before its first answer was lost.
            found_now = self.read()
            return found_now is not None and found_now.to_item() == new.to_item()
        return True

    def keep(self, identifier: str, entry: Mapping[str, Any]) -> None:
        """Keep a plain record beside the lease, once: an entry of that identifier stays as it was first written."""
        try:
            self._call(
                "put_item",
                TableName=self.table,
                Item=to_attributes({**entry, "id": identifier}),
                ConditionExpression="attribute_not_exists(#id)",
                ExpressionAttributeNames={"#id": "id"},
            )
        except Exception as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise

    def look_up(self, identifier: str) -> dict[str, Any] | None:
        """A plain entry beside the lease, strongly consistent; None when there is none. LeaseUnreachable."""
        answer = self._call("get_item", TableName=self.table, Key={"id": to_attribute(identifier)}, ConsistentRead=True)
        return from_attributes(answer["Item"]) if answer.get("Item") else None

    def put(self, identifier: str, entry: Mapping[str, Any]) -> None:
        """Write a plain entry beside the lease, in the place of one of that identifier. LeaseUnreachable."""
        self._call("put_item", TableName=self.table, Item=to_attributes({**entry, "id": identifier}))

    def remove(self, identifier: str) -> None:
        """Remove a plain entry beside the lease; one that is gone is no error. LeaseUnreachable."""
        self._call("delete_item", TableName=self.table, Key={"id": to_attribute(identifier)})

    def delete(self, found: Lease) -> None:
        """Remove the lease item, for a workload that is being destroyed. LeaseLost when it is not as found."""
        condition = rules.swap(self.table, found, found)
        del condition["Item"]
        try:
            self._call("delete_item", Key={"id": to_attribute(rules.LEASE_ID)}, **condition)
        except Exception as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            if self.read() is not None:
                raise LeaseLost(f"the lease in {self.place} changed while it was about to be removed") from error

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Call the first endpoint that answers. Doing any of these writes twice is doing it once.

        ReplicatedWriteConflictException (another region writes the item at this moment) is retried a few times.
        """
        for attempt in range(CONFLICT_RETRIES + 1):
            try:
                return self._call_once(operation, arguments)
            except Exception as error:
                if code_of(error) != "ReplicatedWriteConflictException":
                    raise
            self.sleep(random.uniform(0.02, 0.08) * 2**attempt)
        raise LeaseHeld(f"the lease in {self.place} is being written by somebody else again and again; try again later")

    def _call_once(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        failures = {}
        for region in self._order * (ROUNDS if len(self._order) > 1 else 1):
            try:
                return getattr(self.clients[region], operation)(**arguments)
            except Exception as error:
                if not is_ill(error):
                    raise
                failures[region] = f"{region}: {type(error).__name__}: {error}"
                # A new list, since the thread that beats may be copying the old one.
                self._order = [*(each for each in self._order if each != region), region]
        raise LeaseUnreachable(f"no endpoint of the lease {self.place} answers ({'; '.join(failures.values())})")


class Tenure:
    """The lease while this run holds it. Safe to use from several threads.

    lease: the last known version. taken_from: the dead holder's version, when the lease was taken over. A paused
    holder may still set a parameter, dial or weight late: read those back one of its durations after `since`.
    """

    def __init__(self, table: LeaseTable, held: Lease, before: Lease | None = None) -> None:
        self.table = table
        self.taken_from = before if before is not None and before.holder else None
        self.since = table.clock()
        self.run_id = held.holder
        self.generation = held.generation
        self.lease = held
        self._one_at_a_time = threading.RLock()

    def renew(self) -> Lease:
        """Beat; to be called before every step that changes something. LeaseLost: stop."""
        return self._apply(lambda found: rules.renew(found, self.run_id, self.generation))

    def next_epoch(
        self, after: int, states: Mapping[str, str], plan: Mapping[str, Any] | None, owed: Any = ()
    ) -> Lease:
        """Take the epoch after `after` for these states; its map is `lease.map`. LeaseLost, StalePlan."""
        place = self.table.place
        return self._apply(
            lambda found: rules.next_epoch(found, self.run_id, self.generation, after, states, place, plan, owed)
        )

    def record(self, plan: Mapping[str, Any] | None, owed: Mapping[str, Sequence[str]]) -> Lease:
        """Write down progress, or with None and {} that nothing is unfinished. LeaseLost."""
        return self._apply(lambda found: rules.record(found, self.run_id, self.generation, plan, owed))

    def release(self) -> Lease:
        """Let go; what is unfinished stays written down. LeaseLost when somebody else has it already."""
        return self._apply(lambda found: rules.release(found, self.run_id, self.generation))

    def finish(self, owed: Mapping[str, Sequence[str]]) -> Lease:
        """Let go with nothing unfinished. LeaseLost when somebody else has it already."""
        return self._apply(lambda found: rules.finish(found, self.run_id, self.generation, owed))

    @contextmanager
    def beating(
        self, every: float = LEASE_HEARTBEAT_SECONDS, still: Callable[[], bool] = lambda: True
    ) -> Iterator[Tenure]:
        """Renew in the background while the body runs, for as long as `still` says so.

        It starts a thread: never before a fork. A beat that fails is left to the next step's own renewal, which stops
        the run if the lease is lost.
        """
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(every) and still():
                try:
                    self.renew()
                except LeaseLost:
                    return
                except Exception:
                    continue

        thread = threading.Thread(target=beat, name="lease-heartbeat", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join()

    def _apply(self, change: Callable[[Lease], Lease]) -> Lease:
        with self._one_at_a_time:
            while True:
                new = change(self.lease)
                if self.table.swap(self.lease, new):
                    self.lease = new
                    return new
                # Another process of this run may have beaten in between; anybody else's lease ends in LeaseLost.
                self.lease = self.table.read() or replace(Lease(), generation=self.generation)


def code_of(error: BaseException) -> str:
    """The service's error code, from the shape that botocore's ClientError has; empty for other errors."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, Mapping) else ""


def is_ill(error: BaseException) -> bool:
    """Whether the endpoint, not the request, is the trouble."""
    if code_of(error):
        return code_of(error) in _ILL
    return isinstance(error, OSError) or type(error).__module__.startswith(("botocore", "urllib3"))
