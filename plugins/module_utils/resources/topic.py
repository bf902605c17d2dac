# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SNS topic."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import arn, from_tag_list, tag_changes, to_tag_list
from ..aws.policies import as_json, parse
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from .same_thing import key_as_wanted


def alarms_policy(topic_arn: str) -> dict[str, Any]:
    """A topic policy that lets the account's alarms publish, and its own principals do what IAM allows them."""
    account = topic_arn.split(":")[4]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Alarms",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic_arn,
                # Nobody else's alarms.
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ],
    }


class Topic(Resource):
    """Wanted: `kms_key_id` (or None), `tags`; `policy` (a document), if it is not to be left as it is.

    Gives `arn`, which is known beforehand when `account` is given.
    """

    kind = "sns_topic"
    policy_documents: ClassVar[frozenset[str]] = frozenset({"policy"})

    def __init__(self, name: str, region: str, *, account: str, **others: object) -> None:
        super().__init__(name, region, **others)
        self.arn = arn("sns", region, account, name)

    def foretold(self) -> Attributes:
        return {"arn": self.arn}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Topic], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("sns", region)
        actual = {}
        for topic in resources:
            with absent_is_none("NotFound", "NotFoundException", "ResourceNotFound"):
                attributes = client.get_topic_attributes(TopicArn=topic.arn)["Attributes"]
                key = attributes.get("KmsMasterKeyId") or None
                actual[topic.name] = {
                    "arn": topic.arn,
                    "kms_key_id": key_as_wanted(cloud, region, key, topic.wanted.get("kms_key_id")),
                    "policy": parse(attributes.get("Policy") or "{}"),
                    "tags": from_tag_list(client.list_tags_for_resource(ResourceArn=topic.arn)["Tags"]),
                }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # Making a topic that exists already returns it, so a lost answer does no harm.
        attributes: dict[str, Any] = {"KmsMasterKeyId": wanted["kms_key_id"]} if wanted["kms_key_id"] else {}
        if "policy" in wanted:
            attributes["Policy"] = as_json(wanted["policy"])
        cloud.client("sns", self.region).create_topic(
            Name=self.name, Attributes=attributes, Tags=to_tag_list(wanted["tags"])
        )
        return {"arn": self.arn, **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("sns", self.region)
        if "kms_key_id" in differences:
            client.set_topic_attributes(
                TopicArn=self.arn, AttributeName="KmsMasterKeyId", AttributeValue=wanted["kms_key_id"] or ""
            )
        if "policy" in differences:
            client.set_topic_attributes(
                TopicArn=self.arn, AttributeName="Policy", AttributeValue=as_json(wanted["policy"])
            )
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_resource(ResourceArn=self.arn, TagKeys=to_remove)
            if to_set:
                client.tag_resource(ResourceArn=self.arn, Tags=to_tag_list(to_set))
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        # Its subscriptions go with it, and deleting a topic that is gone is no error.
        cloud.client("sns", self.region).delete_topic(TopicArn=self.arn)
