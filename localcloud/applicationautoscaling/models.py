# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scalable targets of one region: moto's, with policies and alarms that do not outlive what they are for."""

from __future__ import annotations

from typing import Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import (
    ApplicationAutoscalingBackend as MotoBackend,
)
from moto.applicationautoscaling.models import (
    FakeApplicationAutoscalingPolicy,
    applicationautoscaling_backends,
)
from moto.core.exceptions import JsonRESTError

from localcloud import service_linked_roles


class ObjectNotFound(JsonRESTError):
    def __init__(self, what: str, namespace: str, resource_id: str, dimension: str, more: str = "") -> None:
        super().__init__(
            "ObjectNotFoundException",
            f"{what} for service namespace: {namespace}, resource ID: {resource_id}, scalable dimension: {dimension}"
            f"{more}",
        )


class ApplicationAutoscalingBackend(MotoBackend):
    """Scalable targets and policies."""

    def register_scalable_target(self, namespace: str, *arguments: Any, **given: Any) -> Any:
        role = service_linked_roles.SCALING_OF_ECS
        if namespace == "ecs" and not service_linked_roles.is_assumable(self.account_id, self.region_name, role):
            raise AWSValidationException(
                f"Unable to assume IAM role: arn:aws:iam::{self.account_id}:role/aws-service-role/{role}/"
                "AWSServiceRoleForApplicationAutoScaling_ECSService"
            )
        return super().register_scalable_target(namespace, *arguments, **given)

    def put_scaling_policy(
        self,
        policy_name: str,
        service_namespace: str,
        resource_id: str,
        scalable_dimension: str,
        policy_body: dict[str, Any],
        policy_type: str | None,
    ) -> FakeApplicationAutoscalingPolicy:
        self._check_target(service_namespace, resource_id, scalable_dimension)
        key = FakeApplicationAutoscalingPolicy.formulate_key(
            service_namespace, resource_id, scalable_dimension, policy_name
        )
        former = self.policies.get(key)
        policy = super().put_scaling_policy(
            policy_name, service_namespace, resource_id, scalable_dimension, policy_body, policy_type
        )
        if former is not None:
            # The policy stays the same one; moto makes a second, and a second set of alarms.
            former.delete_alarms(self.account_id, self.region_name)
            policy.policy_arn, policy.creation_time = former.policy_arn, former.creation_time
        return policy

    def put_scheduled_action(self, **given: Any) -> None:  # type: ignore[override]
        self._check_target(given["service_namespace"], given["resource_id"], given["scalable_dimension"])
        super().put_scheduled_action(**given)

    def delete_scaling_policy(
        self, policy_name: str, service_namespace: str, resource_id: str, scalable_dimension: str
    ) -> None:
        which = (service_namespace, resource_id, scalable_dimension)
        try:
            super().delete_scaling_policy(policy_name, *which)
        except AWSValidationException:
            raise ObjectNotFound("No scaling policy found", *which, f", policy name: {policy_name}") from None

    def delete_scheduled_action(
        self, service_namespace: str, scheduled_action_name: str, resource_id: str, scalable_dimension: str
    ) -> None:
        which = (service_namespace, resource_id, scalable_dimension)
        before = len(self.scheduled_actions)
        super().delete_scheduled_action(service_namespace, scheduled_action_name, resource_id, scalable_dimension)
        if len(self.scheduled_actions) == before:
            raise ObjectNotFound("No scheduled action found", *which, f", scheduled action: {scheduled_action_name}")

    def _check_target(self, namespace: str, resource_id: str, dimension: str) -> None:
        if not self._scalable_target_exists(resource_id, dimension):
            raise ObjectNotFound("No scalable target registered", namespace, resource_id, dimension)

    def deregister_scalable_target(self, namespace: str, r_id: str, dimension: str) -> None:
        try:
            super().deregister_scalable_target(namespace, r_id, dimension)
        except AWSValidationException:
            raise ObjectNotFound("No scalable target found", namespace, r_id, dimension) from None
        self.scheduled_actions = [
            action
            for action in self.scheduled_actions
            if (action.resource_id, action.scalable_dimension) != (r_id, dimension)
        ]
        for key, policy in list(self.policies.items()):
            if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
                policy.delete_alarms(self.account_id, self.region_name)
                del self.policies[key]

    def copy_to(self, other: ApplicationAutoscalingBackend, resources: list[str], dimension_suffix: str) -> None:
        """Give another region the targets and policies of these resources, where it has none of its own."""
        for dimension, targets in self.targets.items():
            for target in list(targets.values()):
                known = target.resource_id in other.targets.get(dimension, {})
                if known or target.resource_id not in resources or not dimension.endswith(dimension_suffix):
                    continue
                other.register_scalable_target(
                    target.service_namespace,
                    target.resource_id,
                    dimension,
                    target.min_capacity,
                    target.max_capacity,
                    target.role_arn,
                    target.suspended_state,
                )
                for policy in self.policies.values():
                    if (policy.resource_id, policy.scalable_dimension) == (target.resource_id, dimension):
                        other.put_scaling_policy(
                            policy.policy_name,
                            policy.service_namespace,
                            policy.resource_id,
                            dimension,
                            policy._policy_body,
                            policy.policy_type,
                        )


applicationautoscaling_backends.backend = ApplicationAutoscalingBackend
