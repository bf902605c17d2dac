# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of a listener in the words of API Gateway, and what it cannot say, which the inventory check tells."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from ansible_collections.multiregion.ecs.plugins.module_utils.services.api_routes import api_routes
from tests.support.modules import checked

Item = dict[str, Any]
FIXED = {"fixed_response": {"status_code": 404}}
API = {"kind": "http", "domain": "api.example.com", "security_groups": ["edge"]}


def balancer(*rules: Item, default: Item | None = None) -> Item:
    return {
        "name": "shop",
        "security_groups": ["edge"],
        "target_groups": [{"name": "web", "port": 80}, {"name": "like", "port": 80}],
        "listeners": [{"port": 80, "default": default or FIXED, "rules": list(rules)}],
    }


def service(*routes: Item) -> Item:
    return {"name": "like", "cpu": 256, "memory": 512, "target_group": "like", "routes": list(routes)}


def rule(priority: int = 1, **conditions: Any) -> Item:
    return {"priority": priority, "target_group": "web", **conditions}


@pytest.mark.parametrize(
    ("rules", "keys"),
    [
        ([rule(paths=["/sales", "/sales/*"])], ["ANY /sales", "ANY /sales/{proxy+}"]),
        ([rule(paths=["/mysfits/*/like"], methods=["POST", "OPTIONS"])],
         ["OPTIONS /mysfits/{part2}/like", "POST /mysfits/{part2}/like"]),
        ([rule(paths=["/*"])], ["ANY /", "ANY /{proxy+}"]),
        ([rule(hosts=["example.org"])], ["$default"]),
        ([rule(methods=["GET"])], ["GET /", "GET /{proxy+}"]),
        ([rule(paths=["/a"], headers={"X-Version": ["2"]}), rule(2, paths=["/a"])], ["ANY /a"]),
        ([rule(paths=["/a"]), {"priority": 2, "paths": ["/old"], "redirect": {"path": "/a"}}], ["ANY /a"]),
    ],
)  # fmt: skip
def test_rules_that_forward_are_let_through(rules: list[Item], keys: list[str]) -> None:
    assert api_routes([balancer(*rules)], [], "shop", 80) == keys


def test_routes_of_services_and_a_default_that_forwards_count_too() -> None:
    routed = service({"priority": 1, "paths": ["/like/*"]})
    assert api_routes([balancer(default={"target_group": "web"})], [routed], "shop", 80) == [
        "$default",
        "ANY /like/{proxy+}",
    ]


@pytest.mark.parametrize(
    ("rules", "port", "words"),
    [
        ([rule(paths=["/v*/sales"])], 80, "has the path '/v*/sales' in a rule"),
        ([rule(paths=["/sales/?"])], 80, "has the path '/sales/?' in a rule"),
        ([rule(methods=["PURGE"])], 80, "has the method PURGE in a rule"),
        ([], 80, "where no rule and no default forwards"),
        ([rule(paths=["/a"])], 81, "is to lead to port 81 of the load balancer 'shop', which listens on 80"),
        ([rule(number, paths=[f"/a{number}"]) for number in range(1, 302)], 80, "would have 301 routes"),
    ],
)
def test_what_api_gateway_cannot_say_is_refused(rules: list[Item], port: int, words: str) -> None:
    with pytest.raises(CollectionError) as refusal:
        api_routes([balancer(*rules)], [], "shop", port)
    assert words in str(refusal.value)


def findings(api: Item, *services: Item, before: Item | None = None, default: Item | None = None) -> list[str]:
    params = {
        "workload": "shop",
        "regions": [{"name": "us-east-1"}],
        "load_balancers": [balancer(default=default or {"target_group": "web"}), *([before] if before else [])],
        "security_groups": [{"name": "edge"}],
        "services": list(services),
        "api": {**API, **api},
    }
    return problems(checked(MODULE, **params))


@pytest.mark.parametrize(
    ("api", "words"),
    [
        ({"kind": "soap"}, "edge_api is 'soap'; valid are none, http, rest."),
        ({"kind": "rest"}, "edge_api_load_balancer is 'shop', an Application Load Balancer"),
        ({"domain": None}, "edge_api_domain is missing"),
        ({"domain": "api"}, "edge_api_domain is 'api'"),
        ({"subnets": "inner"}, "edge_api_subnets refers to tier of subnets 'inner'"),
        ({"security_groups": []}, "edge_api_security_groups is empty"),
        ({"security_groups": ["egde"]}, "edge_api_security_groups refers to security group 'egde'"),
        ({"load_balancer": "shp"}, "edge_api_load_balancer refers to load balancer 'shp'"),
        ({"port": "443"}, "edge_api is to lead to port 443"),
        ({"timeout": 30001}, "edge_api_timeout is 30001; 50 to 30000"),
        ({"rate_limit": 0.5}, "edge_api_rate_limit is 0.5; 1 to 10000"),
        ({"burst_limit": 5001}, "edge_api_burst_limit is 5001; 1 to 5000"),
        ({"web_acl": "arn:aws:wafv2:x"}, "edge_api_web_acl is given; AWS WAF guards REST APIs only"),
        ({"log_retention_in_days": 2}, "edge_api_log_retention is 2; CloudWatch Logs accepts"),
    ],
)
def test_the_inventory_check_tells_of_it_before_any_call(api: Item, words: str) -> None:
    assert findings({}) == [] and findings({**api, "kind": "none"}) == []
    assert words in findings(api)[0]


def test_a_route_that_cannot_be_said_is_told_by_the_inventory_check() -> None:
    (found,) = findings({}, service({"priority": 1, "paths": ["/v*"]}))
    assert "has the path '/v*' in a rule" in found


def front(**changes: Any) -> Item:
    """A Network Load Balancer in front of the other one."""
    group = {"name": "to-shop", "port": 80, "target_type": "alb", "targets": [{"load_balancer": "shop"}]}
    listener = {"port": 8443, "default": {"target_group": "to-shop"}}
    return {"name": "front", "type": "network", "target_groups": [group], "listeners": [listener], **changes}


def test_behind_a_network_load_balancer_the_rules_of_the_next_one_decide() -> None:
    behind = balancer(rule(paths=["/a/*"], methods=["GET"]))
    assert api_routes([front(), behind], [], "front", 8443) == ["GET /a/{proxy+}"]
    elsewhere = {"name": "to-shop", "port": 80, "target_type": "alb", "targets": [{"id": "arn"}]}
    assert api_routes([front(target_groups=[elsewhere]), behind], [], "front", 8443) == ["$default"]
    with pytest.raises(CollectionError, match="port 81 of the load balancer 'shop'"):
        api_routes([front(target_groups=[{**front()["target_groups"][0], "port": 81}]), behind], [], "front", 8443)


REST = {"kind": "rest", "load_balancer": "front", "security_groups": []}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"security_groups": ["edge"]}, "its load balancer 'front' has security_groups"),
        ({"type": "application"}, "Those in edge_load_balancers: none."),
    ],
)
def test_a_rest_api_reaches_a_network_load_balancer_without_security_groups(changes: Item, words: str) -> None:
    assert findings(REST, before=front()) == []
    assert any(words in each for each in findings(REST, before=front(**changes)))


def test_paths_that_a_rest_api_cannot_say_are_told_by_the_inventory_check() -> None:
    routed = service({"priority": 1, "paths": ["/a/*"], "methods": ["GET"]}, {"priority": 2, "paths": ["/a/*/b"]})
    (found,) = findings(REST, routed, before=front(), default=FIXED)
    assert "edge_api is rest, and has {part2} and {proxy+} below '/a'" in found
