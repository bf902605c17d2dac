# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of an embedded cloud that the modules deploy."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from localcloud import Cloud
from tests.support.modules import checked, module_named

IMAGE = "example/sales-api:latest"
ENVIRONMENT = {
    "AWS_REGION": "sa-east-1",
    "SNS_SALES_PROCESSING_TOPIC": "arn:aws:sns:sa-east-1:123456789012:shop",
    "SSM_PARAMETER_STORE_STATE": "/shop/state",
    "DYNAMO_SALES_TABLE": "shop",
}

LOGS = {
    "log_driver": "awslogs",
    "options": {"awslogs-group": "/ecs/shop", "awslogs-region": "sa-east-1", "awslogs-stream-prefix": "ecs"},
}


class Shop:
    """A cluster with what a service needs, in a cloud of its own."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        networks = self.ask(
            "region_network",
            cidr="10.81.0.0/16",
            zones=["a", "b"],
            nat="none",
            gateway_endpoints=[],
            security_groups=[{"name": "shop", "ingress": [{"port": 8080, "cidrs": ["10.81.0.0/16"]}]}],
        )
        self.network = {
            "subnets": networks["subnets"]["private"],
            "security_groups": [networks["security_groups"]["shop"]],
        }
        self.ask("ecs_cluster", name="shop")
        self.ask("log_groups", names=["/ecs/shop"])
        roles = self.ask("service_roles", roles=[{"name": "shop-execution", "kind": "execution"}])
        self.role = roles["roles"]["shop-execution"]["arn"]

    def ask(self, module: str, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
        """What a task with this module returns."""
        declared = module_named(module)
        environment = self._cloud.env()
        connection = {
            "endpoint_url": environment["AWS_ENDPOINT_URL"],
            "access_key": environment["AWS_ACCESS_KEY_ID"],
            "secret_key": environment["AWS_SECRET_ACCESS_KEY"],
            "region": "sa-east-1",
            "workload": "shop",
        }
        said = {name: value for name, value in {**connection, **given}.items() if value is not None}
        return run(declared, checked(declared, **said), check_mode=check_mode)

    def define(self, image: str = IMAGE, task_role: str | None = None, **environment: str) -> str:
        return self.ask(
            "ecs_taskdef_revision",
            family="shop",
            cpu="256",
            memory="512",
            execution_role_arn=self.role,
            task_role_arn=task_role,
            containers=[
                {
                    "name": "api",
                    "image": image,
                    "port_mappings": [8080],
                    "environment": {**ENVIRONMENT, **environment},
                    "log_configuration": LOGS,
                }
            ],
        )["task_definition_arn"]

    def deploy(self, task_definition: str, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
        wanted = {"desired_count": 1, "launch_type": "FARGATE", "network": self.network, "wait_timeout": 60, **given}
        return self.ask(
            "ecs_service", check_mode=check_mode, cluster="shop", name="api", task_definition=task_definition, **wanted
        )

    def status(self) -> dict[str, Any]:
        told = self.ask("workload_status_info", services=[{"cluster": "shop", "name": "api"}])
        return told["services"]["api"]
