# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role that an AWS service assumes for itself. An account has one for each service, shared by all that use it."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, CollectionError, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError

PATH = "/aws-service-role/"

DENIED = ("AccessDenied", "AccessDeniedException")

TAKEN = "has been taken"
"""How IAM says that there is one; the code, `InvalidInput`, says less."""


class ServiceLinkedRole(Resource):
    """Named by its service, such as `ecs.amazonaws.com`. Gives `arn` and `role`. The region is that of the workload.

    AWS makes one at the first call that needs it, which may fail because the role cannot be assumed yet ("Using
    service-linked roles for Amazon ECS").
    """

    kind = "iam_service_linked_role"
    owned: ClassVar[bool] = False
    shown_late: ClassVar[bool | None] = True

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ServiceLinkedRole], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        names = {resource.name for resource in resources}
        actual = {}
        for role in cloud.paginate("iam", "list_roles", region, PathPrefix=PATH):
            service = role["Path"].removeprefix(PATH).rstrip("/")
            if service in names:
                actual[service] = {"arn": role["Arn"], "role": role["RoleName"]}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("iam", self.region)
        try:
            role = client.create_service_linked_role(AWSServiceName=self.name)["Role"]
        except ClientError as error:
            if error_code(error) == "InvalidInput" and TAKEN in str(error):
                return self.found_again(cloud)
            if error_code(error) in DENIED:
                raise CollectionError(
                    f"these credentials may not make it ({error})",
                    advice=f"somebody who may makes it once for the account: aws iam create-service-linked-role "
                    f"--aws-service-name {self.name}. If that is left to AWS, leave it out here "
                    "(preflight_service_linked_roles: false): it is made at the first call that needs it, if the "
                    "caller of that may",
                ) from error
            raise
        return {"arn": role["Arn"], "role": role["RoleName"]}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        """Remove it, which IAM does in its own time, and refuses while the service has something that uses it.

        Raises:
            CollectionError: it is used; IAM says by what.
        """
        client = cloud.client("iam", self.region)
        with absent_is_none("NoSuchEntity"):
            task = client.delete_service_linked_role(RoleName=actual["role"])["DeletionTaskId"]
            cloud.wait_until(f"service-linked role {actual['role']} to be removed", lambda: _is_over(client, task))


def _is_over(client: Any, task: str) -> bool:
    answer = client.get_service_linked_role_deletion_status(DeletionTaskId=task)
    if answer["Status"] == "FAILED":
        raise CollectionError(f"IAM keeps it: {answer.get('Reason') or 'it does not say why'}")
    return bool(answer["Status"] == "SUCCEEDED")
