# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network modules refuse before any call is made, and that they say which value and what would be valid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Problems = Callable[..., list[str]]

NETWORK: dict[str, Any] = {"region": "sa-east-1", "cidr": "10.10.0.0/16", "zones": ["a", "b"], "nat": "single"}


def test_good_networks_have_no_problems(problems_of: Problems) -> None:
    assert problems_of("region_network", **NETWORK) == []
    assert problems_of("region_network", region="sa-east-1", state="absent") == []
    assert problems_of("region_network", **{**NETWORK, "zones": ["sa-east-1a", "c"], "nat": "none"}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nat": None}, "nat is required"),
        ({"cidr": None}, "cidr is required"),
        ({"cidr": "10.10.0.0/8"}, "cidr is '10.10.0.0/8'"),
        ({"zones": ["a"]}, "at least two different"),
        ({"zones": ["a", "sa-east-1a"]}, "at least two different"),
        ({"zones": ["a", "us-east-1b"]}, "'us-east-1b'"),
        ({"zones": ["a", "z"]}, "'z'"),
        ({"cidr": "10.10.0.0/24"}, "/23 or larger"),
        ({"subnets": [{"tier": "private"}]}, "no tier of subnets has route: internet"),
        ({"subnets": [{"tier": "p", "route": "internet", "cidrs": ["10.10.0.0/24"]}]}, "1 cidrs for 2 zones"),
        (
            {"subnets": [{"tier": "p", "route": "internet", "cidrs": ["10.10.0.0/24", "10.11.0.0/24"]}]},
            "10.11.0.0/24 of tier p is not within the VPC's 10.10.0.0/16",
        ),
        (
            {"subnets": [{"tier": "p", "route": "internet", "cidrs": ["10.10.0.0/24", "10.10.0.0/25"]}]},
            "overlap",
        ),
        (
            {
                "subnets": [
                    {"tier": "p", "route": "internet"},
                    {"tier": "q", "cidrs": ["10.10.0.0/24", "10.10.99.0/24"]},
                ]
            },
            "p in zone a 10.10.0.0/21 and subnets: q 10.10.0.0/24 overlap",
        ),
        ({"subnets": [{"tier": "p", "route": "internet"}, {"tier": "p"}]}, "each must be named once"),
        ({"subnets": [{"tier": t, "route": "internet"} for t in "abcde"]}, "tier e is number 5"),
        ({"security_groups": [{"name": "default"}]}, "the VPC's own"),
        ({"security_groups": [{"name": "sg-1"}]}, "must not begin with sg-"),
        ({"security_groups": [{"name": "x"}, {"name": "x"}]}, "x twice"),
        ({"security_groups": [{"name": "x", "description": "olá"}]}, "'olá'"),
        (
            {"interface_endpoints": ["sts"], "security_groups": [{"name": "sales-endpoints"}]},
            "interface_endpoints makes",
        ),
    ],
)
def test_bad_networks_are_refused(problems_of: Problems, change: dict[str, Any], said: str) -> None:
    found = problems_of("region_network", **{**NETWORK, **change})
    assert found and all(said in text for text in found), found


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"port": 80}, "exactly one of cidrs, security_group, prefix_list"),
        ({"port": 80, "cidrs": ["10.0.0.0/8"], "security_group": "alb"}, "has cidrs, security_group"),
        ({"port": 80, "security_group": "nobody"}, "'nobody'; the groups here are alb"),
        ({"port": 80, "cidrs": ["10.0.0.1/8"]}, "written 10.0.0.0/8"),
        ({"port": 80, "cidrs": ["anywhere"]}, "'anywhere'"),
        ({"port": 80, "prefix_list": "s3"}, "begins with pl-"),
        ({"cidrs": ["10.0.0.0/8"]}, "no port"),
        ({"from_port": 80, "cidrs": ["10.0.0.0/8"]}, "no port"),
        ({"port": 80, "from_port": 80, "cidrs": ["10.0.0.0/8"]}, "one or the other"),
        ({"from_port": 90, "to_port": 80, "cidrs": ["10.0.0.0/8"]}, "90 to 80"),
        ({"port": 70000, "cidrs": ["10.0.0.0/8"]}, "70000"),
        ({"protocol": "all", "port": 80, "cidrs": ["10.0.0.0/8"]}, "have no ports"),
    ],
)
def test_bad_rules_are_refused_where_they_stand(problems_of: Problems, rule: dict[str, Any], said: str) -> None:
    found = problems_of("region_network", **NETWORK, security_groups=[{"name": "alb", "ingress": [rule]}])
    assert len(found) == 1 and said in found[0], found
    assert found[0].startswith("security_groups: ingress rule 1 of alb ")


def test_networks_to_peer_must_not_overlap(problems_of: Problems) -> None:
    networks = [{"region": "sa-east-1", "cidr": "10.10.0.0/16"}, {"region": "us-east-1", "cidr": "10.10.128.0/17"}]
    (found,) = problems_of("network_peering", networks=networks)
    assert "networks: sa-east-1 10.10.0.0/16 and networks: us-east-1 10.10.128.0/17 overlap" in found


def test_a_region_is_peered_once_and_needs_a_range(problems_of: Problems) -> None:
    assert "twice" in problems_of("network_peering", networks=[{"region": "sa-east-1", "cidr": "10.0.0.0/16"}] * 2)[0]
    assert "cidr of sa-east-1 is required" in problems_of("network_peering", networks=[{"region": "sa-east-1"}])[0]
    assert problems_of("network_peering", state="absent", networks=[{"region": "sa-east-1"}]) == []


BALANCER: dict[str, Any] = {"name": "sales", "subnets": ["subnet-1", "subnet-2"], "security_groups": ["sg-1"]}
GROUP: dict[str, Any] = {"name": "api", "port": 8080}
FORWARD: dict[str, Any] = {"port": 80, "default": {"target_group": "api"}}
NOT_FOUND: dict[str, Any] = {"fixed_response": {"status_code": 404}}


def with_group(**change: Any) -> dict[str, Any]:
    return {"vpc_id": "vpc-1", "target_groups": [{**GROUP, **change}]}


def with_rule(**rule: Any) -> dict[str, Any]:
    return {**with_group(), "listeners": [{**FORWARD, "rules": [{"priority": 1, **rule}]}]}


def test_good_load_balancers_have_no_problems(problems_of: Problems) -> None:
    assert problems_of("load_balancer", **BALANCER, **with_rule(paths=["/sales/*"], target_group="api")) == []
    assert problems_of("load_balancer", **BALANCER, listeners=[{"port": 80, "default": NOT_FOUND}]) == []
    assert problems_of("load_balancer", name="sales", state="absent") == []


def test_subnets_still_to_come_are_not_taken_for_one(problems_of: Problems) -> None:
    unknown = "(known after apply)"
    assert problems_of("load_balancer", **{**BALANCER, "subnets": [unknown, unknown]}) == []
    assert "needs two" in problems_of("load_balancer", **{**BALANCER, "subnets": [unknown]})[0]


@pytest.mark.parametrize("name", ["a" * 33, "-sales", "sales-", "internal-sales", "sales_api", ""])
def test_names_that_elb_forbids_are_refused(problems_of: Problems, name: str) -> None:
    (found,) = problems_of("load_balancer", **{**BALANCER, "name": name})
    assert repr(name) in found and "at most 32 letters" in found
    assert any(
        "at most 32 letters" in text for text in problems_of("load_balancer", **BALANCER, **with_group(name=name))
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subnets": ["subnet-1"]}, "needs two"),
        ({"subnets": ["subnet-1", "subnet-1"]}, "named once"),
        ({"security_groups": []}, "security_groups is empty"),
        ({"idle_timeout": 5000}, "idle_timeout is 5000"),
        ({"target_groups": [GROUP]}, "vpc_id is required"),
        (with_group(protocol="TCP"), "protocol TCP; valid are HTTP, HTTPS"),
        (with_group(port=0), "port 0"),
        (with_group(deregistration_delay=4000), "deregistration_delay 4000"),
        (with_group(health_check={"interval": 4}), "interval 4; 5 to 300"),
        (with_group(health_check={"interval": 10, "timeout": 10}), "less than its interval 10"),
        (with_group(health_check={"path": "healthcheck"}), "begin with a slash"),
        (with_group(health_check={"port": "http"}), "port 'http'"),
        (with_group(health_check={"matcher": "ok"}), "matcher 'ok'"),
        ({"listeners": [{"port": 80, "default": NOT_FOUND}] * 2}, "port 80 twice"),
        ({"listeners": [{"port": 80, "default": {}}]}, "no action"),
        ({"listeners": [{"port": 80, "default": {"target_group": "api"}}]}, "'api'; the target_groups are none"),
        ({"listeners": [{"port": 443, "protocol": "HTTPS", "default": NOT_FOUND}]}, "certificate None"),
        ({"listeners": [{"port": 80, "default": {"fixed_response": {"status_code": 301}}}]}, "status_code 301"),
        ({"listeners": [{"port": 80, "default": {"redirect": {"status_code": 302}}}]}, "where the request came from"),
        (with_rule(target_group="api"), "0 values"),
        (with_rule(paths=[f"/{n}" for n in range(6)], target_group="api"), "6 values"),
        (with_rule(paths=["/x"]), "no action"),
        (with_rule(paths=["/x"], target_group="api", **NOT_FOUND), "target_group and fixed_response"),
        (with_rule(paths=["/x"], target_group="like"), "'like'; the target_groups are api"),
        (with_rule(paths=["/x"], target_group="api", priority=0), "priority"),
    ],
)
def test_bad_load_balancers_are_refused(problems_of: Problems, change: dict[str, Any], said: str) -> None:
    found = problems_of("load_balancer", **{**BALANCER, **change})
    assert any(said in text for text in found), found


def test_a_network_load_balancer_only_forwards(problems_of: Problems) -> None:
    balancer = {"name": "sales", "type": "network", "subnets": ["subnet-1"], **with_group()}
    assert problems_of("load_balancer", **balancer, listeners=[FORWARD]) == []
    assert (
        "only forwards" in problems_of("load_balancer", **balancer, listeners=[{"port": 80, "default": NOT_FOUND}])[0]
    )


ACCELERATOR: dict[str, Any] = {
    "name": "sales",
    "listeners": [{"ports": ["80"]}],
    "endpoint_groups": [{"region": "sa-east-1", "endpoints": [{"id": "arn:one"}]}, {"region": "us-east-1"}],
}


def test_good_accelerators_have_no_problems(problems_of: Problems) -> None:
    assert problems_of("accelerator", **ACCELERATOR) == []
    assert problems_of("accelerator", name="sales", state="absent") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "-sales"}, "'-sales'"),
        ({"listeners": []}, "listeners is required"),
        ({"endpoint_groups": []}, "endpoint_groups is required"),
        ({"listeners": [{"ports": ["http"]}]}, "'http'"),
        ({"listeners": [{"ports": ["90-80"]}]}, "'90-80'"),
        ({"listeners": [{"ports": ["80"]}, {"ports": ["70-90"]}]}, "80 and 70-90, which overlap"),
        ({"endpoint_groups": [{"region": "sa-east-1"}] * 2}, "sa-east-1 twice"),
        ({"endpoint_groups": [{"region": "brazil"}]}, "brazil is not the name of a region"),
        ({"endpoint_groups": [{"region": "sa-east-1", "dial": 101}]}, "dial 101"),
        ({"endpoint_groups": [{"region": "sa-east-1", "endpoints": [{"id": "x", "weight": 256}]}]}, "weight 256"),
        ({"endpoint_groups": [{"region": "sa-east-1", "endpoints": [{"id": "x"}] * 2}]}, "named once"),
        ({"endpoint_groups": [{"region": "sa-east-1", "health_check": {"threshold": 11}}]}, "threshold 11"),
    ],
)
def test_bad_accelerators_are_refused(problems_of: Problems, change: dict[str, Any], said: str) -> None:
    found = problems_of("accelerator", **{**ACCELERATOR, **change})
    assert any(said in text for text in found), found
