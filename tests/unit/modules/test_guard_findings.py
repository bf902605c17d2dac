# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory check says of what guards the edge, before any call."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from tests.support.modules import checked

Item = dict[str, Any]
BEHIND = {
    "name": "shop",
    "security_groups": ["edge"],
    "target_groups": [{"name": "web", "port": 80}],
    "listeners": [{"port": 80, "default": {"target_group": "web"}}],
}
GROUP = {"name": "to-shop", "port": 80, "target_type": "alb", "targets": [{"load_balancer": "shop"}]}
FRONT = {
    "name": "front",
    "type": "network",
    "target_groups": [GROUP],
    "listeners": [{"port": 80, "default": {"target_group": "to-shop"}}],
}
REST: Item = {"kind": "rest", "domain": "api.example.com", "load_balancer": "front"}
SCHEMA = {"type": "object", "required": ["product"]}


def findings(**given: Any) -> list[str]:
    usual = {
        "workload": "shop",
        "regions": [{"name": "us-east-1"}],
        "load_balancers": [BEHIND, FRONT],
        "security_groups": [{"name": "edge"}],
        "services": [],
        "api": REST,
    }
    return problems(checked(MODULE, **{**usual, **given}))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"web_acl": {"allow": []}}, "edge_web_acl: allow. Supported parameters include: allowed"),
        ({"web_acl": {"rate_limit": {}}}, "edge_web_acl: missing required arguments: requests found in rate_limit."),
        ({"web_acl": {"blocked": ["x"]}}, "edge_web_acl.blocked: 'x' does not appear to be"),
        ({"web_acl": {}, "web_acl_name": "a b"}, "edge_web_acl_name is 'a b'"),
        (
            {"web_acl": {}, "api": {**REST, "web_acl": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/1"}},
            "edge_web_acl and edge_api_web_acl are both given",
        ),
        (
            {"web_acl": {}, "api": {"kind": "http", "domain": "a.example.com", "security_groups": ["edge"]}},
            "edge_web_acl is given, and edge_api is http",
        ),
        ({"web_acl": {}, "api": None, "load_balancers": [{**FRONT, "target_groups": [], "listeners": []}]},
         "neither a REST API nor an Application Load Balancer"),
        (
            {"web_acl": {"rate_limit": {"requests": 30}}, "routing": {"choice": "health_gate"}},
            "each of Route 53's health checkers asks 30 times in 300 seconds",
        ),
        ({"api": {**REST, "requests": [{"body": SCHEMA}]}}, "edge_api_requests[0]: missing required arguments: route."),
        ({"api": {**REST, "requests": [{"route": "/a", "body": SCHEMA}]}}, "edge_api_requests[0].route is '/a'"),
        (
            {"api": {**REST, "requests": [{"route": "POST /a", "body": {"type": "x"}}]}},
            "edge_api_requests[0].body.type is 'x'",
        ),
        (
            {
                "api": {
                    **REST,
                    "kind": "http",
                    "security_groups": ["edge"],
                    "requests": [{"route": "POST /a", "body": SCHEMA}],
                }
            },
            "edge_api_requests is given; only REST APIs look at what they pass on",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_told(given: Item, words: str) -> None:
    (found,) = findings(**given)
    assert words in found


def test_what_is_sound_is_taken() -> None:
    assert findings(web_acl={"blocked": ["198.51.100.0/24"], "rate_limit": {"requests": 100}}) == []
    slow = {"choice": "route53", "health_check": {"path": "/readiness", "interval": 30}}
    assert findings(web_acl={"rate_limit": {"requests": 11}}, routing=slow) == []
    assert findings(web_acl={"default": "block", "allowed": ["198.51.100.7"]}, api=None) == []
    assert findings(api={**REST, "requests": [{"route": "POST /sales", "body": SCHEMA}]}) == []
