# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metrics, alarms and dashboards of the embedded cloud, as a client sees them. One cloud whose minutes are short."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud
from tests.support.waiting import eventually

R, PEER = "us-east-1", "sa-east-1"
ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0, metric_seconds=0.5) as running:
        yield running


def alarm(name: str, queue: str, **others: Any) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": queue}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **others,
    }


def state(cloud: Cloud, name: str) -> str:
    (found,) = cloud.client("cloudwatch", R).describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found["StateValue"])


def policy(topic: str, account: str) -> str:
    admitted = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [admitted]})


def listener(cloud: Cloud, name: str, account: str) -> tuple[str, str]:
    """(ARN of a topic that admits the alarms of an account, URL of a queue that gets what it tells)."""
    sns, sqs = cloud.client("sns", R), cloud.client("sqs", R)
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(topic, account))
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{R}:{ACCOUNT}:{name}"
    admitted = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [admitted]})})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    return topic, url


def test_an_alarm_goes_off_and_tells_a_topic_that_lets_it_and_the_same_when_it_is_over(watched: Cloud) -> None:
    sqs = watched.client("sqs", R)
    url = sqs.create_queue(QueueName="work-dlq")["QueueUrl"]
    told, mailbox = listener(watched, "told", ACCOUNT)
    closed, closet = listener(watched, "closed", "999999999999")
    actions = {"AlarmActions": [told, closed], "OKActions": [told, closed]}
    watched.client("cloudwatch", R).put_metric_alarm(**alarm("dead", "work-dlq", **actions))
    assert state(watched, "dead") in ("INSUFFICIENT_DATA", "OK")
    eventually(lambda: state(watched, "dead") == "OK")
    sqs.send_message(QueueUrl=url, MessageBody="nobody could")
    eventually(lambda: state(watched, "dead") == "ALARM")
    sqs.purge_queue(QueueUrl=url)
    eventually(lambda: state(watched, "dead") == "OK")
    messages = [
        json.loads(each["Body"]) for each in sqs.receive_message(QueueUrl=mailbox, MaxNumberOfMessages=10)["Messages"]
    ]
    assert [each["NewStateValue"] for each in messages] == ["OK", "ALARM", "OK"]
    assert messages[1]["AlarmName"] == "dead" and "greater than the threshold (0)" in messages[1]["NewStateReason"]
    assert "Messages" not in sqs.receive_message(QueueUrl=closet)


def test_a_state_that_was_set_lasts_until_the_alarm_is_judged_again(watched: Cloud) -> None:
    client = watched.client("cloudwatch", R)
    watched.client("sqs", R).create_queue(QueueName="calm")
    client.put_metric_alarm(**alarm("calm", "calm"))
    eventually(lambda: state(watched, "calm") == "OK")
    client.set_alarm_state(AlarmName="calm", StateValue="ALARM", StateReason="to see")
    assert state(watched, "calm") == "ALARM"
    eventually(lambda: state(watched, "calm") == "OK")


def test_an_alarm_that_is_changed_keeps_its_state_and_its_tags(watched: Cloud) -> None:
    client = watched.client("cloudwatch", R)
    watched.client("sqs", R).create_queue(QueueName="kept")
    client.put_metric_alarm(**alarm("kept", "kept", Tags=[{"Key": "workload", "Value": "a"}]))
    eventually(lambda: state(watched, "kept") == "OK")
    client.put_metric_alarm(**alarm("kept", "kept", Threshold=5.0, Tags=[{"Key": "workload", "Value": "b"}]))
    (found,) = client.describe_alarms(AlarmNames=["kept"])["MetricAlarms"]
    assert (found["StateValue"], found["Threshold"]) == ("OK", 5.0)
    assert client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "workload", "Value": "a"}]
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.delete_alarms(AlarmNames=["kept", "nobody"])
    client.delete_alarms(AlarmNames=["kept"])


def test_the_age_of_the_oldest_message_and_the_lag_of_a_replica_are_measured(watched: Cloud) -> None:
    sqs, dynamodb = watched.client("sqs", R), watched.client("dynamodb", R)
    url = sqs.create_queue(QueueName="aging", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="old")
    dynamodb.create_table(
        TableName="lagging",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    dynamodb.update_table(TableName="lagging", ReplicaUpdates=[{"Create": {"RegionName": PEER}}])
    eventually(
        lambda: dynamodb.describe_table(TableName="lagging")["Table"]["Replicas"][0]["ReplicaStatus"] == "ACTIVE"
    )
    dynamodb.put_item(TableName="lagging", Item={"id": {"S": "1"}})
    client = watched.client("cloudwatch", R)
    place = [{"Name": "TableName", "Value": "lagging"}, {"Name": "ReceivingRegion", "Value": PEER}]
    metric = {"Namespace": "AWS/DynamoDB", "MetricName": "ReplicationLatency", "Dimensions": place}
    client.put_metric_alarm(
        **alarm("lag", "", **metric, Statistic="Average", Threshold=100.0, TreatMissingData="notBreaching")
    )
    aged = {"MetricName": "ApproximateAgeOfOldestMessage", "Threshold": 1.0}
    client.put_metric_alarm(**alarm("aged", "aging", **aged, TreatMissingData="notBreaching"))
    eventually(lambda: state(watched, "lag") == "ALARM")  # writes take 300 ms
    eventually(lambda: state(watched, "aged") == "ALARM")
    for _receive in range(3):  # from then on it does not count for the age
        sqs.receive_message(QueueUrl=url)
    eventually(lambda: state(watched, "aged") == "OK")
    for dimensions in (place, place[::-1]):
        stat = {"Metric": {**metric, "Dimensions": dimensions}, "Period": 60, "Stat": "p50"}
        told = client.get_metric_data(
            MetricDataQueries=[{"Id": "lag", "MetricStat": stat}], StartTime=time.time() - 120, EndTime=time.time() + 60
        )
        assert [value for value in told["MetricDataResults"][0]["Values"] if value > 100]
    # Nothing more is written: the alarm stays as it is, whatever it says of missing data.
    assert state(watched, "lag") == "ALARM"


def test_a_dashboard_is_one_for_all_regions_and_tells_what_is_wrong_with_it(watched: Cloud) -> None:
    here, there = (watched.client("cloudwatch", region) for region in (R, PEER))
    body = {"widgets": [{"type": "text", "properties": {"markdown": "# Sales"}}]}
    told = here.put_dashboard(
        DashboardName="sales", DashboardBody=json.dumps(body), Tags=[{"Key": "workload", "Value": "sales"}]
    )
    assert told["DashboardValidationMessages"] == []
    found = there.get_dashboard(DashboardName="sales")
    assert json.loads(found["DashboardBody"]) == body
    assert found["DashboardArn"] == f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/sales"
    assert there.list_tags_for_resource(ResourceARN=found["DashboardArn"])["Tags"] == [
        {"Key": "workload", "Value": "sales"}
    ]
    with pytest.raises(ClientError, match="Should have required property 'markdown'") as refused:
        here.put_dashboard(DashboardName="sales", DashboardBody='{"widgets": [{"type": "text", "properties": {}}]}')
    assert refused.value.response["Error"]["Code"] == "InvalidParameterInput"
    there.delete_dashboards(DashboardNames=["sales"])
    with pytest.raises(ClientError, match="does not exist"):
        here.get_dashboard(DashboardName="sales")
