# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes of services become rules of the listener that their load balancer has."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.routes import with_routes

Item = dict[str, Any]


def balancer(*rules: Item, ports: tuple[int, ...] = (80,)) -> list[Item]:
    groups = [{"name": name} for name in ("web", "like", "like2")]
    listeners: list[Item] = [{"port": port, "default": {"target_group": "web"}} for port in ports]
    listeners[0]["rules"] = list(rules)
    return [{"name": "mysfits", "target_groups": groups, "listeners": listeners}, {"name": "other"}]


def service(name: str, *routes: Item, **more: Any) -> Item:
    return {"name": name, "load_balancer": "mysfits", "target_group": name, "routes": list(routes), **more}


def rules(load_balancers: list[Item], *services: Item, listener: int = 0) -> list[Item]:
    return with_routes(load_balancers, list(services))[0]["listeners"][listener].get("rules")


def test_a_listener_has_its_own_rules_and_the_routes_of_services() -> None:
    declared = {"priority": 9, "paths": ["/old"], "redirect": {"path": "/"}}
    route = {"priority": 1, "paths": ["/mysfits/*/like"], "methods": ["POST"], "query": {"v": "2"}}
    assert rules(balancer(declared), service("like", route), {"name": "worker"}) == [
        declared,
        {**route, "target_group": "like"},
    ]


def test_without_routes_the_load_balancers_stay_as_they_are() -> None:
    given = balancer()
    assert with_routes(given, [{"name": "worker"}, service("like")]) == given


def test_a_route_goes_to_the_listener_that_it_names() -> None:
    two = balancer(ports=(80, 8080))
    route = {"priority": 1, "paths": ["/a"], "listener": 8080}
    assert rules(two, service("like", route), listener=1) == [
        {"priority": 1, "paths": ["/a"], "target_group": "like"},
    ]
    assert rules(two, service("like", route)) == []
    with pytest.raises(CollectionError, match=r"routes\[0\].listener is missing; .* listens on 80, 8080"):
        rules(two, service("like", {"priority": 1, "paths": ["/a"]}))


def test_services_share_a_rule_by_their_weights_however_its_conditions_are_written() -> None:
    one = service("like", {"priority": 1, "paths": ["/a", "/b"], "weight": 90})
    other = service("like2", {"priority": "1", "paths": ["/b", "/a"], "weight": 10})
    assert rules(balancer(), one, other) == [
        {"priority": 1, "paths": ["/a", "/b"], "weights": {"like": 90, "like2": 10}},
    ]


def test_the_route_that_ecs_shifts_has_both_groups() -> None:
    shift = {"alternate": "like2", "rule": "mysfits:80/2", "test_rule": "mysfits:80/1"}
    routes = [{"priority": number, "paths": ["/a"], "query": {"number": str(number)}} for number in (1, 2, 3)]
    assert [rule.get("shifts_to") for rule in rules(balancer(), service("like", *routes, shift=shift))] == [
        "like2",
        "like2",
        None,
    ]


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ([service("like", {"priority": 1}, target_group=None)], "leads to a service without a target group"),
        ([service("like", {"priority": 1}, target_group="lke")], "no single load balancer has .*'lke'"),
        ([service("like", {"priority": 1, "path": ["/a"]})], "has path, which no route has; valid are paths, hosts"),
        ([{"name": "like", "routes": {"priority": 1}}], "give a list of routes"),
        (
            [service("like", {"priority": 1, "paths": ["/a"]}), service("like2", {"priority": 1, "paths": ["/b"]})],
            r"routes\[0\] and services\[like2\].routes\[0\] have priority 1 on one listener \(mysfits:80\)",
        ),
        (
            [
                service("like", {"priority": 1, "paths": ["/a"], "weight": 1}),
                service("like2", {"priority": 1, "paths": ["/a"]}),
            ],
            "give the same conditions, and each a weight",
        ),
        (
            [service("like", *[{"priority": 1, "paths": ["/a"], "weight": 1}] * 2)],
            "share requests, and lead to the same target group",
        ),
        (
            [
                service(
                    "like",
                    {"priority": 1, "paths": ["/a"], "weight": 1},
                    shift={"alternate": "like2", "rule": "mysfits:80/1"},
                )
            ],
            "has a weight, and ECS moves the weights",
        ),
    ],
)
def test_what_is_no_rule_is_told(services: list[Item], expected: str) -> None:
    with pytest.raises(CollectionError, match=expected):
        with_routes(balancer(), services)


def test_a_network_load_balancer_has_no_routes() -> None:
    given = balancer()
    given[0]["type"] = "network"
    with pytest.raises(CollectionError, match="is a Network Load Balancer, whose listeners have no rules"):
        with_routes(given, [service("like", {"priority": 1, "paths": ["/a"]})])
