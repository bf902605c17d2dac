# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates are validated by records in the one public zone that holds their names, and go when nobody uses them."""

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
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.support.modules import told

Run = Callable[..., dict[str, Any]]
REGION, OTHER = "sa-east-1", "us-east-1"
WANTED = {"region": REGION, "domain": "api.example.com"}


class Aws:
    """Route 53 and ACM with one public zone, example.com."""

    def __init__(self) -> None:
        self.dns, self.acm = boto3.client("route53", OTHER), boto3.client("acm", REGION)
        self.zone = self.new_zone("example.com")

    def new_zone(self, name: str, **settings: Any) -> str:
        made = self.dns.create_hosted_zone(Name=name, CallerReference=name, **settings)
        return str(made["HostedZone"]["Id"].rpartition("/")[2])

    def names(self, kind: str = "CNAME") -> list[str]:
        sets = self.dns.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return sorted(each["Name"].partition(".")[2] for each in sets if each["Type"] == kind)

    def statuses(self) -> list[str]:
        arns = [each["CertificateArn"] for each in self.acm.list_certificates()["CertificateSummaryList"]]
        return [self.acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"] for arn in arns]

    def change(self, action: str, **record: Any) -> str:
        """The code of the refusal, or an empty text."""
        try:
            self.dns.change_resource_record_sets(
                HostedZoneId=self.zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws():
        yield Aws()


def test_it_is_issued_in_every_region_by_records_that_are_there_once(aws: Aws, run_module: Run) -> None:
    made = run_module("certificate", **WANTED, regions=[REGION, OTHER])
    assert [arn.split(":")[3] for arn in made["certificates"].values()] == [REGION, OTHER]
    assert (made["zone_id"], aws.names()) == (aws.zone, ["api.example.com."])
    assert aws.statuses() == ["ISSUED"]
    again = run_module("certificate", **WANTED, regions=[REGION, OTHER])
    assert (again["changes"], again["certificates"]) == ([], made["certificates"])
    # What one region gives up the other one still needs; the last one takes the records with it.
    run_module("certificate", **WANTED, regions=[REGION, OTHER], state="absent")
    assert (aws.names(), aws.statuses()) == ([], [])


def test_without_its_record_it_is_not_issued(aws: Aws, run_module: Run) -> None:
    arn = aws.acm.request_certificate(DomainName="api.example.com", ValidationMethod="DNS")["CertificateArn"]
    run_module("certificate", region=REGION, domain="other.example.com")  # which takes longer than validation does
    certificate = aws.acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert (certificate["Status"], "IssuedAt" in certificate) == ("PENDING_VALIDATION", False)


def test_other_names_are_another_certificate_and_the_old_one_goes_when_it_is_unused(aws: Aws, run_module: Run) -> None:
    first = run_module("certificate", **WANTED, alternative_names=["old.example.com"])["certificates"][REGION]
    ec2, elb = boto3.client("ec2", REGION), boto3.client("elbv2", REGION)
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]][:2]
    balancer = elb.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    elb.create_listener(
        LoadBalancerArn=balancer,
        Port=443,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": first}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    made = run_module("certificate", **WANTED)
    assert [change["name"] for change in made["waiting"]] != []
    assert aws.names() == ["api.example.com.", "old.example.com."]
    with pytest.raises(ClientError, match="ResourceInUseException"):
        aws.acm.delete_certificate(CertificateArn=first)
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    assert [action for action, _kind, _name in told(run_module("certificate", **WANTED))] == ["delete", "delete"]
    assert (aws.names(), run_module("certificate", **WANTED)["changes"]) == (["api.example.com."], [])


def test_records_that_validate_somebody_elses_certificate_stay(aws: Aws, run_module: Run) -> None:
    run_module("certificate", **WANTED)
    run_module("certificate", **WANTED, workload="shop")
    run_module("certificate", **WANTED, state="absent")
    assert aws.names() == ["api.example.com."]
    run_module("certificate", **WANTED, workload="shop", state="absent")
    assert aws.names() == []


def test_the_zone_is_the_nearest_public_one_and_no_guess(aws: Aws, run_module: Run) -> None:
    def refused(**wanted: Any) -> str:
        with pytest.raises(CollectionError) as error:
            run_module("certificate", check_mode=True, **{**WANTED, **wanted})
        return str(error.value)

    aws.new_zone("api.example.com", HostedZoneConfig={"PrivateZone": True, "Comment": ""}, VPC={
        "VPCRegion": REGION, "VPCId": "vpc-1"})  # fmt: skip
    assert run_module("certificate", check_mode=True, **WANTED)["zone_id"] == aws.zone
    assert "holds api.example.net; the account has example.com" in refused(domain="api.example.net")
    assert "holds api.example.com, api.example.net" in refused(alternative_names=["api.example.net"])
    nearer, second = aws.new_zone("api.example.com"), None
    assert run_module("certificate", check_mode=True, **WANTED)["zone_id"] == nearer
    assert run_module("certificate", check_mode=True, **WANTED, zone="example.com")["zone_id"] == aws.zone
    second = aws.new_zone("example.com")
    assert f"2 public hosted zones are called example.com: {', '.join(sorted([aws.zone, second]))}" in refused(
        domain="www.example.com"
    )
    assert run_module("certificate", check_mode=True, **WANTED, zone=second)["zone_id"] == second


def test_a_removal_does_not_guess_either_in_which_zone_the_records_are(aws: Aws, run_module: Run) -> None:
    run_module("certificate", **WANTED)
    aws.new_zone("example.com")
    with pytest.raises(CollectionError, match="2 public hosted zones are called example.com"):
        run_module("certificate", **WANTED, state="absent")
    assert (aws.names(), aws.statuses()) == (["api.example.com."], ["ISSUED"])
    run_module("certificate", **WANTED, state="absent", zone=aws.zone)
    assert (aws.names(), aws.statuses()) == ([], [])


def test_preflight_looks_for_the_zone_before_anything_is_made(aws: Aws, run_module: Run) -> None:
    wanted = {"regions": [{"name": REGION}], "region": REGION}
    good, bad = {"name": "api.example.com"}, {"name": "api.example.net"}
    assert run_module("account_check", **wanted, domains=[good])["zones"]
    with pytest.raises(CollectionError, match=r"domains\[api.*\]: No public hosted zone .* holds api\.example\.net"):
        run_module("account_check", **wanted, domains=[good, bad])
    aws.new_zone("example.com")
    with pytest.raises(CollectionError, match=r"2 public hosted zones are called example\.com"):
        run_module("account_check", **wanted, domains=[good])
    assert run_module("account_check", **wanted, domains=[{**good, "zone": aws.zone}])["zones"]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"domain": "api"}, "domain is 'api'; a full name"),
        ({"domain": "api.*.com"}, "a full name such as"),
        ({"alternative_names": ["-a.example.com"]}, "alternative_names is '-a.example.com'"),
        ({"domain": f"{'a' * 60}.example.com"}, "has 72 characters; the first name"),
        ({"alternative_names": [f"a{n}.example.com" for n in range(10)]}, "are 11 names; a certificate takes 10"),
        ({"regions": ["sa-east-9"]}, "regions"),
    ],
)
def test_what_acm_refuses_is_told_before_any_call(
    problems_of: Callable[..., list[str]], wanted: dict[str, Any], words: str
) -> None:
    assert words in problems_of("certificate", **{**WANTED, **wanted})[0]


def test_acm_refuses_such_names_too(aws: Aws) -> None:
    for name in ("api.*.com", f"{'a' * 60}.example.com"):
        with pytest.raises(ClientError, match="ValidationException"):
            aws.acm.request_certificate(DomainName=name, ValidationMethod="DNS")


WEIGHTED = {"Name": "w.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "a.example.org"}]}


def test_route53_keeps_records_apart_by_name_type_and_set_identifier(aws: Aws) -> None:
    other = {**WEIGHTED, "Name": "x.example.com"}
    for record in (WEIGHTED, other):
        assert aws.change("CREATE", **record, SetIdentifier=REGION, Weight=1) == ""
    assert aws.change("DELETE", **WEIGHTED, SetIdentifier=REGION, Weight=2) == "InvalidChangeBatch"
    assert aws.change("DELETE", **WEIGHTED, SetIdentifier=REGION, Weight=1) == ""
    assert aws.change("DELETE", **WEIGHTED, SetIdentifier=REGION, Weight=1) == "InvalidChangeBatch"
    assert aws.names() == ["example.com."]


def test_route53_refuses_records_that_cannot_stand_beside_each_other(aws: Aws) -> None:
    assert aws.change("CREATE", **WEIGHTED, SetIdentifier=REGION, Weight=1) == ""
    address = {"Name": "w.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    for action, record in (
        ("CREATE", address),
        ("UPSERT", WEIGHTED),
        ("UPSERT", {**WEIGHTED, "SetIdentifier": OTHER}),
        ("CREATE", {**WEIGHTED, "SetIdentifier": REGION, "Weight": 1}),
    ):
        assert aws.change(action, **record) == "InvalidChangeBatch", record
    assert aws.change("UPSERT", **WEIGHTED, SetIdentifier=REGION, Weight=5) == ""
