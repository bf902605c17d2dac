# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI document of a REST API, from the route keys of services/api_routes.py.

A REST API chooses a resource by the path alone and only then its method, and it has one variable in a place of a path.
So its keys are not always those of an HTTP API that lets the same requests through.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from ..kernel.errors import CollectionError
from .api_routes import EVERYTHING
from .body_schema import model_name

Item = dict[str, Any]
Key = tuple[str, str]
"""Method and path."""

ANY_METHOD = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
BINARY = "x-amazon-apigateway-binary-media-types"
ENDPOINT = "x-amazon-apigateway-endpoint-configuration"
VALIDATORS = "x-amazon-apigateway-request-validators"
VALIDATOR = "x-amazon-apigateway-request-validator"
EVERYTHING_CHECKED = "everything"
"""The validator that holds parameters and bodies against what a method declares."""

JSON = "application/json"
MODELS = "#/components/schemas/"
EVERY_MEDIA_TYPE = "*/*"
"""Bodies of these types are passed on as they are; API Gateway takes all others for text."""

NOT_TEXT = (
    *(f"{kind}/*" for kind in ("audio", "font", "image", "video")),
    "multipart/form-data",
    *(f"application/{kind}" for kind in ("gzip", "octet-stream", "pdf", "zip", "x-protobuf")),
)
"""The same for an API that holds bodies against a schema: it would not look into JSON that it takes for binary."""

DEMANDS = ("headers", "query", "body", "unchecked")

PART = re.compile(r"[a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._-]+\+?\}")
MOST_RESOURCES = 300
"""Paths of a REST API, those on the way to others included, until the account's quota is raised."""


def rest_keys(routes: list[str], demanding: Iterable[str] = ()) -> list[str]:
    """The keys of a REST API that lets through what these routes of an HTTP API do, sorted.

    demanding: keys that it has in any case, because more is demanded of their requests than of others'.

    Raises:
        CollectionError: a REST API cannot say them.
    """
    keys = {each for route in routes for each in _expanded(route)}
    own = {each for key in demanding for each in _expanded(key)}
    greedy = {(method, path) for method, path in keys if path.endswith("+}")}
    kept = {key for key in keys if not any(_covers(each, key) and each[0] in ("ANY", key[0]) for each in greedy)} | own
    # The resource of a path of its own takes all requests to it, those for a greedy one's methods too.
    beside = {
        (each[0], path)
        for _method, path in kept
        for each in greedy
        if _covers(each, ("", path)) and ("ANY", path) not in kept
    }
    found = kept | beside
    _check({path for _method, path in found})
    return sorted(f"{method} {path}" for method, path in found)


def _expanded(route: str) -> list[Key]:
    if route == EVERYTHING:
        return [("ANY", "/"), ("ANY", "/{proxy+}")]
    method, _blank, path = route.partition(" ")
    return [(method, path)]


def _segments(path: str) -> list[str]:
    return path.split("/")[1:] if path != "/" else []


def _covers(greedy: Key, key: Key) -> bool:
    """Whether every request to the path of `key` is one to that of `greedy` too, which is another one."""
    before, segments = _segments(greedy[1])[:-1], _segments(key[1])
    fits = all(a == b or a.startswith("{") for a, b in zip(before, segments, strict=False))
    return key[1] != greedy[1] and len(segments) > len(before) and fits


def _check(paths: set[str]) -> None:
    """Refuse what API Gateway does of paths."""
    variables: dict[tuple[str, ...], set[str]] = {}
    there: set[tuple[str, ...]] = {()}
    for path in sorted(paths):
        segments = tuple(_segments(path))
        for number, segment in enumerate(segments):
            if not PART.fullmatch(segment):
                raise CollectionError(
                    f"edge_api is rest, and has the path {path!r}; a part of a path of a REST API has letters, digits "
                    "and . _ - : only, or is a variable, and none is empty."
                )
            there.add(segments[: number + 1])
            if segment.startswith("{"):
                variables.setdefault(segments[:number], set()).add(segment)
    for before, named in variables.items():
        if len(named) > 1:
            raise CollectionError(
                f"edge_api is rest, and has {' and '.join(sorted(named))} below '/{'/'.join(before)}'; a REST API has "
                "one variable in a place. Let one rule take both, such as /sales/* for /sales/*/items too, or choose "
                "edge_api http."
            )
    if len(there) > MOST_RESOURCES:
        raise CollectionError(f"edge_api is rest, and has {len(there)} paths; a REST API takes {MOST_RESOURCES}.")


def uri_of(address: str, key: str) -> str:
    """Where requests for a key go, such as `http://api.example.com:80/sales/{id}`."""
    return address + key.partition(" ")[2].replace("+}", "}")


def mappings(path: str) -> dict[str, str]:
    """How the variables of a path come into the URI."""
    names = re.findall(r"\{([^}+]+)\+?\}", path)
    return {f"integration.request.path.{name}": f"method.request.path.{name}" for name in names}


def document(name: str, methods: dict[str, Item], own_name_disabled: bool) -> Item:
    """The OpenAPI document. `methods`: by key, the `uri`, `link` (id of a VPC link) and `timeout` (ms) of each, and
    what is demanded of its requests: `headers`, `query` (names) and `body` (a JSON schema), if anything is.
    """
    paths: dict[str, Item] = {}
    for key, wanted in sorted(methods.items()):
        method, _blank, path = key.partition(" ")
        operation = {
            "parameters": [
                *(_parameter(each.rpartition(".")[2], "path") for each in mappings(path)),
                *(_parameter(each, "header") for each in wanted.get("headers", [])),
                *(_parameter(each, "query") for each in wanted.get("query", [])),
            ],
            **_checked(wanted),
            "responses": {"200": {"description": "What the service answers."}},
            INTEGRATION: {
                "type": "http_proxy",
                "httpMethod": method,
                "uri": wanted["uri"],
                "connectionType": "VPC_LINK",
                "connectionId": wanted["link"],
                "timeoutInMillis": wanted["timeout"],
                "passthroughBehavior": "when_no_match",
                "requestParameters": mappings(path),
            },
        }
        paths.setdefault(path, {})[ANY_METHOD if method == "ANY" else method.lower()] = operation
    checked = {VALIDATORS: {EVERYTHING_CHECKED: {"validateRequestBody": True, "validateRequestParameters": True}}}
    bodies = {model_name(each["body"]): each["body"] for each in methods.values() if "body" in each}
    return {
        "openapi": "3.0.1",
        "info": {"title": name, "version": "1"},
        "servers": [{"url": "/", ENDPOINT: {"disableExecuteApiEndpoint": own_name_disabled}}],
        BINARY: media_types(methods),
        **(checked if any(set(DEMANDS) & set(each) for each in methods.values()) else {}),
        **({"components": {"schemas": bodies}} if bodies else {}),
        "paths": paths,
    }


def media_types(methods: dict[str, Item]) -> list[str]:
    """The types of bodies that an API with these methods passes on as they are."""
    return sorted(NOT_TEXT) if any("body" in each for each in methods.values()) else [EVERY_MEDIA_TYPE]


def _parameter(name: str, place: str) -> Item:
    return {"name": name, "in": place, "required": True, "schema": {"type": "string"}}


def _checked(wanted: Item) -> Item:
    """What of an operation makes API Gateway look at a request before it passes it on."""
    body = wanted.get("body")
    content = {JSON: {"schema": {"$ref": MODELS + model_name(body)}}} if body is not None else {}
    return {
        **({VALIDATOR: EVERYTHING_CHECKED} if set(DEMANDS) & set(wanted) else {}),
        **({"requestBody": {"required": True, "content": content}} if content else {}),
    }


def demands_in(told: Item, schemas: dict[str, Item], checking: set[str]) -> Item:
    """What a method that GetResources tells demands of requests, as `document` takes it.

    schemas: model name → schema. checking: ids of the validators that check everything.
    """
    needed = [name for name, required in (told.get("requestParameters") or {}).items() if required]
    found: Item = {}
    for kind, place in (("headers", "header"), ("query", "querystring")):
        start = f"method.request.{place}."
        names = sorted(each.removeprefix(start) for each in needed if each.startswith(start))
        found |= {kind: names} if names else {}
    models = told.get("requestModels") or {}
    if models:
        usual = set(models) == {JSON} and models[JSON] in schemas
        found["body"] = schemas[models[JSON]] if usual else models
    if (told.get("requestValidatorId") in checking) is not bool(found):
        found["unchecked"] = told.get("requestValidatorId") or "nothing is checked"
    return found


def methods_in(resources: list[Item], schemas: dict[str, Item], checking: set[str]) -> dict[str, Item]:
    """The methods that GetResources tells, as `document` takes them; a key that tells more is no other's.

    schemas, checking: as `demands_in` takes them.
    """
    found: dict[str, Item] = {}
    for resource in resources:
        for method, told in (resource.get("resourceMethods") or {}).items():
            path, integration = resource["path"], told.get("methodIntegration") or {}
            usual = (
                integration.get("type") == "HTTP_PROXY"
                and integration.get("connectionType") == "VPC_LINK"
                and integration.get("httpMethod") == method
                and (integration.get("requestParameters") or {}) == mappings(path)
                and told.get("authorizationType", "NONE") == "NONE"
                and not told.get("apiKeyRequired")
            )
            found[f"{method} {path}"] = {
                "uri": integration.get("uri"),
                "link": integration.get("connectionId"),
                "timeout": integration.get("timeoutInMillis"),
                **demands_in(told, schemas, checking),
                **({} if usual else {"type": integration.get("type") or "none"}),
            }
    return found


def digest(told: Item) -> str:
    """A short name of the document's content."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]
