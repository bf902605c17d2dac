# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services: bringing each to its desired count and revision, deployment by deployment.

How many tasks a round starts and stops is decided in rollout.py; which ones, and what is told about it, here. All of it
runs in the scheduler's thread, under the lock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.ecs.exceptions import EcsClientException

from localcloud.ecs.fargate_quota import REACHED
from localcloud.ecs.role_rules import check_roles
from localcloud.runner import health, service_deployments
from localcloud.runner.backend import EcsBackend, balancers_of, deploy, promote, tell
from localcloud.runner.lifecycle import Course, HookFailed
from localcloud.runner.options import RunnerOptions
from localcloud.runner.rollout import Census, bounds, breaker_threshold, plan, restart_delay
from localcloud.runner.shifting import (
    PRODUCTION,
    TEST,
    WHOLE,
    alarm_of,
    shifts,
    take_side,
    weigh,
)
from localcloud.runner.target_groups import groups_of
from localcloud.runner.task import Task

WAITING = ("PROVISIONING", "PENDING", "ACTIVATING")


@dataclass
class Rollout:
    """What is remembered of a deployment beyond what is told of it."""

    failures_in_a_row: int = 0
    retry_at: float = 0.0
    given_up: bool = False
    is_rollback: bool = False
    is_steady: bool = False
    trouble: str = ""
    """The last trouble told, so that it is told once."""
    placed: int = 0
    course: Course | None = None
    """Through the stages of its lifecycle; none where it shifts no traffic and has no hooks."""
    heeds_alarms: bool | None = None
    """Alarms that are on already when a deployment starts are not heeded: it may be what is to end them."""


def tend(backend: EcsBackend, service: Any, options: RunnerOptions) -> None:
    """One round of one service."""
    if service.status != "INACTIVE" and service.deployments:
        _Round(backend, service, options).run()


class _Round:
    """One service as it is now."""

    def __init__(self, backend: EcsBackend, service: Any, options: RunnerOptions) -> None:
        self.backend = backend
        self.service = service
        self.options = options
        everything = backend.tasks.get(service.cluster_name, {}).values()
        group = f"service:{service.name}"
        self.tasks = [task for task in everything if isinstance(task, Task) and task.group == group]
        self.primary = service.deployments[0]
        self.state = self._rollout(self.primary)
        self.shifts = shifts(service)
        if self.shifts:
            take_side(service, self.primary["id"])

    def run(self) -> None:
        for task in self.tasks:
            self._judge(task)
        self._count()
        if self.service.status == "DRAINING":
            self._drain()
            return
        try:
            if self.shifts:
                self._shift()
            else:
                self._move()
        except HookFailed:
            self._give_up("ECS deployment", "hook execution failure(s) detected", rollback=True)
            return
        if self._is_complete():
            self._complete()
            return
        self.state.is_steady = False
        if self.primary["rolloutState"] == "IN_PROGRESS":
            self._break_circuit()
        if self.primary["rolloutState"] == "IN_PROGRESS":
            self._heed_alarms()

    def _rollout(self, deployment: Any) -> Rollout:
        return self.service.rollouts.setdefault(deployment["id"], Rollout())

    # Tasks

    def _is_healthy(self, task: Task) -> bool:
        if task.last_status != "RUNNING" or not task.serves:
            return False
        if task.is_checked and task.health_status != "HEALTHY":
            return False
        groups = groups_of(self.service, task.started_by)
        if not groups:
            return task.is_checked or task.age >= self.options.settle
        return all(health.state_of(group, task.address) == "healthy" for group, _port in groups)

    def _judge(self, task: Task) -> None:
        """Stop a task that its load balancer gave up on; count a task that ended by itself as a failure, once."""
        deployment = next((d for d in self.service.deployments if d["id"] == task.started_by), None)
        if task.is_live:
            self._check_containers(task)
            self._check_targets(task)
            if deployment and self._is_healthy(task):
                # The breaker counts failures in a row: a task that runs well ends them.
                self._rollout(deployment).failures_in_a_row = deployment["failedTasks"] = 0
        elif not task.is_judged:
            task.is_judged = True
            if deployment and not task.expected_to_stop:
                self._count_failure(deployment, task)

    def _check_containers(self, task: Task) -> None:
        if task.last_status == "RUNNING" and task.health_status == "UNHEALTHY":
            tell(self.service, f"(task {task.id}) failed container health checks.")
            task.ask_to_stop("Task failed container health checks", "ServiceSchedulerInitiated")

    def _check_targets(self, task: Task) -> None:
        grace = min(self.service.health_check_grace_period_seconds or 0, self.options.grace_period)
        if not task.is_live or task.last_status != "RUNNING" or task.age <= grace:
            return
        for group, port in groups_of(self.service, task.started_by):
            if health.state_of(group, task.address) == "unhealthy":
                why = health.checks_of(group)[task.address].description or "Health checks failed"
                tell(
                    self.service,
                    f"(task {task.id}) (port {port}) is unhealthy in (target-group {group.arn}) due to (reason {why}).",
                )
                task.ask_to_stop(
                    f"Task failed ELB health checks in (target-group {group.arn})", "ServiceSchedulerInitiated"
                )
                return

    def _count_failure(self, deployment: Any, task: Task) -> None:
        state = self._rollout(deployment)
        state.failures_in_a_row += 1
        delay = restart_delay(state.failures_in_a_row, self.options.restart_delay)
        state.retry_at = time.monotonic() + delay
        if deployment["rolloutState"] == "IN_PROGRESS":
            deployment["failedTasks"] = state.failures_in_a_row
        if task.stop_code == "TaskFailedToStart":
            tell(self.service, f"was unable to place a task. Reason: {task.stopped_reason}")
        if delay:
            self._warn(state, "is unable to consistently start tasks successfully. See the stopped tasks' reasons.")

    def _warn(self, state: Rollout, trouble: str) -> None:
        if state.trouble != trouble:
            state.trouble = trouble
            tell(self.service, trouble)

    def _launch(self, number: int) -> None:
        """Start so many tasks. While their roles cannot be assumed none starts; that counts as a failure."""
        definition = self.backend.describe_task_definition(self.primary["taskDefinition"])
        try:
            check_roles(self.backend, definition)
        except EcsClientException as error:
            tell(self.service, f"failed to launch a task with (error {error.message}).")
            self.state.failures_in_a_row += 1
            self.state.retry_at = time.monotonic() + self.options.launch_retry
            if self.primary["rolloutState"] == "IN_PROGRESS":
                self.primary["failedTasks"] = self.state.failures_in_a_row
            return
        possible = int(min(number, self.backend.room_for(definition.cpu, self.service.launch_type, self._provider())))
        if possible < number:
            self._warn(self.state, f"was unable to place a task. Reason: {REACHED}.")
            self.state.retry_at = time.monotonic() + self.options.launch_retry
        if not possible:
            return
        started = [self._start(definition) for _number in range(possible)]
        tell(self.service, f"has started {len(started)} tasks: {_named(started)}")

    def _provider(self) -> str | None:
        strategy = getattr(self.service, "capacity_provider_strategy", None)
        return strategy[0]["capacityProvider"] if strategy else None

    def _start(self, definition: Any) -> Task:
        service = self.service
        self.state.placed += 1
        return self.backend.add_task(
            self.backend._get_cluster(service.cluster_name),
            definition,
            network=self.primary["networkConfiguration"],
            number=self.state.placed,
            group=f"service:{service.name}",
            started_by=self.primary["id"],
            launch_type=service.launch_type,
            capacity_provider_name=self._provider(),
            platform_version=service.platform_version,
            tags=service.tags if service.propagate_tags == "SERVICE" else [],
        )

    def _stop(self, tasks: list[Task], reason: str) -> None:
        if not tasks:
            return
        draining = [task for task in tasks if task.serves and groups_of(self.service, task.started_by)]
        for task in tasks:
            task.ask_to_stop(reason, "ServiceSchedulerInitiated", expected=True)
        if draining:
            tell(self.service, f"has begun draining connections on {len(draining)} tasks.")
        tell(self.service, f"has stopped {len(tasks)} running tasks: {_named(tasks)}")

    # Deployments

    def _count(self) -> None:
        wanted = [task for task in self.tasks if task.desired_status == "RUNNING"]
        for deployment in self.service.deployments:
            own = [task for task in wanted if task.started_by == deployment["id"]]
            deployment["runningCount"], deployment["pendingCount"] = _counts(own)
        self.service.running_count, self.service.pending_count = _counts(wanted)

    def _drain(self) -> None:
        """INACTIVE as soon as every task is STOPPING, as in ECS, although they still run."""
        live = [task for task in self.tasks if task.is_live]
        self._stop(live, "Service is being deleted")
        if not live:
            self.service.status = "INACTIVE"
            self.service.deployments = []

    def _move(self) -> None:
        """Start and stop what this round may."""
        if self.state.given_up:
            return
        desired = self.service.desired_count
        configuration = self.service.deployment_configuration
        floor, ceiling = bounds(desired, configuration["minimumHealthyPercent"], configuration["maximumPercent"])
        live = [task for task in self.tasks if task.is_live]
        new = [task for task in live if task.started_by == self.primary["id"]]
        old = [task for task in live if task.started_by != self.primary["id"]]
        if self.service.deployment_configuration.get("lifecycleHooks"):
            course = self._course()
            course.advance(sum(map(self._is_healthy, new)) >= desired)
            if not course.may_start:
                return
        step = plan(desired, floor, ceiling, self._census(new), self._census(old))
        if step.start and time.monotonic() >= self.state.retry_at:
            self._launch(step.start)
        # Who serves nobody goes first, and of the others the youngest.
        stopping = sorted(new, key=lambda task: (self._is_healthy(task), -task.created_at.timestamp()))[: step.stop_new]
        healthy = [task for task in old if self._is_healthy(task)]
        stopping += [task for task in old if task not in healthy][: step.stop_old_unready]
        stopping += healthy[: step.stop_old_healthy]
        self._stop(stopping, f"Scaling activity initiated by (deployment {self.primary['id']})")
        if step.stuck:
            self._warn(
                self.state,
                "was unable to stop or start tasks during a deployment because of the service deployment "
                "configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
            )

    def _course(self) -> Course:
        state, primary = self.state, self.primary["id"]
        former = (self.service.completed_deployment or {}).get("id")
        if state.course is None:
            state.course = Course(self.service, primary, self.options, former)
            if former == primary or state.is_rollback:
                state.course.skip()
        return state.course

    def _shift(self) -> None:
        """Start new tasks beside the old ones, and let the old ones go once all traffic has left them."""
        if self.state.given_up:
            return
        service, state, primary = self.service, self.state, self.primary["id"]
        former = (service.completed_deployment or {}).get("id")
        course = self._course()
        live = [task for task in self.tasks if task.is_live]
        new = [task for task in live if task.started_by == primary]
        missing = service.desired_count - len(new)
        if missing > 0 and time.monotonic() >= state.retry_at and course.may_start:
            self._launch(missing)
        stopping = sorted(new, key=lambda task: (self._is_healthy(task), -task.created_at.timestamp()))
        stopping = stopping[: max(0, -missing)]
        # Of a deployment that was replaced before its end nothing is kept.
        stopping += [task for task in live if task.started_by not in (primary, former)]
        is_up = sum(map(self._is_healthy, new)) >= service.desired_count
        course.advance(is_up)
        if is_up and course.is_over:
            stopping += [task for task in live if task.started_by == former != primary]
        self._stop(stopping, f"Scaling activity initiated by (deployment {primary})")

    def _census(self, tasks: list[Task]) -> Census:
        running = [task for task in tasks if task.last_status == "RUNNING"]
        healthy = sum(map(self._is_healthy, running))
        return Census(starting=len(tasks) - len(running), unhealthy=len(running) - healthy, healthy=healthy)

    def _is_complete(self) -> bool:
        """Whether only tasks of the primary deployment are left, as many as wanted, all healthy."""
        if self.state.course is not None and not self.state.course.is_over:
            return False
        new = [task for task in self.tasks if task.is_live and task.started_by == self.primary["id"]]
        others = [t for t in self.tasks if t.started_by != self.primary["id"] and t.last_status != "STOPPED"]
        return sum(map(self._is_healthy, new)) == len(new) == self.service.desired_count and not others

    def _complete(self) -> None:
        service, primary, state = self.service, self.primary, self.state
        if primary["rolloutState"] != "COMPLETED":
            primary["rolloutState"] = "COMPLETED"
            primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
            primary["updatedAt"] = datetime.now(UTC)
            tell(service, f"(deployment {primary['id']}) deployment completed.")
            service_deployments.complete(service, primary["id"])
        service.deployments = [primary]
        service.completed_deployment = dict(primary)
        service.rollouts = {primary["id"]: state}
        state.trouble = ""
        if not state.is_steady:
            state.is_steady = True
            tell(service, "has reached a steady state.")

    def _break_circuit(self) -> None:
        """Give a deployment up after too many failures in a row, and bring the last completed one back if told so."""
        service, state = self.service, self.state
        breaker = service.deployment_configuration.get("deploymentCircuitBreaker") or {}
        if not breaker.get("enable") or state.failures_in_a_row < breaker_threshold(service.desired_count):
            return
        self._give_up("ECS deployment circuit breaker", "tasks failed to start", bool(breaker.get("rollback")))

    def _heed_alarms(self) -> None:
        """Give a deployment up when one of its CloudWatch alarms goes off."""
        name = alarm_of(self.service)
        if self.state.heeds_alarms is None:
            self.state.heeds_alarms = not name
        if name and self.state.heeds_alarms:
            told = self.service.deployment_configuration["alarms"]
            self._give_up("ECS deployment alarm", f"alarm detected: {name}", bool(told.get("rollback")))

    def _give_up(self, who: str, why: str, rollback: bool) -> None:
        service, primary, state = self.service, self.primary, self.state
        primary["rolloutState"] = "FAILED"
        primary["rolloutStateReason"] = f"{who}: {why}."
        primary["updatedAt"] = datetime.now(UTC)
        state.given_up = True
        tell(service, f"(deployment {primary['id']}) deployment failed: {why}.")
        former = service.completed_deployment
        # A rollback that fails is not rolled back: it would go round for ever.
        rolls_back = rollback and former is not None and not state.is_rollback
        service_deployments.fail(service, primary["id"], f"{who}: {why}.", rolls_back)
        if not rolls_back:
            return
        if state.course is not None:
            state.course.turn_back()
        tell(service, f"rolling back to deployment {former['id']}.")
        self._roll_back(former, f"{who}: rolling back to deploymentId {former['id']}.")

    def _roll_back(self, former: dict[str, Any], reason: str) -> None:
        """Let the last completed deployment be the PRIMARY one again, with those of its tasks that still run.

        Only if it is gone already does ECS deploy its revision anew.
        """
        service, failed = self.service, self.primary
        still_there = next((each for each in service.deployments if each["id"] == former["id"]), None)
        if still_there is None:
            network, revision = former["networkConfiguration"], former["taskDefinition"]
            service.load_balancers = balancers_of(service, former["id"])
            deploy(service, network=network, revision=revision, reason=reason)
        else:
            promote(service, still_there, reason)
        failed["desiredCount"] = 0
        if self.shifts:
            take_side(service, service.deployments[0]["id"])
            for rule in (PRODUCTION, TEST):
                weigh(service, service.deployments[0]["id"], WHOLE, rule=rule)
        service.rollouts[service.deployments[0]["id"]] = Rollout(is_rollback=True)


def _counts(tasks: list[Task]) -> tuple[int, int]:
    """(running, pending)"""
    statuses = [task.last_status for task in tasks]
    return statuses.count("RUNNING"), sum(statuses.count(status) for status in WAITING)


def _named(tasks: list[Task]) -> str:
    return " ".join(f"(task {task.id})" for task in tasks) + "."
