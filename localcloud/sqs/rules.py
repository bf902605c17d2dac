# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SQS accepts as attributes of a queue. Pure: no backend is asked."""

from __future__ import annotations

from typing import Any

from moto.sqs.exceptions import (
    SQSException,
)

from localcloud.policies import json_object

LIMITS = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1048576),
    "MessageRetentionPeriod": (60, 1209600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43200),
}
"""Attribute → smallest and largest value."""


def check_attributes(attributes: dict[str, Any]) -> None:
    """Refuse attribute values that SQS does not take.

    Raises:
        SQSException: with the service's code and an equivalent message.
    """
    for name, (low, high) in LIMITS.items():
        value = attributes.get(name)
        if value is not None and not (str(value).isdigit() and low <= int(value) <= high):
            raise _invalid(name, value, f"Must be a number from {low} to {high}")
    for name in ("Policy", "RedrivePolicy", "RedriveAllowPolicy"):
        if attributes.get(name):
            document = json_object(attributes[name])
            if document is None:
                raise _invalid(name, attributes[name], "Must be a JSON object")
            if name == "RedrivePolicy" and not 1 <= int(document.get("maxReceiveCount", 1)) <= 1000:
                raise _invalid(name, attributes[name], "maxReceiveCount must be from 1 to 1000")


def _invalid(name: str, value: Any, reason: str) -> SQSException:
    return SQSException("InvalidAttributeValue", f"Value {value} for parameter {name} is invalid. Reason: {reason}.")
