# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3 replication, Parameter Store and image repositories over the real API."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from localcloud import Cloud
from tests.support.expectations import LAG, cut, refusal, refused
from tests.support.waiting import eventually

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)


class Lake:
    """Two versioned buckets in two regions, and a role that may replicate between them."""

    def __init__(self, cloud: Cloud, name: str):
        self.clients = {"sa-east-1": cloud.client("s3", "sa-east-1"), "us-east-1": cloud.client("s3", "us-east-1")}
        self.buckets = {region: f"{name}-{region}" for region in self.clients}
        self.clients["us-east-1"].create_bucket(Bucket=self.buckets["us-east-1"])
        self.clients["sa-east-1"].create_bucket(
            Bucket=self.buckets["sa-east-1"], CreateBucketConfiguration={"LocationConstraint": "sa-east-1"}
        )
        iam = cloud.client("iam")
        self.role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        statement = {"Effect": "Allow", "Action": ["s3:ReplicateObject"], "Resource": f"arn:aws:s3:::{name}-*/*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=name, PolicyName="replicate", PolicyDocument=document)

    def version(self) -> None:
        for region, client in self.clients.items():
            on = {"Status": "Enabled"}
            client.put_bucket_versioning(Bucket=self.buckets[region], VersioningConfiguration=on)

    def replicate(self, source: str, target: str, **changes: Any) -> None:
        rule = {
            "ID": "all",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": "sales/"},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{self.buckets[target]}"},
        }
        configuration = {"Role": self.role, "Rules": [rule | changes]}
        self.clients[source].put_bucket_replication(Bucket=self.buckets[source], ReplicationConfiguration=configuration)

    def put(self, region: str, key: str, body: bytes, **more: Any) -> str:
        return self.clients[region].put_object(Bucket=self.buckets[region], Key=key, Body=body, **more)["VersionId"]

    def versions(self, region: str) -> list[tuple[str, str]]:
        listed = self.clients[region].list_object_versions(Bucket=self.buckets[region])
        return sorted((version["Key"], version["VersionId"]) for version in listed.get("Versions", []))

    def head(self, region: str, key: str) -> Any:
        return self.clients[region].head_object(Bucket=self.buckets[region], Key=key)


@pytest.fixture
def lake(cloud: Cloud, name: str) -> Lake:
    return Lake(cloud, name)


def test_replication_needs_versions_on_both_sides(lake: Lake) -> None:
    assert "ersioning must be" in refusal(lake.replicate, source="sa-east-1", target="us-east-1")
    on = {"Status": "Enabled"}
    lake.clients["sa-east-1"].put_bucket_versioning(Bucket=lake.buckets["sa-east-1"], VersioningConfiguration=on)
    assert "Destination bucket must have" in refusal(lake.replicate, source="sa-east-1", target="us-east-1")
    lake.version()
    lake.replicate("sa-east-1", "us-east-1")
    off = {"Bucket": lake.buckets["sa-east-1"], "VersioningConfiguration": {"Status": "Suspended"}}
    assert refused(lake.clients["sa-east-1"].put_bucket_versioning, **off) == "InvalidBucketState"


def test_two_one_way_rules_make_both_buckets_alike(cloud: Cloud, lake: Lake) -> None:
    lake.version()
    lake.replicate("sa-east-1", "us-east-1")
    lake.replicate("us-east-1", "sa-east-1")
    with cut(cloud):
        made = {
            ("sales/1.json", lake.put("sa-east-1", "sales/1.json", b"one", Metadata={"sale": "1"})),
            ("sales/2.json", lake.put("us-east-1", "sales/2.json", b"two")),
            ("sales/2.json", lake.put("us-east-1", "sales/2.json", b"two again")),
        }
        assert lake.head("sa-east-1", "sales/1.json")["ReplicationStatus"] == "PENDING"
    eventually(lambda: lake.versions("sa-east-1") == lake.versions("us-east-1") == sorted(made))
    assert lake.head("sa-east-1", "sales/1.json")["ReplicationStatus"] == "COMPLETED"
    replica = lake.head("us-east-1", "sales/1.json")
    assert (replica["ReplicationStatus"], replica["Metadata"]) == ("REPLICA", {"sale": "1"})
    body = lake.clients["sa-east-1"].get_object(Bucket=lake.buckets["sa-east-1"], Key="sales/2.json")["Body"].read()
    assert body == b"two again"
    time.sleep(3 * LAG)
    assert lake.versions("sa-east-1") == sorted(made)  # replicas are not sent back


def test_only_what_the_rule_admits_travels(lake: Lake) -> None:
    lake.version()
    lake.replicate("sa-east-1", "us-east-1")
    lake.put("sa-east-1", "other/1.json", b"x")
    kept = lake.put("sa-east-1", "sales/1.json", b"x")
    eventually(lambda: lake.versions("us-east-1") == [("sales/1.json", kept)])
    lake.clients["sa-east-1"].delete_object(Bucket=lake.buckets["sa-east-1"], Key="sales/1.json")
    there = {"Bucket": lake.buckets["us-east-1"]}
    eventually(lambda: lake.clients["us-east-1"].list_object_versions(**there).get("DeleteMarkers"))
    assert "Contents" not in lake.clients["us-east-1"].list_objects_v2(**there)
    assert refused(lake.clients["us-east-1"].delete_bucket, **there) == "BucketNotEmpty"


def test_without_a_role_that_may_nothing_arrives(cloud: Cloud, lake: Lake, name: str) -> None:
    cloud.client("iam").delete_role_policy(RoleName=name, PolicyName="replicate")
    lake.version()
    lake.replicate("sa-east-1", "us-east-1")
    lake.put("sa-east-1", "sales/1.json", b"x")
    eventually(lambda: lake.head("sa-east-1", "sales/1.json")["ReplicationStatus"] == "FAILED")
    assert lake.versions("us-east-1") == []


def test_a_rule_is_told_as_it_was_given(lake: Lake) -> None:
    lake.version()
    lake.replicate("sa-east-1", "us-east-1", SourceSelectionCriteria={"ReplicaModifications": {"Status": "Enabled"}})
    told = lake.clients["sa-east-1"].get_bucket_replication(Bucket=lake.buckets["sa-east-1"])
    assert told["ReplicationConfiguration"]["Rules"] == [
        {
            "ID": "all",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": "sales/"},
            "DeleteMarkerReplication": {"Status": "Enabled"},
            "SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}},
            "Destination": {"Bucket": f"arn:aws:s3:::{lake.buckets['us-east-1']}"},
        }
    ]


def test_new_buckets_are_encrypted_and_closed(lake: Lake) -> None:
    client, bucket = lake.clients["us-east-1"], lake.buckets["us-east-1"]
    rules = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert all(client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    controls = client.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_standard_parameters_hold_four_kilobytes(cloud: Cloud, name: str) -> None:
    client = cloud.client("ssm")
    client.put_parameter(Name=f"/{name}", Value="x" * 4096, Type="String", Tags=[{"Key": "workload", "Value": name}])
    too_long = {"Name": f"/{name}", "Value": "x" * 4097, "Type": "String", "Overwrite": True}
    assert refused(client.put_parameter, **too_long) == "ValidationException"
    version = client.put_parameter(Name=f"/{name}", Value="ACTIVE", Type="String", Overwrite=True)["Version"]
    assert version == 2
    found = client.describe_parameters(ParameterFilters=[{"Key": "tag:workload", "Values": [name]}])["Parameters"]
    assert [parameter["Name"] for parameter in found] == [f"/{name}"]
    assert client.get_parameters_by_path(Path="/", Recursive=True)["Parameters"]
