# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A listener that answers moves to other target groups once somebody is healthy there, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.elbv2.models import FakeTargetGroup, elbv2_backends

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.load_balancer import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.forwarding import forwarded_groups
from tests.support.modules import checked

REGION, ACCOUNT = "us-east-1", "123456789012"


class Balancer:
    """The load balancer `web`, asked for again and again. `serve` and `leave` say who is in a group."""

    def __init__(self) -> None:
        ec2 = boto3.client("ec2", REGION)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.given: dict[str, Any] = {
            "workload": "web",
            "region": REGION,
            "name": "web",
            "vpc_id": vpc,
            "subnets": [
                ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{'ab'[n]}")[
                    "Subnet"
                ]["SubnetId"]
                for n in range(2)
            ],
            "security_groups": [
                ec2.create_security_group(VpcId=vpc, GroupName="edge", Description="edge")["GroupId"],
            ],
            "keep_serving": True,
        }
        self.elb = boto3.client("elbv2", REGION)

    def ask(self, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
        groups = [{"name": name, "port": 80} for name in given.pop("groups")]
        parameters = checked(MODULE, **{**self.given, "target_groups": groups, **given})
        return run(MODULE, parameters, check_mode=check_mode)

    def group(self, name: str) -> Any:
        groups: list[FakeTargetGroup] = list(elbv2_backends[ACCOUNT][REGION].target_groups.values())
        return next((group for group in groups if group.name == name), None)

    def serve(self, name: str) -> None:
        self.group(name).register([{"Id": "10.0.0.9", "Port": 80}])

    def leave(self, name: str) -> None:
        self.group(name).targets.clear()

    def reached(self) -> dict[str, str]:
        """Port, or port and path → the name of the group."""
        (balancer,) = self.elb.describe_load_balancers()["LoadBalancers"]
        found = {}
        for listener in self.elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            for rule in self.elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]:
                values = [str(v) for c in rule["Conditions"] for k in c if k.endswith("Config") for v in c[k]["Values"]]
                key = " ".join([str(listener["Port"]), *values])
                found[key] = rule["Actions"][0]["TargetGroupArn"].split("/")[-2]
        return found


@pytest.fixture
def balancer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Balancer]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Balancer()


def kinds(changes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(change["action"], change["name"]) for change in changes]


def listening(group: str, *rules: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"port": 80, "default": {"target_group": group}, "rules": list(rules)}]


def test_a_listener_moves_after_the_targets_and_the_group_goes_last(balancer: Balancer) -> None:
    balancer.ask(groups=["old"], listeners=listening("old"))
    balancer.serve("old")
    wanted: dict[str, Any] = {"groups": ["new"], "listeners": listening("new")}
    planned = balancer.ask(check_mode=True, **wanted)
    first = balancer.ask(**wanted)
    assert kinds(first["changes"]) == [("create", "new"), ("create", "web:80/50000")]
    assert kinds(first["waiting"]) == [("update", "web:80"), ("delete", "old")]
    assert kinds(planned["changes"]) == kinds(first["changes"]) + kinds(first["waiting"])
    assert balancer.reached() == {"80": "old", "80 parked.invalid": "new"}
    again = balancer.ask(**wanted)
    assert not again["changed"] and again["waiting"], "nobody has joined yet"
    balancer.serve("new")
    second = balancer.ask(**wanted)
    assert kinds(second["changes"]) == [("update", "web:80"), ("delete", "web:80/50000")]
    assert balancer.reached() == {"80": "new"} and balancer.group("old") is not None
    balancer.leave("old")
    third = balancer.ask(**wanted)
    assert kinds(third["changes"]) == [("delete", "old")] and "waiting" not in third
    assert not balancer.ask(**wanted)["changed"]


def test_nobody_is_waited_for_where_nobody_answers(balancer: Balancer) -> None:
    balancer.ask(groups=["old"], listeners=listening("old"))
    moved = balancer.ask(groups=["new"], listeners=listening("new"))
    assert "waiting" not in moved and balancer.reached() == {"80": "new"} and balancer.group("old") is None


def test_a_new_rule_takes_requests_from_nobody_before_its_group_answers(balancer: Balancer) -> None:
    balancer.ask(groups=["web"], listeners=listening("web"))
    balancer.serve("web")
    rule = {"priority": 5, "paths": ["/v2/*"], "target_group": "v2"}
    wanted: dict[str, Any] = {"groups": ["web", "v2"], "listeners": listening("web", rule)}
    first = balancer.ask(**wanted)
    assert kinds(first["waiting"]) == [("create", "web:80/5")] and first["rules"] == {}
    balancer.serve("v2")
    second = balancer.ask(**wanted)
    assert balancer.reached() == {"80": "web", "80 /v2/*": "v2"} and list(second["rules"]) == ["web:80/5"]


def test_nobody_gets_a_share_of_the_requests_before_they_answer(balancer: Balancer) -> None:
    rule = {"priority": 5, "paths": ["/v2/*"], "weights": {"v2": 1}}
    groups = ["web", "v2", "v3"]
    balancer.ask(groups=groups, listeners=listening("web", rule))
    balancer.serve("web")
    balancer.serve("v2")
    shared = listening("web", {**rule, "weights": {"v2": 90, "v3": 10}})
    first = balancer.ask(groups=groups, listeners=shared)
    assert kinds(first["waiting"]) == [("update", "web:80/5")]
    assert balancer.reached()["80 parked.invalid"] == "v3", "so that a service can join it"
    balancer.serve("v3")
    assert ("update", "web:80/5") in kinds(balancer.ask(groups=groups, listeners=shared)["changes"])
    again = balancer.ask(groups=groups, listeners=shared)
    assert not again["changed"] and "waiting" not in again
    moved = balancer.ask(groups=groups, listeners=listening("web", {**rule, "weights": {"v3": 50, "v2": 50}}))
    assert kinds(moved["changes"]) == [("update", "web:80/5")] and "waiting" not in moved


def test_a_rule_that_nobody_declares_any_more_goes(balancer: Balancer) -> None:
    rules = [
        {"priority": 5, "query": {"version": ["b*", "c"]}, "target_group": "v2"},
        {"priority": 6, "paths": ["/v2/*"], "target_group": "v2"},
    ]
    balancer.ask(groups=["web", "v2"], listeners=listening("web", *rules))
    assert not balancer.ask(groups=["web", "v2"], listeners=listening("web", *rules))["changed"]
    changed = balancer.ask(groups=["web", "v2"], listeners=listening("web", rules[1]))
    assert kinds(changed["changes"]) == [("delete", "web:80/5")]
    assert balancer.reached() == {"80": "web", "80 /v2/*": "v2"}


def test_a_rule_gets_another_priority_before_it_loses_the_old_one(balancer: Balancer) -> None:
    rule = {"priority": 5, "paths": ["/v2/*"], "target_group": "v2"}
    balancer.ask(groups=["web", "v2"], listeners=listening("web", rule))
    balancer.serve("web")
    balancer.serve("v2")
    moved = balancer.ask(groups=["web", "v2"], listeners=listening("web", {**rule, "priority": 7}))
    assert kinds(moved["changes"]) == [("create", "web:80/7"), ("delete", "web:80/5")] and "waiting" not in moved


def test_a_network_load_balancer_attaches_by_a_port_that_nobody_asks(balancer: Balancer) -> None:
    balancer.given["type"] = "network"
    balancer.ask(groups=["old"], listeners=listening("old"))
    balancer.serve("old")
    wanted: dict[str, Any] = {"groups": ["new"], "listeners": listening("new")}
    assert ("create", "web:65535") in kinds(balancer.ask(**wanted)["changes"])
    assert balancer.reached() == {"80": "old", "65535": "new"}
    balancer.serve("new")
    balancer.ask(**wanted)
    assert balancer.reached() == {"80": "new"}


def test_groups_between_which_ecs_shifts_are_not_exchanged_under_it(balancer: Balancer) -> None:
    rule = {"priority": 5, "paths": ["/*"], "target_group": "blue", "shifts_to": "green"}
    balancer.ask(groups=["blue", "green"], listeners=listening("blue", rule))
    balancer.serve("blue")
    other = {**rule, "target_group": "one", "shifts_to": "two"}
    with pytest.raises(CollectionError, match="forwards to blue, whose targets answer requests, and is to shift"):
        balancer.ask(groups=["one", "two"], listeners=listening("one", other))


def test_a_group_behind_a_condition_of_nobody_is_not_forwarded_to(balancer: Balancer) -> None:
    balancer.ask(groups=["old"], listeners=listening("old"))
    balancer.serve("old")
    balancer.ask(groups=["new"], listeners=listening("new"))

    class Asking:
        def client(self, service: str, region: str) -> Any:
            return boto3.client(service, region)

        def paginate(self, service: str, operation: str, region: str, **arguments: Any) -> Any:
            pages = boto3.client(service, region).get_paginator(operation)
            return pages.paginate(**arguments).build_full_result()[operation.rpartition("_")[2].title()]

    arns = {name: balancer.group(name).arn for name in ("old", "new")}
    gone = f"{arns['old']}0"
    assert forwarded_groups(Asking(), REGION, [*arns.values(), gone]) == {arns["old"]}


def test_a_group_with_another_port_needs_another_name(balancer: Balancer) -> None:
    balancer.ask(groups=["web"], listeners=listening("web"))
    balancer.given["target_groups"] = [{"name": "web", "port": 81}]
    parameters = checked(MODULE, **balancer.given, listeners=listening("web"))
    with pytest.raises(CollectionError, match="port is 80, wanted 81. Give the target group another name"):
        run(MODULE, parameters)
