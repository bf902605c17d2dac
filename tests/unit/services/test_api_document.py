# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of an HTTP API as a REST API can say them, and its OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.api_document import (
    INTEGRATION,
    digest,
    document,
    methods_in,
    rest_keys,
    uri_of,
)


@pytest.mark.parametrize(
    ("routes", "keys"),
    [
        (["$default"], ["ANY /", "ANY /{proxy+}"]),
        (["GET /sales/{id}", "POST /sales"], ["GET /sales/{id}", "POST /sales"]),
        # What a greedy path takes for every method needs no path of its own …
        (["$default", "POST /sales"], ["ANY /", "ANY /{proxy+}"]),
        (["ANY /a/{proxy+}", "GET /a/{part2}/items", "GET /a"], ["ANY /a/{proxy+}", "GET /a"]),
        # … and where it takes another method, the path of its own takes that too.
        (["GET /{proxy+}", "POST /sales"], ["GET /sales", "GET /{proxy+}", "POST /sales"]),
        (["GET /{proxy+}", "ANY /sales"], ["ANY /sales", "GET /{proxy+}"]),
        (["GET /a/{proxy+}", "POST /b"], ["GET /a/{proxy+}", "POST /b"]),
    ],
)
def test_the_same_requests_are_let_through(routes: list[str], keys: list[str]) -> None:
    assert rest_keys(routes) == keys


@pytest.mark.parametrize(
    ("routes", "words"),
    [
        (["GET /a/{x}", "POST /a/{y+}"], r"has \{x\} and \{y\+\} below '/a'"),
        (["GET /a~b"], "has the path '/a~b'"),
        (["GET /sales/"], "none is empty"),
        ([f"GET /{n}" for n in range(300)], "has 301 paths"),
    ],
)
def test_what_a_rest_api_cannot_say_is_told(routes: list[str], words: str) -> None:
    with pytest.raises(CollectionError, match=words):
        rest_keys(routes)


def methods(*keys: str) -> dict[str, dict[str, Any]]:
    return {key: {"uri": uri_of("http://a.example.com:80", key), "link": "l", "timeout": 29000} for key in keys}


def test_a_document_says_all_of_a_method_and_its_digest_says_whether_something_differs() -> None:
    wanted = methods("ANY /{proxy+}", "GET /sales/{id}")
    made = document("sales", wanted, False)
    (operation,) = made["paths"]["/{proxy+}"].values()
    told = operation[INTEGRATION]
    assert told["uri"] == "http://a.example.com:80/{proxy}"
    assert told["requestParameters"] == {"integration.request.path.proxy": "method.request.path.proxy"}
    assert [each["name"] for each in operation["parameters"]] == ["proxy"]
    assert digest(made) == digest(document("sales", dict(reversed(wanted.items())), False))
    assert digest(made) != digest(document("sales", wanted, True))


def test_a_method_that_was_changed_is_no_method_of_ours() -> None:
    integration = {
        "type": "HTTP_PROXY",
        "httpMethod": "GET",
        "uri": "http://a.example.com:80/sales/{id}",
        "connectionType": "VPC_LINK",
        "connectionId": "l",
        "timeoutInMillis": 29000,
        "requestParameters": {"integration.request.path.id": "method.request.path.id"},
    }
    told = {"authorizationType": "NONE", "apiKeyRequired": False, "methodIntegration": integration}
    resource = {"path": "/sales/{id}", "resourceMethods": {"GET": told}}
    wanted = methods("GET /sales/{id}")
    assert methods_in([{"path": "/"}, resource]) == wanted
    for change in ({"connectionType": "INTERNET"}, {"requestParameters": {}}, {"type": "MOCK"}):
        changed = {
            "path": "/sales/{id}",
            "resourceMethods": {"GET": {**told, "methodIntegration": {**integration, **change}}},
        }
        assert methods_in([changed]) != wanted
    assert methods_in([{"path": "/sales/{id}", "resourceMethods": {"GET": {**told, "apiKeyRequired": True}}}]) != wanted
