# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The goals API against the stand-in for mongo: its routes, its refusals, a database that goes away."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from goals_api import store as store_module
from goals_api.app import make_app
from goals_api.settings import Settings, read_settings
from goals_api.store import GoalStore
from localcloud.mongo.commands import Commands
from localcloud.mongo.server import Server
from localcloud.mongo.store import Store
from web_common.settings import SettingsError

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = Store(tmp_path_factory.mktemp("db"), "/data/db")
    server = Server("127.0.0.1", 0, Commands(store))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"mongodb://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def api(database: str, request: pytest.FixtureRequest) -> FlaskClient:
    name = f"goals{abs(hash(request.node.name))}"
    return make_app(GoalStore(Settings(database, name, 1))).test_client()


def told(answer: Any) -> Any:
    return json.loads(answer.data)


def test_goals_are_added_listed_and_deleted(api: FlaskClient) -> None:
    added = [told(api.post("/goals", json={"text": text})) for text in (" learn ECS ", "olá")]
    assert [goal["text"] for goal in added] == ["learn ECS", "olá"]
    assert told(api.get("/goals")) == {"goals": added}
    assert api.delete(f"/goals/{added[0]['id']}").status_code == 200
    assert told(api.get("/goals"))["goals"] == added[1:]
    assert api.delete(f"/goals/{added[0]['id']}").status_code == 404


def test_a_new_goal_answers_201_whatever_the_content_type(api: FlaskClient) -> None:
    answer = api.post("/goals", data='{"text": "a"}', content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 201
    assert set(told(answer)) == {"id", "text", "created_at"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[]", "expected"),
        (b'{"text": 5}', "expected"),
        (b'{"text": "  "}', "expected"),
        (b'{"text": "\\ud800"}', "surrogate"),
        (json.dumps({"text": "x" * 1001}).encode(), "at most 1000"),
    ],
)
def test_what_is_no_goal_is_refused(api: FlaskClient, body: bytes, why: str) -> None:
    answer = api.post("/goals", data=body)
    assert answer.status_code == 400
    assert why in told(answer)["message"]
    assert told(api.get("/goals")) == {"goals": []}


def test_other_refusals_are_json_too(api: FlaskClient) -> None:
    for answer, status in (
        (api.delete("/goals/not-an-id"), 404),
        (api.get("/nothing"), 404),
        (api.put("/goals"), 405),
        (api.post("/goals", data=b"x" * 70_000), 413),
    ):
        assert answer.status_code == status
        assert set(told(answer)) == {"error", "message"}
    assert api.put("/goals").headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_without_its_database_it_lives_and_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(store_module, "SELECTION_MS", 50)
    api = make_app(GoalStore(Settings("mongodb://user:secret@127.0.0.1:1", "goals", 1))).test_client()
    assert api.get("/healthcheck").status_code == 200
    assert api.get("/readiness").status_code == 503
    answer = api.post("/goals", json={"text": "a"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "secret" not in answer.get_data(as_text=True) + capsys.readouterr().out


def test_with_its_database_it_is_ready(api: FlaskClient) -> None:
    assert api.get("/readiness").status_code == 200


def test_the_environment_has_defaults_and_is_checked() -> None:
    assert read_settings({}) == Settings("mongodb://localhost:27017", "goals", 8)
    assert "localhost" not in repr(read_settings({}))
    for name, value in (("MONGODB_URL", "http://x"), ("MONGODB_NAME", "a b"), ("API_THREADS", "0")):
        with pytest.raises(SettingsError, match=name):
            read_settings({name: value})


def test_a_wrong_environment_ends_the_task_with_a_reason() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "goals_api"],
        cwd=ROOT / "workloads",
        env={"MONGODB_URL": "http://user:secret@x"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 2
    assert "MONGODB_URL must start with" in process.stdout
    assert "secret" not in process.stdout + process.stderr


def test_the_image_gets_what_it_needs_and_runs_as_nobody() -> None:
    folder = ROOT / "workloads" / "goals_api"
    dockerfile = (folder / "Dockerfile").read_text()
    assert "COPY workloads/goals_api goals_api" in dockerfile
    assert "!workloads/goals_api" in (folder / "Dockerfile.dockerignore").read_text()
    assert dockerfile.index("pip install") < dockerfile.index("\nUSER 10001\n")
    assert "goals_api.probe" in dockerfile
    code = (
        "import sys, goals_api.__main__, goals_api.app, web_common.serve, goals_api.probe;"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(folder.parent)}, capture_output=True, text=True, check=True
    ).stdout.split()
    needed = (folder / "requirements.txt").read_text()
    assert all(package in needed for package in ("flask", "pymongo", "waitress"))
    assert not {"botocore", "boto3", "sales_common", "localcloud"} & set(found)
