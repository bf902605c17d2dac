# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of the stages of a deployment while it is waited for."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.lifecycle import Stages

ARN = "arn:aws:ecs:us-east-1:123456789012:service-deployment/web/web/abc"
SERVICE = {"deploymentConfiguration": {"strategy": "CANARY"}, "currentServiceDeployment": ARN}


class Told:
    """A cloud whose DescribeServiceDeployments tells `now`."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.now: dict[str, Any] = {}
        self.calls = 0

    def tell(self, line: str) -> None:
        self.lines.append(line)

    def client(self, service: str, region: str) -> Any:
        return SimpleNamespace(describe_service_deployments=self._describe)

    def _describe(self, serviceDeploymentArns: list[str]) -> dict[str, Any]:
        self.calls += 1
        if self.now.get("denied"):
            raise ClientError(
                {"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeServiceDeployments"
            )
        return {"serviceDeployments": [self.now]}


@pytest.fixture
def cloud() -> Told:
    return Told()


def test_each_stage_is_told_once(cloud: Told) -> None:
    stages = Stages(cloud, "us-east-1", "web")  # type: ignore[arg-type]
    for stage in ("PRE_SCALE_UP", "PRE_SCALE_UP", "SCALE_UP"):
        cloud.now = {"status": "IN_PROGRESS", "lifecycleStage": stage}
        stages.tell(SERVICE)
    assert cloud.lines == [f"  web in us-east-1: lifecycle stage {stage}" for stage in ("PRE_SCALE_UP", "SCALE_UP")]


def test_a_pause_is_told_with_what_ends_it(cloud: Told) -> None:
    stages = Stages(cloud, "us-east-1", "web")  # type: ignore[arg-type]
    hook = {
        "hookId": "ecs-pause-1",
        "targetType": "PAUSE",
        "status": "AWAITING_ACTION",
        "expiresAt": datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC),
        "timeoutAction": "ROLLBACK",
    }
    cloud.now = {"status": "IN_PROGRESS", "lifecycleStage": "POST_SCALE_UP", "lifecycleHookDetails": [hook]}
    stages.tell(SERVICE)
    stages.tell(SERVICE)
    assert len(cloud.lines) == 2
    for words in (
        "paused at POST_SCALE_UP",
        f"aws ecs continue-service-deployment --region us-east-1 --service-deployment-arn {ARN} --hook-id ecs-pause-1",
        "If nobody does either by 2026-11-29T12:00:00+0000, ECS does ROLLBACK",
    ):
        assert words in cloud.lines[1]


def test_a_service_without_stages_is_not_asked_about(cloud: Told) -> None:
    stages = Stages(cloud, "us-east-1", "web")  # type: ignore[arg-type]
    for configuration in ({}, {"strategy": "ROLLING", "lifecycleHooks": []}):
        stages.tell({**SERVICE, "deploymentConfiguration": configuration})
    assert stages.failed() == "" and cloud.calls == 0


def test_who_may_not_ask_waits_all_the_same(cloud: Told) -> None:
    stages = Stages(cloud, "us-east-1", "web")  # type: ignore[arg-type]
    cloud.now = {"denied": True}
    stages.tell(SERVICE)
    assert cloud.lines == [] and stages.failed() == ""


def test_the_hooks_that_failed_are_named(cloud: Told) -> None:
    stages = Stages(cloud, "us-east-1", "web")  # type: ignore[arg-type]
    cloud.now = {
        "status": "ROLLBACK_IN_PROGRESS",
        "lifecycleStage": "PRE_SCALE_UP",
        "lifecycleHookDetails": [
            {"targetArn": "arn:aws:lambda:us-east-1:123456789012:function:smoke", "status": "FAILED"},
            {"targetType": "PAUSE", "status": "TIMED_OUT"},
            {"targetType": "PAUSE", "status": "SUCCEEDED"},
        ],
    }
    stages.tell(SERVICE)
    assert cloud.lines == [] and stages.failed() == "hook smoke failed and hook PAUSE timed out at PRE_SCALE_UP"
