# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets on the embedded cloud: policies with conditions, and replication as S3 does it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud as Session
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.resources import bucket
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.bucket_replication import BucketReplication
from localcloud import Cloud
from tests.support.expectations import LAG, refused
from tests.support.waiting import eventually

HERE, THERE = "sa-east-1", "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/replicate"


@pytest.fixture(scope="module", autouse=True)
def role(cloud: Cloud) -> None:
    """The role replication happens in; without one that may, nothing arrives."""
    allow = {"Effect": "Allow", "Action": "s3:Replicate*", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam, version = cloud.client("iam"), "2012-10-17"
    iam.create_role(
        RoleName="replicate", AssumeRolePolicyDocument=json.dumps({"Version": version, "Statement": [trust]})
    )
    document = json.dumps({"Version": version, "Statement": [allow]})
    iam.put_role_policy(RoleName="replicate", PolicyName="replicate", PolicyDocument=document)


def make(cloud: Cloud, name: str, region: str, versioned: bool = True) -> Any:
    client = cloud.client("s3", region)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=name, **place)
    if versioned:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return client


def replicate(client: Any, source: str, target: str, *, markers: bool = False) -> None:
    rule = {
        "ID": f"to-{target}",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled" if markers else "Disabled"},
        "SourceSelectionCriteria": {"ReplicaModifications": {"Status": "Enabled"}},
        "Destination": {"Bucket": f"arn:aws:s3:::{target}"},
    }
    client.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": ROLE, "Rules": [rule]})
    assert client.get_bucket_replication(Bucket=source)["ReplicationConfiguration"]["Rules"] == [rule]


def versions(client: Any, bucket: str) -> list[tuple[str, str]]:
    answer = client.list_object_versions(Bucket=bucket)
    found = [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]
    return sorted((version["Key"], version["VersionId"]) for version in found)


def test_a_bucket_for_tls_only_takes_what_comes(cloud: Cloud, name: str) -> None:
    client = make(cloud, name, HERE)
    arn = f"arn:aws:s3:::{name}"
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
    condition = {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **condition}]})
    client.put_bucket_policy(Bucket=name, Policy=policy)
    client.put_object(Bucket=name, Key="sale.json", Body=b"{}")
    assert client.get_object(Bucket=name, Key="sale.json")["Body"].read() == b"{}"
    assert json.loads(client.get_bucket_policy(Bucket=name)["Policy"]) == json.loads(policy)

    # A Deny without a condition still denies.
    client.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert refused(client.put_object, Bucket=name, Key="sale.json", Body=b"{}") == "403"


def test_a_bucket_leaves_its_tags_to_nobody(cloud: Cloud, name: str) -> None:
    client = make(cloud, name, HERE)
    client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "team", "Value": "sales"}]})
    client.delete_bucket(Bucket=name)

    make(cloud, name, HERE)

    assert refused(client.get_bucket_tagging, Bucket=name) == "NoSuchTagSet"


def test_two_buckets_replicate_to_each_other_and_no_copy_comes_back(cloud: Cloud, name: str) -> None:
    one, other = f"{name}-one", f"{name}-other"
    here, there = make(cloud, one, HERE), make(cloud, other, THERE)
    before = here.put_object(Bucket=one, Key="before.json", Body=b"0")["VersionId"]
    replicate(here, one, other)
    replicate(there, other, one)

    first = here.put_object(Bucket=one, Key="a.json", Body=b"1", Metadata={"home": HERE})["VersionId"]
    second = there.put_object(Bucket=other, Key="b.json", Body=b"2")["VersionId"]

    eventually(lambda: versions(there, other) == [("a.json", first), ("b.json", second)])
    eventually(lambda: versions(here, one) == [("a.json", first), ("b.json", second), ("before.json", before)])
    copied = there.get_object(Bucket=other, Key="a.json")
    assert (copied["Body"].read(), copied["Metadata"]) == (b"1", {"home": HERE})
    time.sleep(4 * LAG)  # long enough for a copy of a copy
    assert len(versions(here, one)) == 3


def test_an_object_tells_how_far_its_replication_has_come(cloud: Cloud, name: str) -> None:
    one, other = f"{name}-one", f"{name}-other"
    here, there = make(cloud, one, HERE), make(cloud, other, THERE)
    replicate(here, one, other)
    cloud.service("s3", HERE, "late", lag=2.0)
    try:
        here.put_object(Bucket=one, Key="a.json", Body=b"1")
        time.sleep(4 * LAG)  # an item of a table would be there
        assert here.head_object(Bucket=one, Key="a.json")["ReplicationStatus"] == "PENDING"
        assert refused(there.head_object, Bucket=other, Key="a.json") == "404"
        eventually(lambda: here.head_object(Bucket=one, Key="a.json")["ReplicationStatus"] == "COMPLETED")
    finally:
        cloud.service("s3", HERE, "ok")
    assert there.head_object(Bucket=other, Key="a.json")["ReplicationStatus"] == "REPLICA"


def test_a_conditional_put_never_writes_over_an_object(cloud: Cloud, name: str) -> None:
    one, other = f"{name}-one", f"{name}-other"
    here, there = make(cloud, one, HERE), make(cloud, other, THERE)
    replicate(here, one, other)
    here.put_object(Bucket=one, Key="a.json", Body=b"1", IfNoneMatch="*")
    assert refused(here.put_object, Bucket=one, Key="a.json", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
    eventually(lambda: [key for key, _version in versions(there, other)] == ["a.json"])
    assert refused(there.put_object, Bucket=other, Key="a.json", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
    assert len(versions(there, other)) == 1


def test_a_conditional_copy_never_writes_over_an_object(cloud: Cloud, name: str) -> None:
    one, other = f"{name}-one", f"{name}-other"
    here, there = make(cloud, one, HERE), make(cloud, other, THERE)
    here.put_object(Bucket=one, Key="a b.json", Body=b"1", Metadata={"home": HERE})
    copy = {"Bucket": other, "Key": "a b.json", "CopySource": {"Bucket": one, "Key": "a b.json"}, "IfNoneMatch": "*"}
    there.copy_object(**copy)
    assert refused(there.copy_object, **copy) == "PreconditionFailed"
    assert len(versions(there, other)) == 1
    assert there.head_object(Bucket=other, Key="a b.json")["Metadata"] == {"home": HERE}
    there.delete_object(Bucket=other, Key="a b.json")  # a marker is no object
    there.copy_object(**copy)


def test_a_copy_is_a_new_object_that_is_sent_on(cloud: Cloud, name: str) -> None:
    one, other = f"{name}-one", f"{name}-other"
    here, there = make(cloud, one, HERE), make(cloud, other, THERE)
    here.put_object(Bucket=one, Key="a.json", Body=b"1")
    replicate(there, other, one)
    there.copy_object(Bucket=other, Key="a.json", CopySource={"Bucket": one, "Key": "a.json"})
    eventually(lambda: len(versions(here, one)) == 2)


@pytest.mark.parametrize("markers", [True, False])
def test_delete_markers_are_copied_only_if_asked(cloud: Cloud, name: str, markers: bool) -> None:
    one, other = f"{name}-one", f"{name}-other"
    here, there = make(cloud, one, HERE), make(cloud, other, THERE)
    replicate(here, one, other, markers=markers)
    written = here.put_object(Bucket=one, Key="a.json", Body=b"1")["VersionId"]
    marker = here.delete_object(Bucket=one, Key="a.json")["VersionId"]
    last = here.put_object(Bucket=one, Key="z.json", Body=b"1")["VersionId"]

    expected = [("a.json", written), ("z.json", last)] + ([("a.json", marker)] if markers else [])
    eventually(lambda: versions(there, other) == sorted(expected))


def test_replication_needs_versions_on_both_sides(cloud: Cloud, name: str) -> None:
    versioned, plain = f"{name}-versioned", f"{name}-plain"
    here = make(cloud, versioned, HERE)
    make(cloud, plain, THERE, versioned=False)
    rule = {"Status": "Enabled", "Priority": 1, "Filter": {}, "DeleteMarkerReplication": {"Status": "Disabled"}}

    def put(source: str, target: str) -> str:
        rules = [{**rule, "Destination": {"Bucket": f"arn:aws:s3:::{target}"}}]
        configuration = {"Role": ROLE, "Rules": rules}
        return refused(here.put_bucket_replication, Bucket=source, ReplicationConfiguration=configuration)

    assert put(versioned, plain) == "InvalidRequest"
    assert put(plain, versioned) == "InvalidRequest"
    assert put(versioned, f"{name}-nowhere") == "InvalidRequest"


def test_versioning_stays_on_while_a_bucket_replicates(cloud: Cloud, name: str) -> None:
    one, other = f"{name}-one", f"{name}-other"
    here = make(cloud, one, HERE)
    make(cloud, other, THERE)
    replicate(here, one, other)
    suspended = {"Status": "Suspended"}
    assert refused(here.put_bucket_versioning, Bucket=one, VersioningConfiguration=suspended) == "InvalidBucketState"


def test_a_bucket_is_tagged_as_it_is_made(cloud: Cloud) -> None:
    tags = [{"Key": "workload", "Value": "sales"}]
    for region, place in ((HERE, {"LocationConstraint": HERE}), (THERE, {})):
        client = cloud.client("s3", region)
        client.create_bucket(Bucket=f"tagged-{region}", CreateBucketConfiguration={**place, "Tags": tags})
        assert client.get_bucket_tagging(Bucket=f"tagged-{region}")["TagSet"] == tags


def test_a_request_that_expects_another_owner_is_refused(cloud: Cloud) -> None:
    client = make(cloud, "somebodys", HERE)
    ours, theirs = {"ExpectedBucketOwner": "123456789012"}, {"ExpectedBucketOwner": "999999999999"}
    client.put_object(Bucket="somebodys", Key="a", Body=b"1", **ours)
    assert client.get_object(Bucket="somebodys", Key="a", **ours)["Body"].read() == b"1"
    assert refused(client.head_bucket, Bucket="somebodys", **theirs) == "403"
    assert refused(client.get_object, Bucket="somebodys", Key="a", **theirs) == "AccessDenied"
    assert refused(client.delete_bucket, Bucket="somebodys", **theirs) == "AccessDenied"
    assert refused(client.head_bucket, Bucket="nobodys", **theirs) == "404"


def test_the_collection_neither_uses_nor_feeds_a_bucket_of_somebody_else(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To an operator of another account, the bucket is somebody else's, and says so before anything is stored there."""
    make(cloud, "guessed", HERE)
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)
    session = Session({"region": HERE})
    monkeypatch.setattr(session, "_account", "999999999999")
    with pytest.raises(CollectionError, match="guessed exists and does not belong to account 999999999999"):
        bucket.head(session, HERE, "guessed")
    replication = BucketReplication("ours", HERE, namesakes={HERE: "guessed"}, role_arn="arn", rules=[])
    with pytest.raises(CollectionError, match="Nothing is stored in it"):
        replication.create(session, replication.wanted)


def held(cloud: Cloud) -> float:
    """The memory that the server holds, in MB."""
    lines = Path(f"/proc/{cloud.state['pid']}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def test_neither_a_listing_nor_what_was_deleted_stays_in_memory(cloud: Cloud) -> None:
    """Moto copies whatever it lists, and remembers whatever it ever made."""
    client = make(cloud, "memory", HERE)
    keys = [f"part/{number}" for number in range(40)]
    for key in keys:
        client.put_object(Bucket="memory", Key=key, Body=bytes(250_000))
    before = held(cloud)
    for _ in range(8):
        assert len(client.list_object_versions(Bucket="memory", Prefix="part/")["Versions"]) == len(keys)
    assert held(cloud) - before < 20
    for key in keys:
        (version,) = client.list_object_versions(Bucket="memory", Prefix=key)["Versions"][:1]
        client.delete_object(Bucket="memory", Key=key, VersionId=version["VersionId"])
        client.put_object(Bucket="memory", Key="again", Body=bytes(250_000))
        (version,) = client.list_object_versions(Bucket="memory", Prefix="again")["Versions"]
        client.delete_object(Bucket="memory", Key="again", VersionId=version["VersionId"])
    assert held(cloud) - before < 20
