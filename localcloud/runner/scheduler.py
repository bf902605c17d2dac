"""The ECS scheduler: brings services to their desired count and revision, and tasks from state to state.

One thread does all of it, in rounds. Each round looks at what is, under the lock; starts processes, without it; and
notes what came of that. How many tasks to start and stop is decided in rollout.py.
"""

# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from localcloud.lock import LOCK
from localcloud.runner import health
from localcloud.runner.backend import EcsBackend, deploy, tell
from localcloud.runner.rollout import Census, bounds, breaker_threshold, plan, restart_delay
from localcloud.runner.task import Surroundings, Task, start_problem

log = logging.getLogger("localcloud.runner")


@dataclass
class Rollout:
    """What the scheduler remembers of a deployment beyond what it tells."""

    failures_in_a_row: int = 0
    retry_at: float = 0.0
    given_up: bool = False
    placed: int = 0


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
            for backend in backends():
                for task in backend.all_tasks():
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
            tasks = [task for backend in backends() for task in backend.all_tasks() if task.last_status != "STOPPED"]
        for task in tasks:
            if task.is_live:
                task.look_ready()
        with LOCK:
            for task in tasks:
                self._advance(task)
            for backend in backends():
                for service in list(backend.services.values()):
                    self._tend(backend, service)
                self._forget(backend)
            launches = self._choose_starts()
        for task, prepared in launches:
            self._launch(task, prepared)

    # Tasks

    def _advance(self, task: Task) -> None:
        if task.desired_status == "STOPPED":
            task.advance_stop(self.around)
            return
        for container in task.exited():
            if container.essential:
                task.ask_to_stop("Essential container in task exited", "EssentialContainerExited", drain=0)
                self._deregister(task)

    def _choose_starts(self) -> list[tuple[Task, Any]]:
        """Place the next tasks, as many as may start at a time. The lock is held."""
        tasks = [task for backend in backends() for task in backend.all_tasks()]
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
                chosen.append((task, task.prepare(self.around)))
            except Exception as error:
                self._could_not_start(task, error)
        return chosen

    def _launch(self, task: Task, prepared: Any) -> None:
        try:
            task.launch(self.around, prepared)
        except Exception as error:
            with LOCK:
                self._could_not_start(task, error)
            return
        with LOCK:
            task.started(self.around)
            self._register(task)

    def _could_not_start(self, task: Task, error: Exception) -> None:
        reason, code = start_problem(error)
        task.ask_to_stop(reason, code, drain=0)
        task.kill()
        if task.last_status == "PROVISIONING":
            task.last_status = "PENDING"
        task.advance_stop(self.around)

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

    # Target groups

    def _targets(self, backend: EcsBackend, service: Any, task: Task) -> list[tuple[Any, int]]:
        """(target group, port) for each load balancer of the service."""
        groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
        wanted = [(groups.get(lb.get("targetGroupArn")), lb["containerPort"]) for lb in service.load_balancers or []]
        return [(group, port) for group, port in wanted if group is not None]

    def _service_of(self, task: Task) -> tuple[EcsBackend, Any] | None:
        if not task.group.startswith("service:"):
            return None
        backend: Any = ecs_backends[task._account][task.region_name]
        service = backend.services.get(f"{task.cluster_name}:{task.group.removeprefix('service:')}")
        return (backend, service) if service is not None else None

    def _register(self, task: Task) -> None:
        found = self._service_of(task)
        if found is None or not task.is_live:
            return
        for group, port in self._targets(*found, task):
            group.register([{"Id": task.address, "Port": port}])
            tell(found[1], f"registered 1 targets in (target-group {group.arn})")

    def _deregister(self, task: Task) -> float:
        """Take a task out of its target groups; returns the seconds that takes to be known everywhere."""
        found = self._service_of(task)
        delay = 0.0
        if found is None:
            return delay
        for group, _port in self._targets(*found, task):
            if task.address in group.targets:
                group.deregister([{"Id": task.address}])
                tell(found[1], f"deregistered 1 targets in (target-group {group.arn})")
                delay = max(delay, health.delay_of(group))
        return delay

    def _stop(self, service: Any, task: Task, reason: str, code: str = "ServiceSchedulerInitiated") -> None:
        task._expected_to_stop = code == "ServiceSchedulerInitiated"
        delay = self._deregister(task)
        # A task that served nobody has nothing to drain.
        task.ask_to_stop(reason, code, drain=delay if task.serves else 0)

    # Services

    def _tend(self, backend: EcsBackend, service: Any) -> None:
        """One round of one service."""
        if service.status == "INACTIVE" or not service.deployments:
            return
        tasks = [t for t in backend.tasks.get(service.cluster_name, {}).values() if isinstance(t, Task)]
        tasks = [t for t in tasks if t.group == f"service:{service.name}"]
        primary = service.deployments[0]
        for task in tasks:
            self._judge(backend, service, task)
        self._count(service, tasks)
        if service.status == "DRAINING":
            self._drain(service, tasks)
            return
        new = [t for t in tasks if t.started_by == primary["id"] and t.is_live]
        old = [t for t in tasks if t.started_by != primary["id"] and t.is_live]
        self._move(backend, service, primary, new, old)
        if self._is_complete(backend, service, tasks, new):
            self._complete(service, primary)
        elif primary["rolloutState"] == "IN_PROGRESS":
            self._break_circuit(service, primary)

    def _drain(self, service: Any, tasks: list[Task]) -> None:
        for task in tasks:
            if task.is_live:
                self._stop(service, task, "Service is being deleted")
        if all(task.last_status == "STOPPED" for task in tasks):
            service.status = "INACTIVE"
            service.deployments = []

    def _move(self, backend: EcsBackend, service: Any, primary: Any, new: list[Task], old: list[Task]) -> None:
        configuration = service.deployment_configuration
        desired = service.desired_count
        floor, ceiling = bounds(desired, configuration["minimumHealthyPercent"], configuration["maximumPercent"])
        state = self._rollout(service, primary)
        if state.given_up:
            return
        step = plan(desired, floor, ceiling, self._census(backend, service, new), self._census(backend, service, old))
        now = time.monotonic()
        if step.start and now >= state.retry_at:
            started = [self._start(backend, service, primary, state) for _number in range(step.start)]
            named = " ".join(f"(task {task.id})." for task in started)
            tell(service, f"has started {len(started)} tasks: {named}")
        reason = f"Scaling activity initiated by (deployment {primary['id']})"
        healthy = [task for task in old if self._is_healthy(backend, service, task)]
        stopping = [task for task in old if task not in healthy][: step.stop_old_unready]
        stopping += healthy[: step.stop_old_healthy]
        stopping += sorted(new, key=lambda task: task.created_at)[len(new) - step.stop_new :] if step.stop_new else []
        for task in stopping:
            self._stop(service, task, reason)
        if stopping:
            named = " ".join(f"(task {task.id})." for task in stopping)
            tell(service, f"has stopped {len(stopping)} running tasks: {named}")

    def _start(self, backend: EcsBackend, service: Any, primary: Any, state: Rollout) -> Task:
        strategy = getattr(service, "capacity_provider_strategy", None)
        state.placed += 1
        return backend.add_task(
            backend._get_cluster(service.cluster_name),
            backend.describe_task_definition(primary["taskDefinition"]),
            network=primary["networkConfiguration"],
            number=state.placed,
            group=f"service:{service.name}",
            started_by=primary["id"],
            launch_type=service.launch_type,
            capacity_provider_name=strategy[0]["capacityProvider"] if strategy else None,
            platform_version=service.platform_version,
            tags=service.tags if service.propagate_tags == "SERVICE" else [],
        )

    def _census(self, backend: EcsBackend, service: Any, tasks: list[Task]) -> Census:
        running = [task for task in tasks if task.last_status == "RUNNING"]
        healthy = sum(self._is_healthy(backend, service, task) for task in running)
        return Census(starting=len(tasks) - len(running), unhealthy=len(running) - healthy, healthy=healthy)

    def _is_healthy(self, backend: EcsBackend, service: Any, task: Task) -> bool:
        if task.last_status != "RUNNING" or not task.serves:
            return False
        targets = self._targets(backend, service, task)
        if not targets:
            return task.age >= self.options.settle
        return all(health.state_of(group, task.address) == "healthy" for group, _port in targets)

    def _judge(self, backend: EcsBackend, service: Any, task: Task) -> None:
        """Stop a task that its load balancer gave up on; count a task that ended by itself as a failure, once."""
        if task.is_live and task.last_status == "RUNNING":
            grace = min(service.health_check_grace_period_seconds or 0, self.options.grace_period)
            for group, _port in self._targets(backend, service, task):
                if health.state_of(group, task.address) == "unhealthy" and task.age > grace:
                    tell(
                        service,
                        f"(port {_port}) is unhealthy in (target-group {group.arn}) due to (reason Health "
                        "checks failed).",
                    )
                    self._stop(
                        service,
                        task,
                        f"Task failed ELB health checks in (target-group {group.arn})",
                        "ServiceSchedulerInitiated",
                    )
                    task._expected_to_stop = False
                    break
        if task.desired_status != "STOPPED" or task._judged:
            if task.is_live and self._is_healthy(backend, service, task):
                deployment = next((d for d in service.deployments if d["id"] == task.started_by), None)
                if deployment:
                    self._rollout(service, deployment).failures_in_a_row = 0
            return
        task._judged = True
        deployment = next((d for d in service.deployments if d["id"] == task.started_by), None)
        if task._expected_to_stop or deployment is None:
            return
        state = self._rollout(service, deployment)
        state.failures_in_a_row += 1
        state.retry_at = time.monotonic() + restart_delay(state.failures_in_a_row, self.options.restart_delay)
        if deployment["rolloutState"] == "IN_PROGRESS":
            deployment["failedTasks"] += 1
        tell(service, f"(task {task.id}) stopped: {task.stopped_reason}")

    def _count(self, service: Any, tasks: list[Task]) -> None:
        waiting = ("PROVISIONING", "PENDING", "ACTIVATING")
        for deployment in service.deployments:
            own = [task for task in tasks if task.started_by == deployment["id"] and task.desired_status == "RUNNING"]
            deployment["runningCount"] = sum(task.last_status == "RUNNING" for task in own)
            deployment["pendingCount"] = sum(task.last_status in waiting for task in own)
        live = [task for task in tasks if task.desired_status == "RUNNING"]
        service.running_count = sum(task.last_status == "RUNNING" for task in live)
        service.pending_count = sum(task.last_status in waiting for task in live)

    def _is_complete(self, backend: EcsBackend, service: Any, tasks: list[Task], new: list[Task]) -> bool:
        """Whether only tasks of the primary deployment are left, as many as wanted, all healthy."""
        healthy = sum(self._is_healthy(backend, service, task) for task in new)
        primary = service.deployments[0]["id"]
        others = [task for task in tasks if task.started_by != primary and task.last_status != "STOPPED"]
        return healthy == len(new) == service.desired_count and not others

    def _complete(self, service: Any, primary: Any) -> None:
        if primary["rolloutState"] == "COMPLETED" and len(service.deployments) == 1:
            return
        if primary["rolloutState"] != "COMPLETED":
            primary["rolloutState"] = "COMPLETED"
            primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
            primary["updatedAt"] = datetime.now(UTC)
            tell(service, f"(deployment {primary['id']}) deployment completed.")
        service.deployments = [primary]
        service.completed_deployment = dict(primary)
        service.rollouts = {primary["id"]: self._rollout(service, primary)}
        tell(service, "has reached a steady state.")

    def _break_circuit(self, service: Any, primary: Any) -> None:
        """Give a deployment up after too many failures in a row, and bring the last completed one back if told so."""
        breaker = service.deployment_configuration.get("deploymentCircuitBreaker") or {}
        state = self._rollout(service, primary)
        if not breaker.get("enable") or state.failures_in_a_row < breaker_threshold(service.desired_count):
            return
        primary["rolloutState"] = "FAILED"
        primary["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
        primary["updatedAt"] = datetime.now(UTC)
        state.given_up = True
        tell(service, f"(deployment {primary['id']}) deployment failed: tasks failed to start.")
        former = service.completed_deployment
        if breaker.get("rollback") and former:
            tell(service, f"rolling back to (deployment {former['id']}).")
            deploy(
                service,
                network=former["networkConfiguration"],
                revision=former["taskDefinition"],
                reason=f"ECS deployment circuit breaker: rolling back to deploymentId {former['id']}.",
            )

    def _rollout(self, service: Any, deployment: Any) -> Rollout:
        return service.rollouts.setdefault(deployment["id"], Rollout())


def backends() -> list[EcsBackend]:
    """The ECS backend of every region that anything was asked of."""
    return [
        backend
        for account in list(ecs_backends.values())
        for backend in list(account.values())
        if isinstance(backend, EcsBackend)
    ]
