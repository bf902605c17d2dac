# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts from the outside what became of the acknowledged sales: tables and lake, never the workers' own word.

The words are those of docs/protocol.md. A sale is processed when its DONE item (under the plain sale id in the
idempotency table) and its lake object both exist. It is duplicated when the versions of lake objects, over all regions'
buckets, hold more than one distinct (key, content) for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

LAKE_KEY = re.compile(r"^sales/\d{8}/(?P<id>[^/]+)\.json$")
ClientFactory = Callable[[str, str], Any]


@dataclass(frozen=True)
class Evidence:
    """Figures about the acknowledged sales; the sets hold sale ids."""

    processed: set[str]
    in_lake: set[str]
    lost: set[str]
    duplicated: set[str]
    wrong_content: set[str]


def gather(client: ClientFactory, workload: str, regions: list[str], acknowledged: dict[str, Any]) -> Evidence:
    """Read every region's tables and every version of every lake object, and compare with what the client was told.

    `acknowledged` maps a sale's id to (product, amount).
    """
    done: set[str] = set()
    marked: set[str] = set()
    for region in regions:
        dynamodb = client("dynamodb", region)
        done |= {item["id"]["S"] for item in _scan(dynamodb, f"{workload}-idempotency")}
        for item in _scan(dynamodb, workload):
            if item.get("sale_processed", {}).get("BOOL"):
                marked.add(item["id"]["S"])
    contents, bodies = _lake_contents(client, workload, regions)
    in_lake = acknowledged.keys() & contents.keys()
    processed = done & in_lake & marked
    return Evidence(
        processed=processed & acknowledged.keys(),
        in_lake=set(in_lake),
        lost=acknowledged.keys() - processed,
        duplicated={sale for sale, distinct in contents.items() if len(distinct) > 1},
        wrong_content={sale for sale in in_lake if not _same_sale(bodies[sale], acknowledged[sale])},
    )


def _scan(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def _lake_contents(
    client: ClientFactory, workload: str, regions: list[str]
) -> tuple[dict[str, set[tuple[str, str]]], dict[str, bytes]]:
    """Per sale id: the distinct (key, digest of the content) over all buckets and versions, and one body."""
    contents: dict[str, set[tuple[str, str]]] = defaultdict(set)
    bodies: dict[str, bytes] = {}

    def read(place: tuple[Any, str, str, str]) -> tuple[str, bytes]:
        s3, bucket, key, version = place
        return key, s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read()

    places = []
    for region in regions:
        s3 = client("s3", region)
        account = client("sts", region).get_caller_identity()["Account"]
        bucket = f"{workload}-lake-{account}-{region}"
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="sales/"):
            places += [(s3, bucket, version["Key"], version["VersionId"]) for version in page.get("Versions", [])]
    with ThreadPoolExecutor(8) as pool:
        for key, body in pool.map(read, places):
            named = LAKE_KEY.match(key)
            if named:
                contents[named["id"]].add((key, hashlib.sha256(body).hexdigest()))
                bodies[named["id"]] = body
    return contents, bodies


def _same_sale(body: bytes, sold: tuple[str, Any]) -> bool:
    record = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    return record["product"] == sold[0] and Decimal(record["amount"]) == sold[1]
