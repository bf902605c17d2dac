# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service module's parameters and what becomes of them, against ECS in memory."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.build import build
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.service import Service
from tests.support.fake_ecs import FakeEcs
from tests.support.modules import checked

ONE = "arn:aws:ecs:sa-east-1:123456789012:task-definition/api:1"
TWO = "arn:aws:ecs:sa-east-1:123456789012:task-definition/api:2"
GROUP = "arn:aws:elasticloadbalancing:sa-east-1:123456789012:targetgroup/api/0123456789abcdef"
BALANCER = "arn:aws:elasticloadbalancing:sa-east-1:123456789012:loadbalancer/app/sales/fedcba9876543210"
BEHIND = [{"target_group_arn": GROUP, "container_name": "api", "container_port": 8080}]


def asked(**given: Any) -> dict[str, Any]:
    """The module's parameters as Ansible hands them over."""
    arguments = {
        "workload": "sales",
        "cluster": "sales",
        "name": "api",
        "task_definition": ONE,
        "launch_type": "FARGATE",
        "network": {"subnets": ["subnet-b", "subnet-a"], "security_groups": ["sg-1"]},
        **given,
    }
    given_only = {name: value for name, value in arguments.items() if value is not None}
    return checked(MODULE, region="sa-east-1", **given_only)


def service_of(cloud: FakeEcs, **given: Any) -> Service:
    return build(asked(**given), cloud).resources[0]  # type: ignore[arg-type,return-value]


def actual(cloud: FakeEcs, service: Service) -> dict[str, Any] | None:
    return Service.find(cloud, "sa-east-1", [service], {}).get(service.name)  # type: ignore[arg-type]


def make(cloud: FakeEcs, **given: Any) -> dict[str, Any]:
    service = service_of(cloud, **given)
    return service.create(cloud, service.wanted)  # type: ignore[arg-type]


def differences(cloud: FakeEcs, **given: Any) -> dict[str, Any]:
    service = service_of(cloud, **given)
    return service.differences(actual(cloud, service) or {}, service.wanted)


def update(cloud: FakeEcs, **given: Any) -> dict[str, Any]:
    service = service_of(cloud, **given)
    before = actual(cloud, service)
    assert before is not None
    found = service.differences(before, service.wanted)
    assert found, "nothing to update"
    return service.update(cloud, before, service.wanted, found)  # type: ignore[arg-type]


class Late(FakeEcs):
    """DescribeServices tells once more what it told before the last UpdateService."""

    before: dict[str, Any] | None = None

    def update_service(self, **request: Any) -> dict[str, Any]:
        before = copy.deepcopy(self.services[request["service"]])
        answer = super().update_service(**request)
        self.before = before
        return answer

    def describe_services(self, cluster: str, services: list[str], include: Any = ()) -> dict[str, Any]:
        told, self.before = self.before, None
        return {"services": [told]} if told else super().describe_services(cluster, services, include)


REGISTRY = "arn:aws:servicediscovery:sa-east-1:123456789012:service/srv-1"
SHIFT = {
    "alternate_target_group_arn": BEHIND[0]["target_group_arn"].replace("/api/", "/green/"),
    "production_listener_rule": "arn:aws:elasticloadbalancing:sa-east-1:123456789012:listener-rule/app/sales/1/2/3",
    "role_arn": "arn:aws:iam::123456789012:role/ecs-load-balancers",
}


FUNCTION = "arn:aws:lambda:sa-east-1:123456789012:function:smoke"
SHIFTED = [{**BEHIND[0], "shift": SHIFT}]


CASES: dict[str, dict[str, Any]] = {
    "rolling": {},
    "recreate": {"strategy": "recreate"},
    "blue_green": {"strategy": "blue_green", "load_balancers": SHIFTED, "deployment": {"bake_minutes": 9}},
    "canary": {
        "strategy": "canary",
        "load_balancers": SHIFTED,
        "deployment": {"canary": {"percent": 10}},
        "wait_timeout": 900,
    },
    "linear": {
        "strategy": "linear",
        "load_balancers": SHIFTED,
        "deployment": {"linear": {"step_percent": 25}},
        "wait_timeout": 1800,
    },
    "hooks": {
        "strategy": "blue_green",
        "load_balancers": SHIFTED,
        "deployment": {
            "lifecycle_hooks": [
                {"target_type": "PAUSE", "lifecycle_stages": ["POST_SCALE_UP"], "timeout_action": "CONTINUE"},
                {
                    "hook_target_arn": FUNCTION,
                    "role_arn": SHIFT["role_arn"],
                    "lifecycle_stages": ["PRODUCTION_TRAFFIC_SHIFT", "PRE_SCALE_UP"],
                    "hook_details": {"shop": "web"},
                    "timeout_minutes": 5,
                },
            ]
        },
    },
    "registries": {"service_registries": [{"registry_arn": REGISTRY, "container_name": "api", "container_port": 8080}]},
    "connect": {
        "service_connect": {
            "namespace": "shop",
            "services": [{"port_name": "http", "client_aliases": [{"port": 80, "dns_name": "api"}]}],
        }
    },
    "no connect": {"service_connect": {"enabled": False}},
    "providers": {
        "launch_type": None,
        "capacity_provider_strategy": [
            {"capacity_provider": "FARGATE", "base": 1},
            {"capacity_provider": "FARGATE_SPOT", "weight": 4},
        ],
    },
}
