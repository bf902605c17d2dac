# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steady pass: what each ACTIVE region brings back of its own index every few minutes, so that no switch is needed.

Two conditional writes in the table of claims, each in its region alone, make it one worker's at a time, and make a sale
that nobody can process come back ever more rarely. A message that comes back is judged like any other.
"""

from __future__ import annotations

from typing import Any

from .attributes import TTL_ATTRIBUTE
from .encoding import to_attribute
from .limits import CLAIM_RETENTION_SECONDS, DAY, STEADY_SECONDS


def turn_write(table: str, region: str, now: int, seconds: float = STEADY_SECONDS) -> dict[str, Any]:
    """Arguments of UpdateItem that take the next pass of a region; refused while the last is not so long ago."""
    return _take(table, f"steady#{region}", now, round(seconds), 0)


def again_write(table: str, sale_id: str, region: str, now: int, times: int, seconds: float) -> dict[str, Any]:
    """Arguments of UpdateItem that take a sale back into the queue for the `times`-th time, as `times_before` tells.

    Refused when it is not due: each time it waits twice as long, up to a day.
    """
    return _take(table, again_id(sale_id, region), now, min(round(seconds) << min(times, 16), DAY), 1)


def again_id(sale_id: str, region: str) -> str:
    """The id of the item that tells how often a sale was brought back in a region."""
    return f"again#{region}#{sale_id}"


def _take(table: str, identifier: str, now: int, seconds: int, count: int) -> dict[str, Any]:
    values = {
        ":now": now,
        ":until": now + max(1, seconds),
        ":zero": 0,
        ":count": count,
        ":expires": now + CLAIM_RETENTION_SECONDS,
    }
    return {
        "TableName": table,
        "Key": {"id": {"S": identifier}},
        "UpdateExpression": "SET #until = :until, #times = if_not_exists(#times, :zero) + :count, #expires = :expires",
        "ConditionExpression": "attribute_not_exists(#until) OR #until <= :now",
        "ExpressionAttributeNames": {"#until": "not_before", "#times": "times", "#expires": TTL_ATTRIBUTE},
        "ExpressionAttributeValues": {name: to_attribute(value) for name, value in values.items()},
    }
