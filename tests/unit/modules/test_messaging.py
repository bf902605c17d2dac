# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topics, queues and subscriptions: who may send to whom, and what a second region's run leaves alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.aws.regions import fanout_problems, sns_principals
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.messaging import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.messaging.checks import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.queue import Queue, senders_policy
from tests.support.aws_clients import ACCOUNT, aws_client
from tests.support.aws_clients import one_session as one_session
from tests.support.modules import checked, told

HERE, THERE = "sa-east-1", "us-east-1"
BOTH = [HERE, THERE]
QUEUE = {"name": "sales-queue", "subscribes_to": ["sales-processing"]}
COMMON = {"workload": "sales", "topics": [{"name": "sales-processing"}], "queues": [QUEUE], "from_regions": BOTH}


def topic_arn(region: str) -> str:
    return f"arn:aws:sns:{region}:{ACCOUNT}:sales-processing"


def queue_arn(region: str, name: str = "sales-queue") -> str:
    return f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"


def subscribed(region: str) -> set[str]:
    client = aws_client("sns", region)
    return {s["Endpoint"] for s in client.list_subscriptions_by_topic(TopicArn=topic_arn(region))["Subscriptions"]}


def attributes(region: str, name: str) -> dict[str, str]:
    client = aws_client("sqs", region)
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    return client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_queue_admits_topics_of_all_regions_and_nobody_else(converge: Any) -> None:
    converge(MODULE, region=HERE, **COMMON)

    policy = json.loads(attributes(HERE, "sales-queue")["Policy"])
    assert policy["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn(HERE),
            "Condition": {"ArnEquals": {"aws:SourceArn": [topic_arn(HERE), topic_arn(THERE)]}},
        }
    ]
    assert "Policy" not in attributes(HERE, "sales-queue-dlq")


def test_messages_outlive_the_queue_in_its_dead_letter_queue(converge: Any) -> None:
    converge(MODULE, region=HERE, **COMMON)

    queue, dead = attributes(HERE, "sales-queue"), attributes(HERE, "sales-queue-dlq")
    assert int(queue["MessageRetentionPeriod"]) == 10 * 86400
    assert int(dead["MessageRetentionPeriod"]) == 14 * 86400
    redrive = json.loads(queue["RedrivePolicy"])
    assert redrive == {"deadLetterTargetArn": queue_arn(HERE, "sales-queue-dlq"), "maxReceiveCount": 1000}
    assert queue["SqsManagedSseEnabled"] == "true"


def test_what_sns_cannot_deliver_is_kept_in_the_topics_region(converge: Any) -> None:
    queue = {**QUEUE, "undelivered": {"retention": 86400}}
    for region in BOTH:
        converge(MODULE, region=region, **{**COMMON, "queues": [queue]})
    converge(MODULE, region=HERE, **{**COMMON, "queues": [queue]}, fanout_to=BOTH)
    kept = attributes(HERE, "sales-queue-undelivered")
    assert kept["MessageRetentionPeriod"] == "86400"
    (statement,) = json.loads(kept["Policy"])["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": [topic_arn(HERE)]}}
    client = aws_client("sns", HERE)

    def targets() -> set[str]:
        listed = client.list_subscriptions_by_topic(TopicArn=topic_arn(HERE))["Subscriptions"]
        told = [client.get_subscription_attributes(SubscriptionArn=s["SubscriptionArn"])["Attributes"] for s in listed]
        return {str(json.loads(each.get("RedrivePolicy") or "{}").get("deadLetterTargetArn")) for each in told}

    assert targets() == {queue_arn(HERE, "sales-queue-undelivered")}
    converge(MODULE, region=HERE, **COMMON, fanout_to=BOTH)
    assert targets() == {"None"}
    with pytest.raises(ClientError, match="does not exist"):
        attributes(HERE, "sales-queue-undelivered")


def test_fanout_reaches_each_region_and_a_run_without_it_leaves_it_alone(converge: Any) -> None:
    for region in BOTH:
        converge(MODULE, region=region, **COMMON)
    assert subscribed(HERE) == set()

    made = converge(MODULE, region=HERE, fanout_to=BOTH, **COMMON)
    assert subscribed(HERE) == {queue_arn(HERE), queue_arn(THERE)}
    assert {s["region"]: s["arn"].startswith(topic_arn(HERE)) for s in made["subscriptions"]} == {
        HERE: True,
        THERE: True,
    }

    assert told(converge(MODULE, region=HERE, **COMMON)) == []
    assert subscribed(HERE) == {queue_arn(HERE), queue_arn(THERE)}


def test_subscription_of_a_region_no_longer_asked_for_is_removed(converge: Any) -> None:
    converge(MODULE, region=HERE, fanout_to=BOTH, **COMMON)
    client = aws_client("sns", HERE)
    client.subscribe(TopicArn=topic_arn(HERE), Protocol="email", Endpoint="night@example.com")
    foreign = f"arn:aws:sqs:{HERE}:999999999999:theirs"
    client.subscribe(TopicArn=topic_arn(HERE), Protocol="sqs", Endpoint=foreign)

    made = converge(MODULE, region=HERE, fanout_to=[HERE], **COMMON)

    assert told(made) == [("delete", "sns_subscription", f"sales-processing to sales-queue in {THERE}")]
    assert subscribed(HERE) == {queue_arn(HERE), "night@example.com", foreign}


def test_what_was_changed_by_hand_is_what_is_reported(converge: Any) -> None:
    converge(MODULE, region=HERE, fanout_to=[HERE], **COMMON)
    sqs, sns = aws_client("sqs", HERE), aws_client("sns", HERE)
    url = sqs.get_queue_url(QueueName="sales-queue-dlq")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "5"})
    arn = sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"]
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="false")

    changes = converge(MODULE, region=HERE, fanout_to=[HERE], **COMMON)["changes"]

    assert [(c["kind"], c["before"], c["after"]) for c in changes] == [
        ("sqs_queue", {"visibility_timeout": 5}, {"visibility_timeout": 60}),
        ("sns_subscription", {"raw_delivery": False}, {"raw_delivery": True}),
    ]


def test_a_run_with_nothing_to_do_makes_few_calls(converge: Any) -> None:
    converge(MODULE, region=HERE, fanout_to=BOTH, **COMMON)
    again = run(MODULE, checked(MODULE, region=HERE, fanout_to=BOTH, **COMMON))
    # sts 1, topic 2, list of queues 1, two for each of two queues, list of subscriptions 1, each of two 1
    assert again["aws_calls"] == 11


def test_absent_needs_only_names(converge: Any) -> None:
    converge(MODULE, region=HERE, fanout_to=BOTH, **COMMON)
    gone = converge(
        MODULE,
        workload="sales",
        region=HERE,
        state="absent",
        topics=[{"name": "sales-processing"}],
        queues=[{"name": "sales-queue"}],
    )
    assert sorted(told(gone)) == [
        ("delete", "sns_topic", "sales-processing"),
        ("delete", "sqs_queue", "sales-queue"),
        ("delete", "sqs_queue", "sales-queue-dlq"),
    ]
    assert aws_client("sqs", HERE).list_queues().get("QueueUrls") is None


def test_a_queue_deleted_a_moment_ago_is_waited_for(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Cloud({"region": HERE})
    client, refusals = cloud.client("sqs"), ["AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"]
    create = client.create_queue

    def refuse_twice(**arguments: Any) -> Any:
        if refusals:
            raise ClientError({"Error": {"Code": refusals.pop(), "Message": "wait 60 seconds"}}, "CreateQueue")
        return create(**arguments)

    monkeypatch.setattr(client, "create_queue", refuse_twice)
    params = checked(MODULE, region=HERE, **COMMON)
    queue = Queue("sales-queue", HERE, account=ACCOUNT)
    limits = {key: params["queues"][0][key] for key in ("visibility_timeout", "receive_wait", "retention")}

    made = queue.create(cloud, {**limits, "kms_key_id": None, "policy": None, "dead_letters": None, "tags": {}})

    assert refusals == []
    assert made["url"].endswith("/sales-queue")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"retention": 1209600}, "dlq.retention is 1209600 s; it must exceed the queue's 1209600 s"),
        ({"retention": 10}, "retention is 10; SQS accepts 60 to 1209600"),
        ({"receive_wait": 30}, "receive_wait is 30; SQS accepts 0 to 20"),
        ({"subscribes_to": ["sale-processing"]}, "subscribes_to names 'sale-processing'"),
        ({"name": "a queue"}, "name is 'a queue'"),
        ({"undelivered": {"name": "sales-queue-dlq"}}, "is the queue or its dead-letter queue"),
        ({"dlq": {"max_receive_count": 2000}}, "dlq.max_receive_count is 2000; SQS accepts 1 to 1000"),
    ],
)
def test_problems_name_what_is_wrong(change: dict[str, Any], expected: str) -> None:
    params = checked(MODULE, region=HERE, **{**COMMON, "queues": [{**QUEUE, **change}]})
    assert any(expected in problem for problem in problems(params))


def test_sound_parameters_have_no_problems() -> None:
    assert problems(checked(MODULE, region=HERE, fanout_to=BOTH, **COMMON)) == []


@pytest.mark.parametrize(
    ("topic", "queue", "principal"),
    [
        (HERE, THERE, "sns.amazonaws.com"),
        (HERE, "af-south-1", "sns.af-south-1.amazonaws.com"),
        ("af-south-1", HERE, "sns.af-south-1.amazonaws.com"),
        ("af-south-1", "af-south-1", "sns.amazonaws.com"),
    ],
)
def test_the_principal_is_that_of_the_opt_in_region(topic: str, queue: str, principal: str) -> None:
    assert sns_principals(topic, queue) == [principal]


def test_osaka_may_send_as_either() -> None:
    assert len(sns_principals(HERE, "ap-northeast-3")) == 2


def test_a_policy_has_a_statement_for_each_principal() -> None:
    policy = senders_policy(queue_arn(HERE), [(r, topic_arn(r)) for r in (HERE, "af-south-1")])
    admitted = {s["Principal"]["Service"]: s["Condition"]["ArnEquals"]["aws:SourceArn"] for s in policy["Statement"]}
    assert admitted == {
        "sns.amazonaws.com": [topic_arn(HERE)],
        "sns.af-south-1.amazonaws.com": [topic_arn("af-south-1")],
    }


def test_two_opt_in_regions_cannot_exchange_messages() -> None:
    assert fanout_problems("fanout_to", ["af-south-1", HERE], "me-south-1")
    assert not fanout_problems("fanout_to", ["af-south-1", HERE], THERE)
    assert not fanout_problems("fanout_to", ["af-south-1"], "af-south-1")
