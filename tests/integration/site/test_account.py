# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the account lacks is told of all regions at once, before anything is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import name_no_account
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.account_check import vcpus
from localcloud import Cloud
from tests.support.modules import run_named

Check = Callable[..., dict[str, Any]]

TOKYO, IRELAND, BAHRAIN = "ap-northeast-1", "eu-west-1", "me-south-1"
SERVICE = {"name": "api", "cpu": 1024, "memory": 2048, "scaling": {"min": 2, "max": 10}}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


@pytest.fixture
def check(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Check:
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)

    def go(*regions: dict[str, Any] | str, **others: Any) -> dict[str, Any]:
        told = [{"name": each, "nat": "single"} if isinstance(each, str) else each for each in regions]
        return run_named("account_check", region=told[0]["name"], regions=told, **others)

    return go


def refused(check: Check, *regions: Any, **others: Any) -> list[str]:
    with pytest.raises(InvalidInput) as error:
        check(*regions, **others)
    return error.value.problems


def fill(cloud: Cloud, region: str, vpcs: int, addresses: int) -> None:
    ec2 = cloud.client("ec2", region)
    for number in range(vpcs):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    for _number in range(addresses):
        ec2.allocate_address(Domain="vpc")


def test_the_zones_of_every_region_are_told(cloud: Cloud, check: Check) -> None:
    cloud.zones("eu-west-3", "b=euw3-az1:impaired", "a=euw3-az2:constrained", "d=euw3-az3", "c=euw3-az4")
    told = check(TOKYO, "eu-west-3", "us-west-1")["zones"]
    assert told == {
        TOKYO: [f"{TOKYO}a", f"{TOKYO}c"],
        "eu-west-3": ["eu-west-3c", "eu-west-3d"],
        "us-west-1": ["us-west-1a", "us-west-1b"],
    }


def test_everything_is_told_at_once(cloud: Cloud, check: Check) -> None:
    cloud.zones("us-west-1", "a=usw1-az2", "b=usw1-az1")
    fill(cloud, IRELAND, vpcs=4, addresses=5)
    cloud.fault(BAHRAIN, "disabled")
    told = refused(
        check, {"name": TOKYO, "zones": ["a", "b"]}, "us-west-1", IRELAND, BAHRAIN, services=[{**SERVICE, "cpu": 512}]
    )
    assert len(told) == 5, told
    assert told[0].startswith(f"regions[{TOKYO}]: zones has 'b'") and f"c ({TOKYO}c, apne1-az1)" in told[0]
    assert "this account can use 1 zones in us-west-1: b (" in told[1]
    assert "'VPCs per Region', which is 5, and 5 are in use" in told[2] and "--quota-code L-F678F1CE" in told[2]
    assert "needs 1 of the quota 'EC2-VPC Elastic IPs'" in told[3]
    assert "aws account enable-region --region-name me-south-1" in told[4]


def test_fargate_is_judged_by_what_runs_first_and_at_most(cloud: Cloud, check: Check) -> None:
    quotas = cloud.client("service-quotas", "eu-central-1")
    quotas.request_service_quota_increase(ServiceCode="fargate", QuotaCode="L-3032A538", DesiredValue=2)
    (told,) = refused(check, "eu-central-1", services=[SERVICE, {**SERVICE, "name": "more"}])
    assert "needs 4 of the quota 'Fargate On-Demand vCPU', which is 2" in told and "--desired-value 4" in told
    (warned,) = check("eu-central-1", services=[SERVICE])["warnings"]
    assert "scaled to its maximum, the workload needs 10" in warned


def test_a_region_that_does_not_answer_is_a_warning(cloud: Cloud, check: Check) -> None:
    cloud.fault("eu-north-1", "dead")
    told = check("eu-west-2", "eu-north-1")
    assert list(told["zones"]["eu-west-2"]) and "eu-north-1 did not answer" in told["warnings"][0]


def test_what_a_network_stands_in_is_asked_no_quota(cloud: Cloud, check: Check) -> None:
    made = run_named("region_network", region="eu-south-1", cidr="10.9.0.0/16", nat="single")
    fill(cloud, "eu-south-1", vpcs=3, addresses=4)
    cloud.zones("eu-south-1", "c=eus1-az3", "b=eus1-az2:impaired", "a=eus1-az1:impaired")
    assert check("eu-south-1")["zones"] == {"eu-south-1": made["zones"]}
    again = run_named("region_network", region="eu-south-1", cidr="10.9.0.0/16", nat="single")
    assert not again["changed"] and again["zones"] == ["eu-south-1a", "eu-south-1b"]


def test_an_account_that_blocks_public_access_has_no_websites(cloud: Cloud, check: Check) -> None:
    control = cloud.client("s3control", TOKYO)
    control.meta.events.register("before-call.s3-control", name_no_account)
    account = cloud.client("sts", TOKYO).get_caller_identity()["Account"]
    site = {"websites": [{"name": "site", "folder": "public"}]}
    assert "warnings" not in check(TOKYO, **site)
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True}
    control.put_public_access_block(
        AccountId=account, PublicAccessBlockConfiguration={**block, "RestrictPublicBuckets": False}
    )
    try:
        (told,) = refused(check, TOKYO, "eu-west-2", **site)
        assert f"the account {account} blocks public access to all its buckets (BlockPublicPolicy)" in told
        assert "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=false" in told
        assert "warnings" not in check(TOKYO)

        s3 = cloud.client("s3", TOKYO)
        s3.create_bucket(Bucket="site", CreateBucketConfiguration={"LocationConstraint": TOKYO})
        s3.delete_public_access_block(Bucket="site")
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.put_bucket_policy(Bucket="site", Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    finally:
        control.delete_public_access_block(AccountId=account)


def test_who_does_not_answer_is_told_of_those_that_are_left_out_too(cloud: Cloud, check: Check) -> None:
    there, gone, declared = "ap-southeast-2", "ap-southeast-1", "ca-central-1"
    for region in (gone, declared):
        cloud.fault(region, "dead")
    told = check(there, left_out=[TOKYO, gone, declared], dead=[declared])
    assert told["silent"].keys() == {gone} and "ConnectionClosedError" in told["silent"][gone]
    assert check(there, gone)["silent"].keys() == {gone}
    cloud.fault(gone, "throttled", share=1.0)
    assert check(there, left_out=[gone])["silent"] == {}, "who throttles answers"


def test_vcpu_by_quota() -> None:
    spot = {**SERVICE, "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}], "desired_count": 3}
    machine = {**SERVICE, "launch_type": "EC2"}
    assert vcpus([SERVICE, spot, machine]) == {"fargate_vcpu": (2.0, 10.0), "fargate_spot_vcpu": (3.0, 10.0)}
