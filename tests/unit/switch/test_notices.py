# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A topic hears of switches, and its lack stops none."""

from __future__ import annotations

import json

from tests.support.switching import STATES


def test_a_topic_hears_of_the_beginning_and_of_the_end(workload, switch):
    for region in STATES:
        workload.client("sns", region).create_topic(Name="notices")
    queue = workload.client("sqs", "us-east-1").create_queue(QueueName="heard")["QueueUrl"]
    workload.client("sns", "us-east-1").subscribe(
        TopicArn="arn:aws:sns:us-east-1:123456789012:notices",
        Protocol="sqs",
        Endpoint="arn:aws:sqs:us-east-1:123456789012:heard",
    )
    switch(to="us-east-1", notify_topic="notices", operator="Ana", reason="a drill")
    found = workload.client("sqs", "us-east-1").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    heard = [json.loads(json.loads(message["Body"])["Message"]) for message in found]
    assert sorted(message["event"] for message in heard) == ["begun", "ended"]
    assert {(message["operator"], message["reason"]) for message in heard} == {("Ana", "a drill")}


def test_a_topic_that_does_not_exist_stops_nothing(workload, switch):
    assert switch(to="us-east-1", notify_topic="nobody")["epoch"] == 3
