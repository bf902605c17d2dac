# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lakes: what protects them, how they replicate to each other, and that no data goes by accident."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.lake_bucket import MODULE, problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources import bucket
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.bucket_replication import (
    replication_role_name,
    role_policy,
    rules,
)
from tests.support.aws_clients import ACCOUNT, aws_client
from tests.support.aws_clients import one_session as one_session
from tests.support.modules import checked, told

REGIONS = ["sa-east-1", "us-east-1", "eu-west-1"]
COMMON = {"workload": "sales", "prefix": "sales-lake"}


def name_in(region: str) -> str:
    return f"sales-lake-{ACCOUNT}-{region}"


def s3(region: str) -> Any:
    return aws_client("s3", region)


def test_a_lake_is_versioned_encrypted_and_closed(converge: Any) -> None:
    for region in ("sa-east-1", "us-east-1"):  # the second is the one that takes no location constraint
        made = converge(MODULE, region=region, **COMMON)
        name = made["bucket"]["name"]
        assert name == name_in(region)
        assert s3(region).get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        assert set(s3(region).get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values()) == {True}


def test_what_was_changed_by_hand_is_what_is_reported(converge: Any) -> None:
    converge(MODULE, region="sa-east-1", **COMMON)
    name = name_in("sa-east-1")
    s3("sa-east-1").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    s3("sa-east-1").delete_public_access_block(Bucket=name)
    s3("sa-east-1").delete_bucket_policy(Bucket=name)

    (change,) = converge(MODULE, region="sa-east-1", **COMMON)["changes"]

    assert sorted(change["after"]) == ["policy", "public_access_blocked", "versioning"]


def test_three_lakes_form_a_mesh(converge: Any) -> None:
    for region in REGIONS:
        converge(MODULE, region=region, **COMMON)
    for region in REGIONS:
        made = converge(MODULE, region=region, replicate_to=REGIONS, **COMMON)
        others = sorted(name_in(there) for there in REGIONS if there != region)
        assert made["bucket"]["replicates_to"] == others
        set_up = s3(region).get_bucket_replication(Bucket=name_in(region))["ReplicationConfiguration"]
        assert [rule["Destination"]["Bucket"] for rule in set_up["Rules"]] == [f"arn:aws:s3:::{n}" for n in others]
        assert len({rule["Priority"] for rule in set_up["Rules"]}) == 2


def rules_of(region: str) -> dict[str, dict[str, Any]]:
    """The rules of a region's lake, by the bucket that they lead to."""
    told = s3(region).get_bucket_replication(Bucket=name_in(region))["ReplicationConfiguration"]["Rules"]
    return {rule["Destination"]["Bucket"].rpartition(":")[2]: rule for rule in told}


def test_rules_change_while_a_region_is_dead(converge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked of it. What is copied to it stays as it was; a new lake is connected with it when it is back."""
    here, dead, new = REGIONS
    for region in (here, dead):
        converge(MODULE, region=region, **COMMON)
    for region in (here, dead):
        converge(MODULE, region=region, replicate_to=[here, dead], **COMMON)
    before = rules_of(here)[name_in(dead)]
    converge(MODULE, region=new, **COMMON)
    asked = Cloud.client

    def client(cloud: Cloud, service: str, region: str | None = None, **limits: Any) -> Any:
        assert region != dead
        return asked(cloud, service, region, **limits)

    with monkeypatch.context() as patch:
        patch.setattr(Cloud, "client", client)
        for region in (here, new):
            asked_for = {"region": region, "replicate_to": REGIONS, "dead": [dead], "replication_metrics": True}
            converge(MODULE, **asked_for, **COMMON)
    assert rules_of(here).keys() == {name_in(dead), name_in(new)} and rules_of(new).keys() == {name_in(here)}
    assert rules_of(here)[name_in(dead)] == {**before, "Priority": rules_of(here)[name_in(dead)]["Priority"]}
    for region in REGIONS:
        converge(MODULE, region=region, replicate_to=REGIONS, replication_metrics=True, **COMMON)
    assert all(rules_of(region).keys() == {name_in(each) for each in REGIONS if each != region} for region in REGIONS)
    assert "Metrics" in rules_of(here)[name_in(dead)]["Destination"]


def test_a_run_without_replication_leaves_it_alone(converge: Any) -> None:
    for region in REGIONS[:2]:
        converge(MODULE, region=region, **COMMON)
    converge(MODULE, region=REGIONS[0], replicate_to=REGIONS[:2], **COMMON)

    assert told(converge(MODULE, region=REGIONS[0], **COMMON)) == []

    gone = converge(MODULE, region=REGIONS[0], replicate_to=[REGIONS[0]], **COMMON)
    assert [(action, kind) for action, kind, _name in told(gone)] == [
        ("delete", "s3_bucket_replication"),
        ("delete", "iam_role"),
    ]


def test_a_lake_with_data_stays_unless_told(converge: Any) -> None:
    name = name_in("sa-east-1")
    converge(MODULE, region="sa-east-1", **COMMON)
    s3("sa-east-1").delete_bucket_policy(Bucket=name)  # moto denies whatever a policy denies, condition or not
    for number in range(3):
        s3("sa-east-1").put_object(Bucket=name, Key="sale.json", Body=str(number))
    s3("sa-east-1").delete_object(Bucket=name, Key="sale.json")  # what is left are old versions and a marker

    for check_mode in (True, False):
        with pytest.raises(CollectionError, match="is not empty, so it is left alone. Give delete_data"):
            run(MODULE, checked(MODULE, region="sa-east-1", state="absent", **COMMON), check_mode=check_mode)

    converge(MODULE, region="sa-east-1", state="absent", delete_data=True, **COMMON)
    assert s3("sa-east-1").list_buckets()["Buckets"] == []


def test_versions_are_deleted_in_batches(converge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "DELETE_BATCH", 3)
    name = name_in("sa-east-1")
    converge(MODULE, region="sa-east-1", **COMMON)
    s3("sa-east-1").delete_bucket_policy(Bucket=name)
    client = s3("sa-east-1")
    for number in range(7):
        client.put_object(Bucket=name, Key=f"{number}.json", Body=b"{}")
    converge(MODULE, region="sa-east-1", state="absent", delete_data=True, **COMMON)
    assert client.list_buckets()["Buckets"] == []


def test_somebody_elses_bucket_is_not_taken_for_ours(aws: None) -> None:
    s3("us-east-1").create_bucket(Bucket=name_in("sa-east-1"))
    with pytest.raises(CollectionError, match="Bucket names are global"):
        run(MODULE, checked(MODULE, region="sa-east-1", **COMMON))


def test_the_role_may_do_no_more_than_copy_to_its_destinations() -> None:
    policy = role_policy("lake-a", "sa-east-1", ["lake-b"], kms_key_id=None, replica_keys=[])
    allowed = {(action, r) for s in policy["Statement"] for action in s["Action"] for r in s["Resource"]}
    assert {resource for action, resource in allowed if action.startswith("s3:Replicate")} == {"arn:aws:s3:::lake-b/*"}
    assert not any(action in ("s3:*", "s3:GetObject", "s3:PutObject") for action, _resource in allowed)
    assert {resource for _action, resource in allowed} <= {
        "arn:aws:s3:::lake-a",
        "arn:aws:s3:::lake-a/*",
        "arn:aws:s3:::lake-b/*",
    }


def test_replicas_of_encrypted_objects_name_their_key() -> None:
    (rule,) = rules("sa-east-1", ["lake-b"], delete_markers=True, modifications=True, kms_keys={"lake-b": "key-b"})
    assert rule["Destination"]["EncryptionConfiguration"] == {"ReplicaKmsKeyID": "key-b"}
    assert rule["SourceSelectionCriteria"] == {
        "SseKmsEncryptedObjects": {"Status": "Enabled"},
        "ReplicaModifications": {"Status": "Enabled"},
    }
    assert rule["DeleteMarkerReplication"] == {"Status": "Enabled"}


def test_a_role_name_fits() -> None:
    assert len(replication_role_name("b" * 63)) == 64


def test_what_lands_in_an_emptied_bucket_goes_too(converge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica under way arrives after the bucket was emptied, and S3 answers BucketNotEmpty."""
    for region in REGIONS[:2]:
        converge(MODULE, region=region, **COMMON)
    converge(MODULE, region=REGIONS[0], **COMMON, replicate_to=REGIONS[:2])
    s3(REGIONS[0]).delete_bucket_policy(Bucket=name_in(REGIONS[0]))
    late, empty = iter(range(2)), bucket.empty

    def empty_and_receive(cloud: Any, region: str, name: str) -> None:
        empty(cloud, region, name)
        for number in late:
            s3(region).put_object(Bucket=name, Key=f"late-{number}", Body=b"sale")
            break

    monkeypatch.setattr(bucket, "empty", empty_and_receive)
    run(MODULE, checked(MODULE, region=REGIONS[0], state="absent", delete_data=True, **COMMON))
    assert [each["Name"] for each in s3(REGIONS[0]).list_buckets()["Buckets"]] == [name_in(REGIONS[1])]


def test_the_replication_goes_alone_and_without_a_word_about_data(converge: Any) -> None:
    for region in REGIONS[:2]:
        converge(MODULE, region=region, **COMMON)
    alone = {"region": REGIONS[0], "replicate_to": REGIONS[:2], "scope": "replication", **COMMON}
    converge(MODULE, **alone)
    s3(REGIONS[0]).delete_bucket_policy(Bucket=name_in(REGIONS[0]))
    s3(REGIONS[0]).put_object(Bucket=name_in(REGIONS[0]), Key="sale", Body=b"sale")
    gone = told(converge(MODULE, state="absent", **alone))
    assert [kind for _action, kind, _name in gone] == ["s3_bucket_replication", "iam_role"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"prefix": "Lake"}, "prefix is 'Lake'"),
        ({"prefix": "l" * 45}, "characters, and S3 takes 63"),
        ({"replicate_to": ["us-esat-1"]}, "'us-esat-1', which is not an AWS region. Did you mean us-"),
        ({"noncurrent_days": 0}, "noncurrent_days is 0"),
        (
            {"encryption": "kms", "kms_key_id": "k", "replicate_to": ["us-east-1"]},
            "replica_kms_keys has no key for us-east-1",
        ),
    ],
)
def test_problems_name_what_is_wrong(change: dict[str, Any], expected: str) -> None:
    params = checked(MODULE, region="sa-east-1", **{**COMMON, **change})
    assert any(expected in problem for problem in problems(params))


def test_every_call_expects_the_bucket_to_be_ours(converge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All operations that can carry the owner do, whichever there will be."""
    sent: list[tuple[str, Any]] = []
    build = bucket.Cloud._new_client

    def watched(cloud: Any, service: str, region: str | None, config: dict[str, Any]) -> Any:
        client = build(cloud, service, region, config)
        if service == "s3":

            def remember(params: dict[str, Any], model: Any, **_others: Any) -> None:
                if "ExpectedBucketOwner" in model.input_shape.members:
                    sent.append((model.name, params.get("ExpectedBucketOwner")))

            client.meta.events.register("before-parameter-build.s3", remember)
        return client

    monkeypatch.setattr(bucket.Cloud, "_new_client", watched)
    for region in REGIONS[:2]:
        converge(MODULE, region=region, **COMMON)
    converge(MODULE, region=REGIONS[0], **COMMON, replicate_to=REGIONS[:2])
    converge(MODULE, region=REGIONS[0], **COMMON, replicate_to=[], state="absent", delete_data=True)
    assert {"HeadBucket", "PutBucketPolicy", "PutBucketReplication", "DeleteBucket"} <= dict(sent).keys()
    assert {owner for _operation, owner in sent} == {ACCOUNT}
