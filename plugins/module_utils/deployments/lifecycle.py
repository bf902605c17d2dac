# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lifecycle stages of a deployment that shifts traffic or has hooks, told as they come; and which hook failed.

`DescribeServiceDeployments` tells them. A service that is rolled without hooks is not asked about.
"""

from __future__ import annotations

import contextlib
from typing import Any

from ..kernel import Cloud
from ..kernel.cloud import ClientError

WAITS = "AWAITING_ACTION"
FAILED = ("FAILED", "TIMED_OUT")


class Stages:
    """Looks at the deployment of a service again and again."""

    def __init__(self, cloud: Cloud, region: str, name: str) -> None:
        self._cloud, self._region, self._name = cloud, region, name
        self._arn = ""
        self._told: set[str] = set()
        self._stage = ""

    def tell(self, service: dict[str, Any]) -> None:
        """Tell what is new, if an answer of `DescribeServices` is of a service that has stages."""
        configuration = service.get("deploymentConfiguration") or {}
        if configuration.get("strategy", "ROLLING") == "ROLLING" and not configuration.get("lifecycleHooks"):
            return
        self._arn = service.get("currentServiceDeployment") or self._arn
        found = self._describe()
        stage = found.get("lifecycleStage", "")
        if stage and stage != self._stage and found.get("status") == "IN_PROGRESS":
            self._stage = stage
            self._cloud.tell(f"  {self._name} in {self._region}: lifecycle stage {stage}")
        for hook in found.get("lifecycleHookDetails") or []:
            if hook.get("status") == WAITS and hook["hookId"] not in self._told:
                self._told.add(hook["hookId"])
                self._cloud.tell(f"  {self._name} in {self._region} {self._pause(hook)}")

    def _describe(self) -> dict[str, Any]:
        if not self._arn:
            return {}
        with contextlib.suppress(ClientError):  # whoever may not ask for it waits all the same
            client = self._cloud.client("ecs", self._region)
            answer = client.describe_service_deployments(serviceDeploymentArns=[self._arn])
            return next(iter(answer["serviceDeployments"]), {})
        return {}

    def _pause(self, hook: dict[str, Any]) -> str:
        """What leads out of a pause, and what happens without."""
        by = f" by {hook['expiresAt']:%Y-%m-%dT%H:%M:%S%z}" if hook.get("expiresAt") else ""
        return (
            f"is paused at {self._stage}; go on with: aws ecs continue-service-deployment --region {self._region} "
            f"--service-deployment-arn {self._arn} --hook-id {hook['hookId']} --action CONTINUE. ROLLBACK goes back. "
            f"If nobody does either{by}, ECS does {hook.get('timeoutAction', 'ROLLBACK')}"
        )

    def failed(self) -> str:
        """Which hooks failed, in words; empty if none did."""
        found = self._describe()
        hooks = [each for each in found.get("lifecycleHookDetails") or [] if each.get("status") in FAILED]
        told = [f"hook {_target(each)} {str(each['status']).lower().replace('_', ' ')}" for each in hooks]
        return f"{' and '.join(told)} at {found.get('lifecycleStage', 'an unknown stage')}" if told else ""


def _target(hook: dict[str, Any]) -> str:
    """The name of a hook's function, or what it does."""
    return (hook.get("targetArn") or hook.get("targetType") or "").rpartition(":")[2]
