# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The topics, queues and subscriptions as resources, and what is returned."""

from __future__ import annotations

from typing import Any

from ...aws.names import arn, resource_tags
from ...kernel import Cloud, Known
from ...kernel.run import Composition
from ...resources.queue import Queue, senders_policy
from ...resources.subscription import Subscription, queue_subscriptions, subscriptions_to
from ...resources.topic import Topic
from .arguments import dead_letter_queue_name, undelivered_queue_name


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region, account = cloud.region, cloud.account_id
    common = {"state": params["state"], "purge_tags": params["purge_tags"], "account": account}
    tags = resource_tags(params, region)
    topics = {
        topic["name"]: Topic(topic["name"], region, **common, kms_key_id=topic["kms_key_id"], tags=tags)
        for topic in params["topics"]
    }
    dead_letters, queues, undelivered = {}, {}, {}
    no_longer: list[Queue] = []
    named = {name for queue in params["queues"] for name in (queue["name"], dead_letter_queue_name(queue))}
    for queue in params["queues"]:
        name = queue["name"]
        if queue["undelivered"] is not None:
            undelivered[name] = _undelivered_queue(queue, region, common, tags)
        elif undelivered_queue_name(queue) not in named:
            gone = {**common, "state": "absent"}
            no_longer.append(Queue(undelivered_queue_name(queue), region, **gone))
        dead_letters[name] = _dead_letter_queue(queue, region, common, tags)
        queues[name] = _queue(queue, dead_letters[name], params["from_regions"] or [region], region, common, tags)
    subscriptions: list[Subscription] = []
    if params["state"] == "present" and params["fanout_to"] is not None:
        for topic in topics.values():
            subscriptions += _subscriptions(cloud, topic, queues, undelivered, params)
    if params["state"] == "absent":
        for sender in params["from_regions"] or []:
            subscriptions += _subscriptions_to_remove(cloud, sender, queues)

    def outputs(known: Known) -> dict[str, Any]:
        told: dict[str, Any] = (
            {}
            if params["scope"] == "subscriptions"
            else {
                "topics": {name: {"arn": topic.arn} for name, topic in topics.items()},
                "queues": {
                    name: {
                        "url": known.attribute(queue, "url"),
                        "arn": queue.arn,
                        "dlq_url": known.attribute(dead_letters[name], "url"),
                        "dlq_arn": dead_letters[name].arn,
                        **({"undelivered_arn": undelivered[name].arn} if name in undelivered else {}),
                    }
                    for name, queue in queues.items()
                },
            }
        )
        if params["fanout_to"] is not None:
            told["subscriptions"] = [
                {
                    "topic": subscription.topic_arn.rsplit(":", 1)[-1],
                    "queue": subscription.queue_arn.rsplit(":", 1)[-1],
                    "region": subscription.queue_arn.split(":")[3],
                    "arn": known.attribute(subscription, "arn"),
                }
                for subscription in subscriptions
                if subscription.state == "present"
            ]
        return told

    if params["scope"] == "subscriptions":
        return Composition(subscriptions, outputs)
    every_queue = [*dead_letters.values(), *undelivered.values(), *no_longer, *queues.values()]
    return Composition([*topics.values(), *every_queue, *subscriptions], outputs)


def _dead_letter_queue(queue: dict[str, Any], region: str, common: dict[str, Any], tags: dict[str, str]) -> Queue:
    return Queue(
        dead_letter_queue_name(queue),
        region,
        **common,
        visibility_timeout=queue["visibility_timeout"],
        receive_wait=queue["receive_wait"],
        retention=queue["dlq"]["retention"],
        kms_key_id=queue["kms_key_id"],
        policy=None,
        dead_letters=None,
        tags=tags,
    )


def _undelivered_queue(queue: dict[str, Any], region: str, common: dict[str, Any], tags: dict[str, str]) -> Queue:
    """Of the topics' region, wherever the queue is to which they could not deliver."""
    account, name = common["account"], undelivered_queue_name(queue)
    senders = [(region, arn("sns", region, account, topic)) for topic in queue["subscribes_to"]]
    return Queue(
        name,
        region,
        **common,
        visibility_timeout=queue["visibility_timeout"],
        receive_wait=queue["receive_wait"],
        retention=queue["undelivered"]["retention"],
        kms_key_id=queue["kms_key_id"],
        policy=senders_policy(arn("sqs", region, account, name), senders),
        dead_letters=None,
        tags=tags,
    )


def _queue(
    queue: dict[str, Any],
    dead_letters: Queue,
    from_regions: list[str],
    region: str,
    common: dict[str, Any],
    tags: dict[str, str],
) -> Queue:
    account = common["account"]
    senders = [
        (sender, arn("sns", sender, account, topic)) for sender in from_regions for topic in queue["subscribes_to"]
    ]
    return Queue(
        queue["name"],
        region,
        **common,
        visibility_timeout=queue["visibility_timeout"],
        receive_wait=queue["receive_wait"],
        retention=queue["retention"],
        kms_key_id=queue["kms_key_id"],
        policy=senders_policy(arn("sqs", region, account, queue["name"]), senders),
        dead_letters={
            "queue_arn": dead_letters.ref("arn"),
            "max_receive_count": queue["dlq"]["max_receive_count"],
        },
        tags=tags,
    )


def _subscriptions(
    cloud: Cloud, topic: Topic, queues: dict[str, Queue], undelivered: dict[str, Queue], params: dict[str, Any]
) -> list[Subscription]:
    """The subscriptions of one topic: those asked for, and as absent those that somebody else's wish has left."""
    region, account = cloud.region, cloud.account_id
    listed = queue_subscriptions(cloud, region, topic.arn)
    subscriptions = []
    for there in params["fanout_to"]:
        for queue in params["queues"]:
            if topic.name not in queue["subscribes_to"]:
                continue
            queue_arn = arn("sqs", there, account, queue["name"])
            # In its own region the queue may be part of the same run; elsewhere it must exist already.
            here = [queues[queue["name"]]] if there == region else []
            lost = undelivered.get(queue["name"])
            here += [lost] if lost else []
            subscriptions.append(
                Subscription(
                    f"{topic.name} to {queue['name']} in {there}",
                    region,
                    needs=[topic, *here] if params["scope"] == "all" else [],
                    topic_arn=topic.arn,
                    queue_arn=queue_arn,
                    listed=listed.pop(queue_arn, None),
                    raw_delivery=queue["raw_delivery"],
                    filter_policy=queue["filter_policy"],
                    undelivered=lost.arn if lost else None,
                )
            )
    for queue_arn, stray in listed.items():
        _arn, _partition, _sqs, there, owner, name = queue_arn.split(":")
        if owner == account:
            subscriptions.append(
                Subscription(
                    f"{topic.name} to {name} in {there}",
                    region,
                    state="absent",
                    topic_arn=topic.arn,
                    queue_arn=queue_arn,
                    listed=stray,
                )
            )
    return subscriptions


def _subscriptions_to_remove(cloud: Cloud, sender: str, queues: dict[str, Queue]) -> list[Subscription]:
    """What queues that go are subscribed to in a region: SNS would keep it, and go on sending."""
    return [
        Subscription(
            f"{topic_arn.rsplit(':', 1)[-1]} to {queue.name} in {queue.region}",
            sender,
            state="absent",
            needs=[queue],
            topic_arn=topic_arn,
            queue_arn=queue.arn,
            listed=listed,
        )
        for queue in queues.values()
        for topic_arn, listed in subscriptions_to(cloud, sender, queue.arn).items()
    ]
