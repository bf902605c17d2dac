# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the count from the outside says of a lake and tables in which things went wrong."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest

from harness.evidence import _digest, count_unrecorded, gather
from protocol.effects import lake_object
from protocol.sale import Sale
from protocol.sale_id import new_sale_id

HERE, THERE = "sa-east-1", "us-east-1"
REGIONS = [HERE, THERE]


class World:
    """Two regions' tables and buckets, as the clients of boto3 show them; counts the objects that are read."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.objects: dict[str, list[tuple[str, str, bytes]]] = {region: [] for region in REGIONS}
        self.read = 0

    def client(self, service: str, region: str) -> Client:
        return Client(self, region)

    def process(self, sale: Sale, region: str = HERE, body: bytes | None = None, version: str = "1") -> None:
        target = lake_object(sale)
        for bucket in REGIONS:
            self.objects[bucket].append((target.key, f"{region}-{version}", body or target.body))
        for each in REGIONS:
            table = self.tables.setdefault((each, "sales-idempotency"), [])
            table.append({"id": {"S": sale.id}, "done_by": {"S": region}})
            table.append({"id": {"S": f"claim#{region}#{sale.id}"}})
            self.tables.setdefault((each, "sales"), []).append({"id": {"S": sale.id}, "sale_processed": {"BOOL": True}})


class Client:
    def __init__(self, world: World, region: str) -> None:
        self.world, self.region = world, region

    def get_paginator(self, operation: str) -> Any:
        world, region = self.world, self.region

        class Pages:
            def paginate(self, **asked: Any) -> list[dict[str, Any]]:
                if operation == "scan":
                    return [{"Items": world.tables.get((region, asked["TableName"]), [])}]
                versions = [
                    {"Key": key, "VersionId": version, "ETag": f'"{hashlib.md5(body).hexdigest()}"'}
                    for key, version, body in world.objects[region]
                ]
                return [{"Versions": versions}]

        return Pages()

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "123456789012"}

    def get_object(self, Key: str, VersionId: str, **_: Any) -> dict[str, Any]:
        self.world.read += 1
        body = next(b for key, version, b in self.world.objects[self.region] if (key, version) == (Key, VersionId))

        class Body:
            def read(self) -> bytes:
                return body

        return {"Body": Body()}


def a_sale(amount: str = "14.50", product: str = "Grande Sertão: Veredas") -> Sale:
    return Sale.new(new_sale_id(), product, Decimal(amount), HERE)


def told(*sales: Sale) -> dict[str, tuple[str, Decimal]]:
    return {sale.id: (sale.product, sale.amount) for sale in sales}


@pytest.mark.parametrize("amount", ["14", "14.50", "0.01", "100", "1000.10", "0"])
@pytest.mark.parametrize("product", ["O Pequeno Principe", 'a "quoted" \\ name', "Grande Sertão"])
def test_the_digest_is_that_of_the_right_content(amount: str, product: str) -> None:
    sale = a_sale(amount, product)
    assert _digest(sale.id, product, Decimal(amount)) == hashlib.md5(sale.lake_bytes).hexdigest()


def test_what_is_right_is_not_even_read() -> None:
    world, sale = World(), a_sale()
    world.process(sale)
    evidence = gather(world.client, "sales", REGIONS, told(sale))
    assert (evidence.processed, evidence.in_lake) == ({sale.id}, {sale.id})
    assert (evidence.lost, evidence.duplicated, evidence.wrong_content) == (set(), set(), set())
    assert evidence.in_every_lake == {sale.id}
    assert evidence.processed_twice == set() and evidence.done_by == {sale.id: HERE} and world.read == 0


def test_a_sale_is_in_every_lake_once_its_replicas_are_there() -> None:
    world, sale = World(), a_sale()
    world.process(sale)
    world.objects[next(region for region in REGIONS if region != HERE)] = []
    evidence = gather(world.client, "sales", REGIONS, told(sale))
    assert (evidence.in_lake, evidence.in_every_lake) == ({sale.id}, set())


def test_a_sale_without_done_lake_or_mark_is_lost() -> None:
    for missing in ("sales-idempotency", "sales", "lake"):
        world, sale = World(), a_sale()
        world.process(sale)
        if missing == "lake":
            world.objects = {region: [] for region in REGIONS}
        else:
            world.tables = {key: items for key, items in world.tables.items() if key[1] != missing}
        assert gather(world.client, "sales", REGIONS, told(sale)).lost == {sale.id}


def test_other_content_for_a_sale_is_duplicated_and_wrong() -> None:
    world, sale = World(), a_sale()
    world.process(sale)
    other = {"id": sale.id, "product": sale.product, "amount": 15, "timestamp": sale.timestamp}
    world.process(sale, THERE, json.dumps(other).encode(), "2")
    evidence = gather(world.client, "sales", REGIONS, told(sale))
    assert evidence.duplicated == {sale.id} and evidence.wrong_content == {sale.id}


def test_the_right_sale_in_another_spelling_is_read_and_not_wrong() -> None:
    world, sale = World(), a_sale()
    spelled = {"timestamp": sale.timestamp, "amount": 14.5, "product": sale.product, "id": sale.id}
    world.process(sale, body=json.dumps(spelled).encode())
    assert gather(world.client, "sales", REGIONS, told(sale)).wrong_content == set()
    assert world.read == 2


def test_two_regions_writing_the_same_bytes_is_processed_twice_and_no_duplicate() -> None:
    world, sale = World(), a_sale()
    world.process(sale, HERE)
    world.process(sale, THERE, version="2")
    evidence = gather(world.client, "sales", REGIONS, told(sale))
    assert evidence.processed_twice == {sale.id} and evidence.duplicated == set()


def test_an_image_that_writes_no_claims_processed_twice_what_it_wrote_twice() -> None:
    world, once, twice = World(), a_sale(), a_sale()
    for sale in (once, twice):
        world.process(sale)
    world.process(twice, version="2")
    for items in world.tables.values():
        items[:] = [item for item in items if not item["id"]["S"].startswith("claim#")]
    evidence = gather(world.client, "sales", REGIONS, told(once) | told(twice))
    assert evidence.processed_twice == {twice.id}


def test_without_an_index_what_is_not_recorded_as_done_in_some_region_is_counted() -> None:
    world, done, open_ = World(), a_sale(), a_sale()
    world.process(done)
    assert count_unrecorded(world.client, "sales", REGIONS) == 0
    world.tables[THERE, "sales"].append({"id": {"S": open_.id}})
    assert count_unrecorded(world.client, "sales", REGIONS) == 1
