# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API may demand of requests, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.services.api_requests import (
    request_problems,
    requests_by_key,
)

ROUTES = ["ANY /sales", "GET /sales/{id}", "POST /files/{proxy+}"]
BODY = {"type": "object"}


def test_demands_are_told_by_route() -> None:
    wanted = [
        {"route": "POST /sales", "headers": ["b", "a"], "query": [], "body": BODY},
        {"route": "GET /sales/{id}", "query": ["page"]},
    ]
    assert list(request_problems("requests", wanted, ROUTES)) == []
    assert requests_by_key(wanted) == {
        "POST /sales": {"headers": ["a", "b"], "body": BODY},
        "GET /sales/{id}": {"query": ["page"]},
    }


@pytest.mark.parametrize(
    ("requests", "words"),
    [
        ([{"route": "/sales", "query": ["a"]}], "requests[0].route is '/sales'; a method"),
        ([{"route": "POST /none", "query": ["a"]}], "which the API does not let through. It lets through ANY /sales"),
        # One segment of a route is not all that may follow.
        ([{"route": "GET /sales/{proxy+}", "query": ["a"]}], "which the API does not let through"),
        ([{"route": "GET /files/a", "query": ["a"]}], "which the API does not let through"),
        ([{"route": "POST /sales"}], "requests[0] demands nothing of 'POST /sales'"),
        ([{"route": "POST /sales", "headers": ["a b"]}], "requests[0].headers has 'a b'"),
        ([{"route": "POST /sales", "headers": ["A", "a"]}], "requests[0].headers has a name twice"),
        ([{"route": "GET /sales", "body": BODY}], "requests[0].body is given for 'GET /sales'"),
        ([{"route": "POST /sales", "body": {"type": "x"}}], "requests[0].body.type is 'x'"),
        ([{"route": "POST /sales", "body": BODY}] * 2, "requests[1].route is 'POST /sales' a second time"),
    ],
)
def test_what_cannot_be_right_is_told(requests: list[dict[str, Any]], words: str) -> None:
    (found,) = request_problems("requests", requests, ROUTES)
    assert words in found


def test_a_part_of_what_a_greedy_route_lets_through_may_be_looked_at() -> None:
    assert list(request_problems("r", [{"route": "POST /files/a/b", "query": ["x"]}], ROUTES)) == []
    assert list(request_problems("r", [{"route": "PUT /a", "query": ["x"]}], ["$default"])) == []
