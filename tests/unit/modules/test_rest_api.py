# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A REST API in front of a Network Load Balancer: what is made, deployed, kept, refused, and removed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

import localcloud.acm.models
import localcloud.apigateway.models
import localcloud.apigatewayv2.models
import localcloud.elbv2.models
import localcloud.resourcegroupstaggingapi.models
import localcloud.route53.models
from ansible_collections.multiregion.ecs.plugins.module_utils.services.api_document import document
from localcloud.apigateway.serving import entries
from tests.support.modules import told

Run = Callable[..., dict[str, Any]]
Item = dict[str, Any]
REGION = "sa-east-1"
PLACE = {"workload": "sales", "region": REGION, "name": "sales"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture(scope="module")
def aws() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("apigateway", REGION)
        role = boto3.client("iam").create_role(RoleName="logs", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role["Arn"]}
        client.update_account(patchOperations=[change])
        yield client


@pytest.fixture(scope="module")
def wanted(aws: Any, run_module: Run) -> Item:
    """The parameters of an API. One account serves all tests, each of which leaves it as it was."""
    boto3.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")
    ec2 = boto3.client("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=REGION + letter)["Subnet"]["SubnetId"]
        for n, letter in enumerate("ab")
    ]
    balancer = run_module(
        "load_balancer",
        name="front",
        type="network",
        scheme="internal",
        region=REGION,
        subnets=subnets,
        vpc_id=vpc,
        target_groups=[{"name": "front", "port": 80, "protocol": "TCP"}],
        listeners=[{"port": 80, "default": {"target_group": "front"}}],
    )
    issued = run_module("certificate", region=REGION, domain="example.com", alternative_names=["*.example.com"])
    domain = {"name": "api.example.com", "certificate": issued["certificates"][REGION]}
    routes = ["POST /sales", "GET /sales/{id}"]
    listener = balancer["listeners"]["80"]
    return {**PLACE, "type": "rest", "listener": listener, "routes": routes, "domain": domain}


@pytest.fixture
def api(wanted: Item, run_module: Run) -> Iterator[Item]:
    yield run_module("api_gateway", **wanted)
    run_module("api_gateway", **PLACE, state="absent")


def code(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    return str(refusal.value.response["Error"]["Code"])


def kinds(result: Item) -> dict[str, str]:
    return {kind: action for action, kind, _name in told(result)}


def stage_of(aws: Any, made: Item) -> Item:
    (stage,) = aws.get_stages(restApiId=made["api_id"])["item"]
    return dict(stage)


def test_it_is_planned_made_and_then_nothing_differs(aws: Any, wanted: Item, run_module: Run) -> None:
    planned = run_module("api_gateway", check_mode=True, **wanted)
    made = run_module("api_gateway", **wanted)
    assert told(made) == told(planned)
    assert run_module("api_gateway", **wanted)["changes"] == []
    (link,) = aws.get_vpc_links()["items"]
    assert link["targetArns"] == [wanted["listener"].replace(":listener/", ":loadbalancer/").rpartition("/")[0]]
    resources = aws.get_resources(restApiId=made["api_id"], embed=["methods"])["items"]
    methods = {
        f"{method} {resource['path']}": each["methodIntegration"]
        for resource in resources
        for method, each in resource.get("resourceMethods", {}).items()
    }
    assert {key: each["uri"] for key, each in methods.items()} == {
        "POST /sales": "http://api.example.com:80/sales",
        "GET /sales/{id}": "http://api.example.com:80/sales/{id}",
    }
    assert {each["connectionId"] for each in methods.values()} == {link["id"]}
    (balancer,) = boto3.client("elbv2", REGION).describe_load_balancers()["LoadBalancers"]
    assert code(boto3.client("elbv2", REGION).delete_load_balancer, LoadBalancerArn=balancer["LoadBalancerArn"]) == (
        "ResourceInUse"
    )
    api = aws.get_rest_api(restApiId=made["api_id"])
    assert (api["disableExecuteApiEndpoint"], api["binaryMediaTypes"]) == (True, ["*/*"])
    assert api["tags"] == {"workload": "sales", "region": REGION, "api": "sales"}
    stage = stage_of(aws, made)
    assert stage["tags"] == api["tags"] and stage["accessLogSettings"]["destinationArn"].endswith("/sales")
    (mapping,) = boto3.client("apigatewayv2", REGION).get_api_mappings(DomainName="api.example.com")["Items"]
    assert (mapping["ApiId"], mapping["Stage"]) == (made["api_id"], stage["stageName"])
    run_module("api_gateway", **PLACE, state="absent")
    assert [aws.get_rest_apis()["items"], aws.get_vpc_links()["items"]] == [[], []]
    assert run_module("api_gateway", **PLACE, state="absent")["changes"] == []


def test_it_is_deployed_when_something_else_is_defined_and_only_then(
    aws: Any, wanted: Item, api: Item, run_module: Run
) -> None:
    first = stage_of(aws, api)["deploymentId"]
    limited = run_module("api_gateway", **wanted, rate_limit=50, burst_limit=20)
    assert kinds(limited) == {"apigateway_stage": "update"} and stage_of(aws, api)["deploymentId"] == first
    every = stage_of(aws, api)["methodSettings"]["*/*"]
    assert (every["throttlingRateLimit"], every["throttlingBurstLimit"]) == (50, 20)
    more = {**wanted, "routes": [*wanted["routes"], "DELETE /sales/{id}"], "rate_limit": 50, "burst_limit": 20}
    changed = run_module("api_gateway", **more)
    moved = {"apigateway_definition": "update", "apigateway_deployment": "update", "apigateway_stage": "update"}
    assert kinds(changed) == moved
    # What is served no more is gone.
    (deployment,) = aws.get_deployments(restApiId=api["api_id"])["items"]
    assert stage_of(aws, api)["deploymentId"] == deployment["id"] != first
    assert run_module("api_gateway", **more)["changes"] == []


def test_what_somebody_changed_by_hand_is_mended(aws: Any, wanted: Item, api: Item, run_module: Run) -> None:
    def served() -> list[str]:
        (entry,) = entries()
        return sorted(each["method"] for each in entry["methods"])

    identifier = api["api_id"]
    by_id = {each["path"]: each["id"] for each in aws.get_resources(restApiId=identifier)["items"]}
    aws.delete_method(restApiId=identifier, resourceId=by_id["/sales"], httpMethod="POST")
    other = aws.create_deployment(restApiId=identifier, description="by hand")["id"]
    assert served() == ["GET", "POST"]
    before = stage_of(aws, api)["deploymentId"]
    assert kinds(run_module("api_gateway", **wanted))["apigateway_definition"] == "update"
    assert stage_of(aws, api)["deploymentId"] == before
    change = {"op": "replace", "path": "/deploymentId", "value": other}
    aws.update_stage(restApiId=identifier, stageName="live", patchOperations=[change])
    assert served() == ["GET"]
    assert kinds(run_module("api_gateway", **wanted)) == {"apigateway_stage": "update"}
    assert stage_of(aws, api)["deploymentId"] == before and served() == ["GET", "POST"]
    # A run that ended before it had deployed is completed.
    aws.put_rest_api(restApiId=identifier, mode="overwrite", body=json.dumps(document("sales", {}, True)).encode())
    assert "apigateway_definition" in kinds(run_module("api_gateway", **wanted))
    assert run_module("api_gateway", **wanted)["changes"] == []


SALE = {"type": "object", "required": ["product"], "properties": {"product": {"type": "string", "minLength": 1}}}
REQUESTS = [
    {"route": "POST /sales", "headers": ["X-Id"], "body": SALE},
    {"route": "GET /sales/{id}", "query": ["page"]},
]


def served_demands(made: Item) -> Item:
    (entry,) = [each for each in entries() if each["region"] == REGION]
    return {f"{each['method']} {each['path']}": each["demands"] for each in entry["methods"]}


def test_what_is_demanded_of_requests_is_put_into_it_and_served(
    aws: Any, wanted: Item, api: Item, run_module: Run
) -> None:
    assert served_demands(api) == {"POST /sales": None, "GET /sales/{id}": None}
    demanding = {**wanted, "requests": REQUESTS}
    changed = run_module("api_gateway", **demanding)
    assert kinds(changed) == {
        "apigateway_definition": "update",
        "apigateway_deployment": "update",
        "apigateway_stage": "update",
    }
    assert run_module("api_gateway", **demanding)["changes"] == []
    found = served_demands(api)
    assert (found["POST /sales"]["headers"], found["POST /sales"]["models"]) == (["X-Id"], {"application/json": SALE})
    assert found["GET /sales/{id}"]["query"] == ["page"] and found["GET /sales/{id}"]["models"] == {}
    # What is JSON is not taken for binary, or nothing would be looked into.
    assert not {"*/*", "application/json"} & set(found["POST /sales"]["binary"])
    # What somebody makes of the validator by hand is mended.
    (validator,) = aws.get_request_validators(restApiId=api["api_id"])["items"]
    off = {"op": "replace", "path": "/validateRequestBody", "value": "false"}
    aws.update_request_validator(restApiId=api["api_id"], requestValidatorId=validator["id"], patchOperations=[off])
    assert kinds(run_module("api_gateway", **demanding))["apigateway_definition"] == "update"
    other = {**SALE, "required": ["product", "amount"]}
    run_module("api_gateway", **{**wanted, "requests": [{"route": "POST /sales", "body": other}]})
    assert served_demands(api)["POST /sales"]["models"] == {"application/json": other}
    run_module("api_gateway", **wanted)
    assert served_demands(api) == {"POST /sales": None, "GET /sales/{id}": None}
    assert run_module("api_gateway", **wanted)["changes"] == []


def test_an_api_of_the_other_type_takes_its_place_under_the_domain(aws: Any, wanted: Item, run_module: Run) -> None:
    second = boto3.client("apigatewayv2", REGION)
    (balancer,) = boto3.client("elbv2", REGION).describe_load_balancers()["LoadBalancers"]
    group = boto3.client("ec2", REGION).create_security_group(
        GroupName="link", Description="link", VpcId=balancer["VpcId"]
    )["GroupId"]
    subnets = [zone["SubnetId"] for zone in balancer["AvailabilityZones"]]
    http = {**wanted, "type": "http", "subnets": subnets, "security_groups": [group]}
    run_module("api_gateway", **http)
    made = run_module("api_gateway", **wanted)
    (mapping,) = second.get_api_mappings(DomainName="api.example.com")["Items"]
    assert mapping["ApiId"] == made["api_id"]
    assert (second.get_apis()["Items"], second.get_vpc_links()["Items"]) == ([], [])
    assert run_module("api_gateway", **wanted)["changes"] == []
    run_module("api_gateway", **http)
    assert (aws.get_rest_apis()["items"], aws.get_vpc_links()["items"]) == ([], [])
    run_module("api_gateway", **PLACE, state="absent")


def test_a_health_check_asks_for_the_stage(wanted: Item, run_module: Run) -> None:
    gated = {**wanted, "domain": {**wanted["domain"], "health_check": {"path": "/readiness"}}}
    made = run_module("api_gateway", **gated)
    (check,) = boto3.client("route53").list_health_checks()["HealthChecks"]
    config = check["HealthCheckConfig"]
    assert f"https://{config['FullyQualifiedDomainName']}{config['ResourcePath']}" == f"{made['endpoint']}/readiness"
    assert made["endpoint"].endswith("/live")
    run_module("api_gateway", **PLACE, state="absent")


def test_a_web_acl_is_put_before_the_stage_and_taken_away(aws: Any, wanted: Item, api: Item, run_module: Run) -> None:
    seen = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "a"}
    waf = boto3.client("wafv2", REGION)
    acl = waf.create_web_acl(Name="a", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen)["Summary"]
    guarded = {**wanted, "web_acl": acl["ARN"]}
    assert kinds(run_module("api_gateway", **guarded)) == {"apigateway_stage": "update"}
    assert stage_of(aws, api)["webAclArn"] == acl["ARN"]
    assert run_module("api_gateway", **guarded)["changes"] == []
    run_module("api_gateway", **wanted)
    assert "webAclArn" not in stage_of(aws, api)


def test_a_stray_is_known_by_its_tags_and_removed(aws: Any, api: Item, run_module: Run) -> None:
    place = {"workload": "sales", "region": REGION}
    shown = run_module("workload_strays_info", **place)["strays"]
    assert "apigatewayv2_api" in {each["kind"] for each in shown} and "other" not in {each["kind"] for each in shown}
    kept = {"elbv2_load_balancer": ["*"], "acm_certificate": ["*"]}
    assert run_module("workload_strays", **place, wanted=kept)["changes"]
    assert aws.get_rest_apis()["items"] == aws.get_vpc_links()["items"] == []


def test_without_a_role_for_its_logs_the_account_is_told_so(aws: Any, run_module: Run) -> None:
    place = {"regions": [{"name": REGION, "cidr": "10.1.0.0/16"}], "region": REGION, "rest_api": True}
    run_module("account_check", **place)
    elsewhere = {**place, "regions": [{"name": "us-east-1", "cidr": "10.1.0.0/16"}]}
    with pytest.raises(Exception, match="aws apigateway update-account --region us-east-1"):
        run_module("account_check", **elsewhere)


def test_api_gateway_refuses(aws: Any, api: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    identifier, bad = api["api_id"], "BadRequestException"
    (link,) = aws.get_vpc_links()["items"]
    target = link["targetArns"][0]

    def body(key: str = "GET /sales/{id}", **changes: Any) -> bytes:
        way = {"uri": "http://api.example.com/sales/{id}", "link": link["id"], "timeout": 29000, **changes}
        return json.dumps(document("sales", {key: way}, False)).encode()

    unsaid = body().replace(b'"in": "path"', b'"in": "query"')
    siblings = json.loads(body())
    siblings["paths"]["/sales/{name}"] = siblings["paths"]["/sales/{id}"]
    put = {"restApiId": identifier, "mode": "overwrite"}
    stage = {"restApiId": identifier, "stageName": "live"}

    def patch(path: str, value: str) -> list[Item]:
        return [{"op": "replace", "path": path, "value": value}]

    demanding = json.loads(body("POST /sales", body=SALE))
    unnamed = {**demanding, "components": {}}
    unchecked = {**demanding, "x-amazon-apigateway-request-validators": {}}

    def with_model(name: str, schema: Item) -> bytes:
        models = {**demanding["components"]["schemas"], name: schema}
        return json.dumps({**demanding, "components": {"schemas": models}}).encode()

    served = stage_of(aws, api)["deploymentId"]
    for expected, call, arguments in (
        (bad, aws.create_vpc_link, {"name": "x", "targetArns": [target, target]}),
        (bad, aws.create_vpc_link, {"name": "x", "targetArns": [target.replace("/net/", "/app/")]}),
        (bad, aws.delete_vpc_link, {"vpcLinkId": link["id"]}),
        (bad, aws.put_rest_api, {**put, "body": body(link="none")}),
        (bad, aws.put_rest_api, {**put, "body": body(timeout=30000)}),
        (bad, aws.put_rest_api, {**put, "body": body(uri="http://front/sales")}),
        (bad, aws.put_rest_api, {**put, "body": body("GET /sales/a b")}),
        (bad, aws.put_rest_api, {**put, "body": body("GET /{all+}/more")}),
        (bad, aws.put_rest_api, {**put, "body": unsaid}),
        (bad, aws.put_rest_api, {**put, "body": json.dumps(siblings).encode()}),
        (bad, aws.put_rest_api, {**put, "body": json.dumps(unnamed).encode()}),
        (bad, aws.put_rest_api, {**put, "body": json.dumps(unchecked).encode()}),
        (bad, aws.put_rest_api, {**put, "body": with_model("a-b", {})}),
        (bad, aws.put_rest_api, {**put, "body": with_model("a", {"type": "text"})}),
        (bad, aws.put_rest_api, {**put, "body": with_model("a", {"items": {"const": 1}})}),
        (bad, aws.create_stage, {"restApiId": identifier, "stageName": "x", "deploymentId": "none"}),
        (bad, aws.update_stage, {**stage, "patchOperations": patch("/deploymentId", "none")}),
        (bad, aws.update_stage, {**stage, "patchOperations": patch("/accessLogSettings/format", "no id")}),
        (bad, aws.delete_deployment, {"restApiId": identifier, "deploymentId": served}),
        (bad, aws.update_account, {"patchOperations": patch("/cloudwatchRoleArn", "arn:aws:iam::1:role/none")}),
        (bad, aws.delete_rest_api, {"restApiId": identifier}),
        ("NotFoundException", aws.delete_rest_api, {"restApiId": "none"}),
        ("NotFoundException", aws.delete_vpc_link, {"vpcLinkId": "none"}),
    ):  # fmt: skip
        assert code(call, **arguments) == expected, arguments
    with monkeypatch.context() as patched:
        patched.setattr(localcloud.apigateway.models, "LINKING", 1000.0)
        assert code(aws.put_rest_api, **put, body=body()) == bad  # the link is PENDING
    empty = boto3.client("apigateway", "us-east-1", config=Config(retries={"max_attempts": 0}))
    with monkeypatch.context() as patched:
        patched.setattr(localcloud.apigateway.models, "SHORTENED", 1)  # the machine may be slow
        bare = empty.create_rest_api(name="bare")["id"]
        assert code(empty.create_rest_api, name="soon") == "TooManyRequestsException"
    assert code(empty.create_deployment, restApiId=bare) == bad
    empty.delete_rest_api(restApiId=bare)


def test_a_load_balancer_goes_as_soon_as_its_link_has_let_it_go(
    wanted: Item, run_module: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(localcloud.apigateway.models, "LETTING_GO", 3.0)
    (balancer,) = boto3.client("elbv2", REGION).describe_load_balancers(Names=["front"])["LoadBalancers"]
    place = {"name": "back", "region": REGION, "type": "network"}
    group = {"name": "back", "port": 80, "protocol": "TCP"}
    made = run_module(
        "load_balancer",
        **place,
        scheme="internal",
        vpc_id=balancer["VpcId"],
        subnets=[zone["SubnetId"] for zone in balancer["AvailabilityZones"]],
        target_groups=[group],
        listeners=[{"port": 80, "default": {"target_group": "back"}}],
    )
    run_module("api_gateway", **{**wanted, "listener": made["listeners"]["80"]})
    run_module("api_gateway", **PLACE, state="absent")
    assert run_module("load_balancer", **place, state="absent")["changes"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"listener": f"arn:aws:elasticloadbalancing:{REGION}:123456789012:listener/app/s/1/2"},
            "of a REST API leads to a Network Load Balancer",
        ),
        ({"timeout": 29001}, "timeout is 29001; 50 to 29000"),
        ({"port": 0}, "port is 0"),
        ({"web_acl": "arn:aws:wafv2:x"}, "the ARN of a regional web ACL"),
        ({"web_acl": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/1"}, "which is in eu-west-1"),
        ({"routes": ["GET /a/{x}/b", "GET /a/{y}/c"]}, "{x} and {y} below '/a'"),
        ({"routes": ["GET /a"], "requests": [{"route": "GET /b", "query": ["x"]}]}, "does not let through"),
        ({"requests": [{"route": "POST /a", "body": {"type": "x"}}]}, "requests[0].body.type is 'x'"),
        (
            {
                "type": "http",
                "subnets": ["s"],
                "security_groups": ["g"],
                "requests": [{"route": "GET /", "query": ["x"]}],
            },
            "only REST APIs look at what they pass on",
        ),
    ],
)
def test_what_cannot_be_right_is_told_before_any_call(
    problems_of: Callable[..., list[str]], changes: Item, words: str
) -> None:
    listener = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:listener/net/front/1/2"
    sound = {**PLACE, "type": "rest", "listener": listener}
    assert problems_of("api_gateway", **sound) == []
    assert words in problems_of("api_gateway", **{**sound, **changes})[0]
