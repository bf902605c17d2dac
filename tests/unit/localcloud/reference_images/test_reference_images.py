# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-ins for the reference images behave as those are known to, also where that loses or doubles sales."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.reference_images.api import Api
from localcloud.reference_images.toggle import Toggle
from localcloud.reference_images.worker import Worker

NAMES = {"queue": "the-queue", "sales": "sales", "idempotency": "done", "bucket": "lake"}
MESSAGE = '{"id": "s-1", "product": "Dom Casmurro", "amount": 14, "sale_processed": false, "timestamp": 1}'


class Aws:
    """Every client in one: tables, a queue, a lake, a topic and the parameter, and the calls in their order."""

    def __init__(self, state: str | None = "ACTIVE") -> None:
        self.state, self.now = state, 0.0
        self.tables: dict[str, dict[str, dict[str, Any]]] = {"sales": {}, "done": {}}
        self.messages: list[str] = []
        self.published: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.broken = ""

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> dict[str, Any]:
            if name == self.broken:
                raise ClientError({"Error": {"Code": "InternalError"}}, name)
            self.calls.append((name, arguments))
            return getattr(self, f"_{name}")(**arguments) or {}

        return call

    def made(self, *, writes: bool = True) -> list[str]:
        return [name for name, _ in self.calls if not writes or name not in ("get_item", "get_parameter")]

    def _get_parameter(self, Name: str) -> dict[str, Any]:
        if self.state is None:
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return {"Parameter": {"Value": self.state}}

    def _get_item(self, TableName: str, Key: dict[str, Any]) -> dict[str, Any]:
        found = self.tables[TableName].get(Key["id"]["S"])
        return {"Item": found} if found else {}

    def _put_item(self, TableName: str, Item: dict[str, Any]) -> None:
        self.tables[TableName][Item["id"]["S"]] = Item

    def _update_item(self, TableName: str, Key: dict[str, Any], **_: Any) -> None:
        self.tables[TableName].setdefault(Key["id"]["S"], dict(Key))["sale_processed"] = {"BOOL": True}

    def _delete_item(self, TableName: str, Key: dict[str, Any]) -> None:
        self.tables[TableName].pop(Key["id"]["S"], None)

    def _receive_message(self, **_: Any) -> dict[str, Any]:
        return {"Messages": [{"MessageId": "m", "ReceiptHandle": text, "Body": text} for text in self.messages[:10]]}

    def _delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:
        self.messages.remove(ReceiptHandle)

    def _put_object(self, **_: Any) -> None:
        pass

    def _publish(self, TopicArn: str, Message: str) -> None:
        self.published.append(Message)


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture
def toggle(aws: Aws) -> Toggle:
    return Toggle(aws, "/state", lambda: aws.now)


@pytest.fixture
def worker(aws: Aws, toggle: Toggle) -> Worker:
    return Worker(
        dict.fromkeys(("sqs", "dynamodb", "s3"), aws), toggle, NAMES, lambda: datetime(2026, 2, 3, tzinfo=UTC)
    )


@pytest.fixture
def api(aws: Aws, toggle: Toggle) -> Api:
    return Api(aws, aws, toggle, "sales", "the-topic")


def sell(api: Api, **body: Any) -> tuple[int, Any]:
    return api.answer("POST", "/sales", json.dumps(body).encode())


def test_the_state_is_believed_for_30_seconds(aws: Aws, toggle: Toggle) -> None:
    assert toggle.state() == "ACTIVE"
    aws.state, aws.now = "PASSIVE", 29.9
    assert toggle.state() == "ACTIVE"
    aws.now = 30
    assert toggle.state() == "PASSIVE"


def test_a_sale_is_recorded_without_the_index_s_attribute_and_then_published(aws: Aws, api: Api) -> None:
    status, said = sell(api, product="O Pequeno Principe", amount=14.0)
    assert (status, said["product"], said["amount"], said["sale_processed"]) == (201, "O Pequeno Principe", 14, False)
    assert aws.made() == ["put_item", "publish"]
    item = aws.tables["sales"][said["id"]]
    assert item.keys() == {"id", "product", "amount", "sale_processed", "timestamp"}
    (message,) = map(json.loads, aws.published)
    assert message == {**said, "timestamp": int(item["timestamp"]["N"])}


def test_a_request_that_is_repeated_is_another_sale(aws: Aws, api: Api) -> None:
    ids = {sell(api, product="a", amount=1)[1]["id"] for _ in range(2)}
    assert len(ids) == 2 and {each[14] for each in ids} == {"4"}


@pytest.mark.parametrize("body", [{}, {"product": "a"}, {"product": "a", "amount": 0}, {"product": "", "amount": 1}])
def test_what_is_no_sale_is_refused(aws: Aws, api: Api, body: dict[str, Any]) -> None:
    assert sell(api, **body)[0] == 400
    assert api.answer("POST", "/sales", b"no json")[0] == 400
    assert aws.made() == []


@pytest.mark.parametrize("broken", ["get_parameter", "put_item", "publish"])
def test_a_call_that_fails_is_told_the_client(aws: Aws, api: Api, broken: str) -> None:
    aws.broken = broken
    assert sell(api, product="a", amount=1)[0] == 500


def test_a_sale_is_read_and_cancelled_by_its_id(api: Api) -> None:
    sold = sell(api, product="a", amount=1.25)[1]
    assert api.answer("GET", f"/sales/{sold['id']}", b"") == (200, sold)
    assert api.answer("DELETE", f"/sales/{sold['id']}", b"") == (204, None)
    assert api.answer("GET", f"/sales/{sold['id']}", b"")[0] == 404
    assert api.answer("GET", "/healthcheck", b"")[0] == 200
    assert api.answer("PUT", "/sales", b"")[0] == 404


def test_an_active_worker_marks_stores_and_records_in_this_order(aws: Aws, worker: Worker) -> None:
    aws.tables["sales"]["s-1"] = {"id": {"S": "s-1"}}
    aws.messages = [MESSAGE]
    worker.turn()
    assert aws.made() == ["receive_message", "update_item", "put_object", "put_item", "delete_message"]
    stored = dict(aws.calls)["put_object"]
    # Today's date, not the sale's; the message as it came, not as it is now.
    assert stored == {"Bucket": "lake", "Key": "sales/20260203/s-1.json", "Body": MESSAGE.encode()}
    assert aws.tables["done"] == {"s-1": {"id": {"S": "s-1"}}}
    assert aws.tables["sales"]["s-1"]["sale_processed"] == {"BOOL": True}


def test_what_was_done_before_is_only_deleted(aws: Aws, worker: Worker) -> None:
    aws.tables["done"]["s-1"] = {"id": {"S": "s-1"}}
    aws.messages = [MESSAGE]
    worker.turn()
    assert aws.made() == ["receive_message", "delete_message"]


@pytest.mark.parametrize("state", ["PASSIVE", "anything"])
def test_a_worker_whose_region_is_not_active_deletes_what_it_receives(aws: Aws, worker: Worker, state: str) -> None:
    aws.state, aws.messages = state, [MESSAGE]
    aws.tables["sales"]["s-1"] = {"id": {"S": "s-1"}}
    worker.turn()
    assert aws.messages == [] and aws.tables["done"] == {}
    assert aws.made() == ["receive_message", "delete_message"]


def test_messages_are_judged_by_the_state_from_before_they_came(aws: Aws, worker: Worker) -> None:
    aws.state, aws.messages = "PASSIVE", []
    worker.turn()
    aws.state, aws.now, aws.messages = "ACTIVE", 29.9, [MESSAGE]
    worker.turn()
    assert aws.messages == []


@pytest.mark.parametrize("broken", ["update_item", "put_object", "put_item"])
def test_a_message_stays_until_all_is_written(aws: Aws, worker: Worker, broken: str) -> None:
    aws.tables["sales"]["s-1"] = {"id": {"S": "s-1"}}
    aws.messages, aws.broken = [MESSAGE], broken
    worker.turn()
    assert aws.messages == [MESSAGE] and aws.tables["done"] == {}


@pytest.mark.parametrize("body", [MESSAGE, "no json", "[]", "{}"])
def test_a_sale_whose_item_is_not_here_and_what_is_no_sale_stay_in_the_queue(
    aws: Aws, worker: Worker, body: str
) -> None:
    aws.messages = [body]
    worker.turn()
    assert aws.messages == [body]


def test_without_the_parameter_nothing_is_received(aws: Aws, worker: Worker) -> None:
    aws.state = None
    with pytest.raises(ClientError):
        worker.turn()
    assert aws.calls == [("get_parameter", {"Name": "/state"})]
