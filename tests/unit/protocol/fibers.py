# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs blocking code of the collection in simulated time, one step at a time, and lets it die or stand still anywhere.

The code of a switch blocks in calls and sleeps, so each run has a thread of its own. Exactly one thread runs at any
moment: a fiber goes on only while `step` waits for it, and stops again at its next call or sleep. The same seed gives
the same story.
"""

from __future__ import annotations

import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any

import pytest

from tests.unit.protocol.world import World

COLLECTION = "ansible_collections.multiregion.ecs.plugins.module_utils."
TASKS = ("sales_api.", "sales_common.", "sales_worker.")
"""How the names of the modules begin that run in tasks of the workload."""

_here = threading.local()


class Killed(BaseException):
    """What `kill -9` does: nothing after this call has an effect, and no handler of errors is to take it for one."""


class Fiber:
    """A thread that runs only inside `step`. `wake` is when its present sleep ends."""

    def __init__(self, world: World, body: Callable[[], None]) -> None:
        self.world = world
        self.wake = self.paused_until = 0.0
        self.killed = self.ended = False
        self.beats: tuple[Any, float, float] | None = None  # tenure, seconds between beats, time of the next
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._body = body
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Let it go on to its next call or sleep, unless it sleeps, stands still or has ended."""
        if not self.ended and self.world.now >= max(self.wake, self.paused_until):
            self._go.release()
            self._stopped.acquire()

    def kill(self) -> None:
        self.killed = True
        while not self.ended:
            self._go.release()
            self._stopped.acquire()
        self._thread.join()

    def stop(self) -> None:
        """To be called by the fiber itself, where time, others or death may come in."""
        if not self.killed:
            self._stopped.release()
            self._go.acquire()
        if self.killed:
            raise Killed

    def sleep(self, seconds: float) -> None:
        """Sleep in simulated time. A run that beats does so meanwhile, unless it is about to write the lease."""
        end = self.world.now + seconds
        while True:
            next_beat = self.beats[2] if self.beats else end
            self.wake = min(end, max(next_beat, self.world.now))
            self.stop()
            if self.beats and self.world.now >= self.beats[2]:
                self._beat()
            if self.world.now >= end:
                return

    def _beat(self) -> None:
        tenure, every, _due = self.beats
        self.beats = None
        if not tenure._one_at_a_time._is_owned():
            try:
                tenure.renew()
            except Exception as error:
                if type(error).__name__ == "LeaseLost":
                    return  # as the real thread does
        self.beats = (tenure, every, self.world.now + every)

    def _run(self) -> None:
        self._go.acquire()
        _here.fiber = self
        try:
            if not self.killed:
                self._body()
        except Killed:
            pass
        finally:
            self.ended = True
            self._stopped.release()


def current() -> Fiber | None:
    return getattr(_here, "fiber", None)


class TaskTime:
    """Stands in for the module `time` in tasks: the newest world's. Nothing that a task does takes any."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    @staticmethod
    def monotonic() -> float:
        return World.newest.now

    @staticmethod
    def time() -> float:
        return World.newest.wall

    @staticmethod
    def sleep(seconds: float) -> None:
        pass


class SimulatedTime(TaskTime):
    """Stands in for it in the collection: a fiber lives by an operator's clock, which may be wrong, and sleeps."""

    @staticmethod
    def time() -> float:
        return World.newest.wall + (World.newest.clock_off if current() else 0.0)

    @staticmethod
    def sleep(seconds: float) -> None:
        if fiber := current():
            fiber.sleep(seconds)


class SimulatedDatetime(datetime):
    """Stands in for `datetime`, as the above does for `time`."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a plain one, as everybody expects
        return datetime.fromtimestamp(SimulatedTime.time(), tz)


class SimulatedUuid:
    """Stands in for the module `uuid`: what is drawn comes out of the newest world."""

    def __getattr__(self, name: str) -> Any:
        return getattr(uuid, name)

    @staticmethod
    def uuid4() -> uuid.UUID:
        return uuid.UUID(int=World.newest.random.getrandbits(128), version=4)


class SimulatedRandom:
    """Stands in for the module `random`."""

    def __getattr__(self, name: str) -> Any:
        return getattr(World.newest.random, name)


class OneAfterTheOther:
    """Stands in for a pool of threads: side by side means here in any order, for instance this one."""

    def __init__(self, max_workers: int = 1) -> None:
        pass

    def __enter__(self) -> OneAfterTheOther:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def submit(self, do: Callable[..., Any], *arguments: Any, **others: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(do(*arguments, **others))
        except BaseException as error:
            future.set_exception(error)
        return future

    @staticmethod
    def map(do: Callable[..., Any], *arguments: Any) -> Iterator[Any]:
        return map(do, *arguments)


@contextmanager
def _beating(tenure: Any, every: float = 3.0, **_still: Any) -> Iterator[Any]:
    """Stands in for the thread that beats: the fiber itself does, whenever it sleeps."""
    fiber = current()
    fiber.beats = (tenure, every, fiber.world.now + every)
    try:
        yield tenure
    finally:
        fiber.beats = None


@contextmanager
def simulated_time(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the collection and the tasks on a world's time, and their threads into it; what they draw is the world's."""
    for name, module in list(sys.modules.items()):
        if name.startswith(COLLECTION):
            _simulate(module, SimulatedTime(), patch)
        elif name.startswith(TASKS):
            _simulate(module, TaskTime(), patch)
    from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Tenure

    patch.setattr(Tenure, "beating", _beating)
    yield


def _simulate(module: Any, simulated: TaskTime, patch: pytest.MonkeyPatch) -> None:
    for known, stands_in in (
        (time, simulated),
        (datetime, SimulatedDatetime),
        (uuid, SimulatedUuid()),
        (random, SimulatedRandom()),
    ):
        if vars(module).get(known.__name__) is known:
            patch.setattr(module, known.__name__, stands_in)
    if "ThreadPoolExecutor" in vars(module):
        patch.setattr(module, "ThreadPoolExecutor", OneAfterTheOther)
    instead = {time.monotonic: simulated.monotonic, time.time: simulated.time, time.sleep: simulated.sleep}
    for function in _functions(module):
        if any(_among(value, instead) for value in function.__defaults__ or ()):
            defaults = tuple(instead[v] if _among(v, instead) else v for v in function.__defaults__)
            patch.setattr(function, "__defaults__", defaults)
        named = function.__kwdefaults__ or {}
        if any(_among(value, instead) for value in named.values()):
            by_name = {name: instead[v] if _among(v, instead) else v for name, v in named.items()}
            patch.setattr(function, "__kwdefaults__", by_name)


def _functions(module: Any) -> Iterator[Any]:
    for value in vars(module).values():
        if getattr(value, "__module__", None) == module.__name__:
            members = vars(value).values() if isinstance(value, type) else [value]
            yield from (member for member in members if hasattr(member, "__defaults__"))


def _among(value: object, known: dict[Any, Any]) -> bool:
    return callable(value) and any(value is each for each in known)
