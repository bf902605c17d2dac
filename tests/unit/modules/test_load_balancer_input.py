# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Elastic Load Balancing and Global Accelerator refuse is told before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.elbv2.exceptions import ELBClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.accelerator import MODULE as ACCELERATOR
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.accelerator import checks as accelerator
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.load_balancer import MODULE as LOAD_BALANCER
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.load_balancer.checks import problems
from localcloud.elbv2.rules import check_matcher
from tests.support.modules import checked


def balancer_with(matcher: str, *, kind: str = "application", version: str | None = None) -> list[str]:
    """What is said of a balancer with one target group."""
    group: dict[str, Any] = {"name": "api", "port": 80, "health_check": {"path": "/", "matcher": matcher}}
    if version:
        group["protocol_version"] = version
    return problems(
        checked(
            LOAD_BALANCER,
            workload="shop",
            name="shop",
            type=kind,
            subnets=["subnet-1", "subnet-2"],
            security_groups=["sg-1"],
            vpc_id="vpc-1",
            target_groups=[group],
        )
    )


GRPC = {"version": "GRPC"}


@pytest.mark.parametrize(
    ("matcher", "given", "right"),
    [
        ("0-99", GRPC, True),
        ("12", GRPC, True),
        ("0,12", GRPC, True),
        ("200", GRPC, False),
        ("0-100", GRPC, False),
        ("200", {}, True),
        ("200-299,404", {}, True),
        ("200-204", {"version": "HTTP2"}, True),
        ("12", {}, False),
        ("500", {}, False),
        ("299-200", {}, False),
        ("200;204", {}, False),
        ("200-599", {"kind": "network"}, True),
    ],
)
def test_codes_of_success_are_those_of_the_protocol(matcher: str, given: dict[str, str], right: bool) -> None:
    found = balancer_with(matcher, **given)
    assert (found == []) is right, found
    version = given.get("version")
    kind = {("GrpcCode" if version == "GRPC" else "HttpCode"): matcher}
    protocol = "TCP" if given.get("kind") else "HTTP"
    if right:
        check_matcher(kind, protocol, version)
    else:
        with pytest.raises(ELBClientError):
            check_matcher(kind, protocol, version)


@pytest.mark.parametrize(("protocol", "right"), [("TCP", False), ("HTTP", True), (None, True)])
def test_a_path_does_not_go_with_tcp(protocol: str | None, right: bool) -> None:
    check = {"path": "/healthcheck", **({"protocol": protocol} if protocol else {})}
    group = {"region": "sa-east-1", "health_check": check, "endpoints": [{"id": "arn:aws:x"}]}
    found = accelerator.problems(
        checked(ACCELERATOR, workload="shop", name="shop", listeners=[{"ports": ["80"]}], endpoint_groups=[group])
    )
    assert (found == []) is right, found
    assert right or "protocol TCP, which knows no paths" in found[0]


Run = Callable[..., dict[str, Any]]
REGION = "sa-east-1"


@pytest.fixture(scope="module")
def elb() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("elbv2", REGION)


@pytest.fixture(scope="module")
def shop(elb: Any) -> dict[str, Any]:
    """A load balancer's parameters. One account serves all tests, each of which leaves it as it was."""
    ec2 = boto3.client("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="shop", Description="shop", VpcId=vpc)["GroupId"]
    return {
        "region": REGION,
        "name": "shop",
        "subnets": subnets,
        "security_groups": [group],
        "vpc_id": vpc,
        "target_groups": [{"name": "api", "port": 80}],
        "listeners": [{"port": 80, "default": {"target_group": "api"}}],
    }


def refused(run_module: Run, **arguments: Any) -> str:
    """Why a plan cannot be made; the same is said without check mode."""
    with pytest.raises(CollectionError) as planned:
        run_module("load_balancer", check_mode=True, **arguments)
    with pytest.raises(CollectionError) as made:
        run_module("load_balancer", **arguments)
    assert str(planned.value) == str(made.value)
    return str(made.value)


def test_a_renamed_balancer_cannot_have_its_target_groups(elb: Any, shop: dict[str, Any], run_module: Run) -> None:
    run_module("load_balancer", **shop)
    told = refused(run_module, **{**shop, "name": "renamed"})
    assert "The target group api in sa-east-1 belongs to the load balancer shop, and renamed cannot forward" in told
    assert [each["LoadBalancerName"] for each in elb.describe_load_balancers()["LoadBalancers"]] == ["shop"]


def test_a_protected_balancer_keeps_its_listeners(elb: Any, shop: dict[str, Any], run_module: Run) -> None:
    arn = run_module("load_balancer", **shop, attributes={"deletion_protection.enabled": True})["arn"]
    assert "is protected from deletion" in refused(run_module, region=REGION, name="shop", state="absent")
    assert len(elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]) == 1
    planned = run_module(
        "load_balancer", check_mode=True, region=REGION, name="shop", state="absent", delete_protected=True
    )
    (balancer,) = [each for each in planned["changes"] if each["kind"] == "elbv2_load_balancer"]
    assert balancer["before"]["attributes"] == {"deletion_protection.enabled": "true"}, "the plan shows what it lifts"
    run_module("load_balancer", region=REGION, name="shop", state="absent", delete_protected=True)
    assert elb.describe_load_balancers()["LoadBalancers"] == []


def test_a_balancer_behind_another_one_is_not_removed_first(elb: Any, shop: dict[str, Any], run_module: Run) -> None:
    arn = run_module("load_balancer", **shop)["arn"]
    front = {
        **{name: shop[name] for name in ("region", "subnets", "vpc_id")},
        "name": "front",
        "type": "network",
        "target_groups": [{"name": "to-shop", "port": 80, "target_type": "alb", "targets": [{"id": arn, "port": 80}]}],
        "listeners": [{"port": 80, "default": {"target_group": "to-shop"}}],
    }
    run_module("load_balancer", **front)
    told = refused(run_module, region=REGION, name="shop", state="absent")
    assert "is a target of the target group to-shop of a Network Load Balancer" in told
    for name in ("front", "shop"):
        run_module("load_balancer", region=REGION, name=name, state="absent")
    assert elb.describe_load_balancers()["LoadBalancers"] == []


def test_a_network_load_balancer_keeps_whether_it_has_security_groups(run_module: Run, shop: dict[str, Any]) -> None:
    nlb = {
        **shop,
        "type": "network",
        "target_groups": [{"name": "tcp", "port": 80, "protocol": "TCP"}],
        "listeners": [{"port": 80, "protocol": "TCP", "default": {"target_group": "tcp"}}],
    }
    without = {**nlb, "name": "shop-without", "security_groups": None}
    for made, wanted, words in (
        (without, shop["security_groups"], "was created without one; AWS lets it have none later"),
        ({**nlb, "name": "shop-with"}, [], "Leave security_groups out to keep them"),
    ):
        run_module("load_balancer", **made)
        assert words in refused(run_module, **{**made, "security_groups": wanted})
        run_module(
            "load_balancer", region=REGION, name=made["name"], state="absent", target_groups=made["target_groups"]
        )
