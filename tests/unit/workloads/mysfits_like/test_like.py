# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The like service before a monolith that answers, refuses, or is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from mysfits_like.app import make_app
from mysfits_like.monolith import Monolith
from mysfits_like.settings import Settings, read_settings
from web_common.settings import SettingsError


class Handler(BaseHTTPRequestHandler):
    """Keeps likes of one mysfit."""

    likes = 0

    def do_POST(self) -> None:
        known = self.path == "/mysfits/dusk/fulfill-like"
        Handler.likes += known
        body = json.dumps({"likes": Handler.likes} if known else {"error": "not_found"}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def monolith() -> Iterator[str]:
    Handler.likes = 0
    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True, args=(0.01,)).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_like_is_processed_once_and_kept_by_the_monolith(monolith: str, capsys: pytest.CaptureFixture[str]) -> None:
    api = make_app(Monolith(monolith)).test_client()
    assert api.get("/").status_code == 200
    answer = api.post("/mysfits/dusk/like")
    assert (answer.status_code, answer.json, Handler.likes) == (200, {"likes": 1}, 1)
    assert capsys.readouterr().out == "Like processed.\n"


def test_what_the_monolith_refuses_is_not_processed(monolith: str, capsys: pytest.CaptureFixture[str]) -> None:
    api = make_app(Monolith(monolith)).test_client()
    assert api.post("/mysfits/no%20body/like").status_code == 404
    assert "Like processed." not in capsys.readouterr().out


def test_without_the_monolith_it_lives_and_refuses() -> None:
    api = make_app(Monolith("127.0.0.1:1")).test_client()
    assert api.get("/").status_code == 200
    answer = api.post("/mysfits/dusk/like")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    preflight = api.options("/mysfits/dusk/like", headers={"Access-Control-Request-Method": "POST"})
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def test_the_monolith_is_named_without_scheme_and_slash() -> None:
    assert read_settings({"MONOLITH_URL": "mysfits-1.elb.amazonaws.com"}) == Settings("mysfits-1.elb.amazonaws.com", 8)
    for wrong in ("", "http://mysfits", "mysfits/", "a b"):
        with pytest.raises(SettingsError, match="MONOLITH_URL"):
            read_settings({"MONOLITH_URL": wrong})
