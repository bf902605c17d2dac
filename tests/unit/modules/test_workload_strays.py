# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is removed of what nobody wants: with its dead letters and subscriptions, and no data that nobody gave up."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.messaging import MODULE as MESSAGING
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wanted_names import wanted_names
from tests.support.aws_clients import aws_client
from tests.support.aws_clients import one_session as one_session
from tests.support.modules import run_named, told

HERE, THERE = "sa-east-1", "us-east-1"
KEPT, GONE = "sales-queue", "sales-former"
TOPIC = "sales-processing"
WANTED = {"sqs_queue": [KEPT, f"{KEPT}-dlq"], "sns_topic": [TOPIC]}


@pytest.fixture
def queues(converge: Any) -> Any:
    """A queue that is wanted, and one that is not any more, both subscribed to the topics of two regions."""
    both = [HERE, THERE]
    for region in both:
        arguments: dict[str, Any] = {"workload": "sales", "region": region, "topics": [{"name": TOPIC}]}
        names = [KEPT, GONE] if region == HERE else []
        arguments["queues"] = [{"name": name, "subscribes_to": [TOPIC]} for name in names]
        converge(MESSAGING, **arguments, from_regions=both)
    sns = aws_client("sns", THERE)
    for name in (KEPT, GONE):
        sns.subscribe(TopicArn=f"arn:aws:sns:{THERE}:123456789012:{TOPIC}", Protocol="sqs", Endpoint=arn(name))
    return aws_client("sqs", HERE)


def arn(queue: str) -> str:
    return f"arn:aws:sqs:{HERE}:123456789012:{queue}"


def strays() -> list[dict[str, Any]]:
    return run_named("workload_strays_info", region=HERE, wanted=WANTED)["strays"]


def prune(**arguments: Any) -> dict[str, Any]:
    return run_named("workload_strays", region=HERE, wanted=WANTED, regions=[HERE, THERE], **arguments)


def test_a_queue_goes_with_its_dead_letters_and_what_it_is_subscribed_to_anywhere(queues: Any) -> None:
    queues.create_queue(QueueName="theirs", tags={"workload": "other", "region": HERE})
    queues.create_queue(QueueName="own", tags={"workload": "sales"})
    listed = [(each["kind"], each["name"], each["holds"]) for each in strays()]
    assert listed == [("sqs_queue", GONE, "")]
    going = [
        ("delete", "sns_subscription", f"{TOPIC} to {GONE} in {HERE}"),
        ("delete", "sqs_queue", GONE),
        ("delete", "sqs_queue", f"{GONE}-dlq"),
    ]
    planned = prune(check_mode=True)
    assert sorted(told(planned)) == going
    order = told(planned)
    assert order.index(going[0]) < order.index(going[1]) < order.index(going[2])
    assert prune()["changes"] == planned["changes"]
    assert {url.rsplit("/", 1)[-1] for url in queues.list_queues()["QueueUrls"]} == {
        KEPT,
        f"{KEPT}-dlq",
        "theirs",
        "own",
    }
    subscribed = aws_client("sns", THERE).list_subscriptions()["Subscriptions"]
    assert [each["Endpoint"] for each in subscribed] == [arn(KEPT)]
    assert prune()["changes"] == [] and strays() == []


@pytest.mark.parametrize("where", ["waiting", "with a reader", "delayed", "dead"])
def test_a_queue_that_holds_messages_stays_until_they_may_go(queues: Any, where: str) -> None:
    name = f"{GONE}-dlq" if where == "dead" else GONE
    url = queues.get_queue_url(QueueName=name)["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="sale", DelaySeconds=60 if where == "delayed" else 0)
    if where == "with a reader":
        assert queues.receive_message(QueueUrl=url)["Messages"]
    held = f"1 message in {name}" if where == "dead" else "1 message"
    assert [each["holds"] for each in strays()] == [held]
    for check_mode in (True, False):
        with pytest.raises(CollectionError, match=f"{GONE} in {HERE} holds {held}[.] .*delete_data=true"):
            prune(check_mode=check_mode)
    assert len(strays()) == 1
    prune(delete_data=True)
    assert strays() == []


def test_what_is_wanted_may_hold_what_it_likes(queues: Any) -> None:
    url = queues.get_queue_url(QueueName=KEPT)["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="sale")
    prune()
    assert queues.get_queue_url(QueueName=KEPT)["QueueUrl"] == url


def test_a_table_and_a_bucket_are_data(queues: Any) -> None:
    tags = [{"Key": "workload", "Value": "sales"}, {"Key": "region", "Value": HERE}]
    aws_client("dynamodb", HERE).create_table(
        TableName="former",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags,
    )
    with pytest.raises(CollectionError, match=f"dynamodb_table former in {HERE} holds items"):
        prune(scope="global")
    s3 = aws_client("s3", HERE)
    s3.create_bucket(Bucket="former", CreateBucketConfiguration={"LocationConstraint": HERE})
    s3.put_bucket_tagging(Bucket="former", Tagging={"TagSet": tags})
    assert ("delete", "s3_bucket", "former") in told(prune(check_mode=True))
    s3.put_object(Bucket="former", Key="sale", Body=b"sale")
    with pytest.raises(CollectionError, match=f"s3_bucket former in {HERE} holds objects"):
        prune()


def test_every_queue_that_an_inventory_asks_for_is_wanted(aws: None) -> None:
    asked = [
        {"name": "a"},
        {"name": "b", "dlq": {"name": "b-dead"}, "undelivered": {}},
        {"name": "c", "undelivered": {"name": "c-lost"}},
    ]
    variables = {"workload": "sales", "inventory_hostname": HERE, "messaging_queues": asked}
    names = wanted_names(variables)["sqs_queue"]
    assert sorted(names) == ["a", "a-dlq", "b", "b-dead", "b-undelivered", "c", "c-dlq", "c-lost"]
    params = run_named("messaging", region=HERE, queues=asked, check_mode=True)
    assert sorted(name for _create, kind, name in told(params) if kind == "sqs_queue") == sorted(names)
