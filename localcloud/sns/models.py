# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topics of one region, and delivery to queues as SNS does it: where a queue's policy lets it, nowhere else."""

from __future__ import annotations

import copy
from typing import Any

from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend as MotoBackend
from moto.sns.models import Subscription as MotoSubscription
from moto.sns.models import Topic, sns_backends
from moto.sqs.exceptions import SQSException
from moto.sqs.models import sqs_backends

from localcloud.policies import admits, json_object, sns_principal
from localcloud.sns.rules import check_json, check_redrive
from localcloud.world import WORLD

FLAGS = ("RawMessageDelivery", "PendingConfirmation", "ConfirmationWasAuthenticated")
"""Attributes that hold a flag; SNS answers "true" and "false", whatever the caller's spelling."""


class Subscription(MotoSubscription):
    """A subscription; to a queue of another region it delivers over the line between the two."""

    def publish(self, message: str, message_id: str, *arguments: Any, **settings: Any) -> None:
        if self.protocol != "sqs":
            super().publish(message, message_id, *arguments, **settings)
            return
        self.attributes["RawMessageDelivery"] = is_true(self.attributes.get("RawMessageDelivery"))
        queue_region = self.endpoint.split(":")[3]
        topic_region = self.topic.sns_backend.region_name

        def deliver() -> None:
            if not self._reach(self.endpoint, message, message_id, *arguments, **settings):
                redrive = json_object(self.attributes.get("RedrivePolicy")) or {}
                if redrive.get("deadLetterTargetArn"):
                    self._reach(redrive["deadLetterTargetArn"], message, message_id, *arguments, **settings)

        if queue_region == topic_region:
            deliver()
        else:
            WORLD.links.send(topic_region, queue_region, deliver)

    def _reach(self, queue_arn: str, *message: Any, **settings: Any) -> bool:
        """Deliver to a queue, if it is there, admits the topic, and takes the message."""
        _, _, _, region, account, name = queue_arn.split(":", 5)
        queue = sqs_backends[account][region].queues.get(name)
        principal = sns_principal(self.topic.sns_backend.region_name, region)
        if queue is None or not admits(queue.policy, principal, "sqs:SendMessage", queue_arn, self.topic.arn):
            return False
        delivery = copy.copy(self)
        delivery.endpoint = queue_arn
        try:
            MotoSubscription.publish(delivery, *message, **settings)
        except SQSException:
            return False  # a message the queue does not take is SNS's loss, not the publisher's error
        return True


class SNSBackend(MotoBackend):
    """Topics of one region."""

    def create_topic(
        self, name: str, attributes: dict[str, str] | None = None, tags: dict[str, str] | None = None
    ) -> Topic:
        for policy in ("Policy", "DeliveryPolicy"):
            check_json(policy, (attributes or {}).get(policy))
        existing = next((topic for topic in self.topics.values() if topic.name == name), None)
        if existing is not None and tags and tags != existing._tags:
            raise SNSInvalidParameter("Invalid parameter: Tags Reason: Topic already exists with different tags")
        return super().create_topic(name, attributes, tags)

    def subscribe(self, topic_arn: str, endpoint: str, protocol: str) -> MotoSubscription:
        if protocol == "sqs" and endpoint.split(":")[2:3] != ["sqs"]:
            raise SNSInvalidParameter("Invalid parameter: SQS endpoint ARN")
        existed = self._find_subscription(topic_arn, endpoint, protocol)
        subscription = super().subscribe(topic_arn, endpoint, protocol)
        if existed is None:
            ours = Subscription(self.account_id, subscription.topic, endpoint, protocol)
            ours.arn, ours.attributes, ours.confirmed = subscription.arn, subscription.attributes, True
            self.subscriptions[subscription.arn] = subscription = ours
        return subscription

    def set_subscription_attributes(self, arn: str, name: str, value: Any) -> None:
        if name == "RedrivePolicy":
            check_redrive(value, arn)
        super().set_subscription_attributes(arn, name, value)

    def get_subscription_attributes(self, arn: str) -> dict[str, Any]:
        attributes = dict(super().get_subscription_attributes(arn))
        for flag in FLAGS:
            if flag in attributes:
                attributes[flag] = "true" if is_true(attributes[flag]) else "false"
        return attributes

    def publish(self, message: str, arn: str | None, *arguments: Any, **settings: Any) -> str:
        message_id = super().publish(message, arn, *arguments, **settings)
        topic = self.topics.get(arn)  # type: ignore[arg-type]
        if topic is not None:
            topic.sent_notifications.clear()  # kept by moto for assertions in tests; here they would only pile up
        return message_id


def is_true(value: Any) -> bool:
    return str(value).lower() == "true"


sns_backends.backend = SNSBackend
