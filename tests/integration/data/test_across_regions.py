# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables, messages and lakes across regions, made by the modules on the embedded cloud and then used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import ChangeFailed, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition, run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import global_table, messaging
from localcloud import Cloud
from tests.support.modules import checked
from tests.support.waiting import eventually

HERE, THERE, THIRD = "sa-east-1", "us-east-1", "eu-west-1"
TABLE = {"workload": "sales", "hash_key": "id", "regions": [HERE, THERE]}
STRONG = {
    "workload": "sales",
    "hash_key": "id",
    "regions": ["us-east-1", "us-east-2"],
    "witness": "us-west-2",
    "consistency": "strong",
}

Go = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0, replica_delay=0.2) as running:
        yield running


@pytest.fixture
def go(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Go:
    """Runs a module; a second run must have nothing to do."""
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)

    def converge(module: ModuleDefinition, **arguments: Any) -> dict[str, Any]:
        made = run(module, checked(module, **arguments))
        assert run(module, checked(module, **arguments))["changes"] == []
        return made

    return converge


def told(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(change["action"], change["kind"], change["region"]) for change in result["changes"]]


def test_a_table_gets_its_replicas_and_data_reaches_them(cloud: Cloud, go: Go) -> None:
    made = go(global_table.MODULE, name="t-replicas", **TABLE)
    assert told(made) == [("create", "dynamodb_table", HERE), ("create", "dynamodb_replica", THERE)]
    assert {r: told_["status"] for r, told_ in made["table"]["regions"].items()} == {HERE: "ACTIVE", THERE: "ACTIVE"}
    streams = [described["stream_arn"] for described in made["table"]["regions"].values()]
    assert all(streams) and len(set(streams)) == 2

    cloud.client("dynamodb", HERE).put_item(TableName="t-replicas", Item={"id": {"S": "1"}})
    there = cloud.client("dynamodb", THERE)
    eventually(lambda: there.get_item(TableName="t-replicas", Key={"id": {"S": "1"}}).get("Item"), what="replication")


def test_each_replica_is_protected_backed_up_and_tagged(cloud: Cloud, go: Go) -> None:
    go(global_table.MODULE, name="t-settings", **TABLE)
    for region in (HERE, THERE):
        client = cloud.client("dynamodb", region)
        described = client.describe_table(TableName="t-settings")["Table"]
        assert described["DeletionProtectionEnabled"]
        backups = client.describe_continuous_backups(TableName="t-settings")["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        tags = client.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
        assert {"Key": "region", "Value": region} in tags


def test_a_region_comes_and_goes_without_touching_the_others(cloud: Cloud, go: Go) -> None:
    go(global_table.MODULE, name="t-regions", **TABLE)
    more = {**TABLE, "regions": [HERE, THERE, THIRD]}
    assert told(go(global_table.MODULE, name="t-regions", **more)) == [("create", "dynamodb_replica", THIRD)]

    with pytest.raises(CollectionError, match="protected from deletion in eu-west-1"):
        run(global_table.MODULE, checked(global_table.MODULE, name="t-regions", **TABLE))
    fewer = go(global_table.MODULE, name="t-regions", delete_data=True, **TABLE)
    assert told(fewer) == [("delete", "dynamodb_replica", THIRD)]


def test_the_source_of_replicas_is_kept_and_stays_protected(cloud: Cloud, go: Go) -> None:
    go(global_table.MODULE, name="t-source", **TABLE)
    params = checked(global_table.MODULE, name="t-source", delete_data=True, **{**TABLE, "regions": [THERE]})
    with pytest.raises(ChangeFailed, match="Put that region first in regions"):
        run(global_table.MODULE, params)
    assert cloud.client("dynamodb", HERE).describe_table(TableName="t-source")["Table"]["DeletionProtectionEnabled"]


def test_a_run_killed_while_a_replica_was_made_is_completed(cloud: Cloud, go: Go) -> None:
    client = cloud.client("dynamodb", HERE)
    client.create_table(
        TableName="t-half",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        Tags=[{"Key": "workload", "Value": "sales"}],
    )
    client.update_table(TableName="t-half", ReplicaUpdates=[{"Create": {"RegionName": THERE}}])

    made = go(global_table.MODULE, name="t-half", **{**TABLE, "regions": [HERE, THERE, THIRD]})

    assert ("create", "dynamodb_replica", THIRD) in told(made)
    assert {described["status"] for described in made["table"]["regions"].values()} == {"ACTIVE"}


def test_a_strong_table_comes_and_goes_as_one(cloud: Cloud, go: Go) -> None:
    made = go(global_table.MODULE, name="t-strong", **STRONG)
    assert [kind for _action, kind, _region in told(made)] == [
        "dynamodb_table",
        "dynamodb_strong_group",
        "dynamodb_replica",
    ]
    described = cloud.client("dynamodb", "us-east-2").describe_table(TableName="t-strong")["Table"]
    assert described["MultiRegionConsistency"] == "STRONG"
    assert [witness["RegionName"] for witness in described["GlobalTableWitnesses"]] == ["us-west-2"]

    with pytest.raises(CollectionError, match="cannot be changed in place"):
        run(
            global_table.MODULE,
            checked(
                global_table.MODULE,
                name="t-strong",
                **{**STRONG, "regions": ["us-east-1", "us-east-2", "us-west-2"], "witness": None},
            ),
        )
    # From the other replica, to show that any of them will do.
    absent = {"workload": "sales", "name": "t-strong", "regions": ["us-east-2"], "state": "absent"}
    go(global_table.MODULE, delete_data=True, **absent)
    for region in STRONG["regions"]:
        assert "t-strong" not in cloud.client("dynamodb", region).list_tables()["TableNames"]


def test_provisioned_replicas_take_their_scaling_with_them(cloud: Cloud, go: Go) -> None:
    provisioned = {**TABLE, "billing_mode": "PROVISIONED", "deletion_protection": False}
    go(global_table.MODULE, name="t-scaled", **provisioned)
    go(global_table.MODULE, name="t-scaled", **{**provisioned, "regions": [HERE]})
    left = cloud.client("application-autoscaling", THERE).describe_scalable_targets(ServiceNamespace="dynamodb")
    assert [t for t in left["ScalableTargets"] if "t-scaled" in t["ResourceId"]] == []


def test_what_is_published_in_one_region_arrives_in_both(cloud: Cloud, go: Go) -> None:
    common = {
        "workload": "sales",
        "topics": [{"name": "t-topic"}],
        "queues": [{"name": "t-queue", "subscribes_to": ["t-topic"], "receive_wait": 1}],
        "from_regions": [HERE, THERE],
    }
    for region in (HERE, THERE):
        go(messaging.MODULE, region=region, **common)
    made = {r: go(messaging.MODULE, region=r, fanout_to=[HERE, THERE], **common) for r in (HERE, THERE)}

    for source in (HERE, THERE):
        topic = made[source]["topics"]["t-topic"]["arn"]
        cloud.client("sns", source).publish(TopicArn=topic, Message=f"from {source}")
    for target in (HERE, THERE):
        client, url = cloud.client("sqs", target), made[target]["queues"]["t-queue"]["url"]
        seen: set[str] = set()

        def both(client: Any = client, url: str = url, seen: set[str] = seen) -> bool:
            answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            seen.update(message["Body"] for message in answer.get("Messages", []))
            return len(seen) == 2

        eventually(both, what=f"delivery to {target}")
        assert seen == {f"from {HERE}", f"from {THERE}"}
