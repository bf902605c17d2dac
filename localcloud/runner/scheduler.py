# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ECS scheduler: takes tasks from state to state, and asks every service in turn what it needs.

One thread does all of it, in rounds. Each round looks at what is, under the lock; starts processes, without it; and
notes what came of that. What a service needs is decided in services.py.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from moto.ecs.models import ecs_backends

from localcloud.lock import LOCK
from localcloud.runner import target_groups
from localcloud.runner.backend import EcsBackend
from localcloud.runner.services import tend
from localcloud.runner.start_problems import start_problem
from localcloud.runner.surroundings import Surroundings
from localcloud.runner.task import Task
from localcloud.world import WORLD

log = logging.getLogger("localcloud.runner")


class Scheduler:
    """The thread that runs tasks and services of every region."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.options = around.options
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(5)
        with LOCK:
            for task in all_tasks():
                task.kill()

    def _run(self) -> None:
        while not self._stopping.wait(self.options.tick):
            try:
                self.round()
            except Exception:
                # A round that fails must not end the world: the next one starts from what is.
                log.exception("a round of the scheduler failed")

    def round(self) -> None:
        """One look at everything."""
        with LOCK:
            tasks = [task for task in all_tasks() if task.last_status != "STOPPED"]
        for task in tasks:
            if task.is_live:
                task.look()
        with LOCK:
            lose_tasks()
            for task in tasks:
                self._look_for_exits(task)
            for backend in backends():
                if WORLD.faults.is_dead(backend.region_name):
                    continue
                for service in list(backend.services.values()):
                    tend(backend, service, self.options)
                self._forget(backend)
            for task in tasks:
                self._advance_stop(task)
            launches = self._choose_starts()
        for task in [*launches, *(task for task in tasks if task not in launches)]:
            if task.is_waiting:
                self._launch(task)

    def _look_for_exits(self, task: Task) -> None:
        if any(container.essential for container in task.exited()):
            task.ask_to_stop("Essential container in task exited", "EssentialContainerExited")

    def _advance_stop(self, task: Task) -> None:
        """Let a task that is to stop leave its target groups first, and then take it one step further."""
        if task.desired_status != "STOPPED":
            return
        if not task.is_leaving:
            delay = target_groups.deregister(task)
            # A task that served nobody has nothing to drain.
            task.leave(delay if task.serves else 0)
        task.advance_stop(self.around)

    def _choose_starts(self) -> list[Task]:
        """Place the next tasks, as many as may start at a time. The lock is held."""
        tasks = all_tasks()
        free = self.options.concurrent_starts - sum(task.is_starting for task in tasks)
        chosen = []
        for task in tasks:
            if free <= 0:
                break
            if task.last_status != "PROVISIONING" or task.desired_status != "RUNNING":
                continue
            free -= 1
            try:
                task.place(self.around)
                task.prepare(self.around)
                chosen.append(task)
            except Exception as error:
                self._could_not_start(task, error)
        return chosen

    def _launch(self, task: Task) -> None:
        try:
            if not task.launch(self.around):
                return  # some containers wait for others
        except Exception as error:
            with LOCK:
                self._could_not_start(task, error)
            return
        with LOCK:
            task.started(self.around)
            target_groups.register(task)

    def _could_not_start(self, task: Task, error: Exception) -> None:
        task.ask_to_stop(*start_problem(error))
        task.kill()

    def _forget(self, backend: EcsBackend) -> None:
        """Stopped tasks stay visible for a while, and no longer than their cluster."""
        now = datetime.now(UTC)
        for name, tasks in backend.tasks.items():
            cluster = backend.clusters.get(name)
            gone = cluster is None or cluster.status != "ACTIVE"
            for arn, task in list(tasks.items()):
                if isinstance(task, Task) and task.stopped_at:
                    old = (now - task.stopped_at).total_seconds() > self.options.stopped_retention
                    if old or gone:
                        del tasks[arn]


def backends() -> list[EcsBackend]:
    """The ECS backend of every region that anything was asked of."""
    return [
        backend
        for account in list(ecs_backends.values())
        for backend in list(account.values())
        if isinstance(backend, EcsBackend)
    ]


def all_tasks() -> list[Task]:
    """The tasks of every region."""
    return [task for backend in backends() for task in backend.all_tasks()]


def lose_tasks() -> None:
    """End the tasks of dead regions as a power cut does: no warning, no drain, and no failure of their deployments.

    The lock is held. Also once per round: a task may have been on its way to start when its region died.
    """
    for task in all_tasks():
        if WORLD.faults.is_dead(task.region_name) and task.last_status != "STOPPED":
            task.ask_to_stop("The host of the task lost power", "TerminationNotice", expected=True)
            task.kill()
