# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's health routes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from sales_worker.health import serve_health


def test_the_health_routes_answer(capfd):
    answers = {"/healthcheck": (True, {"status": "alive"}), "/readiness": (False, {"reason": "joining"})}
    server = serve_health("127.0.0.1", 0, {path: (lambda path=path: answers[path]) for path in answers})
    where = f"http://127.0.0.1:{server.server_address[1]}"
    with urllib.request.urlopen(f"{where}/healthcheck?from=alb") as response:
        assert json.load(response) == {"status": "alive"}
    for path, status, body in (("/readiness", 503, {"reason": "joining"}), ("/sales", 404, None)):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(where + path)
        assert refusal.value.code == status
        told = json.load(refusal.value)
        assert body is None or told == body
    server.server_close()
    assert capfd.readouterr() == ("", "")
