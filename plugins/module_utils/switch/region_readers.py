# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may still act on the old epoch in one region: its register, and the tasks of which ECS says that they run.

The register is read through the region's own endpoint, strongly consistent, after the hold was written there: whoever
may act on the epoch before is in it, or is a task that runs and does not register. `protocol.registration` says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..kernel import error_code
from ..kernel.cloud import ONCE
from ..protocol import ProtocolError, RegisteredReader, readers_of
from ..protocol.service_errors import is_ill, is_throttled
from .control import SwitchControl
from .lost_regions import ask_twice

TASKS_AT_ONCE = 100
"""How many tasks DescribeTasks takes."""

LOOK_AGAIN_SECONDS = 0.5
"""How often ECS is asked again for the tasks that are still waited for."""

BEATS = 2
"""So many writings after an item was first seen, it tells of something that its task did after that."""

ACKNOWLEDGED, STOPPED, LEFT = "acknowledged", "STOPPED", "left the register"

SERVICE = "service:"
"""Groups of tasks begin with it that a service runs."""

GONE = ("ClusterNotFoundException", "ResourceNotFoundException")


class RegionReaders:
    """The readers of one region, since its hold was written; asked with `look`.

    waited_for: who may still act, and why: names of readers, ids of tasks.  let_go: who may not any more, and how.
    told:       table → ids of the items that they wrote last.
    unreadable: why the region is not asked any more, "" while it is. Nothing but the time lets its readers go then.
    """

    def __init__(self, control: SwitchControl, region: str, epoch: int) -> None:
        """epoch: the hold's; a reader that has acknowledged it or a later one acts on none before."""
        self.control, self.region, self.epoch = control, region, epoch
        self.unreadable = ""
        self.waited_for: dict[str, str] = {"?": "not read yet"}
        self.let_go: dict[str, str] = {}
        self.told: dict[str, set[str]] = {}
        self.silent: set[str] = set()
        self._longest = 0.0
        self._seen: set[str] = set()
        self._first_counter: dict[str, int] = {}
        self._running: set[str] | None = None
        self._stopped: set[str] = set()
        self._looked_at = 0.0
        self._to_describe: set[str] = set()

    def look(self) -> None:
        """Read the register, and ask ECS for the tasks of those whom it leaves open."""
        if self.unreadable:
            return
        try:
            self._look_at_tasks()
            self._judge(ask_twice(self._read))
        except Exception as error:
            if is_throttled(error):
                return
            if not (error_code(error) in GONE or is_ill(error) or isinstance(error, ProtocolError)):
                raise
            self.unreadable = f"{type(error).__name__}: {error}"
            if is_ill(error):  # the grant will not wait for it long either
                self.control.suspects.add(self.region)

    def fence_seconds(self, usual: float) -> float:
        """How long after the hold its readers may still act: the longest that any lives by, or `usual`."""
        return max(usual, self._longest)

    @property
    def has_told(self) -> bool:
        """Whether every reader has told since the first look, which was after the shift, what it wrote last."""
        return bool(self.unreadable) or not self.silent

    def _look_at_tasks(self) -> None:
        """Before the register is read: a task that ran by then, and is not in it, had not registered."""
        now = self.control.table.clock()
        if self._running is None:
            self._running = ask_twice(self._list_running)
        elif self._to_describe and now >= self._looked_at + LOOK_AGAIN_SECONDS:
            self._describe(self._to_describe)
        else:
            return
        self._looked_at = now

    def _list_running(self) -> set[str]:
        """The tasks of services that have not stopped. ECS counts those that are about to stop among the stopped."""
        cloud, found = self.control.cloud, []
        for desired in ("RUNNING", "STOPPED"):
            which = {"cluster": self.control.params["cluster"], "desiredStatus": desired}
            found += cloud.paginate("ecs", "list_tasks", self.region, limits=ONCE, **which)
        return {
            arn for arn, task in self._describe(found).items() if str(task.get("group", "")).startswith(SERVICE)
        } - self._stopped

    def _describe(self, arns: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Ask ECS for these tasks, and remember which of them have stopped. One that it does not know may still run."""
        client, wanted, found = self.control.cloud.client("ecs", self.region, **ONCE), sorted(arns), {}
        for start in range(0, len(wanted), TASKS_AT_ONCE):
            some = wanted[start : start + TASKS_AT_ONCE]
            answer = client.describe_tasks(cluster=self.control.params["cluster"], tasks=some)
            found.update({task["taskArn"]: task for task in answer["tasks"]})
        self._stopped |= {arn for arn, task in found.items() if task.get("lastStatus") == STOPPED}
        return found

    def _read(self) -> dict[str, RegisteredReader]:
        # What is asked again anyway is not waited for long.
        client = self.control.cloud.client("dynamodb", self.region, **ONCE)
        return readers_of(self.control.scan_states(self.region, client), self.region)

    def _judge(self, readers: Mapping[str, RegisteredReader]) -> None:
        waited_for: dict[str, str] = {}
        self.silent.clear()
        self._to_describe.clear()
        for name, reader in readers.items():
            self._longest = max(self._longest, reader.fence_seconds)
            for table, ids in reader.told.items():
                self.told.setdefault(table, set()).update(ids)
            first = self._first_counter.setdefault(name, reader.counter)
            if reader.task and reader.task in self._stopped:
                self.let_go[name] = STOPPED
                continue
            if reader.has_let_go(self.epoch):
                self.let_go.setdefault(name, ACKNOWLEDGED)
            else:
                waited_for[name] = f"has acknowledged epoch {reader.acknowledged} only"
            if reader.counter < first + BEATS:
                self.silent.add(name)
            if reader.task and not reader.has_let_go(self.epoch):
                self._to_describe.add(reader.task)
        for name in self._seen - readers.keys():
            self.let_go.setdefault(name, LEFT)
        self._seen |= readers.keys()
        unregistered = (self._running or set()) - self._stopped - {reader.task for reader in readers.values()}
        for task in unregistered:
            waited_for[task.rpartition("/")[2]] = "runs, and does not register"
        self._to_describe |= unregistered
        self.waited_for = waited_for
