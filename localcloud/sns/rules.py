# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SNS accepts as attributes of a topic or a subscription. Pure: no backend is asked."""

from __future__ import annotations

from moto.sns.exceptions import SNSInvalidParameter

from localcloud.policies import json_object


def check_json(name: str, value: str | None) -> None:
    """Refuse a policy that is no JSON object.

    Raises:
        SNSInvalidParameter: it is none.
    """
    if value and json_object(value) is None:
        raise SNSInvalidParameter(f"Invalid parameter: {name}: not a JSON object")


def check_redrive(value: str | None, subscription_arn: str) -> None:
    """Refuse a dead-letter queue that is none, or is not of the subscription's own account and region.

    https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html

    Raises:
        SNSInvalidParameter: it is.
    """
    check_json("RedrivePolicy", value)
    document = json_object(value) if value else None
    if not document:  # an empty one lifts the policy
        return
    parts = str(document.get("deadLetterTargetArn")).split(":")
    if parts[:3] != ["arn", "aws", "sqs"] or parts[3:5] != subscription_arn.split(":")[3:5]:
        raise SNSInvalidParameter(
            "Invalid parameter: RedrivePolicy: deadLetterTargetArn must be the ARN of an SQS queue of the "
            "subscription's account and region"
        )
