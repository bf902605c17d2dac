# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The monolith against moto's DynamoDB: what it lists, what it counts, and which routes an image has."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from flask.testing import FlaskClient
from moto import mock_aws

from mysfits_monolith.app import make_app
from mysfits_monolith.settings import Settings, read_settings
from mysfits_monolith.store import MysfitStore
from web_common.settings import SettingsError

REGION = "us-east-1"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[MysfitStore]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        indexed = {"good-evil": "good_evil", "law-chaos": "law_chaos"}
        boto3.client("dynamodb", REGION).create_table(
            TableName="mysfits",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("id", *indexed.values())],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": [{"AttributeName": attribute, "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, attribute in indexed.items()
            ],
        )
        store = MysfitStore(Settings(REGION, "mysfits", frozenset(), 1))
        assert store.seed() == 6
        yield store


def client(store: MysfitStore, *routes: str) -> FlaskClient:
    return make_app(store, frozenset(routes)).test_client()


def test_mysfits_are_listed_by_name_and_filtered(store: MysfitStore) -> None:
    api = client(store)
    names = [mysfit["name"] for mysfit in api.get("/mysfits").json["mysfits"]]
    assert names == ["Bramble", "Cinder", "Dusk", "Mire", "Quill", "Tarn"]
    for query, found in (("filter=good_evil&value=Good", ["Bramble", "Dusk"]), ("filter=law_chaos&value=X", [])):
        answer = api.get(f"/mysfits?{query}")
        assert [mysfit["name"] for mysfit in answer.json["mysfits"]] == found
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for query in ("filter=age&value=31", "filter=good_evil"):
        assert api.get(f"/mysfits?{query}").status_code == 400


def test_likes_and_adoptions_are_kept_and_a_second_seed_leaves_them(
    store: MysfitStore, capsys: pytest.CaptureFixture[str]
) -> None:
    api = client(store, "like", "fulfill-like", "adopt")
    assert [api.post(f"/mysfits/dusk/{route}").json["likes"] for route in ("like", "fulfill-like")] == [1, 2]
    assert api.post("/mysfits/dusk/adopt").json["adopted"] is True
    # Only what was processed here is told here.
    assert capsys.readouterr().out == "Like processed.\nAdoption processed.\n"
    assert store.seed() == 0
    mysfit = api.get("/mysfits/dusk").json
    assert (mysfit["likes"], mysfit["adopted"], mysfit["age"]) == (2, True, 31)


def test_a_page_of_another_origin_may_ask_whatever_the_answer(store: MysfitStore) -> None:
    api = client(store, "like")
    for asked in (api.get("/mysfits/nobody"), api.get("/nowhere"), api.put("/mysfits"), api.post("/mysfits/dusk/like")):
        assert asked.headers["Access-Control-Allow-Origin"] == "*"
    asking = {"Origin": "http://site.example.com", "Access-Control-Request-Method": "POST"}
    preflight = api.options("/mysfits/dusk/like", headers={**asking, "Access-Control-Request-Headers": "content-type"})
    assert preflight.status_code == 200
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "Access-Control-Allow-Methods" not in api.options("/mysfits/dusk/like-not").headers


def test_an_image_has_the_routes_it_was_built_with(store: MysfitStore) -> None:
    api = client(store, "fulfill-like")
    assert api.post("/mysfits/dusk/fulfill-like").json["likes"] == 1
    assert [api.post(f"/mysfits/dusk/{route}").status_code for route in ("like", "adopt", "fulfill-adopt")] == [404] * 3
    assert api.get("/mysfits/dusk").json["likes"] == 1


def test_nobody_is_made_by_a_like(store: MysfitStore) -> None:
    api = client(store, "like")
    for answer in (api.post("/mysfits/nobody/like"), api.get("/mysfits/nobody"), api.put("/mysfits")):
        assert answer.status_code in (404, 405)
        assert set(json.loads(answer.data)) == {"error", "message"}
    assert len(store.list()) == 6


def test_without_its_table_it_lives_and_says_so(store: MysfitStore, capsys: pytest.CaptureFixture[str]) -> None:
    api = client(MysfitStore(Settings(REGION, "other", frozenset(), 1)), "like")
    assert api.get("/").status_code == 200
    answer = api.post("/mysfits/dusk/like")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "Like processed." not in capsys.readouterr().out


def test_the_environment_is_checked() -> None:
    right = {"AWS_REGION": REGION, "MYSFITS_TABLE": "mysfits"}
    assert read_settings(right) == Settings(REGION, "mysfits", frozenset({"like", "adopt"}), 8)
    for name, value in (("AWS_REGION", ""), ("MYSFITS_TABLE", ""), ("MYSFITS_ROUTES", "like,x"), ("API_THREADS", "0")):
        with pytest.raises(SettingsError, match=name):
            read_settings({**right, name: value})
