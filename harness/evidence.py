# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts from the outside what became of the acknowledged sales: tables and lake, never the workers' own word.

The words are those of docs/protocol.md. A sale is processed when its DONE item (under the plain sale id in the
idempotency table) and its lake object both exist. It is duplicated when the versions of lake objects, over all regions'
buckets, hold more than one distinct (key, content) for it. It was processed twice when it was put into the lake more
than once and two regions claimed it, or none did (the reference worker writes no claims): told, and harmless as long as
the bytes are the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from protocol.attributes import UNPROCESSED_ATTRIBUTE, UNPROCESSED_INDEX
from protocol.shards import shard_values

LAKE_KEY = re.compile(r"^sales/\d{8}/(?P<id>[^/]+)\.json$")
CLAIM_ID = re.compile(r"^claim#(?P<region>[^#]+)#(?P<id>.+)$")
ClientFactory = Callable[[str, str], Any]


@dataclass(frozen=True)
class Evidence:
    """Figures about the acknowledged sales; the sets hold sale ids."""

    processed: set[str]
    in_lake: set[str]
    lost: set[str]
    duplicated: set[str]
    wrong_content: set[str]
    processed_twice: set[str] = field(default_factory=set)
    done_by: dict[str, str] = field(default_factory=dict)
    """Sale id → the region that wrote its DONE item (the last one to, if two did)."""

    in_every_lake: set[str] = field(default_factory=set)
    """Those with an object in each region's bucket, its own or a replica."""

    lakes: dict[str, set[str]] = field(default_factory=dict)
    """Sale id → the regions in whose buckets there is an object."""


@dataclass
class Lake:
    """What the lake holds of each sale id, over all regions' buckets and all versions."""

    contents: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    """The distinct (key, digest of the content)."""

    versions: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The ids of the versions; a replica keeps that of its source."""

    places: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The regions in whose buckets there is an object."""

    wrong: set[str] = field(default_factory=set)
    """Sales of which an object says something else than what the client was told."""


def gather(client: ClientFactory, workload: str, regions: list[str], acknowledged: dict[str, Any]) -> Evidence:
    """Read every region's tables and every version of every lake object, and compare with what the client was told.

    `acknowledged` maps a sale's id to (product, amount).
    """
    done: dict[str, str] = {}
    claimed: dict[str, set[str]] = defaultdict(set)
    marked: set[str] = set()
    for region in regions:
        dynamodb = client("dynamodb", region)
        for item in _scan(dynamodb, f"{workload}-idempotency"):
            claim = CLAIM_ID.match(item["id"]["S"])
            if claim:
                claimed[claim["id"]].add(claim["region"])
            else:
                done[item["id"]["S"]] = item.get("done_by", {}).get("S", "")
        for item in _scan(dynamodb, workload):
            if item.get("sale_processed", {}).get("BOOL"):
                marked.add(item["id"]["S"])
    lake = read_lake(client, workload, regions, acknowledged)
    in_lake = acknowledged.keys() & lake.contents.keys()
    processed = done.keys() & in_lake & marked
    return Evidence(
        processed=processed & acknowledged.keys(),
        in_lake=set(in_lake),
        lost=acknowledged.keys() - processed,
        duplicated={sale for sale, distinct in lake.contents.items() if len(distinct) > 1},
        wrong_content=lake.wrong,
        processed_twice={
            sale for sale in acknowledged if len(claimed[sale]) != 1 and len(lake.versions.get(sale, ())) > 1
        },
        done_by={sale: region for sale, region in done.items() if sale in acknowledged},
        lakes={sale: set(places) for sale, places in lake.places.items() if sale in acknowledged},
        in_every_lake={sale for sale in in_lake if lake.places[sale] == set(regions)},
    )


def count_absent_objects(client: ClientFactory, workload: str, region: str) -> int:
    """How many sales are DONE by a region's own table, and have no object in its own bucket at this moment."""
    items = _scan(client("dynamodb", region), f"{workload}-idempotency")
    done = {item["id"]["S"] for item in items if "done_by" in item}
    account = client("sts", region).get_caller_identity()["Account"]
    pages = (
        client("s3", region)
        .get_paginator("list_objects_v2")
        .paginate(Bucket=f"{workload}-lake-{account}-{region}", Prefix="sales/")
    )
    keys = (LAKE_KEY.match(each["Key"]) for page in pages for each in page.get("Contents", []))
    return len(done - {key["id"] for key in keys if key})


def count_unprocessed(client: ClientFactory, workload: str, regions: list[str]) -> int:
    """How many sales some region does not know to be processed, by its own index: a cheap question, to ask often."""
    return max(_count_indexed(client("dynamodb", region), workload) for region in regions)


def count_unrecorded(client: ClientFactory, workload: str, regions: list[str]) -> int:
    """The same for images that fill no index: by the idempotency table, at the price of a scan of both tables."""

    def count(dynamodb: Any) -> int:
        done = {item["id"]["S"] for item in _scan(dynamodb, f"{workload}-idempotency")}
        return sum(item["id"]["S"] not in done for item in _scan(dynamodb, workload))

    return max(count(client("dynamodb", region)) for region in regions)


def _count_indexed(dynamodb: Any, table: str) -> int:
    return sum(_count_shard(dynamodb, table, value) for value in shard_values())


def _count_shard(dynamodb: Any, table: str, value: str) -> int:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        IndexName=UNPROCESSED_INDEX,
        KeyConditionExpression="#shard = :value",
        ExpressionAttributeNames={"#shard": UNPROCESSED_ATTRIBUTE},
        ExpressionAttributeValues={":value": {"S": value}},
        Select="COUNT",
    )
    return sum(page["Count"] for page in pages)


def _scan(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def read_lake(client: ClientFactory, workload: str, regions: list[str], acknowledged: dict[str, Any]) -> Lake:
    """Every version in every region's bucket, and whether the acknowledged sales are in them as they were told.

    An ETag is the MD5 of the content, since these buckets encrypt with S3's own keys and take no multipart uploads. So
    an object whose ETag is that of the right content need not be read; any other is.
    """
    lake = Lake()
    doubtful: list[tuple[str, Any, dict[str, str]]] = []
    for region in regions:
        s3 = client("s3", region)
        account = client("sts", region).get_caller_identity()["Account"]
        bucket = f"{workload}-lake-{account}-{region}"
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="sales/"):
            for version in page.get("Versions", []):
                named = LAKE_KEY.match(version["Key"])
                if not named:
                    continue
                sale, etag = named["id"], version["ETag"].strip('"')
                lake.contents[sale].add((version["Key"], etag))
                lake.versions[sale].add(version["VersionId"])
                lake.places[sale].add(region)
                if sale in acknowledged and etag != _digest(sale, *acknowledged[sale]):
                    place = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
                    doubtful.append((sale, s3, place))
    with ThreadPoolExecutor(4) as pool:
        bodies = pool.map(lambda doubt: doubt[1].get_object(**doubt[2])["Body"].read(), doubtful)
        lake.wrong = {
            sale
            for (sale, _s3, _place), body in zip(doubtful, bodies, strict=True)
            if not _same_sale(body, acknowledged[sale])
        }
    return lake


def _digest(sale: str, product: str, amount: Decimal) -> str:
    """The MD5 of what the lake should hold: canonical JSON, the timestamp being the one inside the id (a UUIDv7)."""
    number = f"{amount:f}".rstrip("0").rstrip(".") if "." in f"{amount:f}" else f"{amount:f}"
    seconds = int(sale.replace("-", "")[:12], 16) // 1000
    text = (
        f'{{"amount":{number},"id":"{sale}","product":{json.dumps(product, ensure_ascii=False)},"timestamp":{seconds}}}'
    )
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _same_sale(body: bytes, sold: tuple[str, Any]) -> bool:
    record = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    return record["product"] == sold[0] and Decimal(record["amount"]) == sold[1]
