# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the module `ecs_taskdef_revision` of an embedded cloud, as a task would, and looks at what became of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from localcloud import Cloud
from tests.support.modules import checked, module_named

REGION = "sa-east-1"
WORKLOAD = "revisions"


class Revisions:
    """The revisions of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def ask(self, module: str = "ecs_taskdef_revision", *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
        """What a task with this module returns, its differences with it."""
        declared = module_named(module)
        environment = self.cloud.env()
        connection = {
            "endpoint_url": environment["AWS_ENDPOINT_URL"],
            "access_key": environment["AWS_ACCESS_KEY_ID"],
            "secret_key": environment["AWS_SECRET_ACCESS_KEY"],
            "region": REGION,
            "workload": WORKLOAD,
        }
        parameters = checked(declared, **connection, **given)
        return run(declared, parameters, check_mode=check_mode, diff_mode=True)

    def client(self, service: str) -> Any:
        return self.cloud.client(service, REGION)

    def families(self) -> list[str]:
        return self.client("ecs").list_task_definition_families(status="ACTIVE")["families"]

    def numbers(self, family: str, status: str = "ACTIVE") -> list[int]:
        """The revisions of a family, oldest first."""
        arns = self.client("ecs").list_task_definitions(familyPrefix=family, status=status)["taskDefinitionArns"]
        return [int(arn.rpartition(":")[2]) for arn in arns]

    def described(self, name: str) -> dict[str, Any]:
        return self.client("ecs").describe_task_definition(taskDefinition=name)["taskDefinition"]
