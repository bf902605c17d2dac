# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mysfits in DynamoDB: one item each, with the attributes of seed.json, `likes` and `adopted`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from .settings import Settings

SEED = Path(__file__).with_name("seed.json")

INDEXES = {"good_evil": "good-evil", "law_chaos": "law-chaos"}
"""What a list may be filtered by, and the index that answers."""

Mysfit = dict[str, Any]


class MysfitStore:
    """Reads and changes mysfits. Every method may raise ClientError or BotoCoreError when DynamoDB does not answer."""

    def __init__(self, settings: Settings) -> None:
        self._table = settings.table
        # Shorter than the ten seconds after which people give up.
        config = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
        session = botocore.session.Session()
        self._client = session.create_client("dynamodb", region_name=settings.region, config=config)

    def list(self, attribute: str | None = None, value: str = "") -> list[Mysfit]:
        """All mysfits by name, or those with this value of an attribute of `INDEXES`."""
        if attribute is None:
            pages = self._client.get_paginator("scan").paginate(TableName=self._table)
        else:
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                IndexName=INDEXES[attribute],
                KeyConditionExpression="#attribute = :value",
                ExpressionAttributeNames={"#attribute": attribute},
                ExpressionAttributeValues={":value": {"S": value}},
            )
        return sorted((_read(item) for page in pages for item in page["Items"]), key=lambda mysfit: mysfit["name"])

    def find(self, identifier: str) -> Mysfit | None:
        """One mysfit as it is now."""
        item = self._client.get_item(TableName=self._table, Key={"id": {"S": identifier}}, ConsistentRead=True).get(
            "Item"
        )
        return _read(item) if item else None

    def like(self, identifier: str) -> Mysfit | None:
        """Count one more like; the mysfit after it, or None if there is none. A repeated call counts again."""
        return self._change(identifier, "ADD likes :value", {"N": "1"})

    def adopt(self, identifier: str) -> Mysfit | None:
        """Mark as adopted; the mysfit after it, or None if there is none."""
        return self._change(identifier, "SET adopted = :value", {"BOOL": True})

    def _change(self, identifier: str, expression: str, value: dict[str, Any]) -> Mysfit | None:
        try:
            changed = self._client.update_item(
                TableName=self._table,
                Key={"id": {"S": identifier}},
                UpdateExpression=expression,
                ConditionExpression="attribute_exists(id)",
                ExpressionAttributeValues={":value": value},
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return _read(changed["Attributes"])

    def seed(self) -> int:
        """Put the mysfits of seed.json that are not there, and leave the others as they are; how many were put."""
        put = 0
        for mysfit in json.loads(SEED.read_text(encoding="utf-8")):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=_written({**mysfit, "likes": 0, "adopted": False}),
                    ConditionExpression="attribute_not_exists(id)",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
            else:
                put += 1
        return put


def _read(item: dict[str, Any]) -> Mysfit:
    return {name: int(value["N"]) if "N" in value else next(iter(value.values())) for name, value in item.items()}


def _written(mysfit: Mysfit) -> dict[str, Any]:
    # A bool is an int too.
    kinds = {bool: ("BOOL", bool), int: ("N", str), str: ("S", str)}
    return {name: {kinds[type(value)][0]: kinds[type(value)][1](value)} for name, value in mysfit.items()}
