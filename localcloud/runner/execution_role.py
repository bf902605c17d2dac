# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS does before a task runs, it does as the task's execution role: pulling, logging, fetching secrets.

A task without one goes by its host's permissions, which are not judged here; Fargate, which has none to lend, demands a
role when a definition that needs it is registered.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from dataclasses import dataclass

from moto.utilities.utils import get_partition

from localcloud.policies import identity_may, role_of
from localcloud.runner.digests import EcrName

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")

PULLING = "ResourceInitializationError: unable to pull secrets or registry auth: "
RETRIEVING = f"{PULLING}execution resource retrieval failed: "
LOGGING = (
    "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
    "failed to create Cloudwatch log stream: "
)


class NotAuthorized(Exception):
    """The execution role may not do what ECS needs to do as it; worded as ECS words it."""


@dataclass(frozen=True)
class ExecutionRole:
    """The execution role of one task: its ARN, None if the task has none."""

    account: str
    region: str
    arn: str | None
    task_id: str

    def refusal(self, action: str, resource: str) -> str:
        """Why the role may not do `action` on `resource`, in IAM's words; "" if it may."""
        if identity_may(role_of(self.account, self.arn), action, resource):
            return ""
        return refusal(self.account, self.arn, self.task_id, action, resource)

    def demand_pull(self, image: str, ecr: EcrName) -> None:
        """The role may pull an image of ECR.

        Raises:
            NotAuthorized: it may not.
        """
        if self.arn is None:
            return
        refused = self.refusal("ecr:GetAuthorizationToken", "*")
        if refused:
            raise NotAuthorized(
                f"{RETRIEVING}unable to retrieve ecr registry auth: service call has been retried 1 time(s): {refused}"
            )
        self.demand(image, ecr, *PULL)

    def demand(self, image: str, ecr: EcrName, *actions: str) -> None:
        """The role may do `actions` on the repository of an image, without which the image cannot be pulled.

        Raises:
            NotAuthorized: it may not.
        """
        if self.arn is None:
            return
        repository = f"arn:{get_partition(ecr.region)}:ecr:{ecr.region}:{ecr.account}:repository/{ecr.repository}"
        for refused in filter(None, (self.refusal(action, repository) for action in actions)):
            raise NotAuthorized(
                f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
                f"{image}: unexpected status from HEAD request: 403 Forbidden: {refused}"
            )

    def demand_stream(self, region: str, group: str, stream: str, *, make_group: bool) -> None:
        """The role may make a log stream, and its group where that is asked for, and write to it.

        Raises:
            NotAuthorized: it may not.
        """
        if self.arn is None:
            return
        arn = f"arn:{get_partition(region)}:logs:{region}:{self.account}:log-group:{group}:log-stream:"
        actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        for action in ["logs:CreateLogGroup", *actions] if make_group else actions:
            refused = self.refusal(action, arn if action == "logs:CreateLogGroup" else arn + stream)
            if refused:
                raise NotAuthorized(f"{LOGGING}{refused}")


def refusal(account: str, role: str | None, session: str, action: str, resource: str) -> str:
    """What IAM says to a session of a role that may not do `action` on `resource`."""
    name, partition = (role or "none").rpartition("/")[2], (role or "arn:aws").split(":")[1]
    return (
        f"AccessDeniedException: User: arn:{partition}:sts::{account}:assumed-role/{name}/{session} is not authorized "
        f"to perform: {action} on resource: {resource} because no identity-based policy allows the {action} action"
    )
