# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API's routes: what is accepted, what is refused and how, and what is written before a 201."""

from __future__ import annotations

import json
import time
import uuid
from decimal import Decimal

import pytest
from botocore.exceptions import ConnectTimeoutError

from protocol.sale import Sale
from protocol.sale_id import new_sale_id, parse_sale_id, timestamp_of
from sales_api.app import BODY_BYTES, make_app
from sales_api.store import SaleStore

UNUSED = "01890a5d-ac96-774b-bcce-b302099a8057"
BOOK = '{"product": "O Pequeno Principe", "amount": 14.00}'


class Api:
    """The application of a world, and the calls that it makes."""

    def __init__(self, world) -> None:
        self.world = world
        aws, self.tap = world.tapped()
        self.store = SaleStore(aws, world.api_settings(), world.log)
        self.client = make_app(world.here, self.store, world.view, world.log).test_client()

    def post(self, body=BOOK, key=None, **headers):
        if key is not None:
            headers["Idempotency-Key"] = key
        # What `curl -d` sends.
        return self.client.post("/sales", data=body, content_type="application/x-www-form-urlencoded", headers=headers)

    def published(self) -> list[dict]:
        """The messages in the queue; they stay in flight afterwards."""
        found = self.world.sqs.receive_message(QueueUrl=self.world.queue_url, MaxNumberOfMessages=10)
        return [json.loads(each["Body"], parse_float=Decimal) for each in found.get("Messages", [])]


@pytest.fixture
def api(world) -> Api:
    return Api(world)


# -- accepting -------------------------------------------------------------------------------------------------------


def test_a_sale_is_recorded_published_and_returned(api, world):
    response = api.post()

    assert response.status_code == 201 and response.mimetype == "application/json"
    told = response.get_json()
    sale_id = told["id"]
    assert parse_sale_id(sale_id) == sale_id
    assert told == {
        "id": sale_id,
        "product": "O Pequeno Principe",
        "amount": 14,
        "sale_processed": False,
        "cancelled": False,
        "timestamp": timestamp_of(sale_id),
        "home": "us-east-1",
    }
    item = world.item("sales", sale_id)
    assert item.pop("unprocessed")
    assert item == {name: value for name, value in told.items() if name != "cancelled"}
    assert api.published() == [item]
    assert api.tap.calls == ["PutItem", "Publish"]
    (event,) = world.log.named("sale_accepted")
    assert event["sale"] == sale_id


@pytest.mark.parametrize("state", ["PASSIVE", "HELD"])
def test_sales_are_accepted_whatever_the_state(api, world, state):
    world.view.states, world.view.fresh, world.view.ready = {"us-east-1": state}, False, False

    assert api.post().status_code == 201
    assert len(api.published()) == 1
    assert api.client.get("/readiness").status_code == 503


@pytest.mark.parametrize("amount", ["0", "0.1", "14.10", "1.4e1", "123456789012345678.123456789012345678"])
def test_amounts_are_exact_from_the_request_to_the_message(api, world, amount):
    sale_id = api.post(f'{{"product": "a", "amount": {amount}}}').get_json()["id"]

    assert world.item("sales", sale_id)["amount"] == Decimal(amount)
    (message,) = api.published()
    assert message["amount"] == Decimal(amount)
    shown = json.loads(api.client.get(f"/sales/{sale_id}").get_data(), parse_float=Decimal)
    assert shown["amount"] == Decimal(amount)


@pytest.mark.parametrize("product", ["a", "x" * 256, "Memórias Póstumas 😀", 'quote " backslash \\ newline \n tab \t'])
def test_products_survive_the_way(api, product):
    sale_id = api.post(json.dumps({"product": product, "amount": 1})).get_json()["id"]

    assert [each["product"] for each in api.published()] == [product]
    assert api.client.get(f"/sales/{sale_id}").get_json()["product"] == product


def test_unknown_fields_are_ignored(api, world):
    body = '{"product": "a", "amount": 1, "id": "mine", "sale_processed": true, "home": "sa-east-1", "colour": "red"}'
    told = api.post(body).get_json()
    assert told["id"] != "mine" and told["sale_processed"] is False and told["home"] == "us-east-1"


# -- refusing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("product=a&amount=1", "JSON"),
        (b"\xff\xfe{}", "JSON"),
        ("[1]", "object"),
        ('"text"', "object"),
        ("null", "object"),
        ("[" * 20000, "JSON"),
        ("{}", "product and amount"),
        ('{"product": "a"}', "amount"),
        ('{"amount": 1}', "product"),
        ('{"product": "a", "amount": null}', "amount"),
        ('{"product": "", "amount": 1}', "product"),
        ('{"product": "  ", "amount": 1}', "product"),
        ('{"product": 7, "amount": 1}', "product"),
        ('{"product": ["a"], "amount": 1}', "product"),
        ('{"product": "\\ud800", "amount": 1}', "product"),
        ('{"product": "a\\uffff", "amount": 1}', "product"),
        (json.dumps({"product": "x" * 257, "amount": 1}), "256"),
        ('{"product": "a", "amount": "1"}', "amount"),
        ('{"product": "a", "amount": true}', "amount"),
        ('{"product": "a", "amount": {}}', "amount"),
        ('{"product": "a", "amount": -0.01}', "amount"),
        ('{"product": "a", "amount": NaN}', "JSON"),
        ('{"product": "a", "amount": Infinity}', "JSON"),
        ('{"product": "a", "amount": 1e999999999}', "amount"),
        ('{"product": "a", "amount": 1e99999999999999999999}', ""),
        ('{"product": "a", "amount": 1e-400}', "amount"),
        ('{"product": "a", "amount": %s}' % ("9" * 5000), ""),
    ],
)
def test_a_malformed_body_is_a_400_that_says_why(api, body, word):
    response = api.post(body)

    assert response.status_code == 400 and response.mimetype == "application/json"
    told = response.get_json()
    assert set(told) == {"error", "message"}
    assert word in told["message"] and len(told["message"]) < 400
    assert api.tap.calls == []


def test_a_body_too_large_is_a_413(api):
    response = api.post("x" * (BODY_BYTES + 1))
    assert response.status_code == 413 and response.get_json()["error"] == "too_large"


def test_a_wrong_method_is_a_405_and_an_unknown_path_a_404(api):
    response = api.client.put("/sales", data=BOOK)
    assert response.status_code == 405 and "POST" in response.headers["Allow"]
    assert response.get_json()["error"] == "method_not_allowed"
    assert api.client.get("/sale").get_json()["error"] == "not_found"
    assert api.client.get("/").status_code == 404


@pytest.mark.parametrize("sale_id", [str(uuid.UUID(int=7, version=4)), UNUSED, "7", "cancelled%23x", "a" * 500])
@pytest.mark.parametrize("method", ["get", "delete"])
def test_an_unknown_sale_is_a_404(api, world, method, sale_id):
    response = getattr(api.client, method)(f"/sales/{sale_id}")
    assert response.status_code == 404 and set(response.get_json()) == {"error", "message"}
    assert "PutItem" not in api.tap.calls


def test_a_cancellation_is_not_found_as_a_sale(api, world):
    sale_id = api.post().get_json()["id"]
    api.client.delete(f"/sales/{sale_id}")
    assert api.client.get(f"/sales/cancelled%23{sale_id}").status_code == 404


def test_there_is_no_201_before_the_write_and_a_503_names_the_key_to_repeat_it_with(api, world, monkeypatch):
    monkeypatch.setattr("sales_api.store.SURE_SECONDS", 0.0)
    api.tap.fail["PutItem"] = ConnectTimeoutError(endpoint_url="https://example.invalid")
    response = api.post()
    assert response.status_code == 503 and response.headers["Retry-After"]
    told = response.get_json()
    assert told["error"] == "unavailable" and told["message"].endswith(f"Idempotency-Key: {told['id']}")
    api.tap.fail.clear()
    assert api.post(key=told["id"]).get_json()["id"] == told["id"]
    assert world.item("sales", told["id"])


def test_what_is_recorded_is_acknowledged_and_published_as_soon_as_that_is_possible(api, world):
    api.tap.fail["Publish"] = ConnectTimeoutError(endpoint_url="https://example.invalid")
    told = [api.post().get_json()["id"] for _ in range(2)]
    assert not api.store.unpublished.publish_waiting() and api.published() == []
    del api.tap.fail["Publish"]
    assert api.store.unpublished.publish_waiting()
    assert [each["id"] for each in api.published()] == told
    assert len(world.log.named("not_published")) == len(world.log.named("published_late")) == 2


def test_what_waits_is_published_by_a_thread_of_its_own(api, monkeypatch):
    monkeypatch.setattr("sales_api.unpublished.FIRST_PAUSE_SECONDS", 0.01)
    api.store.unpublished.start()
    api.tap.fail["Publish"] = ConnectTimeoutError(endpoint_url="https://example.invalid")
    sale_id = api.post().get_json()["id"]
    time.sleep(0.1)
    del api.tap.fail["Publish"]
    time.sleep(0.5)
    api.store.unpublished.stop()
    assert [each["id"] for each in api.published()] == [sale_id]


def test_while_dynamodb_fails_reading_is_a_503(api):
    api.tap.fail["BatchGetItem"] = ConnectTimeoutError(endpoint_url="https://example.invalid")
    assert api.client.get(f"/sales/{new_sale_id()}").status_code == 503


def test_a_defect_is_a_500_that_says_nothing_about_itself(api, world):
    api.tap.fail["PutItem"] = RuntimeError("a secret of ours")
    response = api.post()
    assert response.status_code == 500 and "secret" not in response.get_data(as_text=True)
    assert world.log.named("crashed")


# -- Idempotency-Key -------------------------------------------------------------------------------------------------


def test_the_key_is_the_id_and_the_sale_has_no_home(api, world):
    key = new_sale_id()
    told = api.post(key=key).get_json()
    assert told["id"] == key and told["timestamp"] == timestamp_of(key)
    assert "home" not in told and "home" not in world.item("sales", key)


@pytest.mark.parametrize("key", ["", "7", str(uuid.UUID(int=7, version=4)), UNUSED.replace("-", "")])
def test_a_key_that_is_no_uuidv7_is_a_400(api, key):
    response = api.post(key=key)
    assert response.status_code == 400 and "Idempotency-Key" in response.get_json()["message"]
    assert api.tap.calls == []


def test_a_retry_publishes_again_before_it_answers_201(api, world):
    key = new_sale_id()
    first = api.post(key=key)
    again = api.post(key=key.upper())

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    assert [each["id"] for each in api.published()] == [key, key]


def test_a_retry_after_a_publish_that_failed_publishes(api, world):
    key = new_sale_id()
    api.tap.fail["Publish"] = ConnectTimeoutError(endpoint_url="https://example.invalid")
    assert api.post(key=key).status_code == 201
    assert api.published() == []

    del api.tap.fail["Publish"]
    assert api.post(key=key).status_code == 201
    assert [each["id"] for each in api.published()] == [key]


def test_a_retry_tells_what_became_of_the_sale_and_undoes_nothing(api, world):
    key = new_sale_id()
    api.post(key=key)
    sale = Sale.new(key, "O Pequeno Principe", 14, None)
    world.dynamodb.put_item(TableName="sales", Item=sale.to_attributes(processed=True))
    world.cancel(sale)

    told = api.post(key=key).get_json()

    assert told["sale_processed"] is True and told["cancelled"] is True
    assert world.sale_item(sale) == sale.to_item(processed=True)
    assert world.cancellation(sale)


@pytest.mark.parametrize(
    "body", ['{"product": "another", "amount": 14}', '{"product": "O Pequeno Principe", "amount": 15}']
)
def test_the_same_key_with_other_content_is_a_422(api, world, body):
    key = new_sale_id()
    api.post(key=key)
    before = world.item("sales", key)

    response = api.post(body, key=key)

    assert response.status_code == 422 and key in response.get_json()["message"]
    assert world.item("sales", key) == before
    assert len(api.published()) == 1


def test_the_same_content_in_other_words_is_the_same(api):
    key = new_sale_id()
    api.post(key=key)
    assert api.post('{"amount": 1.4E1, "product": "O Pequeno Pr\\u0069ncipe"}', key=key).status_code == 201


# -- reading and cancelling ------------------------------------------------------------------------------------------


def test_get_tells_processed_and_cancelled_from_their_own_items(api, world):
    sale = world.accept()
    assert api.client.get(f"/sales/{sale.id.upper()}").get_json() == {
        "id": sale.id,
        "product": sale.product,
        "amount": 14,
        "sale_processed": False,
        "timestamp": sale.timestamp,
        "home": "us-east-1",
        "cancelled": False,
    }

    world.dynamodb.put_item(TableName="sales", Item=sale.to_attributes(processed=True))
    world.cancel(sale)
    told = api.client.get(f"/sales/{sale.id}").get_json()
    assert told["sale_processed"] is True and told["cancelled"] is True and told["cancelled_at"] == 1


def test_delete_writes_an_item_of_its_own_once(api, world):
    sale = world.accept()
    before = world.sale_item(sale)

    first = api.client.delete(f"/sales/{sale.id}")
    written = world.cancellation(sale)
    again = api.client.delete(f"/sales/{sale.id}")

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.get_json()["cancelled"] is True and again.get_json() == first.get_json()
    assert written and world.cancellation(sale) == written
    assert world.sale_item(sale) == before


def test_two_deletes_at_once_keep_the_first_cancellation(api, world):
    sale = world.accept()
    store = SaleStore(world.plain, world.api_settings(), world.log)
    world.cancel(sale)
    assert store.cancel({"id": sale.id})["cancelled_at"] == 1


def test_an_item_of_the_reference_api_is_shown(api, world):
    sale_id = str(uuid.uuid4())
    item = {"id": {"S": sale_id}, "product": {"S": "a"}, "amount": {"N": "14.1"}, "sale_processed": {"BOOL": True}}
    world.dynamodb.put_item(TableName="sales", Item=item)
    told = api.client.get(f"/sales/{sale_id}").get_json()
    assert told == {"id": sale_id, "product": "a", "amount": 14.1, "sale_processed": True, "cancelled": False}


# -- health ----------------------------------------------------------------------------------------------------------


def test_readiness_says_why_not(api, world):
    assert api.client.get("/readiness").status_code == 200
    world.view.ready = False
    response = api.client.get("/readiness")
    assert response.status_code == 503 and response.get_json()["reason"] == "joining"


def test_healthcheck_is_about_this_process_alone(api, world):
    world.view.ready = False
    api.tap.fail |= {name: ConnectTimeoutError(endpoint_url="x") for name in ("PutItem", "BatchGetItem")}
    response = api.client.get("/healthcheck")
    assert response.status_code == 200 and response.get_json() == {"status": "alive", "region": "us-east-1"}
    assert api.tap.calls == []
