# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private window: what an onlooker sees of regions, also of one that is dead, without any call to AWS."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from localcloud import Cloud, CloudError
from tests.support.global_tables import add_replica, create, wait_until_replicas_are
from tests.support.waiting import eventually

HERE, THERE = "us-east-1", "sa-east-1"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("observed")
    with Cloud(home, port=0, door_port=0, replication_lag=0.2, replica_delay=0.1) as running:
        yield running


@pytest.fixture(scope="module")
def seen(cloud: Cloud) -> Cloud:
    """A table of two regions, a parameter, a queue with a message, a bucket with an object."""
    dynamodb = cloud.client("dynamodb", HERE)
    create(dynamodb, "t")
    add_replica(dynamodb, "t", THERE)
    wait_until_replicas_are(dynamodb, "t", {THERE: "ACTIVE"})
    cloud.client("ssm", HERE).put_parameter(Name="/p", Value="ACTIVE", Type="String")
    sqs = cloud.client("sqs", HERE)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="one")
    s3 = cloud.client("s3", "us-east-1")
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"v")
    return cloud


def test_it_shows_the_moment_and_costs_no_call(seen: Cloud) -> None:
    before = seen.ask("observe?table=t&parameter=/p")
    after = seen.ask("observe?table=t&parameter=/p")
    assert after["calls"] == before["calls"] and after["calls"]["operators"] > 0
    assert set(after["items"]) == {HERE, THERE}
    assert after["parameters"] == {HERE: "ACTIVE"}
    assert after["queues"][HERE]["q"] == {"visible": 1, "hidden": 0}
    assert after["tasks"] == [] and after["dials"] == {}
    assert after["faults"]["regions"] == {}
    assert abs(after["time"] - time.time()) < 5


def test_a_call_is_counted_even_if_nobody_answers(seen: Cloud) -> None:
    before = seen.ask("observe?table=t&parameter=/p")
    seen.client("sqs", HERE).list_queues()
    seen.client("iam", HERE).list_roles()  # has no region
    after = seen.ask("observe?table=t&parameter=/p")
    assert after["calls"]["operators"] == before["calls"]["operators"] + 2
    assert after["asked"] == {**before["asked"], HERE: before["asked"][HERE] + 1}


def test_a_dead_region_is_seen_as_it_is(seen: Cloud) -> None:
    seen.client("dynamodb", HERE).put_item(TableName="t", Item={"id": {"S": "a"}})
    eventually(lambda: "a" in seen.ask(f"observe/keys?region={THERE}&table=t"))
    seen.fault(THERE, "dead")
    try:
        seen.client("dynamodb", HERE).put_item(TableName="t", Item={"id": {"S": "b"}})
        time.sleep(0.6)
        assert sorted(seen.ask(f"observe/keys?region={HERE}&table=t")) == ["a", "b"]
        assert seen.ask(f"observe/keys?region={THERE}&table=t") == ["a"]
        assert [found["id"]["S"] for found in seen.ask(f"observe/items?region={THERE}&table=t")] == ["a"]
        written = seen.ask("observe/written?table=t")
        assert written[HERE]["a"] == written[THERE]["a"] and set(written[THERE]) == {"a"}
        assert seen.ask("observe?table=t&parameter=/p")["faults"]["regions"][THERE]["state"] == "dead"
    finally:
        seen.fault(THERE, "ok")


def test_every_version_of_an_object_is_told(seen: Cloud) -> None:
    (found,) = seen.ask("observe/objects?bucket=lake")
    assert (found["key"], found["replica"]) == ("k", False)
    assert abs(found["written"] - time.time()) < 60
    assert seen.ask("observe/objects?bucket=no-such-bucket") == []


def test_a_wrong_question_is_refused(seen: Cloud) -> None:
    with pytest.raises(CloudError, match="observe/keys"):
        seen.ask("observe/keys?region=us-east-1")
    with pytest.raises(CloudError, match="404"):
        seen.ask("observe/everything")
