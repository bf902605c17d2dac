# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topics, queues and subscriptions of one region.

Whatever stands in another region is named by its computed ARN, so that no region needs another one to answer. A queue
admits the topics of all regions from the first run on; subscriptions follow when the queues of all regions exist.
"""

from __future__ import annotations

import re
from typing import Any

from ..aws.names import arn, layer_tags
from ..aws.regions import fanout_problems, region_problems
from ..kernel import Cloud, Known
from ..kernel.run import Layer, LayerModule
from ..protocol.limits import (
    DLQ_RETENTION_SECONDS,
    MAX_RECEIVE_COUNT,
    QUEUE_RETENTION_SECONDS,
    RECEIVE_WAIT_SECONDS,
    VISIBILITY_SECONDS,
)
from ..resources.queue import Queue, senders_policy
from ..resources.subscription import Subscription, queue_subscriptions
from ..resources.topic import Topic

# What SQS accepts.
LIMITS = {"visibility_timeout": (0, 43200), "receive_wait": (0, 20), "retention": (60, 1209600)}
DLQ_LIMITS = {"max_receive_count": (1, 1000), "retention": (60, 1209600)}
DEFAULTS = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "receive_wait": RECEIVE_WAIT_SECONDS,
    "retention": QUEUE_RETENTION_SECONDS,
}
DLQ_DEFAULTS = {"max_receive_count": MAX_RECEIVE_COUNT, "retention": DLQ_RETENTION_SECONDS}


def dead_letter_queue_name(queue: dict[str, Any]) -> str:
    """The name of the dead-letter queue: as given, or the queue's with `-dlq` at its end."""
    return (queue.get("dlq") or {}).get("name") or f"{queue['name']}-dlq"


def queue_problems(variable: str, queue: dict[str, Any], topics: list[str]) -> list[str]:
    """What cannot be right about one queue. `topics` are the names it may subscribe to."""
    found = _name_problems(variable, queue["name"]) + _name_problems(variable, dead_letter_queue_name(queue))
    dlq = queue.get("dlq") or {}
    for place, values, limits in ((variable, queue, LIMITS), (f"{variable}.dlq", dlq, DLQ_LIMITS)):
        for key, (least, most) in limits.items():
            value = values.get(key)
            if value is not None and not (isinstance(value, int) and least <= value <= most):
                found.append(f"{place}.{key} is {value!r}; SQS accepts {least} to {most}.")
    kept, kept_dead = queue.get("retention"), dlq.get("retention")
    if isinstance(kept, int) and isinstance(kept_dead, int) and kept_dead <= kept:
        found.append(
            f"{variable}.dlq.retention is {kept_dead} s; it must exceed the queue's {kept} s, because a message's age "
            "counts from its first enqueue and it would expire on arrival."
        )
    for topic in queue.get("subscribes_to") or []:
        if topic not in topics:
            found.append(
                f"{variable}.subscribes_to names {topic!r}, which is not a topic of this workload. "
                f"Known: {', '.join(topics) or 'none'}."
            )
    return found


def _name_problems(variable: str, name: str) -> list[str]:
    if re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name):
        return []
    return [f"{variable}.name is {name!r}; SQS takes 1 to 80 letters, digits, hyphens and underscores."]


def topic_problems(variable: str, name: str) -> list[str]:
    """What cannot be right about a topic's name."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,256}", name):
        return []
    return [f"{variable}.name is {name!r}; SNS takes 1 to 256 letters, digits, hyphens and underscores."]


def problems(params: dict[str, Any]) -> list[str]:
    found: list[str] = []
    topics = [topic["name"] for topic in params["topics"]]
    for name in topics:
        found += topic_problems(f"topics[{name}]", name)
    if params["state"] == "absent":
        return found
    for queue in params["queues"]:
        found += queue_problems(f"queues[{queue['name']}]", queue, topics)
    for variable in ("from_regions", "fanout_to"):
        for region in params[variable] or []:
            found += region_problems(variable, region)
        if params["region"]:
            found += fanout_problems(variable, params[variable] or [], params["region"])
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Layer:
    region, account = cloud.region, cloud.account_id
    common = {"state": params["state"], "purge_tags": params["purge_tags"], "account": account}
    tags = layer_tags(params, region)
    topics = {
        topic["name"]: Topic(topic["name"], region, **common, kms_key_id=topic["kms_key_id"], tags=tags)
        for topic in params["topics"]
    }
    dead_letters, queues = {}, {}
    for queue in params["queues"]:
        name = queue["name"]
        dead_letters[name] = _dead_letter_queue(queue, region, common, tags)
        queues[name] = _queue(queue, dead_letters[name], params["from_regions"] or [region], region, common, tags)
    subscriptions: list[Subscription] = []
    if params["state"] == "present" and params["fanout_to"] is not None:
        for topic in topics.values():
            subscriptions += _subscriptions(cloud, topic, queues, params)

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
        return Layer(subscriptions, outputs)
    return Layer([*topics.values(), *dead_letters.values(), *queues.values(), *subscriptions], outputs)


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


def _subscriptions(cloud: Cloud, topic: Topic, queues: dict[str, Queue], params: dict[str, Any]) -> list[Subscription]:
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


def _options(defaults: dict[str, int]) -> dict[str, Any]:
    return {name: {"type": "int", "default": default} for name, default in defaults.items()}


MODULE = LayerModule(
    arguments={
        "topics": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {"name": {"type": "str", "required": True}, "kms_key_id": {"type": "str", "no_log": False}},
        },
        "queues": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "subscribes_to": {"type": "list", "elements": "str", "default": []},
                **_options(DEFAULTS),
                "kms_key_id": {"type": "str", "no_log": False},
                "raw_delivery": {"type": "bool", "default": True},
                "filter_policy": {"type": "dict"},
                "dlq": {
                    "type": "dict",
                    "apply_defaults": True,
                    "options": {
                        "name": {"type": "str"},
                        **_options(DLQ_DEFAULTS),
                    },
                },
            },
        },
        "from_regions": {"type": "list", "elements": "str"},
        "fanout_to": {"type": "list", "elements": "str"},
        "scope": {"type": "str", "choices": ["all", "subscriptions"], "default": "all"},
    },
    services=("sns", "sqs", "sts"),
    build=build,
    problems=problems,
    rules={"required_if": [("scope", "subscriptions", ["fanout_to"])]},
)
