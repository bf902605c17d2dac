# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What S3 demands of replication rules and copies, and which policies it calls public. Pure: no backend is asked."""

from __future__ import annotations

from typing import Any

from moto.s3.exceptions import PreconditionFailed, S3ClientError
from moto.s3.models import FakeBucket, FakeKey

from localcloud.policies import as_list

LARGEST_COPY = 5 * 1024**3
"""Bytes that CopyObject takes; what is larger goes in parts."""

NARROWING = (
    "aws:principal",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:userid",
    "s3:dataaccesspoint",
)
"""How the condition keys begin with which a statement for everybody is for some only, if their values are fixed."""


def check_rules(bucket: FakeBucket, rules: list[dict[str, Any]]) -> None:
    """Refuse replication rules that S3 does not take together.

    Raises:
        S3ClientError: with an equivalent message.
    """
    priorities = [rule["Priority"] for rule in rules if "Priority" in rule]
    if len(set(priorities)) < len(priorities):
        raise S3ClientError("InvalidRequest", "Each replication rule must have a priority of its own.")
    for rule in rules:
        if rule["Destination"]["Bucket"].endswith(f":s3:::{bucket.name}"):
            raise S3ClientError("InvalidRequest", "Destination bucket cannot be the same as the source bucket.")
        if "Filter" in rule and "DeleteMarkerReplication" not in rule:
            raise S3ClientError("InvalidRequest", "DeleteMarkerReplication must be specified for rules with a Filter.")
        check_metrics(rule)


def check_metrics(rule: dict[str, Any]) -> None:
    """Refuse what S3 does not take of metrics and Replication Time Control. S3ClientError."""
    timed, metrics = (rule["Destination"].get(key) or {} for key in ("ReplicationTime", "Metrics"))
    if (timed or metrics) and "Filter" not in rule:
        raise S3ClientError(
            "InvalidRequest", "Metrics and ReplicationTime can only be specified for rules with a Filter."
        )
    thresholds = [timed.get("Time"), metrics.get("EventThreshold")]
    if any(str(each.get("Minutes")) != "15" for each in thresholds if each):
        raise S3ClientError("InvalidRequest", "The only valid value for Minutes is 15.")
    if timed.get("Status") == "Enabled" and not (metrics.get("Status") == "Enabled" and all(thresholds)):
        raise S3ClientError("InvalidRequest", "ReplicationTime needs its Time, and Metrics with an EventThreshold.")


def check_copy(source: FakeKey | None, there: FakeKey | None, if_none_match: str) -> None:
    """Refuse a copy over an object `there` on condition that there is none, and one of more than CopyObject takes.

    Raises:
        S3ClientError: with an equivalent message.
    """
    if if_none_match == "*" and there is not None:
        raise PreconditionFailed("If-None-Match")
    if source is not None and source.size > LARGEST_COPY:
        raise S3ClientError(
            "InvalidRequest",
            f"The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST_COPY}",
        )


def for_everybody(statement: dict[str, Any]) -> bool:
    """Whether a statement is about whoever comes, also without credentials."""
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, dict) and "*" in as_list(principal.get("AWS")))


def is_public(document: dict[str, Any]) -> bool:
    """Whether S3 calls a bucket policy public: it allows something to everybody, and no fixed value narrows that."""
    return any(
        statement.get("Effect") == "Allow" and for_everybody(statement) and not _is_narrowed(statement)
        for statement in as_list(document.get("Statement"))
    )


def _is_narrowed(statement: dict[str, Any]) -> bool:
    return any(
        key.lower().startswith(NARROWING) and not any("*" in str(value) for value in as_list(values))
        for operator, keys in (statement.get("Condition") or {}).items()
        if "Not" not in operator
        for key, values in keys.items()
    )
