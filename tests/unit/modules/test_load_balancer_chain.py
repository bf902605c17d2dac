# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Network Load Balancer in front of an internal Application Load Balancer that answers over HTTPS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

import localcloud.acm.models
import localcloud.elbv2.models
import localcloud.route53.models  # noqa: F401 - their rules take the place of moto's
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY, CollectionError
from tests.support.modules import run_named, told

Run = Callable[..., dict[str, Any]]
Item = dict[str, Any]
REGION = "sa-east-1"


@pytest.fixture(scope="module")
def elb() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("elbv2", REGION)


@pytest.fixture(scope="module")
def place(elb: Any) -> Item:
    """Where load balancers stand: region, subnets, VPC, and the security group and certificate of those behind."""
    ec2 = boto3.client("ec2", REGION)
    boto3.client("route53").create_hosted_zone(Name="example.com", CallerReference="test")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="shop", Description="shop", VpcId=vpc)["GroupId"]
    certificate = run_named("certificate", region=REGION, domain="shop.example.com")["certificates"][REGION]
    return {"region": REGION, "subnets": subnets, "vpc_id": vpc, "group": group, "certificate": certificate}


def behind(place: Item, **changes: Any) -> Item:
    return {
        **{name: place[name] for name in ("region", "subnets", "vpc_id")},
        "name": "shop",
        "scheme": "internal",
        "security_groups": [place["group"]],
        "target_groups": [{"name": "api", "port": 8080}],
        "listeners": [
            {"port": 80, "default": {"redirect": {"protocol": "HTTPS", "port": 443}}},
            {
                "port": 443,
                "protocol": "HTTPS",
                "certificate": place["certificate"],
                "default": {"target_group": "api"},
                **changes,
            },
        ],
    }


def in_front(place: Item, **changes: Any) -> Item:
    group = {"name": "to-shop", "port": 443, "target_type": "alb", "targets": [{"load_balancer": "shop"}]}
    return {
        **{name: place[name] for name in ("region", "subnets", "vpc_id")},
        "name": "front",
        "type": "network",
        "scheme": "internal",
        "target_groups": [{**group, **changes}],
        "listeners": [{"port": 443, "default": {"target_group": "to-shop"}}],
    }


@pytest.fixture
def chain(place: Item, run_module: Run) -> Iterator[None]:
    for each in (behind(place), in_front(place)):
        run_module("load_balancer", **each)
    yield
    for name in ("front", "shop"):
        run_module("load_balancer", region=REGION, name=name, state="absent")


def test_the_front_is_planned_before_what_is_behind_it_and_forwards_to_it(
    elb: Any, place: Item, run_module: Run
) -> None:
    planned = run_module("load_balancer", check_mode=True, **in_front(place))
    (group,) = [change["after"] for change in planned["changes"] if change["kind"] == "elbv2_target_group"]
    assert group["targets"] == [{"id": KNOWN_AFTER_APPLY, "port": 443}]
    with pytest.raises(CollectionError, match="must name what does not exist"):
        run_module("load_balancer", **in_front(place))
    arn = run_module("load_balancer", **behind(place))["arn"]
    made = run_module("load_balancer", **in_front(place))
    health = elb.describe_target_health(TargetGroupArn=made["target_groups"]["to-shop"])
    assert [each["Target"] for each in health["TargetHealthDescriptions"]] == [{"Id": arn, "Port": 443}]
    for each in (behind(place), in_front(place)):
        assert run_module("load_balancer", **each)["changes"] == []
    for name in ("front", "shop"):
        run_module("load_balancer", region=REGION, name=name, state="absent")
    assert elb.describe_load_balancers()["LoadBalancers"] == []


def test_plain_http_is_sent_to_the_listener_with_the_certificate(elb: Any, place: Item, chain: None) -> None:
    (balancer,) = elb.describe_load_balancers(Names=["shop"])["LoadBalancers"]
    assert (balancer["Scheme"], balancer["DNSName"].startswith("internal-shop-")) == ("internal", True)
    listeners = {
        each["Port"]: each for each in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    }
    redirect = listeners[80]["DefaultActions"][0]["RedirectConfig"]
    assert (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == ("HTTPS", "443", "HTTP_301")
    encrypted = listeners[443]
    assert encrypted["Certificates"][0]["CertificateArn"] == place["certificate"]
    assert encrypted["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"


def test_strays_go_from_the_front_to_the_back(elb: Any, chain: None, run_module: Run) -> None:
    place = {"workload": "sales", "region": REGION, "wanted": {"acm_certificate": ["shop.example.com"]}}
    removed = [name for _action, kind, name in told(run_module("workload_strays", **place)) if "balancer" in kind]
    assert removed == ["front", "shop"]
    assert elb.describe_load_balancers()["LoadBalancers"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"port": 8443, "targets": [{"load_balancer": "shop"}]}, "must have a listener on the port 8443"),
        ({"targets": [{"load_balancer": "front"}]}, "is not an Application Load Balancer"),
    ],
)
def test_elb_refuses_a_target_that_is_no_such_balancer(
    elb: Any, place: Item, chain: None, run_module: Run, changes: Item, words: str
) -> None:
    wanted = in_front(place, name="other", **changes)
    wanted["listeners"] = [{"port": 444, "default": {"target_group": "other"}}]
    with pytest.raises(CollectionError, match=words):
        run_module("load_balancer", **wanted)


def test_elb_takes_one_balancer_behind_a_group(elb: Any, place: Item, chain: None, run_module: Run) -> None:
    second = run_module("load_balancer", **{**behind(place), "name": "second", "target_groups": [], "listeners": [
        {"port": 443, "protocol": "HTTPS", "certificate": place["certificate"],
         "default": {"fixed_response": {"status_code": 404}}}]})  # fmt: skip
    (group,) = elb.describe_target_groups(Names=["to-shop"])["TargetGroups"]
    with pytest.raises(ClientError) as refusal:
        elb.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=[{"Id": second["arn"], "Port": 443}])
    assert refusal.value.response["Error"]["Code"] == "TooManyTargets"
    run_module("load_balancer", region=REGION, name="second", state="absent")


def test_a_policy_and_a_certificate_have_to_exist(elb: Any, place: Item, run_module: Run) -> None:
    asked = {"DomainName": "new.example.com", "ValidationMethod": "DNS"}
    pending = boto3.client("acm", REGION).request_certificate(**asked)["CertificateArn"]
    run_module("load_balancer", **behind(place))
    with pytest.raises(CollectionError, match="UnsupportedCertificate"):
        run_module("load_balancer", **behind(place, certificate=pending))
    run_module("load_balancer", region=REGION, name="shop", state="absent")
    for changes, words in (
        ({"certificate": pending}, "UnsupportedCertificate"),
        ({"ssl_policy": "ELBSecurityPolicy-None"}, "SSLPolicyNotFound"),
        ({"certificate": place["certificate"] + "0"}, "CertificateNotFound"),
    ):
        with pytest.raises(CollectionError, match=words):
            run_module("load_balancer", **behind(place, **changes))
    run_module("load_balancer", region=REGION, name="shop", state="absent")


ELSEWHERE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"


@pytest.mark.parametrize(
    ("group", "listener", "words"),
    [
        ({"targets": [{"load_balancer": "a"}, {"load_balancer": "b"}]}, {}, "has 2 targets"),
        ({"targets": [{"load_balancer": "a", "id": "b"}]}, {}, "each needs either an id, or the name"),
        ({"targets": [{"port": 443}]}, {}, "each needs either an id, or the name"),
        ({"targets": [{"load_balancer": "a"}], "target_type": "ip"}, {}, "target_type is ip; use alb"),
        ({"targets": [{"load_balancer": "a", "port": 80}]}, {}, "has one port, which is 443"),
        ({}, {"protocol": "TLS", "certificate": ELSEWHERE}, "which is in eu-west-1"),
        ({}, {"protocol": "TLS", "certificate": "arn:aws:iam::123456789012:server-certificate/own"}, None),
    ],
)
def test_what_cannot_be_right_is_told_before_any_call(
    problems_of: Callable[..., list[str]], group: Item, listener: Item, words: str | None
) -> None:
    place = {"region": REGION, "subnets": ["subnet-1"], "vpc_id": "vpc-1"}
    wanted = in_front(place, **group)
    wanted["listeners"][0].update(listener)
    found = problems_of("load_balancer", **wanted)
    assert found == [] if words is None else words in found[0]
