# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SQS queue, or the dead-letter queue of one."""

from __future__ import annotations

import json
from os.path import commonprefix
from typing import Any, ClassVar

from ..aws.names import arn, tag_changes
from ..aws.regions import sns_principals
from ..kernel import Attributes, Cloud, Difference, Resource, error_code
from ..kernel.cloud import ClientError
from .same_thing import key_as_wanted

GONE = ("QueueDoesNotExist", "NonExistentQueue")
RECENTLY_DELETED_SECONDS = 60
"""SQS refuses to make a queue so soon after its namesake was deleted."""

COUNTS = [f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed")]
"""The attributes that say how many messages a queue holds."""

TO_AWS = {
    "visibility_timeout": "VisibilityTimeout",
    "receive_wait": "ReceiveMessageWaitTimeSeconds",
    "retention": "MessageRetentionPeriod",
}


def senders_policy(queue_arn: str, topics: list[tuple[str, str]]) -> dict[str, Any] | None:
    """A queue policy that admits these topics, given as (region, ARN), and nothing else. None if there are none."""
    region = queue_arn.split(":")[3]
    by_principal: dict[str, list[str]] = {}
    for topic_region, topic_arn in topics:
        for principal in sns_principals(topic_region, region):
            by_principal.setdefault(principal, []).append(topic_arn)
    if not by_principal:
        return None
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": principal},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": sorted(arns)}},
            }
            for principal, arns in sorted(by_principal.items())
        ],
    }


def is_code(error: BaseException, *codes: str) -> bool:
    """Whether AWS answered with one of these codes; SQS has an old spelling with a prefix for each."""
    return error_code(error).rsplit(".", 1)[-1] in codes


def messages_in(cloud: Cloud, region: str, name: str) -> int:
    """How many messages a queue holds, also those that a reader has or that are delayed; 0 if there is no such queue.

    SQS counts approximately, and is sure only a minute after the last message came.
    """
    client = cloud.client("sqs", region)
    try:
        url = client.get_queue_url(QueueName=name)["QueueUrl"]
        return sum(map(int, client.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"].values()))
    except ClientError as error:
        if is_code(error, *GONE):
            return 0
        raise


class Queue(Resource):
    """Wanted: `visibility_timeout`, `receive_wait`, `retention` (seconds), `kms_key_id` (None for SSE-SQS), `policy`
    (a document, or None), `dead_letters` (`{"queue_arn", "max_receive_count"}`, or None), `tags`.

    Gives `arn`, which is known beforehand, and `url`.
    """

    kind = "sqs_queue"
    policy_documents: ClassVar[frozenset[str]] = frozenset({"policy"})

    def __init__(self, name: str, region: str, *, account: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.arn = arn("sqs", region, account, name)

    def foretold(self) -> Attributes:
        return {"arn": self.arn}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Queue], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("sqs", region)
        prefix = commonprefix([queue.name for queue in resources])
        urls = {
            url.rsplit("/", 1)[-1]: url
            for url in cloud.paginate("sqs", "list_queues", region, QueueNamePrefix=prefix, MaxResults=1000)
        }
        actual = {}
        for queue in resources:
            if queue.name in urls:
                url = urls[queue.name]
                try:
                    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
                    tags = client.list_queue_tags(QueueUrl=url).get("Tags", {})
                except ClientError as error:
                    if is_code(error, *GONE):  # a deleted queue is listed for up to a minute
                        continue
                    raise
                there = _from_aws(attributes)
                if attributes.get("KmsMasterKeyId"):
                    wanted = queue.wanted.get("kms_key_id")
                    there["kms_key_id"] = key_as_wanted(cloud, region, there["kms_key_id"], wanted)
                actual[queue.name] = {"arn": queue.arn, "url": url, "tags": tags, **there}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        attributes = {key: value for key, value in _to_aws(wanted).items() if value != ""}
        limit = max(cloud.wait_timeout, RECENTLY_DELETED_SECONDS + 5)
        url = cloud.wait_until(
            f"the name of queue {self.name} in {self.region}, deleted a moment ago, to be free again",
            lambda: self._try_create(cloud, attributes, wanted["tags"]),
            timeout=limit,
        )
        return {"arn": self.arn, "url": url, **wanted}

    def _try_create(self, cloud: Cloud, attributes: dict[str, str], tags: dict[str, str]) -> str | None:
        client = cloud.client("sqs", self.region)
        try:
            return client.create_queue(QueueName=self.name, Attributes=attributes, tags=tags)["QueueUrl"]
        except ClientError as error:
            if is_code(error, "QueueDeletedRecently"):
                return None
            if not is_code(error, "QueueNameExists", "QueueAlreadyExists"):
                raise
        # An earlier attempt was carried out, or another run of this workload was quicker, with other attributes.
        self.made_before(cloud)
        url = client.get_queue_url(QueueName=self.name)["QueueUrl"]
        client.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        client.tag_queue(QueueUrl=url, Tags=tags)
        return url

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client, url = cloud.client("sqs", self.region), actual["url"]
        attributes = _to_aws({key: wanted[key] for key in differences if key != "tags"})
        if attributes:
            client.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_queue(QueueUrl=url, TagKeys=to_remove)
            if to_set:
                client.tag_queue(QueueUrl=url, Tags=to_set)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        try:
            cloud.client("sqs", self.region).delete_queue(QueueUrl=actual["url"])
        except ClientError as error:
            if not is_code(error, *GONE):
                raise


def _to_aws(wanted: Attributes) -> dict[str, str]:
    """Wanted attributes as SQS takes them. An empty text unsets an attribute."""
    attributes = {TO_AWS[key]: str(value) for key, value in wanted.items() if key in TO_AWS}
    if "kms_key_id" in wanted:
        # SSE-KMS and SSE-SQS exclude each other.
        attributes["KmsMasterKeyId"] = wanted["kms_key_id"] or ""
        if not wanted["kms_key_id"]:
            attributes["SqsManagedSseEnabled"] = "true"
    if "policy" in wanted:
        attributes["Policy"] = json.dumps(wanted["policy"]) if wanted["policy"] else ""
    if "dead_letters" in wanted:
        dead_letters = wanted["dead_letters"]
        attributes["RedrivePolicy"] = (
            json.dumps(
                {
                    "deadLetterTargetArn": dead_letters["queue_arn"],
                    "maxReceiveCount": dead_letters["max_receive_count"],
                }
            )
            if dead_letters
            else ""
        )
    return attributes


def _from_aws(attributes: dict[str, str]) -> Attributes:
    """The answer of `GetQueueAttributes` in the words of wanted attributes."""
    actual: Attributes = {key: int(attributes[name]) for key, name in TO_AWS.items() if name in attributes}
    encrypted = attributes.get("SqsManagedSseEnabled", "false") == "true"
    # A queue without any encryption differs from both None and a key.
    actual["kms_key_id"] = attributes.get("KmsMasterKeyId") or (None if encrypted else "not encrypted")
    actual["policy"] = json.loads(attributes["Policy"]) if attributes.get("Policy") else None
    actual["dead_letters"] = None
    if attributes.get("RedrivePolicy"):
        redrive = json.loads(attributes["RedrivePolicy"])
        actual["dead_letters"] = {
            "queue_arn": redrive["deadLetterTargetArn"],
            "max_receive_count": int(redrive["maxReceiveCount"]),
        }
    return actual
