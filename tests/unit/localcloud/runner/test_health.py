# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a load balancer makes of the answers of its targets."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from types import SimpleNamespace

import pytest

from localcloud.runner import health
from localcloud.runner.health import Check, ask, matches
from localcloud.runner.options import RunnerOptions

OPTIONS = RunnerOptions(health_interval=1.0, initial_patience=20.0)


class Clock:
    now = 1000.0


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(health.time, "monotonic", lambda: clock.now)
    return clock


def group(**changes):
    settings = {
        "health_check_interval_seconds": 30,
        "health_check_timeout_seconds": 1,
        "health_check_port": "traffic-port",
        "health_check_protocol": "HTTP",
        "health_check_path": "/healthcheck",
        "healthy_threshold_count": "3",
        "unhealthy_threshold_count": "2",
        "matcher": {"HttpCode": "200"},
        "attributes": {},
    }
    return SimpleNamespace(**settings | changes)


def states(check, answers, **changes):
    seen = []
    for good in answers:
        check.note(good, "why", group(**changes), OPTIONS)
        seen.append(check.state)
    return seen


def new(**given):
    return Check("127.66.0.4", 8080, since=1000.0, **given)


def test_a_new_target_is_healthy_with_its_first_good_answer():
    assert states(new(), [False, False, True]) == ["initial", "initial", "healthy"]


def test_a_new_target_that_never_answers_is_given_up_after_its_patience(clock):
    check = new()
    clock.now += 20
    assert states(check, [False]) == ["initial"]
    clock.now += 1
    assert states(check, [False]) == ["unhealthy"]


def test_a_short_interval_shortens_the_patience(clock):
    check = new()
    clock.now += 2.5
    assert states(check, [False], health_check_interval_seconds=1) == ["unhealthy"]


def test_the_opinion_changes_after_the_thresholds_in_a_row():
    check = new(state="healthy")
    assert states(check, [False, True, False, False]) == ["healthy", "healthy", "healthy", "unhealthy"]
    assert states(check, [True, True, False, True, True, True]) == ["unhealthy"] * 5 + ["healthy"]


def test_a_leaving_target_stays_draining():
    # Good answers as many as would make it healthy, and bad ones.
    assert states(new(state="draining"), [True, True, True, True, False]) == ["draining"] * 5


def test_it_is_asked_again_soon_while_it_starts_and_in_its_interval_later(clock):
    check = new()
    check.note(False, "why", group(), OPTIONS)
    assert check.next_at == clock.now + health.FIRST_INTERVAL
    check.note(True, "", group(), OPTIONS)
    assert check.next_at == clock.now + 1.0  # 30 seconds, capped
    assert not check.running


def test_the_last_complaint_is_kept_until_a_good_answer():
    check = new(state="healthy")
    check.note(False, "Request timed out", group(), OPTIONS)
    assert check.description == "Request timed out"
    check.note(True, "", group(), OPTIONS)
    assert check.description == ""


@pytest.mark.parametrize(
    ("matcher", "status", "expected"),
    [
        ("200", 200, True),
        ("200", 201, False),
        ("200,202", 202, True),
        ("200-299", 299, True),
        ("200-299", 300, False),
        ("200, 301-304", 302, True),
    ],
)
def test_a_matcher_is_codes_and_ranges(matcher, status, expected):
    assert matches(matcher, status) is expected


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.agents.append(self.headers["User-Agent"])
        time.sleep(0.3 if self.path == "/slow" else 0)
        self.send_response(200 if self.path == "/healthcheck" else 500)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def target():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.agents = []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_check_is_a_request(target):
    check = Check("127.0.0.1", target.server_port, since=0)
    assert ask(group(), check)[0] is True
    assert ask(group(health_check_path="/other"), check) == (False, "Health checks failed with these codes: [500]")
    assert ask(group(health_check_path="/other", matcher={"HttpCode": "200-599"}), check)[0] is True
    assert ask(group(health_check_path="/slow", health_check_timeout_seconds=0.1), check) == (
        False,
        "Request timed out",
    )
    assert set(target.agents) == {"ELB-HealthChecker/2.0"}


def test_a_port_of_its_own_is_asked_there(target):
    check = Check("127.0.0.1", 1, since=0)
    assert ask(group(health_check_port=str(target.server_port)), check)[0] is True
    assert ask(group(), check) == (False, "Health checks failed")


def test_network_load_balancers_only_connect(target):
    check = Check("127.0.0.1", target.server_port, since=0)
    assert ask(group(health_check_protocol="TCP"), check)[0] is True
    with socket.create_server(("127.0.0.1", 0)) as closed:
        check.port = closed.getsockname()[1]
    assert ask(group(health_check_protocol="TCP"), check)[0] is False
