# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP API in front of a listener, under a custom domain: what is made, kept, refused, and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

import localcloud.acm.models
import localcloud.apigatewayv2.models
import localcloud.elbv2.models
import localcloud.route53.models  # noqa: F401 - their rules take the place of moto's
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.support.modules import told

Run = Callable[..., dict[str, Any]]
Item = dict[str, Any]
REGION = "sa-east-1"
PLACE = {"workload": "sales", "region": REGION, "name": "sales"}


@pytest.fixture(scope="module")
def aws() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("apigatewayv2", REGION)


@pytest.fixture(scope="module")
def zone(aws: Any) -> str:
    dns = boto3.client("route53", "us-east-1")
    return str(dns.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2])


@pytest.fixture(scope="module")
def wanted(zone: str, run_module: Run) -> Item:
    """The parameters of an API. One account serves all tests, each of which leaves it as it was."""
    ec2 = boto3.client("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=REGION + letter)["Subnet"]["SubnetId"]
        for n, letter in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="sales", Description="sales", VpcId=vpc)["GroupId"]
    place = {"region": REGION, "subnets": subnets, "security_groups": [group]}
    answer = {"port": 80, "default": {"fixed_response": {"status_code": 200}}}
    balancer = run_module("load_balancer", name="sales", scheme="internal", listeners=[answer], **place)
    issued = run_module("certificate", region=REGION, domain="example.com", alternative_names=["*.example.com"])
    certificate = issued["certificates"][REGION]
    domain = {"name": "api.example.com", "certificate": certificate}
    return {**PLACE, **place, "listener": balancer["listeners"]["80"], "domain": domain}


@pytest.fixture
def api(wanted: Item, run_module: Run) -> Iterator[Item]:
    yield run_module("api_gateway", **wanted)
    run_module("api_gateway", **PLACE, state="absent")


def records(zone: str) -> list[Item]:
    sets = boto3.client("route53", "us-east-1").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [each for each in sets if each["Type"] == "A"]


def code(call: Callable[..., Any], **arguments: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    return str(refusal.value.response["Error"]["Code"])


def test_it_is_planned_made_and_then_nothing_differs(aws: Any, zone: str, wanted: Item, run_module: Run) -> None:
    planned = run_module("api_gateway", check_mode=True, **wanted)
    made = run_module("api_gateway", **wanted)
    assert told(made) == told(planned)
    assert run_module("api_gateway", **wanted)["changes"] == []
    (record,) = records(zone)
    assert (record["Name"], record["SetIdentifier"], record["Weight"]) == ("api.example.com.", REGION, 100)
    assert record["AliasTarget"]["DNSName"].rstrip(".") == made["target"]
    assert aws.get_api(ApiId=made["api_id"])["DisableExecuteApiEndpoint"] is True
    (link,) = aws.get_vpc_links()["Items"]
    (integration,) = aws.get_integrations(ApiId=made["api_id"])["Items"]
    assert (integration["ConnectionId"], integration["IntegrationUri"]) == (link["VpcLinkId"], wanted["listener"])
    run_module("api_gateway", **PLACE, state="absent")
    left = [aws.get_apis, aws.get_vpc_links, aws.get_domain_names]
    assert [records(zone), *(ask()["Items"] for ask in left)] == [[], [], [], []]
    assert run_module("api_gateway", **PLACE, state="absent")["changes"] == []


def test_a_weight_that_a_failover_has_moved_stays(zone: str, wanted: Item, api: Item, run_module: Run) -> None:
    (record,) = records(zone)
    change = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {**record, "Weight": 0}}]}
    boto3.client("route53", "us-east-1").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    assert run_module("api_gateway", **wanted)["changes"] == []
    assert records(zone)[0]["Weight"] == 0


def checks() -> list[Item]:
    return boto3.client("route53", "us-east-1").list_health_checks()["HealthChecks"]


def test_a_domain_is_answered_while_its_region_is_ready(aws: Any, zone: str, wanted: Item, run_module: Run) -> None:
    gated = {**wanted, "domain": {**wanted["domain"], "health_check": {"failure_threshold": 1}, "keep_weight": False}}
    planned = run_module("api_gateway", check_mode=True, **gated)
    made = run_module("api_gateway", **gated)
    assert told(made) == told(planned)
    assert run_module("api_gateway", **gated)["changes"] == []
    (check,), (record,) = checks(), records(zone)
    config = check["HealthCheckConfig"]
    # The domain leads to any region, so the checkers ask for the API by its own name.
    assert (config["Type"], f"https://{config['FullyQualifiedDomainName']}") == ("HTTPS", made["endpoint"])
    assert (config["ResourcePath"], config["RequestInterval"], config["EnableSNI"]) == ("/readiness", 10, True)
    assert check["Id"] == record["HealthCheckId"] == made["health_check_id"]
    assert aws.get_api(ApiId=made["api_id"])["DisableExecuteApiEndpoint"] is False
    # A weight that is nobody else's is mended, and what Route 53 cannot change is made anew.
    change = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {**record, "Weight": 0}}]}
    boto3.client("route53", "us-east-1").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    gated["domain"]["health_check"] = {"interval": 30, "path": "/ready"}
    run_module("api_gateway", **gated)
    (another,), (record,) = checks(), records(zone)
    assert another["Id"] == record["HealthCheckId"] != check["Id"] and record["Weight"] == 100
    run_module("api_gateway", **wanted)
    assert checks() == [] and "HealthCheckId" not in records(zone)[0]
    run_module("api_gateway", **gated)
    run_module("api_gateway", **PLACE, state="absent")
    assert (checks(), records(zone)) == ([], [])


def test_a_health_check_that_a_killed_run_left_without_tags_is_its_own(wanted: Item, run_module: Run) -> None:
    gated = {**wanted, "domain": {**wanted["domain"], "health_check": {}}}
    run_module("api_gateway", **gated)
    dns, (check,) = boto3.client("route53", "us-east-1"), checks()
    tags = {"ResourceType": "healthcheck", "ResourceId": check["Id"]}
    keys = [each["Key"] for each in dns.list_tags_for_resource(**tags)["ResourceTagSet"]["Tags"]]
    assert "workload" in keys
    dns.change_tags_for_resource(**tags, RemoveTagKeys=keys)
    mended = run_module("api_gateway", **gated)
    assert [each["kind"] for each in mended["changes"]] == ["route53_health_check"]
    assert [each["Id"] for each in checks()] == [check["Id"]]
    run_module("api_gateway", **PLACE, state="absent")


def test_records_by_latency_lead_to_regions_that_are_ready(zone: str, wanted: Item, run_module: Run) -> None:
    gated = {**wanted["domain"], "health_check": {}, "keep_weight": False, "latency": True}
    run_module("api_gateway", **{**wanted, "domain": gated})
    assert run_module("api_gateway", **{**wanted, "domain": gated})["changes"] == []
    (record,) = records(zone)
    assert (record["Region"], record.get("Weight"), record["SetIdentifier"]) == (REGION, None, REGION)
    assert record["HealthCheckId"] == checks()[0]["Id"]
    told_of = run_module("record_weights_info", region=REGION, domain="api.example.com")
    assert (told_of["weights"], told_of["health_checks"]) == ({}, {REGION: record["HealthCheckId"]})
    with pytest.raises(CollectionError, match="policy.* All records of one name have one policy"):
        run_module("api_gateway", check_mode=True, **{**wanted, "domain": {**gated, "latency": False}})
    # Route 53 refuses another policy beside it, and a second record of one region.
    dns = boto3.client("route53", "us-east-1")
    other = {key: value for key, value in record.items() if key != "HealthCheckId"} | {"SetIdentifier": "other"}
    weighted = {key: value for key, value in other.items() if key != "Region"} | {"Weight": 1}
    for each in (other, weighted):
        change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": each}]}
        with pytest.raises(ClientError, match="InvalidChangeBatch"):
            dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
    run_module("api_gateway", **PLACE, state="absent")
    assert (checks(), records(zone)) == ([], [])


def test_routes_and_domains_that_are_no_longer_asked_for_go(
    aws: Any, zone: str, wanted: Item, api: Item, run_module: Run
) -> None:
    domain = {**wanted["domain"], "name": "shop.example.com"}
    run_module("api_gateway", **{**wanted, "routes": ["GET /sales/{id}"], "domain": domain})
    assert [each["RouteKey"] for each in aws.get_routes(ApiId=api["api_id"])["Items"]] == ["GET /sales/{id}"]
    assert [each["DomainName"] for each in aws.get_domain_names()["Items"]] == ["shop.example.com"]
    assert [each["Name"] for each in records(zone)] == ["shop.example.com."]


def test_somebody_elses_record_is_not_taken(zone: str, wanted: Item, run_module: Run) -> None:
    dns = boto3.client("route53", "us-east-1")
    record = {"Name": "api.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "old.example.com"}]}
    for action in ("CREATE", "DELETE"):
        dns.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        )
        if action == "CREATE":
            with pytest.raises(
                CollectionError, match="of type CNAME, which is not weighted, that does not lead to API"
            ):
                run_module("api_gateway", check_mode=True, **wanted)


def test_strays_are_told_and_removed(aws: Any, zone: str, api: Item, run_module: Run) -> None:
    place = {"workload": "sales", "region": REGION}
    shown = run_module("workload_strays_info", **place)["strays"]
    kinds = {each["kind"]: each["name"] for each in shown}
    assert (kinds["apigatewayv2_api"], kinds["acm_certificate"]) == ("sales", "example.com")
    assert "other" not in kinds
    kept = {"elbv2_load_balancer": ["*"], "acm_certificate": ["*"]}
    assert run_module("workload_strays", **place, wanted=kept)["changes"]
    assert (records(zone), aws.get_apis()["Items"], aws.get_domain_names()["Items"]) == ([], [], [])


def test_api_gateway_refuses(aws: Any, wanted: Item, api: Item) -> None:
    identifier, bad = api["api_id"], "BadRequestException"
    private = {"ApiId": identifier, "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "ANY"}
    private |= {"ConnectionType": "VPC_LINK", "PayloadFormatVersion": "1.0", "IntegrationUri": wanted["listener"]}
    subnets, groups = wanted["subnets"], wanted["security_groups"]
    link = aws.create_vpc_link(Name="new", SubnetIds=subnets, SecurityGroupIds=groups)["VpcLinkId"]
    (ready,) = [each["VpcLinkId"] for each in aws.get_vpc_links()["Items"] if each["Name"] == "sales"]
    certificate, domain = wanted["domain"]["certificate"], {"EndpointType": "REGIONAL"}
    elsewhere = certificate.replace(REGION, "us-east-1")
    for expected, call, arguments in (
        (bad, aws.create_vpc_link, {"Name": "x", "SubnetIds": ["subnet-1"]}),
        (bad, aws.create_vpc_link, {"Name": "x", "SubnetIds": subnets, "SecurityGroupIds": ["sg-1"]}),
        (bad, aws.create_integration, {**private, "ConnectionId": link}),
        (bad, aws.create_integration, {**private, "ConnectionId": "none"}),
        (bad, aws.create_integration, {**private, "ConnectionId": ready, "IntegrationUri": "http://10.0.0.1/"}),
        (bad, aws.create_integration, {**private, "ConnectionId": ready, "TimeoutInMillis": 30001}),
        (bad, aws.create_route, {"ApiId": identifier, "RouteKey": "FETCH /"}),
        (bad, aws.create_route, {"ApiId": identifier, "RouteKey": "GET /{all+}/more"}),
        (bad, aws.create_route, {"ApiId": identifier, "RouteKey": "GET /", "Target": "integrations/none"}),
        ("ConflictException", aws.create_route, {"ApiId": identifier, "RouteKey": "$default"}),
        ("ConflictException", aws.create_stage, {"ApiId": identifier, "StageName": "$default"}),
        ("ConflictException", aws.create_api_mapping, {
            "DomainName": "api.example.com", "ApiId": identifier, "Stage": "$default"}),
        (bad, aws.create_domain_name, {
            "DomainName": "b.example.com", "DomainNameConfigurations": [{**domain, "CertificateArn": elsewhere}]}),
        (bad, aws.create_domain_name, {
            "DomainName": "api.example.net", "DomainNameConfigurations": [{**domain, "CertificateArn": certificate}]}),
        (bad, aws.delete_api, {"ApiId": identifier}),
        ("NotFoundException", aws.delete_api, {"ApiId": "none"}),
        ("NotFoundException", aws.delete_vpc_link, {"VpcLinkId": "none"}),
    ):  # fmt: skip
        assert code(call, **arguments) == expected, arguments
    aws.delete_vpc_link(VpcLinkId=link)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"listener": "arn:aws:elasticloadbalancing:x"}, "listener is 'arn:aws:elasticloadbalancing:x'"),
        ({"subnets": []}, "subnets is empty"),
        ({"timeout": 30001}, "timeout is 30001; 50 to 30000"),
        ({"log_retention_in_days": 2}, "log_retention_in_days is 2"),
        ({"routes": ["GET sales"]}, "routes has 'GET sales'; $default, or a method"),
        ({"routes": ["GET /{all+}/more"]}, "routes has 'GET /{all+}/more'"),
        ({"routes": ["GET /a/{x}", "GET /a/{y}"]}, "takes both for the same path"),
        ({"domain": {"name": "api"}}, "domain.name is 'api'; a full name"),
        ({"domain": {"name": "api.example.com"}}, "domain.certificate is missing"),
        (
            {"domain": {"name": "a.example.com", "certificate": "arn:aws:acm:eu-west-1:1:certificate/1"}},
            "is in eu-west-1",
        ),
        ({"domain": {"name": "a.example.com", "certificate": "x", "weight": 256}}, "domain.weight is 256; 0 to 255"),
        ({"domain": {"name": "a.example.com", "certificate": "x", "latency": True}}, "without domain.health_check"),
        (
            {"domain": {"name": "a.example.com", "certificate": "x", "health_check": {"path": "ready"}}},
            "domain.health_check.path is 'ready'; a path that begins with a slash",
        ),
        (
            {"domain": {"name": "a.example.com", "certificate": "x", "health_check": {"failure_threshold": 11}}},
            "domain.health_check.failure_threshold is 11; 1 to 10",
        ),
    ],
)
def test_what_cannot_be_right_is_told_before_any_call(
    problems_of: Callable[..., list[str]], changes: Item, words: str
) -> None:
    listener = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:listener/app/sales/1/2"
    sound = {**PLACE, "listener": listener, "subnets": ["subnet-1"], "security_groups": ["sg-1"]}
    assert problems_of("api_gateway", **sound) == []
    assert words in problems_of("api_gateway", **{**sound, **changes})[0]
