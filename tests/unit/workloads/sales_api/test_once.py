# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No customer buys twice what he bought once: whatever AWS answers to a post, however it is repeated, and whatever a
reconciliation finds later.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from protocol.encoding import canonical_json
from sales_api.app import make_app
from sales_api.store import SaleStore

BOOK = '{"product": "O Pequeno Principe", "amount": 14.00}'
DONE, LOST, NOT_DONE, REFUSED = "done", "carried out, and a fault is told", "not carried out", "throttled"
FATES = (DONE, LOST, NOT_DONE, REFUSED)


class Fates:
    """What becomes of the calls of one operation, one after the other; then all is well."""

    def __init__(self, call: Any, fates: tuple[str, ...]) -> None:
        self.call, self.fates = call, list(fates)

    def __call__(self, *given: Any, **arguments: Any) -> Any:
        fate = self.fates.pop(0) if self.fates else DONE
        if fate == REFUSED:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Call")
        answer = self.call(*given, **arguments) if fate in (DONE, LOST) else None
        if fate == DONE:
            return answer
        raise ClientError({"Error": {"Code": "503"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "Call")


def reconcile(world: Any) -> None:
    """What a switch publishes weeks later: each sale that nobody has processed or cancelled."""
    for item in world.dynamodb.scan(TableName="sales")["Items"]:
        if "unprocessed" in item and not item["sale_processed"]["BOOL"]:
            message = {"id": item["id"]["S"], "product": item["product"]["S"], "amount": int(item["amount"]["N"])}
            world.send(canonical_json(message).decode())


@pytest.mark.parametrize("patience", [5.0, 0.0])
@pytest.mark.parametrize("puts", itertools.product(FATES, FATES))
@pytest.mark.parametrize("publishes", [(DONE,), (LOST, NOT_DONE), (NOT_DONE, LOST)])
def test_a_purchase_is_processed_once(world, monkeypatch, puts, publishes, patience):
    """With patience each answer tells what is so, and a client may repeat a post as it likes. Without, it is told the
    key to repeat it with."""
    monkeypatch.setattr("sales_api.store.SURE_SECONDS", patience)
    monkeypatch.setattr("sales_api.store.PAUSE_SECONDS", 0.0)
    store = SaleStore(world.plain, world.api_settings(), world.log)
    store._write_once = Fates(store._write_once, puts)
    store._send = Fates(store._send, publishes)
    client = make_app(world.here, store, world.view, world.log).test_client()
    headers: dict[str, str] = {}
    for _ in range(5):
        response = client.post("/sales", data=BOOK, headers=headers)
        if response.status_code == 201:
            break
        assert response.status_code == 503 and not patience
        headers = {"Idempotency-Key": json.loads(response.data)["id"]}
    assert response.status_code == 201

    clerk, inbox = world.make_clerk()
    reconcile(world)
    while world.run(clerk, inbox):
        pass
    assert [key.rpartition("/")[2] for key, _body in world.lake_versions()] == [f"{response.get_json()['id']}.json"]
