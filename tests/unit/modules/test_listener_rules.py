# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that AWS refuses: by the inventory check before any call, wherever they are declared, and by the module."""

from __future__ import annotations

from typing import Any

import pytest
from moto.elbv2.exceptions import ELBClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.load_balancer.build import conditions
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.load_balancer.rule_checks import rule_problems
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.listener_rule import as_condition
from localcloud.elbv2.rules import check_conditions, check_shares
from tests.support.modules import checked

Item = dict[str, Any]

GROUPS = ["web", "like", "like2"]


def findings(*routes: Item, declared: tuple[Any, ...] = (), more: tuple[Item, ...] = ()) -> list[str]:
    """What the inventory check says of a service with these routes, beside a listener with these rules."""
    balancer = {
        "name": "mysfits",
        "target_groups": [{"name": name, "port": 80} for name in GROUPS],
        "listeners": [{"port": 80, "default": {"target_group": "web"}, "rules": list(declared)}],
    }
    service = {"name": "like", "cpu": 256, "memory": 512, "target_group": "like", "routes": list(routes)}
    params = {
        "workload": "mysfits",
        "regions": [{"name": "us-east-1"}],
        "load_balancers": [balancer],
        "services": [service, *more],
    }
    return problems(checked(MODULE, **params))


LIKE = {"priority": 1, "paths": ["/mysfits/*/like"]}


def test_sound_rules_are_not_refused() -> None:
    declared = {
        "priority": "5",
        "hosts": ["*.example.org"],
        "headers": {"X-Version": "2"},
        "weights": {"web": 0, "like2": 999},
    }
    other = {"priority": 2, "query": {"version": ["a*", "b*"], "*": "c?"}, "methods": ["GET", "HEAD"], "weight": 1}
    assert findings(LIKE, other, declared=(declared,)) == []


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ({"priority": 0}, "services[like].routes[0] has priority 0; a number from 1 to 50000"),
        ({"priority": None}, "has priority None"),
        ({"paths": [f"/{number}" for number in range(6)]}, "has conditions with 6 values; 1 to 5 together"),
        ({"paths": []}, "has conditions with 0 values"),
        ({"paths": ["/*/*/*", "/*/*/*", "/?"]}, "has conditions with 7 wildcards (* and ?); at most 6"),
        ({"query": {"*": ["*", "*", "*", "*"], "a": r"\*"}, "paths": None}, ""),
        ({"query": {"*": ["a*b*", "*", "*", "*"], "a": "*"}, "paths": None}, "has conditions with 7 wildcards"),
        ({"paths": ["mysfits"]}, "has paths 'mysfits'; patterns such as /sales/*"),
        ({"paths": ["/a?b=c d"]}, "has paths '/a?b=c d'"),
        ({"hosts": ["localhost"]}, "has hosts 'localhost'; patterns with a dot"),
        ({"methods": ["get"]}, "has methods 'get'; capitals"),
        ({"headers": {"Host": "a.b"}}, "has headers of 'Host'"),
        ({"headers": ["a"]}, "has headers ['a']; give patterns by name"),
        ({"paths": ["/" + "a" * 128]}, "has paths with a value of 129 characters"),
        ({"weight": 1000}, "has weight 1000 for like; 0 to 999 are valid"),
        ({"weight": "many"}, "has weight 'many' for like"),
        ({"weight": -1}, "has weight -1 for like"),
        ({"weight": 0}, "has weight 0 for like; somebody has to get the requests"),
    ],
)
def test_routes_that_aws_refuses_are_named(route: Item, expected: str) -> None:
    found = findings({**LIKE, **route})
    assert any(expected in text for text in found) if expected else not found, found


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("all", "load_balancers[mysfits].listeners[80].rules[0] is 'all'; give a rule"),
        ({"priority": 7, "path": ["/a"], "target_group": "web"}, "rules[0] has path, which no rule has; valid are"),
        ({"priority": 7, "paths": ["/a"]}, "rules[0] has no action; give exactly one of target_group, weights"),
        ({"priority": 7, "paths": ["/a"], "target_group": "wbe"}, "forwards to 'wbe'; the target_groups are web, like"),
        ({"priority": 7, "paths": ["/a"], "weights": {"wbe": 1}}, "forwards to 'wbe'"),
        (
            {"priority": "1", "paths": ["/a"], "target_group": "web"},
            "load_balancers[mysfits].listeners[80].rules[0] and services[like].routes[0] have priority 1 on one",
        ),
    ],
)
def test_declared_rules_are_checked_with_the_routes(declared: Any, expected: str) -> None:
    found = findings(LIKE, declared=(declared,))
    assert any(expected in text for text in found), found


def test_two_routes_of_one_priority_and_shares_of_nothing_are_refused() -> None:
    other = {"name": "like2", "cpu": 256, "memory": 512, "target_group": "like2"}
    (text,) = findings(LIKE, more=({**other, "routes": [{"priority": 1, "paths": ["/b"]}]},))
    assert text.startswith("services[like].routes[0] and services[like2].routes[0] have priority 1 on one listener")
    unclear = findings(LIKE, {**LIKE, "paths": ["a"]})
    assert len(unclear) == 2 and "routes[1] has paths 'a'" in unclear[1], "all of it at once"
    (text,) = findings({**LIKE, "weight": 0}, more=({**other, "routes": [{**LIKE, "weight": 0}]},))
    assert text.endswith("has weight 0 for like and like2; somebody has to get the requests.")


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ({"paths": ["/a", "/b"], "hosts": ["a.b"], "methods": ["GET"], "query": {"a": "b"}}, False),
        ({"paths": ["/a", "/b"], "hosts": ["a.b"], "methods": ["GET", "HEAD"], "query": {"a": "b"}}, True),
        ({"paths": ["/*/*"], "headers": {"A": ["*", "?"]}, "query": {"*": r"*\*"}}, False),
        ({"paths": ["/*/*"], "headers": {"A": ["*", "?"]}, "query": {"*": "**"}}, True),
    ],
)
def test_values_and_wildcards_of_a_rule_are_counted_as_elb_counts_them(rule: Item, refused: bool) -> None:
    assert bool(list(rule_problems({"priority": 1, "target_group": "web", **rule}, GROUPS))) is refused
    asked = [as_condition(each) for each in conditions(rule)]
    if refused:
        with pytest.raises(ELBClientError, match="A rule can only have"):
            check_conditions(asked)
    else:
        check_conditions(asked)


@pytest.mark.parametrize(
    ("weights", "refused"),
    [({"a": 0, "b": 999}, False), ({"a": 1000, "b": 1}, True), (dict.fromkeys("abcdef", 1), True)],
)
def test_shares_that_elb_refuses_are_refused(weights: dict[str, int], refused: bool) -> None:
    rule = {"priority": 1, "paths": ["/"], "weights": weights}
    assert bool(list(rule_problems(rule, list("abcdef")))) is refused
    shares = [{"TargetGroupArn": name, "Weight": weight} for name, weight in weights.items()]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}
    if refused:
        with pytest.raises(ELBClientError):
            check_shares([action])
    else:
        check_shares([action])
