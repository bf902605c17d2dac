# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a deployment through its lifecycle stages, with the hooks of each.

"Amazon ECS blue/green service deployments workflow" names the stages: no task starts before PRE_SCALE_UP is over, test
traffic moves before production traffic does, and this step by step. A hook that fails, or is told to, ends the course.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from localcloud.runner.backend import tell
from localcloud.runner.functions import FunctionTable
from localcloud.runner.hooks import ROLLBACK, Execution
from localcloud.runner.options import RunnerOptions
from localcloud.runner.service_deployments import record_of, revision_arn
from localcloud.runner.shifting import TEST, WHOLE, shifts, steps_of, weigh

WEIGHTED = {
    "TEST_TRAFFIC_SHIFT": "testTrafficWeights",
    "PRE_PRODUCTION_TRAFFIC_SHIFT": "productionTrafficWeights",
    "PRODUCTION_TRAFFIC_SHIFT": "productionTrafficWeights",
}
"""Stages whose hooks are told the weights, which are those of the traffic that moves."""


class HookFailed(Exception):
    """A hook has failed, so the deployment does."""


class Course:
    """One deployment's way. may_start: whether its tasks may start.  is_up: whether all of them are healthy."""

    def __init__(self, service: Any, deployment: str, options: RunnerOptions, former: str | None) -> None:
        self.service, self.deployment, self.former, self._options = service, deployment, former, options
        self.hooks: list[dict[str, Any]] = service.deployment_configuration.get("lifecycleHooks") or []
        self.may_start = self.is_over = self.is_up = False
        self._percent = 0.0
        self._steps = self._shift() if shifts(service) else self._roll()

    def skip(self) -> None:
        """There is nothing to go through: it has been deployed already, or is what ECS went back to."""
        self.may_start = self.is_over = True

    def advance(self, is_up: bool) -> None:
        """As far as it goes now. HookFailed: not further."""
        self.is_up = is_up
        if not self.is_over:
            self.is_over = next(self._steps, "over") == "over"

    def _roll(self) -> Iterator[None]:
        yield from self._scale_up()

    def _shift(self) -> Iterator[None]:
        yield from self._scale_up()
        weigh(self.service, self.deployment, WHOLE, rule=TEST)
        self._percent = WHOLE
        yield from self._stage("TEST_TRAFFIC_SHIFT")
        yield from self._stage("POST_TEST_TRAFFIC_SHIFT")
        self._percent = 0.0
        # The first deployment has nobody to take traffic from, and to give it back to.
        for percent, minutes in steps_of(self.service.deployment_configuration) if self.former else [(WHOLE, 0)]:
            yield from self._stage("PRE_PRODUCTION_TRAFFIC_SHIFT")
            weigh(self.service, self.deployment, percent)
            self._percent = percent
            tell(self.service, f"has shifted {percent:g}% of production traffic to (deployment {self.deployment}).")
            yield from self._stage("PRODUCTION_TRAFFIC_SHIFT")
            if percent == WHOLE:
                yield from self._stage("POST_PRODUCTION_TRAFFIC_SHIFT")
                self._enter("BAKE_TIME")
            end = time.monotonic() + minutes * self._options.bake_minute
            while time.monotonic() < end:
                yield
        self._enter("CLEAN_UP")

    def _scale_up(self) -> Iterator[None]:
        if len(self.service.deployments) > 2:
            yield from self._stage("RECONCILE_SERVICE")
        yield from self._stage("PRE_SCALE_UP")
        self._enter("SCALE_UP")
        self.may_start = True
        while not self.is_up:
            yield
        yield from self._stage("POST_SCALE_UP")

    def _enter(self, stage: str) -> None:
        if record := record_of(self.service, self.deployment):
            record.stage, record.hooks = stage, []

    def _stage(self, stage: str) -> Iterator[None]:
        """A stage with hooks: all of them run side by side, and have to succeed."""
        self._enter(stage)
        executions = self._executions(stage)
        if record := record_of(self.service, self.deployment):
            record.hooks = executions
        functions = self._functions() if executions else None
        while functions is not None:
            for each in executions:
                each.look(functions)
            if any(each.outcome == ROLLBACK for each in executions):
                raise HookFailed
            if all(each.outcome for each in executions):
                return
            yield

    def _executions(self, stage: str) -> list[Execution]:
        weights: dict[str, dict[str, float]] = {"testTrafficWeights": {}, "productionTrafficWeights": {}}
        target = revision_arn(self.service, self.deployment)
        if stage in WEIGHTED:
            weights[WEIGHTED[stage]] = {target: self._percent}
            if self.former:
                weights[WEIGHTED[stage]][revision_arn(self.service, self.former)] = WHOLE - self._percent
        record = record_of(self.service, self.deployment)
        event = {
            "lifecycleStage": stage,
            "resourceArn": record.arn if record else "",
            "executionDetails": {
                "serviceArn": self.service.arn,
                "targetServiceRevisionArn": target,
                **weights,
            },
        }
        mine = [each for each in self.hooks if stage in each["lifecycleStages"]]
        return [Execution(each, event, self.service._account_id, self._options.bake_minute) for each in mine]

    def _functions(self) -> FunctionTable:
        return FunctionTable(self._options.function_tables, self._options.endpoint)

    def turn_back(self) -> None:
        """Traffic goes back. Hooks of the stages in which it moves are told; what they say changes nothing."""
        self._percent = 0.0
        for stage in ("PRODUCTION_TRAFFIC_SHIFT", "TEST_TRAFFIC_SHIFT"):
            for each in self._executions(stage):
                each.invoke(self._functions())
