# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What S3 demands of replication rules. Pure: no backend is asked."""

from __future__ import annotations

from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket


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
