# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a name to the task behind an API: record, mapping, route, link, both load balancers, and each refusal."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from typing import Any

import pytest

from localcloud.frontdoor.answers import SILENCE, Answer
from localcloud.frontdoor.asked import Asked
from localcloud.frontdoor.choice import Target, Turns, choose
from localcloud.frontdoor.gateway import find_route

Table = dict[str, Any]
HOST = "api.example.com"


def forward(group: str) -> list[Table]:
    return [{"conditions": [], "actions": [{"Type": "forward", "TargetGroupArn": group}]}]


def world(*regions: str, weight: int | None = 100, routes: tuple[str, ...] = ("$default",)) -> Table:
    """In each region an API, and behind it a Network and an Application Load Balancer with one task."""
    table: Table = {"apis": [], "domains": [HOST], "records": {HOST: []}, "load_balancers": {}, "target_groups": {}}
    for region in regions:
        target = f"d-1.execute-api.{region}.amazonaws.com"
        table["apis"].append(
            {
                "region": region,
                "names": [f"own.execute-api.{region}.amazonaws.com"],
                "domains": {HOST: target},
                "unreachable": False,
                "routes": [{"key": key, "integration": "i"} for key in routes],
                "integrations": {"i": {"listener": f"listener-{region}", "available": True}},
            }
        )
        table["records"][HOST].append({"target": target, "weight": weight, "health_check": region})
        for kind, port, group in (("network", 443, "alb"), ("application", 8443, "tasks")):
            listener = {"arn": f"listener-{region}" if kind == "network" else "", "port": port}
            table["load_balancers"][f"{kind}-{region}"] = {
                "dns_name": f"{kind}.{region}.elb.amazonaws.com",
                "type": kind,
                "listeners": [{**listener, "rules": forward(f"{group}-{region}")}],
            }
        behind = {"id": f"application-{region}", "port": 8443, "state": "healthy", "served_by": ""}
        task = {"id": region, "port": 8080, "state": "healthy", "served_by": f"region={region}"}
        table["target_groups"] |= {
            f"alb-{region}": {"type": "alb", "targets": [behind]},
            f"tasks-{region}": {"type": "ip", "targets": [task]},
        }
    return table


def ask(
    table: Table, host: str = HOST, path: str = "/sales", method: str = "GET", seed: int = 1, secure: bool = True
) -> Any:
    return choose(table, Asked(host, method=method, path=path, secure=secure), Turns(), random.Random(seed))


def test_a_request_goes_through_the_whole_chain() -> None:
    reached = Target("a", 8080, "region=a", "tasks-a", "application-a")
    assert ask(world("a")) == reached
    behind = ("API Gateway", "VPC link", "Network Load Balancer", "Application Load Balancer")
    assert ask(world("a")).hops == ("Route 53", *behind)
    assert ask(world("a"), host="own.execute-api.a.amazonaws.com").hops == behind
    assert ask(world("a"), host="API.Example.Com") == reached
    assert ask(world("a"), host="own.execute-api.a.amazonaws.com") == reached


def test_the_weights_of_the_records_choose_the_region() -> None:
    def shares(table: Table) -> Counter[str]:
        return Counter(ask(table, seed=seed).id for seed in range(200))

    table = world("a", "b")
    assert all(60 < count < 140 for count in shares(table).values())
    table["records"][HOST][0]["weight"] = 0
    assert shares(table) == {"b": 200}
    assert set(shares(world("a", "b", weight=0))) == {"a", "b"}  # 0 on all is equal shares
    assert shares(world("a", weight=None)) == {"a": 200}


@pytest.mark.parametrize(
    ("weights", "unhealthy", "chosen"),
    [
        ((1, 1), ["a"], {"b"}),
        ((1, 0), [], {"a"}),
        # A weight of 0 counts when nobody else is healthy, and nobody's health when nobody is.
        ((1, 0), ["a"], {"b"}),
        ((1, 0), ["a", "b"], {"a"}),
        ((1, 1), ["a", "b"], {"a", "b"}),
        ((0, 0), ["b"], {"a"}),
    ],
)
def test_records_are_answered_while_their_health_check_holds(
    weights: tuple[int, int], unhealthy: list[str], chosen: set[str]
) -> None:
    table = {**world("a", "b"), "unhealthy": unhealthy}
    for record, weight in zip(table["records"][HOST], weights, strict=True):
        record["weight"] = weight
    assert {ask(table, seed=seed).id for seed in range(50)} == chosen


@pytest.mark.parametrize(
    ("path", "method", "status", "message"),
    [
        ("/other", "GET", 404, "Not Found"),
        ("/sales", "DELETE", 404, "Not Found"),
        ("/sales/1/2", "GET", 404, "Not Found"),
    ],
)
def test_what_no_route_takes_is_not_found(path: str, method: str, status: int, message: str) -> None:
    table = world("a", routes=("GET /sales", "GET /sales/{id}"))
    assert isinstance(ask(table, path="/sales/1"), Target)
    answer = ask(table, path=path, method=method)
    assert (answer.status, json.loads(answer.body), answer.content_type) == (
        status,
        {"message": message},
        "application/json",
    )


def change(table: Table, *path: Any, value: Any) -> Table:
    changed = copy.deepcopy(table)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def test_without_its_link_or_listener_an_api_says_so_itself() -> None:
    table = world("a")
    for broken in (
        change(table, "apis", 0, "integrations", "i", "available", value=False),
        change(table, "apis", 0, "integrations", value={}),
        change(table, "load_balancers", value={}),
    ):
        assert ask(broken) == Answer(503, '{"message": "Service Unavailable"}', "application/json")
    # Behind the listener it is the load balancer that answers.
    assert ask(change(table, "target_groups", "tasks-a", "targets", value=[])).body.startswith(
        "503 Service Temporarily"
    )


def test_a_domain_without_mapping_is_forbidden_and_without_record_it_leads_nowhere() -> None:
    table = world("a")
    unmapped = change(table, "apis", 0, "domains", value={})
    assert ask(unmapped) == Answer(403, '{"message": "Forbidden"}', "application/json")
    assert "No record leads to 'api.example.com'" in ask(change(table, "records", value={})).body


def test_a_dead_region_says_nothing_and_nobody_does_without_tls() -> None:
    assert ask(world("a"), secure=False) is SILENCE
    assert ask(change(world("a"), "apis", 0, "unreachable", value=True)) is SILENCE


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/sales/1", "GET /sales/{id}"),
        ("PUT", "/sales/1", "ANY /sales/{id}"),
        ("GET", "/sales/all", "ANY /sales/all"),
        ("GET", "/sales/1/items", "ANY /sales/{proxy+}"),
        ("GET", "/sales/1/items/2", "ANY /sales/{proxy+}"),
        ("GET", "/sales", "ANY /{proxy+}"),
        ("GET", "/", "$default"),
    ],
)
def test_the_most_specific_route_is_taken(method: str, path: str, key: str) -> None:
    keys = ["ANY /{proxy+}", "$default", "ANY /sales/{proxy+}", "ANY /sales/{id}", "GET /sales/{id}", "ANY /sales/all"]
    found = find_route([{"key": each} for each in keys], method, path)
    assert found == {"key": key}


def rest(*methods: str, uri: str = "http://shop.example.com:443", **changes: Any) -> Table:
    """The same with a REST API, whose stage is `live`."""
    table = world("a")
    api = table["apis"][0]
    del api["routes"], api["integrations"]
    told = [each.partition(" ")[::2] for each in methods]
    api["stage"] = "live"
    api["links"] = {"l": {"balancer": "network-a", "available": True, **changes}}
    api["methods"] = [
        {"method": method, "path": path, "uri": uri + path.replace("+}", "}"), "link": "l"} for method, path in told
    ]
    return table


OWN = "own.execute-api.a.amazonaws.com"


@pytest.mark.parametrize(
    ("host", "path", "asked"),
    [
        (HOST, "/sales/1", "/sales/1"),
        (HOST, "/sales/a%2Fb", "/sales/a%2Fb"),
        (HOST, "/files/a/b", "/files/a/b"),
        (OWN, "/live/sales/1", "/sales/1"),
    ],
)
def test_a_rest_api_asks_for_the_path_without_its_stage(host: str, path: str, asked: str) -> None:
    reached = ask(rest("GET /sales/{id}", "ANY /files/{proxy+}"), host=host, path=path)
    assert (reached.id, reached.path, reached.host) == ("a", asked, "shop.example.com")
    assert reached.hops[-4:] == ("API Gateway", "VPC link", "Network Load Balancer", "Application Load Balancer")


@pytest.mark.parametrize(
    ("host", "path", "method", "status", "message"),
    [
        (HOST, "/none", "GET", 403, "Missing Authentication Token"),
        # A path of its own has its own methods: the greedy one beside it takes none of its requests.
        (HOST, "/sales", "DELETE", 403, "Missing Authentication Token"),
        (OWN, "/sales", "GET", 403, "Forbidden"),
        (OWN, "/lively/sales", "GET", 403, "Forbidden"),
        (OWN, "*", "OPTIONS", 403, "Forbidden"),
    ],
)
def test_what_no_method_of_a_rest_api_takes_is_forbidden(
    host: str, path: str, method: str, status: int, message: str
) -> None:
    answer = ask(rest("GET /sales", "DELETE /sales/{proxy+}"), host=host, path=path, method=method)
    assert (answer.status, json.loads(answer.body)) == (status, {"message": message})


def test_the_most_specific_resource_is_asked_from_the_first_part_on() -> None:
    table = rest("ANY /{proxy+}", "GET /a/{id}", "GET /a/b", "GET /a/{id}/c")
    for path, uri in (("/a/b", "/a/b"), ("/a/x", "/a/{id}"), ("/a/x/c", "/a/{id}/c"), ("/a/b/d", "/{proxy+}")):
        for told in table["apis"][0]["methods"]:
            told["uri"] = f"http://{len(told['path'])}.example.com:443/"
        assert ask(table, path=path).host == f"{len(uri)}.example.com"


def test_without_its_link_or_load_balancer_a_rest_api_says_so_itself() -> None:
    for table in (
        rest("ANY /sales", available=False),
        rest("ANY /sales", balancer="gone"),
        change(rest("ANY /sales"), "apis", 0, "links", value={}),
    ):
        assert (ask(table).status, json.loads(ask(table).body)) == (500, {"message": "Internal server error"})
    assert ask(rest("ANY /sales", uri="http://shop.example.com")).status == 503  # no listener on port 80
    assert ask(rest("ANY /sales"), secure=False) is SILENCE
    assert ask(change(rest("ANY /sales"), "apis", 0, "unreachable", value=True), host=OWN) is SILENCE


def demanding(**changes: Any) -> Table:
    table = rest("POST /sales")
    usual = {"headers": [], "query": [], "models": {}, "binary": []}
    table["apis"][0]["methods"][0]["demands"] = {**usual, **changes}
    return table


SALE = {"type": "object", "required": ["product"], "properties": {"product": {"type": "string"}}}
MODELS = {"application/json": SALE}
BAD_BODY = "Invalid request body"


@pytest.mark.parametrize(
    ("demands", "asked", "message"),
    [
        ({"headers": ["X-Id"]}, {"headers": {"x-id": "1"}}, None),
        ({"headers": ["X-Id"]}, {"headers": {"x-id": " "}}, "Missing required request parameters: [X-Id]"),
        ({"headers": ["X-Id"], "query": ["a"]}, {"query": "b=1"}, "Missing required request parameters: [X-Id, a]"),
        ({"query": ["a"]}, {"query": "a=1"}, None),
        ({"query": ["a"]}, {"query": "a="}, "Missing required request parameters: [a]"),
        ({"models": MODELS}, {"body": b'{"product": "a"}'}, None),
        ({"models": MODELS}, {"body": b'{"product": 1}'}, BAD_BODY),
        ({"models": MODELS}, {"body": b"{"}, BAD_BODY),
        ({"models": MODELS}, {}, BAD_BODY),
        ({"models": MODELS}, {"body": b"{}", "headers": {"Content-Type": "application/json; charset=utf-8"}}, BAD_BODY),
        # What says another type is not looked into, nor is what is binary.
        ({"models": MODELS}, {"body": b"{}", "headers": {"Content-Type": "text/plain"}}, None),
        ({"models": MODELS, "binary": ["*/*"]}, {"body": b"{}"}, None),
        ({"models": MODELS, "binary": ["image/*"]}, {"body": b"{}"}, BAD_BODY),
    ],
)
def test_a_rest_api_answers_what_lacks_what_it_demands(demands: Table, asked: Table, message: str | None) -> None:
    sent = Asked(HOST, method="POST", path="/sales", secure=True, **asked)
    answer = choose(demanding(**demands), sent, Turns(), random.Random(1))
    if message is None:
        assert isinstance(answer, Target)
    else:
        assert (answer.status, json.loads(answer.body)) == (400, {"message": message})


def test_a_web_acl_judges_before_the_api_and_before_the_load_balancer() -> None:
    guard = {"arn": "g", "default": "BLOCK", "rules": []}
    table = change(demanding(headers=["X-Id"]), "apis", 0, "guard", value=guard)
    answer = ask(table, method="POST")
    assert (answer.status, json.loads(answer.body)) == (403, {"message": "Forbidden"})
    behind = change(world("a"), "load_balancers", "application-a", "guard", value=guard)
    assert ask(behind) == Answer(403, "403 Forbidden\n")
