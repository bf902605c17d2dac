# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules deploy real tasks on the embedded cloud: good revisions, bad ones, and what a failure tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import ChangeFailed
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from localcloud import Cloud
from tests.modules import checked, module_named

IMAGE = "fidelissauro/sales-rest-api:latest"
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

    def define(self, image: str = IMAGE, **environment: str) -> str:
        return self.ask(
            "ecs_taskdef_revision",
            family="shop",
            cpu="256",
            memory="512",
            execution_role_arn=self.role,
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


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Cloud(home=tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as cloud:
        yield Shop(cloud)


@pytest.fixture
def good(shop: Shop) -> str:
    """The service runs a revision that works."""
    arn = shop.define()
    shop.deploy(arn)
    return arn


def test_a_service_runs_and_asking_again_changes_nothing(shop: Shop, good: str) -> None:
    again = shop.deploy(good)
    assert not again["changed"]
    assert again["aws_calls"] <= 2
    told = shop.status()
    assert (told["running"], told["revision"], told["images"]) == (1, good.rsplit("/", 1)[-1], [IMAGE])
    assert [d["rollout_state"] for d in told["deployments"]] == ["COMPLETED"]


@pytest.mark.parametrize(
    ("spoil", "reasons"),
    [
        (lambda shop: shop.define("nobody/nothing:1"), ["CannotPullContainerError", "nobody/nothing:1"]),
        (lambda shop: shop.define(VIEW_TTL_SECONDS="nonsense"), ["exited with 2", "VIEW_TTL_SECONDS"]),
    ],
    ids=["unknown image", "crash at start"],
)
def test_a_bad_revision_fails_with_its_reasons_and_the_old_one_serves(
    shop: Shop, good: str, spoil: Callable[[Shop], str], reasons: list[str]
) -> None:
    bad = spoil(shop)
    with pytest.raises(ChangeFailed) as failure:
        shop.deploy(bad)
    for reason in reasons:
        assert reason in failure.value.message
    assert f"went back to {good.rsplit('/', 1)[-1]}" in failure.value.message
    assert failure.value.details["stopped_tasks"]
    plan = shop.deploy(bad, check_mode=True)
    assert plan["changes"][0]["after"]["task_definition"] == bad
    shop.deploy(good)
    assert shop.status()["revision"] == good.rsplit("/", 1)[-1]


def test_a_forced_deployment_replaces_the_task(shop: Shop, good: str) -> None:
    before = shop.deploy(good)["deployment_id"]
    forced = shop.deploy(good, force_new_deployment=True)
    assert forced["changed"]
    assert forced["deployment_id"] != before
    assert shop.status()["running"] == 1


def test_scaling_leaves_the_count_alone_between_its_limits(shop: Shop, good: str) -> None:
    scaling = {"min": 1, "max": 3, "cpu": 60}
    shop.deploy(good, scaling=scaling)
    shop.deploy(good, desired_count=2)
    assert shop.status()["running"] == 2
    plan = shop.deploy(good, desired_count=1, scaling=scaling, check_mode=True)
    assert {change["kind"] for change in plan["changes"]} == {"scalable_target", "scaling_policy"}


def test_removing_ends_with_nothing(shop: Shop, good: str) -> None:
    removed = shop.ask("ecs_service", cluster="shop", name="api", state="absent", wait_timeout=60)
    assert removed["changed"]
    assert shop.status()["status"] == "MISSING"
    assert not shop.ask("ecs_service", cluster="shop", name="api", state="absent")["changed"]
