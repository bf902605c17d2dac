# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web ACL of a workload's own: what is made, kept, refused, put before load balancers, and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

import localcloud.apigatewayv2.models
import localcloud.elbv2.models
import localcloud.resourcegroupstaggingapi.models
import localcloud.wafv2.models
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from localcloud.wafv2.serving import guard_of
from tests.support.modules import told

Run = Callable[..., dict[str, Any]]
Item = dict[str, Any]
REGION = "sa-east-1"
PLACE = {"workload": "sales", "region": REGION, "name": "sales"}
WANTED: Item = {
    **PLACE,
    "blocked": ["198.51.100.7", "2001:db8::/32"],
    "largest_body": 20000,
    "rate_limit": {"requests": 2000, "window": 60},
    "managed": [
        {"name": "AWSManagedRulesCommonRuleSet", "rules": {"SizeRestrictions_BODY": "count"}},
        {"name": "AWSManagedRulesSQLiRuleSet", "version": "Version_1.0", "count": True},
    ],
}
INVALID = "WAFInvalidParameterException"
SEEN = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "a"}


@pytest.fixture(scope="module")
def waf() -> Iterator[Any]:
    with mock_aws():
        # What botocore refuses itself AWS refuses too.
        yield boto3.client("wafv2", REGION, config=Config(parameter_validation=False))


@pytest.fixture(scope="module")
def balancers(waf: Any) -> dict[str, str]:
    """Name → ARN of two Application Load Balancers and a Network Load Balancer."""
    ec2, elb = boto3.client("ec2", REGION), boto3.client("elbv2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=REGION + letter)["Subnet"]["SubnetId"]
        for n, letter in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="edge", Description="edge", VpcId=vpc)["GroupId"]
    ways: dict[str, Item] = {"front": {"SecurityGroups": [group]}, "back": {"SecurityGroups": [group]}}
    ways["net"] = {"Type": "network"}
    return {
        name: elb.create_load_balancer(Name=name, Subnets=subnets, Scheme="internal", **way)["LoadBalancers"][0][
            "LoadBalancerArn"
        ]
        for name, way in ways.items()
    }


@pytest.fixture
def acl(waf: Any, run_module: Run) -> Iterator[Item]:
    run_module("web_acl", **WANTED)
    yield read(waf)
    run_module("web_acl", **PLACE, state="absent")


def read(waf: Any, name: str = "sales") -> Item:
    (summary,) = [each for each in waf.list_web_acls(Scope="REGIONAL")["WebACLs"] if each["Name"] == name]
    answer = waf.get_web_acl(Name=name, Scope="REGIONAL", Id=summary["Id"])
    return {**answer["WebACL"], "LockToken": answer["LockToken"]}


def code(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    return str(refusal.value.response["Error"]["Code"])


def kinds(result: Item) -> list[tuple[str, str]]:
    return [(action, kind) for action, kind, _name in told(result)]


def test_it_is_planned_made_and_then_nothing_differs(waf: Any, run_module: Run) -> None:
    planned = run_module("web_acl", check_mode=True, **WANTED)
    made = run_module("web_acl", **WANTED)
    assert told(made) == told(planned)
    assert run_module("web_acl", **WANTED)["changes"] == []
    there = read(waf)
    assert there["ARN"] == made["arn"]
    assert there["DefaultAction"] == {"Allow": {}}
    assert [(rule["Priority"], rule["Name"]) for rule in there["Rules"]] == list(
        enumerate(
            [
                "blocked-ipv4", "blocked-ipv6", "largest-body", "rate-limit",
                "AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet",
            ]
        )
    )  # fmt: skip
    by_name = {rule["Name"]: rule for rule in there["Rules"]}
    assert by_name["rate-limit"]["Statement"]["RateBasedStatement"] == {
        "Limit": 2000, "EvaluationWindowSec": 60, "AggregateKeyType": "IP",
    }  # fmt: skip
    common, injections = by_name["AWSManagedRulesCommonRuleSet"], by_name["AWSManagedRulesSQLiRuleSet"]
    assert (common["OverrideAction"], injections["OverrideAction"]) == ({"None": {}}, {"Count": {}})
    assert common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"] == [
        {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
    ]
    assert injections["Statement"]["ManagedRuleGroupStatement"]["Version"] == "Version_1.0"
    # 20000 bytes are more than AWS WAF looks at by itself.
    assert there["AssociationConfig"]["RequestBody"] == {
        kind: {"DefaultSizeInspectionLimit": "KB_32"} for kind in ("APPLICATION_LOAD_BALANCER", "API_GATEWAY")
    }
    gone = run_module("web_acl", **PLACE, state="absent")
    assert kinds(gone) == [
        ("delete", "wafv2_web_acl"),
        ("delete", "wafv2_ip_set"),
        ("delete", "wafv2_ip_set"),
    ]
    assert waf.list_web_acls(Scope="REGIONAL")["WebACLs"] == waf.list_ip_sets(Scope="REGIONAL")["IPSets"] == []
    assert run_module("web_acl", **PLACE, state="absent")["changes"] == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rate_limit": {"requests": 10, "window": 600}}, [("update", "wafv2_web_acl")]),
        ({"tags": {"team": "sales"}}, [("update", "wafv2_ip_set")] * 2 + [("update", "wafv2_web_acl")]),
        ({"blocked": ["198.51.100.7", "203.0.113.0/24", "2001:db8::/32"]}, [("update", "wafv2_ip_set")]),
        # The same in other words.
        ({"blocked": ["2001:0db8:0::/32", "198.51.100.7/32"]}, []),
        # A set goes after the rule that names it.
        ({"blocked": ["198.51.100.7"]}, [("update", "wafv2_web_acl"), ("delete", "wafv2_ip_set")]),
        ({"allowed": ["203.0.113.9"]}, [("create", "wafv2_ip_set"), ("update", "wafv2_web_acl")]),
        ({"managed": [], "largest_body": None, "rate_limit": None}, [("update", "wafv2_web_acl")]),
    ],
)
def test_what_differs_is_changed_and_nothing_else(
    acl: Item, run_module: Run, changes: Item, expected: list[tuple[str, str]]
) -> None:
    wanted = {**WANTED, **changes}
    assert kinds(run_module("web_acl", **wanted)) == expected
    assert run_module("web_acl", **wanted)["changes"] == []


def test_without_rules_it_has_none(waf: Any, acl: Item, run_module: Run) -> None:
    run_module("web_acl", **PLACE, wait_timeout=5, default="block", allowed=["203.0.113.0/24"])
    run_module("web_acl", **PLACE, wait_timeout=5)
    assert (read(waf).get("Rules"), read(waf)["DefaultAction"]) == ([], {"Allow": {}})
    assert "AssociationConfig" not in read(waf)


def test_what_somebody_changed_by_hand_is_mended(waf: Any, acl: Item, run_module: Run) -> None:
    place = {"Name": "sales", "Scope": "REGIONAL", "Id": acl["Id"]}
    said = {"DefaultAction": {"Block": {}}, "VisibilityConfig": SEEN}
    waf.update_web_acl(**place, **said, LockToken=acl["LockToken"])
    run_module("web_acl", **WANTED)
    mended = read(waf)
    assert (mended["Rules"], mended["DefaultAction"]) == (acl["Rules"], acl["DefaultAction"])


def test_who_changes_it_meanwhile_is_overruled(
    waf: Any, acl: Item, run_module: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = localcloud.wafv2.models.WafBackend
    update, seen = backend.update_web_acl, []

    def raced(self: Any, name: str, *arguments: Any) -> str:
        if not seen:
            seen.append(name)
            self.get_web_acl(None, name, arguments[0]).lock_token = "newer"
        return update(self, name, *arguments)

    monkeypatch.setattr(backend, "update_web_acl", raced)
    run_module("web_acl", **{**WANTED, "rate_limit": None})
    assert seen and "rate-limit" not in {rule["Name"] for rule in read(waf)["Rules"]}


def test_it_stands_in_front_of_load_balancers_and_is_taken_away(
    waf: Any, balancers: dict[str, str], acl: Item, run_module: Run
) -> None:
    both = {"front": balancers["front"], "back": balancers["back"]}
    put = run_module("web_acl", **WANTED, guards=both)
    assert kinds(put) == [("create", "wafv2_web_acl_association")] * 2 and put["guards"] == ["back", "front"]
    assert run_module("web_acl", **WANTED, guards=both)["changes"] == []
    assert waf.get_web_acl_for_resource(ResourceArn=both["front"])["WebACL"]["Id"] == acl["Id"]
    taken = run_module("web_acl", **WANTED, guards={"front": both["front"]})
    assert kinds(taken) == [("delete", "wafv2_web_acl_association")]
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=both["back"])
    # It goes whatever it guards.
    gone = run_module("web_acl", **PLACE, state="absent")
    assert kinds(gone)[0] == ("delete", "wafv2_web_acl_association")
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=both["front"])


def test_one_of_somebody_else_is_left_alone(waf: Any, run_module: Run) -> None:
    said = {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": SEEN}
    theirs = waf.create_web_acl(Name="sales", **said)["Summary"]
    with pytest.raises(CollectionError, match="carries no tag `workload`"):
        run_module("web_acl", **WANTED)
    waf.delete_web_acl(Name="sales", Scope="REGIONAL", Id=theirs["Id"], LockToken=theirs["LockToken"])


def test_a_stray_is_known_by_its_tags_and_removed(waf: Any, acl: Item, run_module: Run) -> None:
    place = {"workload": "sales", "region": REGION}
    (shown,) = run_module("workload_strays_info", **place)["strays"]
    assert (shown["kind"], shown["name"]) == ("wafv2_web_acl", "sales")
    assert run_module("workload_strays_info", **place, wanted={"wafv2_web_acl": ["sales"]})["strays"] == []
    run_module("workload_strays", **place)
    assert waf.list_ip_sets(Scope="REGIONAL")["IPSets"] == []


def rule(name: str = "a", priority: int = 0, **changes: Any) -> Item:
    seen = {**SEEN, "MetricName": changes.pop("metric", "a")}
    size = {
        "FieldToMatch": {"QueryString": {}},
        "ComparisonOperator": "GT",
        "Size": 1,
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
    }
    usual = {"Statement": {"SizeConstraintStatement": size}, "Action": {"Block": {}}, "VisibilityConfig": seen}
    return {"Name": name, "Priority": priority, **usual, **changes}


def rate(limit: int, window: int = 300) -> Item:
    said = {"Limit": limit, "EvaluationWindowSec": window, "AggregateKeyType": "IP"}
    return {"Statement": {"RateBasedStatement": said}}


def group(name: str, vendor: str = "AWS", **action: Any) -> Item:
    told = {"Statement": {"ManagedRuleGroupStatement": {"VendorName": vendor, "Name": name}}}
    return {**{key: value for key, value in rule().items() if key != "Action"}, **told, **action}


COMMON = "AWSManagedRulesCommonRuleSet"


@pytest.mark.parametrize(
    "rules",
    [
        [rule("a", 0), rule("a", 1)],
        [rule("a", 0), rule("b", 0)],
        [rule("a b")],
        [rule(metric="a b")],
        [rule(metric="All")],
        [rule(metric="Default_Action")],
        [rule(**rate(9))],
        [rule(**rate(100, window=90))],
        [rule(Action={}, OverrideAction={"None": {}})],
        [group(COMMON, Action={"Block": {}})],
        [group("AWSManagedRulesNothing", OverrideAction={"None": {}})],
        [group("AWSManagedRulesATPRuleSet", OverrideAction={"None": {}})],
    ],
)
def test_aws_waf_refuses_rules(waf: Any, rules: list[Item]) -> None:
    said = {"Name": "x", "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": SEEN}
    assert code(waf.create_web_acl, **said, Rules=rules) == INVALID
    sound = [rule("a", 0), rule("b", 1, **rate(10)), {**group(COMMON, OverrideAction={"None": {}}), "Priority": 2}]
    made = waf.create_web_acl(**said, Rules=[{**each, "Name": f"r{n}"} for n, each in enumerate(sound)])["Summary"]
    waf.delete_web_acl(Name="x", Scope="REGIONAL", Id=made["Id"], LockToken=made["LockToken"])


def test_aws_waf_refuses(waf: Any, balancers: dict[str, str], acl: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    scope, seen = {"Scope": "REGIONAL"}, {"VisibilityConfig": SEEN}
    place = {"Name": "sales", **scope, "Id": acl["Id"]}
    front, arn = balancers["front"], acl["ARN"]
    monkeypatch.setattr(localcloud.wafv2.models, "PROPAGATING", 0.0)
    waf.associate_web_acl(WebACLArn=arn, ResourceArn=front)
    stale = {"LockToken": "00000000-0000-0000-0000-000000000000"}
    newest = {"LockToken": acl["LockToken"]}
    (first, *_others) = waf.list_ip_sets(**scope)["IPSets"]
    set_place = {"Name": first["Name"], **scope, "Id": first["Id"]}
    allow = {"DefaultAction": {"Allow": {}}}
    elsewhere = arn.replace(REGION, "us-east-1")
    stage = f"arn:aws:apigateway:{REGION}::/restapis/abc/stages/live"
    missing, in_use = "WAFNonexistentItemException", "WAFAssociatedItemException"
    lock, duplicate, unknown = (
        "WAFOptimisticLockException", "WAFDuplicateItemException", "WAFUnavailableEntityException",
    )  # fmt: skip
    v4 = {**scope, "IPAddressVersion": "IPV4"}
    for expected, call, arguments in (
        (duplicate, waf.create_web_acl, {"Name": "sales", **scope, **seen, **allow}),
        (duplicate, waf.create_ip_set, {"Name": first["Name"], **v4, "Addresses": []}),
        (INVALID, waf.create_web_acl, {"Name": "x", **scope, **seen, "DefaultAction": {"Allow": {}, "Block": {}}}),
        (lock, waf.update_web_acl, {**place, **seen, **allow, **stale}),
        (lock, waf.update_ip_set, {**set_place, "Addresses": [], **stale}),
        (lock, waf.delete_ip_set, {"Name": "sales-blocked-ipv4", **scope, "Id": "x", **stale}),
        (in_use, waf.delete_web_acl, {**place, **newest}),
        (in_use, waf.delete_ip_set, {**set_place, "LockToken": first["LockToken"]}),
        (INVALID, waf.create_ip_set, {"Name": "x", **v4, "Addresses": ["10.0.0.1"]}),
        (INVALID, waf.create_ip_set, {"Name": "x", **v4, "Addresses": ["2001:db8::/32"]}),
        (INVALID, waf.create_ip_set, {"Name": "x", **v4, "Addresses": ["0.0.0.0/0"]}),
        (INVALID, waf.create_ip_set, {"Name": "x y", **v4, "Addresses": []}),
        (missing, waf.associate_web_acl, {"WebACLArn": elsewhere, "ResourceArn": front}),
        (INVALID, waf.associate_web_acl, {"WebACLArn": arn, "ResourceArn": balancers["net"]}),
        (INVALID, waf.associate_web_acl, {"WebACLArn": arn, "ResourceArn": front.replace(REGION, "us-east-1")}),
        # HTTP APIs have none.
        (INVALID, waf.associate_web_acl, {"WebACLArn": arn, "ResourceArn": stage.replace("restapis", "apis")}),
        (unknown, waf.associate_web_acl, {"WebACLArn": arn, "ResourceArn": stage}),
    ):
        if call == waf.delete_ip_set and arguments["Id"] == "x":
            assert code(call, **arguments) == missing  # not of this id
        else:
            assert code(call, **arguments) == expected, arguments
    with monkeypatch.context() as patched:
        patched.setattr(localcloud.wafv2.models, "PROPAGATING", 1000.0)
        new = waf.create_web_acl(Name="new", **scope, **seen, **allow)["Summary"]
        assert code(waf.associate_web_acl, WebACLArn=new["ARN"], ResourceArn=front) == unknown
    # Another one takes its place.
    waf.associate_web_acl(WebACLArn=new["ARN"], ResourceArn=front)
    assert waf.list_resources_for_web_acl(WebACLArn=arn)["ResourceArns"] == []
    waf.disassociate_web_acl(ResourceArn=front)
    waf.delete_web_acl(Name="new", **scope, Id=new["Id"], LockToken=new["LockToken"])


def test_the_front_door_is_told_what_it_can_judge(
    waf: Any, balancers: dict[str, str], acl: Item, run_module: Run
) -> None:
    front = balancers["front"]
    run_module("web_acl", **WANTED, guards={"front": front})
    told_ = guard_of("123456789012", REGION, front)
    assert told_ == {
        "arn": acl["ARN"],
        "default": "ALLOW",
        "rules": [
            {"name": "blocked-ipv4", "action": "BLOCK", "addresses": ["198.51.100.7/32"]},
            {
                "name": "blocked-ipv6",
                "action": "BLOCK",
                "addresses": ["2001:0db8:0000:0000:0000:0000:0000:0000/32"],
            },
            {"name": "largest-body", "action": "BLOCK", "longer_than": 20000},
            {"name": "rate-limit", "action": "BLOCK", "rate": {"limit": 2000, "window": 60}},
        ],
    }
    assert guard_of("123456789012", REGION, balancers["back"]) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "a b"}, "name is 'a b'"),
        ({"name": "Default_Action"}, "CloudWatch has for AWS WAF itself"),
        ({"blocked": ["198.51.100.300"]}, "blocked: '198.51.100.300' does not appear to be"),
        ({"blocked": ["198.51.100.7/24"]}, "blocked: 198.51.100.7/24 has host bits set"),
        ({"allowed": ["0.0.0.0/0"]}, "allowed has 0.0.0.0/0, which is everybody"),
        ({"allowed": ["198.51.100.7"]}, "allowed and blocked both have 198.51.100.7"),
        ({"largest_body": 65537}, "largest_body is 65537"),
        ({"rate_limit": {"requests": 9}}, "rate_limit.requests is 9; 10 to"),
        ({"default": "block"}, "nobody would be let through"),
        ({"managed": [{"name": COMMON}, {"name": COMMON}]}, "managed[1].name is AWSManagedRulesCommonRuleSet a second"),
        ({"managed": [{"name": "AWSManagedRulesATPRuleSet"}]}, "only with settings that are not said here"),
        ({"managed": [{"name": COMMON, "rules": {"x": "drop"}}]}, "managed[0].rules has 'drop' for x"),
        ({"managed": [{"name": COMMON, "version": "1 0"}]}, "managed[0].version is '1 0'"),
        ({"guards": {"front": "arn:aws:x"}}, "the ARN of an Application Load Balancer is valid"),
        (
            {"guards": {"a": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/1"}},
            "which is in eu-west-1",
        ),
    ],
)
def test_what_cannot_be_right_is_told_before_any_call(
    problems_of: Callable[..., list[str]], changes: Item, words: str
) -> None:
    assert problems_of("web_acl", **WANTED) == []
    assert words in problems_of("web_acl", **{**WANTED, **changes})[0]
