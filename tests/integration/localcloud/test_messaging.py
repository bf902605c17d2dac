# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SNS and SQS over the real API: fan-out across regions, policies, long polls, redelivery and dead letters."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import Any

import pytest

from localcloud import Cloud
from tests.support.expectations import IN_FLIGHT, LAG, cut, refusal, refused
from tests.support.waiting import eventually


def make_queue(cloud: Cloud, name: str, region: str = "sa-east-1", **attributes: str) -> tuple[Any, str, str]:
    client = cloud.client("sqs", region)
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return client, url, client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def policy(queue_arn: str, *topic_arns: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": list(topic_arns)}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def bodies(client: Any, url: str, **arguments: Any) -> list[str]:
    answer = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, **arguments)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_a_topic_reaches_the_queues_of_both_regions_that_admit_it(cloud: Cloud, name: str) -> None:
    sns = cloud.client("sns", "sa-east-1")
    topic = sns.create_topic(Name=name)["TopicArn"]
    own = make_queue(cloud, name)
    other = make_queue(cloud, name, "us-east-1")
    closed = make_queue(cloud, f"{name}-closed")
    for client, url, arn in (own, other):
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(arn, topic)})
    elsewhere = policy(closed[2], topic + "-other")
    closed[0].set_queue_attributes(QueueUrl=closed[1], Attributes={"Policy": elsewhere})
    for _, _, arn in (own, other, closed):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    with cut(cloud):
        sns.publish(TopicArn=topic, Message="sale")
        assert bodies(*own[:2]) == ["sale"]
        assert bodies(*other[:2]) == []
    assert bodies(*other[:2], WaitTimeSeconds=20) == ["sale"]
    time.sleep(2 * LAG)
    assert bodies(*closed[:2]) == []
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "3"


def test_delivery_is_wrapped_unless_raw(cloud: Cloud, name: str) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    client, url, arn = make_queue(cloud, name)
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(arn, topic)})
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "false"}
    )["SubscriptionArn"]
    sns.publish(TopicArn=topic, Message="sale")
    assert json.loads(bodies(client, url)[0])["Message"] == "sale"
    attributes = sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]
    assert attributes["RawMessageDelivery"] == "false"


def test_a_long_poll_ends_when_a_message_comes_and_keeps_nobody_waiting(cloud: Cloud, name: str) -> None:
    client, url, _ = make_queue(cloud, name)
    found: list[tuple[float, list[str]]] = []
    started = time.monotonic()

    def poll() -> None:
        received = bodies(client, url, WaitTimeSeconds=20)
        found.append((time.monotonic() - started, received))

    pollers = [threading.Thread(target=poll) for _ in range(3)]
    for poller in pollers:
        poller.start()
    time.sleep(0.3)
    before = time.monotonic()
    client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert time.monotonic() - before < 0.2
    for number in range(3):
        client.send_message(QueueUrl=url, MessageBody=str(number))
        time.sleep(0.05)
    for poller in pollers:
        poller.join(25)
    assert sorted(body for _, received in found for body in received) == ["0", "1", "2"]
    assert max(when for when, _ in found) < 3


def test_a_long_poll_without_messages_ends_empty_and_idle(cloud: Cloud, name: str) -> None:
    client, url, _ = make_queue(cloud, name)
    clock = cpu_seconds(cloud.state["pid"])
    time.sleep(1)
    without = cpu_seconds(cloud.state["pid"]) - clock
    started = time.monotonic()
    assert bodies(client, url, WaitTimeSeconds=1) == []
    assert 0.9 < time.monotonic() - started < 2
    assert cpu_seconds(cloud.state["pid"]) - clock - without < without + 0.3


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as stat:
        numbers = stat.read().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def test_a_message_comes_back_counted_until_deleted(cloud: Cloud, name: str) -> None:
    client, url, _ = make_queue(cloud, name, VisibilityTimeout="30")
    client.send_message(QueueUrl=url, MessageBody="sale")

    def receive(**arguments: Any) -> Any:
        answer = client.receive_message(QueueUrl=url, AttributeNames=["All"], **arguments)
        return (answer.get("Messages") or [None])[0]

    first = receive()
    assert first["Attributes"]["ApproximateReceiveCount"] == "1"
    assert receive() is None
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=1)
    second = receive(WaitTimeSeconds=3)
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"
    client.delete_message(QueueUrl=url, ReceiptHandle=second["ReceiptHandle"])
    client.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])  # deleting again is no error
    counts = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")
    assert refused(client.delete_message, QueueUrl=url, ReceiptHandle="nonsense") == "ReceiptHandleIsInvalid"


def test_messages_received_too_often_become_dead_letters(cloud: Cloud, name: str) -> None:
    _, dead_url, dead_arn = make_queue(cloud, f"{name}-dlq")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    client, url, _ = make_queue(cloud, name, RedrivePolicy=redrive, VisibilityTimeout="0")
    client.send_message(QueueUrl=url, MessageBody="poison")
    assert [bodies(client, url) for _ in range(3)] == [["poison"], ["poison"], []]
    assert bodies(client, dead_url) == ["poison"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"MessageRetentionPeriod": "1209601"},
        {"VisibilityTimeout": "-1"},
        {"Policy": "{"},
        {"RedrivePolicy": json.dumps({"deadLetterTargetArn": "x", "maxReceiveCount": 1001})},
    ],
)
def test_impossible_attributes_are_refused(cloud: Cloud, name: str, attributes: dict[str, str]) -> None:
    client = cloud.client("sqs")
    assert refused(client.create_queue, QueueName=name, Attributes=attributes) == "InvalidAttributeValue"


def test_a_name_cannot_be_used_again_at_once(cloud: Cloud, name: str) -> None:
    client, url, _ = make_queue(cloud, name)
    client.delete_queue(QueueUrl=url)
    assert "QueueDeletedRecently" in refusal(client.create_queue, QueueName=name)
    eventually(lambda: can_create(client, name))


def can_create(client: Any, name: str) -> bool:
    try:
        client.create_queue(QueueName=name)
    except client.exceptions.QueueDeletedRecently:
        return False
    return True


def test_setting_one_attribute_keeps_the_policy(cloud: Cloud, name: str) -> None:
    client, url, arn = make_queue(cloud, name)
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(arn, "arn:aws:sns:sa-east-1:1:t")})
    client.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "7"
    assert "aws:SourceArn" in attributes["Policy"]


def test_what_cannot_be_delivered_goes_to_the_subscriptions_dead_letter_queue(cloud: Cloud, name: str) -> None:
    sns = cloud.client("sns", "sa-east-1")
    topic = sns.create_topic(Name=name)["TopicArn"]
    closed, elsewhere = make_queue(cloud, f"{name}-closed"), make_queue(cloud, name, "us-east-1")
    lost = make_queue(cloud, f"{name}-lost")
    lost[0].set_queue_attributes(QueueUrl=lost[1], Attributes={"Policy": policy(lost[2], topic)})

    def redrive(arn: str) -> dict[str, str]:
        return {"RawMessageDelivery": "true", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})}

    asked = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": closed[2]}
    assert refused(sns.subscribe, **asked, Attributes=redrive(elsewhere[2])) == "InvalidParameter"
    sns.subscribe(**asked, Attributes=redrive(lost[2]))
    sns.publish(TopicArn=topic, Message="sale")
    assert (bodies(*closed[:2]), bodies(*lost[:2])) == ([], ["sale"])


def test_a_queue_full_of_messages_in_flight_brings_nothing(cloud: Cloud, name: str) -> None:
    client, url, _arn = make_queue(cloud, name)
    for number in range(IN_FLIGHT + 2):
        client.send_message(QueueUrl=url, MessageBody=str(number), DelaySeconds=900 if number == 0 else 0)
    taken = [
        each for _ in range(2) for each in client.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    ]
    assert len(taken) == IN_FLIGHT
    assert bodies(client, url, WaitTimeSeconds=1) == []
    assert refused(client.receive_message, QueueUrl=url, WaitTimeSeconds=0) == "OverLimit"
    client.delete_message(QueueUrl=url, ReceiptHandle=taken[0]["ReceiptHandle"])
    assert len(bodies(client, url, WaitTimeSeconds=1)) == 1


def make_dead_letters(cloud: Cloud, name: str, count: int) -> tuple[Any, dict[str, str], dict[str, str]]:
    """A queue and its dead-letter queue with so many messages that a consumer put there: client, URLs and ARNs."""
    client, dead_url, dead_arn = make_queue(cloud, f"{name}-dlq")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    _, url, arn = make_queue(cloud, name, RedrivePolicy=redrive)
    for number in range(count):
        client.send_message(QueueUrl=dead_url, MessageBody=str(number))
    return client, {"queue": url, "dlq": dead_url}, {"queue": arn, "dlq": dead_arn}


def last_move(client: Any, source: str) -> dict[str, Any]:
    return client.list_message_move_tasks(SourceArn=source)["Results"][0]


def test_dead_letters_go_back_as_new_messages(cloud: Cloud, name: str) -> None:
    client, urls, arns = make_dead_letters(cloud, name, 3)
    (before,) = client.receive_message(QueueUrl=urls["dlq"], VisibilityTimeout=0)["Messages"]
    client.start_message_move_task(SourceArn=arns["dlq"], DestinationArn=arns["queue"])
    moved = eventually(lambda: (t := last_move(client, arns["dlq"]))["Status"] == "COMPLETED" and t, what="it ends")
    assert (moved["ApproximateNumberOfMessagesMoved"], moved["ApproximateNumberOfMessagesToMove"]) == (3, 3)
    assert "TaskHandle" not in moved
    answer = client.receive_message(QueueUrl=urls["queue"], MaxNumberOfMessages=10, AttributeNames=["All"])
    assert sorted(each["Body"] for each in answer["Messages"]) == ["0", "1", "2"]
    assert {each["Attributes"]["ApproximateReceiveCount"] for each in answer["Messages"]} == {"1"}
    assert before["MessageId"] not in {each["MessageId"] for each in answer["Messages"]}
    assert bodies(client, urls["dlq"]) == []


def test_without_a_destination_only_what_sqs_moved_itself_goes_back(cloud: Cloud, name: str) -> None:
    client, urls, arns = make_dead_letters(cloud, name, 0)
    client.send_message(QueueUrl=urls["queue"], MessageBody="received too often")
    for _ in range(2):
        client.receive_message(QueueUrl=urls["queue"], VisibilityTimeout=0)
    client.start_message_move_task(SourceArn=arns["dlq"])
    eventually(lambda: last_move(client, arns["dlq"])["Status"] == "COMPLETED", what="it ends")
    assert bodies(client, urls["queue"], VisibilityTimeout=0) == ["received too often"]
    client.send_message(QueueUrl=urls["dlq"], MessageBody="put there")
    client.start_message_move_task(SourceArn=arns["dlq"])
    failed = eventually(lambda: (t := last_move(client, arns["dlq"]))["Status"] == "FAILED" and t, what="it fails")
    assert failed["FailureReason"] == "CouldNotDetermineMessageSource"
    assert bodies(client, urls["dlq"]) == ["put there"]


def test_one_move_at_a_time_between_queues_that_are_there(cloud: Cloud, name: str) -> None:
    client, _urls, arns = make_dead_letters(cloud, name, 30)
    wrong = {
        "InvalidParameterValue": [
            {"SourceArn": arns["queue"], "DestinationArn": arns["dlq"]},
            {"SourceArn": arns["dlq"], "DestinationArn": arns["dlq"]},
            {"SourceArn": arns["dlq"], "MaxNumberOfMessagesPerSecond": 501},
        ],
        "ResourceNotFoundException": [
            {"SourceArn": f"{arns['dlq']}-other"},
            {"SourceArn": arns["dlq"], "DestinationArn": f"{arns['queue']}-other"},
        ],
    }
    for code, requests in wrong.items():
        for request in requests:
            assert refused(client.start_message_move_task, **request) == code, request
    slow = {"SourceArn": arns["dlq"], "DestinationArn": arns["queue"], "MaxNumberOfMessagesPerSecond": 2}
    handle = client.start_message_move_task(**slow)["TaskHandle"]
    assert refused(client.start_message_move_task, **slow) == "InvalidParameterValue"
    assert last_move(client, arns["dlq"])["TaskHandle"] == handle
    client.cancel_message_move_task(TaskHandle=handle)
    left = eventually(lambda: (t := last_move(client, arns["dlq"]))["Status"] == "CANCELLED" and t, what="it ends")
    assert left["ApproximateNumberOfMessagesMoved"] < 30
    assert refused(client.cancel_message_move_task, TaskHandle=handle).endswith("UnsupportedOperation")
