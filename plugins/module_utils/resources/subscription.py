# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SNS subscription of a queue. It is made in the topic's region, wherever the queue is."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from ..kernel.cloud import ClientError
from ..protocol.service_errors import error_code

NAMES = {"raw_delivery": "RawMessageDelivery", "filter_policy": "FilterPolicy", "undelivered": "RedrivePolicy"}
"""What SNS calls the attributes."""

NO_TOPIC = ("NotFound", "NotFoundException", "ResourceNotFound")


def queue_subscriptions(cloud: Cloud, region: str, topic_arn: str) -> dict[str, str]:
    """The ARNs of the confirmed SQS subscriptions of a topic, by the queue's ARN. Empty if there is no such topic."""
    try:
        listed = cloud.paginate("sns", "list_subscriptions_by_topic", region, TopicArn=topic_arn)
    except ClientError as error:
        if error_code(error) in NO_TOPIC:
            return {}
        raise
    return {
        item["Endpoint"]: item["SubscriptionArn"]
        for item in listed
        if item["Protocol"] == "sqs" and item["SubscriptionArn"].startswith("arn:")
    }


def subscriptions_to(cloud: Cloud, region: str, queue_arn: str) -> dict[str, str]:
    """The ARNs of a queue's confirmed subscriptions to topics of a region, by the topic's ARN."""
    return {
        item["TopicArn"]: item["SubscriptionArn"]
        for item in cloud.paginate("sns", "list_subscriptions", region)
        if item["Endpoint"] == queue_arn and item["SubscriptionArn"].startswith("arn:")
    }


class Subscription(Resource):
    """Wanted: `raw_delivery` (bool), `filter_policy` (dict, or None), `undelivered` (the ARN of a queue of the topic's
    region that takes what cannot be delivered, or None). Gives `arn`.

    `listed` is the ARN that `queue_subscriptions` told, or None: a subscription cannot be found but in that list, and
    the list is also what tells the ones to remove.
    """

    kind = "sns_subscription"
    owned: ClassVar[bool] = False

    def __init__(
        self, name: str, region: str, *, topic_arn: str, queue_arn: str, listed: str | None, **others: Any
    ) -> None:
        super().__init__(name, region, **others)
        self.topic_arn = topic_arn
        self.queue_arn = queue_arn
        self.listed = listed

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Subscription], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("sns", region)
        actual = {}
        for subscription in resources:
            if subscription.listed is None:
                continue
            if subscription.state == "absent":
                actual[subscription.name] = {"arn": subscription.listed, "queue_arn": subscription.queue_arn}
                continue
            with absent_is_none(*NO_TOPIC):
                answer = client.get_subscription_attributes(SubscriptionArn=subscription.listed)["Attributes"]
                actual[subscription.name] = {
                    "arn": subscription.listed,
                    "raw_delivery": answer.get("RawMessageDelivery", "false") == "true",
                    "filter_policy": json.loads(answer.get("FilterPolicy") or "{}") or None,
                    "undelivered": json.loads(answer.get("RedrivePolicy") or "{}").get("deadLetterTargetArn"),
                }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        attributes = {NAMES["raw_delivery"]: _value("raw_delivery", wanted["raw_delivery"])}
        for key in ("filter_policy", "undelivered"):
            if wanted[key]:
                attributes[NAMES[key]] = _value(key, wanted[key])
        # Subscribing the same queue again returns the same subscription, so a lost answer does no harm.
        answer = cloud.client("sns", self.region).subscribe(
            TopicArn=self.topic_arn,
            Protocol="sqs",
            Endpoint=self.queue_arn,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        self.listed = answer["SubscriptionArn"]
        return {"arn": self.listed, **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        for key in differences:
            cloud.client("sns", self.region).set_subscription_attributes(
                SubscriptionArn=actual["arn"], AttributeName=NAMES[key], AttributeValue=_value(key, wanted[key])
            )
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(*NO_TOPIC):
            cloud.client("sns", self.region).unsubscribe(SubscriptionArn=actual["arn"])


def _value(key: str, value: Any) -> str:
    """An attribute's value as SNS takes it; an empty document lifts a policy."""
    if key == "undelivered" and value:
        value = {"deadLetterTargetArn": value}
    return json.dumps({} if value is None else value, sort_keys=True)
