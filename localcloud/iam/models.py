# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM of an account: moto's, with service-linked roles that there are once."""

from __future__ import annotations

from moto.iam.exceptions import InvalidInput
from moto.iam.models import IAMBackend as MotoBackend
from moto.iam.models import Role, iam_backends

NAMES = {
    "ecs.amazonaws.com": "AWSServiceRoleForECS",
    "ecs.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_ECSService",
    "dynamodb.application-autoscaling.amazonaws.com": "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable",
    "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
    "globalaccelerator.amazonaws.com": "AWSServiceRoleForGlobalAccelerator",
}
"""The names that moto does not make of those of the services."""


class IAMBackend(MotoBackend):
    """Users, roles and policies of one account."""

    def create_service_linked_role(self, service_name: str, description: str, suffix: str) -> Role:
        taken = next((role for role in self.roles.values() if role.path == f"/aws-service-role/{service_name}/"), None)
        if taken is not None and not suffix:
            raise InvalidInput(
                f"Service role name {taken.name} has been taken in this account, please try a different suffix."
            )
        role = super().create_service_linked_role(service_name, description, suffix)
        role.name = NAMES.get(service_name, role.name)
        return role


iam_backends.backend = IAMBackend
