# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of an HTTP API as a REST API can say them, and its OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.api_document import (
    BINARY,
    EVERY_MEDIA_TYPE,
    INTEGRATION,
    JSON,
    VALIDATOR,
    VALIDATORS,
    demands_in,
    digest,
    document,
    methods_in,
    rest_keys,
    uri_of,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.body_schema import model_name


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
    assert methods_in([{"path": "/"}, resource], {}, set()) == wanted
    for change in ({"connectionType": "INTERNET"}, {"requestParameters": {}}, {"type": "MOCK"}):
        changed = {
            "path": "/sales/{id}",
            "resourceMethods": {"GET": {**told, "methodIntegration": {**integration, **change}}},
        }
        assert methods_in([changed], {}, set()) != wanted
    keyed = {"path": "/sales/{id}", "resourceMethods": {"GET": {**told, "apiKeyRequired": True}}}
    assert methods_in([keyed], {}, set()) != wanted


@pytest.mark.parametrize(
    ("routes", "demanding", "keys"),
    [
        # Of its own path the other methods are let through as before.
        (["$default"], ["POST /sales"], ["ANY /", "ANY /sales", "ANY /{proxy+}", "POST /sales"]),
        (["ANY /sales"], ["POST /sales"], ["ANY /sales", "POST /sales"]),
        (["POST /{proxy+}"], ["POST /sales"], ["POST /sales", "POST /{proxy+}"]),
        (["GET /sales/{id}"], ["GET /sales/{id}"], ["GET /sales/{id}"]),
    ],
)
def test_a_route_of_which_more_is_demanded_is_a_key_of_its_own(
    routes: list[str], demanding: list[str], keys: list[str]
) -> None:
    assert rest_keys(routes, demanding) == keys


SCHEMA = {"type": "object", "required": ["product"]}


def test_a_document_says_what_is_demanded_of_requests_and_is_read_again() -> None:
    demands = {"headers": ["X-Id"], "query": ["page"], "body": SCHEMA}
    wanted = methods("GET /sales/{id}", "POST /sales")
    wanted["POST /sales"] |= demands
    made = document("sales", wanted, False)
    operation = made["paths"]["/sales"]["post"]
    assert [(each["in"], each["name"], each["required"]) for each in operation["parameters"]] == [
        ("header", "X-Id", True),
        ("query", "page", True),
    ]
    name = model_name(SCHEMA)
    assert made["components"]["schemas"] == {name: SCHEMA}
    assert operation["requestBody"]["content"] == {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    assert made[VALIDATORS][operation[VALIDATOR]] == {"validateRequestBody": True, "validateRequestParameters": True}
    assert VALIDATOR not in made["paths"]["/sales/{id}"]["get"]
    # API Gateway looks into no body that it takes for binary.
    assert JSON not in made[BINARY] and EVERY_MEDIA_TYPE not in made[BINARY]
    plain = document("sales", methods("POST /sales"), False)
    assert plain[BINARY] == [EVERY_MEDIA_TYPE] and VALIDATORS not in plain and "components" not in plain

    told = {
        "requestParameters": {"method.request.header.X-Id": True, "method.request.querystring.page": True},
        "requestModels": {JSON: name},
        "requestValidatorId": "v",
    }
    assert demands_in(told, {name: SCHEMA}, {"v"}) == demands
    for changed in (
        {**told, "requestValidatorId": "other"},
        {**told, "requestModels": {JSON: "Other"}},
        {**told, "requestModels": {JSON: name, "text/plain": name}},
        {**told, "requestParameters": {"method.request.header.X-Id": False}},
    ):
        assert demands_in(changed, {name: SCHEMA}, {"v"}) != demands
    assert demands_in({"requestParameters": {"method.request.path.id": True}}, {}, set()) == {}
    assert demands_in({"requestValidatorId": "v"}, {}, {"v"}) != {}
