# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a region's lake is behind another region's work: what its RPO would be if that region died now.

The region's own table says what the other did, and when. Of that, ever older sales are looked for in its own bucket,
each twice as far back as the one before, until one is there: a few calls, however much there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..aws.names import filled_in
from ..kernel import error_code
from ..kernel.cloud import ClientError
from ..protocol import Sale, done_keys, timestamp_of
from ..protocol.attributes import DONE_AT_ATTRIBUTE, DONE_IN_ATTRIBUTE
from ..protocol.encoding import to_attribute
from .region_reading import Part, Region

FARTHEST = 4096
"""Seconds back at the most: more than an hour."""


def lake_lags(region: Region, what: Mapping[str, Any], others: list[str]) -> Part:
    """Other region → at most how many seconds the lake here is behind it; None for more than is looked for.

    A region that has done nothing is left out.
    """
    account = region.client("sts").get_caller_identity()["Account"]
    bucket = filled_in(what["bucket"], account, region.name)
    found = {}
    for other in others:
        if newest := _done(region, what, other, None):
            found[other] = _behind(region, what, bucket, other, newest)
    return found


def _behind(region: Region, what: Mapping[str, Any], bucket: str, other: str, newest: tuple[str, int]) -> int | None:
    back, done = 0, newest
    while not _is_there(region, bucket, done[0]):
        back = max(1, 2 * back)
        older = _done(region, what, other, newest[1] - back) if back <= FARTHEST else None
        if older is None:
            return None
        done = older
    return newest[1] - done[1]


def _done(region: Region, what: Mapping[str, Any], other: str, before: int | None) -> tuple[str, int] | None:
    """The last sale that a region did until then: its id, and when. By one of its keys, which has its share of all."""
    values = {
        ":in": to_attribute(done_keys(other)[0]),
        ":before": to_attribute(before if before is not None else 2**40),
    }
    items = region.client("dynamodb").query(
        TableName=what["done_table"],
        IndexName=what["index"],
        KeyConditionExpression="#in = :in AND #at <= :before",
        ExpressionAttributeNames={"#in": DONE_IN_ATTRIBUTE, "#at": DONE_AT_ATTRIBUTE},
        ExpressionAttributeValues=values,
        ScanIndexForward=False,
        Limit=1,
    )["Items"]
    return (items[0]["id"]["S"], int(items[0][DONE_AT_ATTRIBUTE]["N"])) if items else None


def _is_there(region: Region, bucket: str, sale_id: str) -> bool:
    """Whether the object of a sale is in the bucket. Its key has the day of the sale, which its id tells."""
    key = Sale(sale_id, "", Decimal(0), timestamp_of(sale_id)).lake_key
    try:
        region.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error_code(error) == "404":
            return False
        raise
    return True
