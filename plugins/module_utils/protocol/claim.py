# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The claim: an item per (sale id, region) that says who in this region is working on a sale, and how often it failed.

It is written only in its own region, so its condition is a real lock among that region's workers. It is no lock
between regions, and need not be: ownership decides there, and the effects are the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .attributes import TTL_ATTRIBUTE
from .encoding import from_attributes, to_attribute
from .errors import MalformedItem
from .limits import CLAIM_RETENTION_SECONDS, CLAIM_TO_EFFECT_SECONDS, MAX_ATTEMPTS

FREE = "free"
BUSY = "busy"
SPENT = "spent"

_NAMES = {"#attempts": "attempts", "#until": "claimed_until", "#worker": "worker", "#expires": TTL_ATTRIBUTE}


def claim_id(sale_id: str, region: str) -> str:
    """The id of a claim in the idempotency table: `claim#<region>#<sale id>`."""
    return f"claim#{region}#{sale_id}"


@dataclass(frozen=True)
class Claim:
    """A claim as found. attempts: begun so far. until: unix seconds after which others may claim."""

    attempts: int
    until: int
    worker: str

    @classmethod
    def from_attributes(cls, item: Mapping[str, Mapping[str, Any]] | None) -> Claim | None:
        """Read a claim as DynamoDB's low-level API returns it; None for no item."""
        if not item:
            return None
        plain = from_attributes(item)
        try:
            return cls(int(plain["attempts"]), int(plain["claimed_until"]), str(plain["worker"]))
        except (KeyError, TypeError, ValueError) as error:
            raise MalformedItem(f"claim {plain.get('id')}: lacks or misspells {error}") from error


def judge_claim(claim: Claim | None, now: int) -> str:
    """FREE to claim, BUSY (somebody works on it until `claim.until`), or SPENT (failed MAX_ATTEMPTS times).

    `now` is unix seconds. Comparing it with another worker's clock is safe here: at worst two workers of one region
    do the same thing, and doing it twice is doing it once.
    """
    if claim is None:
        return FREE
    if now < claim.until:
        return BUSY
    return SPENT if claim.attempts >= MAX_ATTEMPTS else FREE


def claim_write(
    table: str, sale_id: str, region: str, worker: str, now: int, seconds: float = CLAIM_TO_EFFECT_SECONDS
) -> dict[str, Any]:
    """Arguments of UpdateItem that claim a sale; the condition is `judge_claim(…) == FREE`, evaluated by DynamoDB.

    The attempt is counted when it begins, so a worker that crashes has counted it. The answer holds the whole claim;
    a refusal (ConditionalCheckFailedException) holds the present one in its `Item`.
    """
    values = {
        ":zero": 0,
        ":one": 1,
        ":most": MAX_ATTEMPTS,
        ":now": now,
        ":until": now + max(1, round(seconds)),
        ":worker": worker,
        ":expires": now + CLAIM_RETENTION_SECONDS,
    }
    return {
        "TableName": table,
        "Key": {"id": {"S": claim_id(sale_id, region)}},
        "UpdateExpression": (
            "SET #attempts = if_not_exists(#attempts, :zero) + :one, #until = :until, #worker = :worker, "
            "#expires = :expires"
        ),
        "ConditionExpression": (
            "(attribute_not_exists(#until) OR #until <= :now) AND "
            "(attribute_not_exists(#attempts) OR #attempts < :most)"
        ),
        "ExpressionAttributeNames": dict(_NAMES),
        "ExpressionAttributeValues": {name: to_attribute(value) for name, value in values.items()},
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def claim_returned(table: str, sale_id: str, region: str, worker: str) -> dict[str, Any]:
    """Arguments of UpdateItem that take an attempt back which AWS spoilt, while the claim is still this worker's.

    Attempts are there to stop what fails by itself. What AWS fails at, it fails at for every sale, and these would all
    be given up after some minutes.
    """
    values = {":zero": 0, ":one": 1, ":worker": worker}
    return {
        "TableName": table,
        "Key": {"id": {"S": claim_id(sale_id, region)}},
        "UpdateExpression": "SET #attempts = #attempts - :one",
        "ConditionExpression": "#worker = :worker AND #attempts > :zero",
        "ExpressionAttributeNames": {name: _NAMES[name] for name in ("#attempts", "#worker")},
        "ExpressionAttributeValues": {name: to_attribute(value) for name, value in values.items()},
    }


def claim_reset(table: str, sale_id: str, region: str) -> dict[str, Any]:
    """Arguments of DeleteItem that forget a claim, after its message was moved to the DLQ.

    Without it a message that a person re-drives from the DLQ would go back there unread.
    """
    return {"TableName": table, "Key": {"id": {"S": claim_id(sale_id, region)}}}
