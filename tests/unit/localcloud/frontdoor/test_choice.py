# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a request goes: accelerator dials and weights, listener rules, targets, and the rules that surprise."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from localcloud.frontdoor.answers import SILENCE, Answer, weighted
from localcloud.frontdoor.asked import Asked
from localcloud.frontdoor.choice import Target, Turns, Website, choose, holds, matches
from localcloud.frontdoor.tls import is_for

NAME = "a1.awsglobalaccelerator.com"


def group(region: str, dial: float, healthy: bool = True, weight: int = 128) -> dict[str, Any]:
    return {"region": region, "dial": dial, "endpoints": [{"id": f"lb-{region}", "weight": weight, "healthy": healthy}]}


def table(*groups: dict[str, Any], enabled: bool = True) -> dict[str, Any]:
    """An accelerator over one load balancer for each group, each with one target named after its region."""
    accelerator = {"dns_name": NAME, "enabled": enabled, "listeners": [{"ports": [[80, 80]], "groups": list(groups)}]}
    balancers, targets = {}, {}
    for each in groups:
        region = each["region"]
        forward = {"Type": "forward", "TargetGroupArn": f"tg-{region}"}
        balancers[f"lb-{region}"] = {
            "dns_name": f"lb.{region}.elb.amazonaws.com",
            "region": region,
            "type": "application",
            "listeners": [{"port": 80, "rules": [{"conditions": [], "actions": [forward]}]}],
        }
        state = "healthy" if each["endpoints"][0]["healthy"] else "unhealthy"
        target = {"id": region, "port": 8080, "state": state, "served_by": f"region={region}"}
        targets[f"tg-{region}"] = {"region": region, "type": "ip", "targets": [target]}
    return {"accelerators": [accelerator], "load_balancers": balancers, "target_groups": targets}


def regions(routes: dict[str, Any], count: int = 400) -> Counter[str]:
    turns, chance = Turns(), random.Random(7)
    chosen = [choose(routes, Asked(NAME), turns, chance) for _number in range(count)]
    return Counter(each.id if isinstance(each, Target) else str(each.status) for each in chosen)


def test_dials_share_the_traffic_out() -> None:
    assert regions(table(group("a", 100), group("b", 0))) == {"a": 400}
    shared = regions(table(group("a", 75), group("b", 25)))
    assert 260 < shared["a"] < 340 and shared["a"] + shared["b"] == 400


def test_a_website_is_found_by_the_name_that_its_region_gives_it() -> None:
    def chosen(host: str, **more: Any) -> Any:
        return choose({**table(group("a", 100)), **more}, Asked(host), Turns(), random.Random(1))

    assert chosen("my.site.s3-website-us-east-1.amazonaws.com") == Website("my.site", "us-east-1")
    assert chosen("site.S3-Website.eu-central-1.amazonaws.com") == Website("site", "eu-central-1")
    # Not the only accelerator, which takes names that nobody knows.
    assert chosen("site.s3-website.us-east-1.amazonaws.com").status == 503
    assert chosen("site.s3-website-us-east-1.amazonaws.com", dead_regions=["us-east-1"]) is SILENCE


def test_a_dial_of_zero_is_not_off_when_nobody_else_is_healthy() -> None:
    assert regions(table(group("a", 100, healthy=False), group("b", 0))) == {"b": 400}


def test_with_nobody_healthy_it_fails_open_by_the_dials() -> None:
    assert regions(table(group("a", 100, healthy=False), group("b", 0, healthy=False))) == {"a": 400}
    everybody = regions(table(group("a", 0, healthy=False), group("b", 0, healthy=False)))
    assert set(everybody) == {"a", "b"}


def test_an_endpoint_of_weight_zero_counts_as_no_healthy_one() -> None:
    assert regions(table(group("a", 100, weight=0), group("b", 0))) == {"b": 400}


def test_a_disabled_accelerator_and_an_unknown_port_are_answered_in_words() -> None:
    chance = random.Random(1)
    answer = choose(table(group("a", 100), enabled=False), Asked(NAME), Turns(), chance)
    assert isinstance(answer, Answer) and answer.status == 503 and NAME in answer.body
    answer = choose(table(group("a", 100)), Asked(NAME, port=81), Turns(), chance)
    assert isinstance(answer, Answer) and "port 81" in answer.body


def test_an_unknown_name_means_the_only_accelerator_and_a_balancers_name_that_balancer() -> None:
    routes, chance = table(group("a", 100), group("b", 0)), random.Random(1)
    assert choose(routes, Asked("127.0.0.1"), Turns(), chance).id == "a"  # type: ignore[union-attr]
    assert choose(routes, Asked("LB.b.elb.amazonaws.com"), Turns(), chance).id == "b"  # type: ignore[union-attr]
    routes["accelerators"].append({**routes["accelerators"][0], "dns_name": "a2"})
    answer = choose(routes, Asked("127.0.0.1"), Turns(), chance)
    assert isinstance(answer, Answer) and "Known: " in answer.body


def balancer(rules: list[dict[str, Any]], states: tuple[str, ...] = ("healthy",)) -> dict[str, Any]:
    targets = [{"id": f"t{i}", "port": 80, "state": s, "served_by": ""} for i, s in enumerate(states)]
    return {
        "accelerators": [],
        "load_balancers": {
            "lb": {"dns_name": "lb", "region": "a", "type": "application", "listeners": [{"port": 80, "rules": rules}]}
        },
        "target_groups": {"tg": {"region": "a", "type": "ip", "targets": targets}},
    }


FORWARD = {"conditions": [], "actions": [{"Type": "forward", "TargetGroupArn": "tg"}]}


def ask(routes: dict[str, Any], **asked: Any) -> Target | Answer:
    return choose(routes, Asked("lb", **asked), Turns(), random.Random(3))


def test_the_first_rule_that_holds_decides() -> None:
    like = {
        "conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/mysfits/*/like"]}}],
        "actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "202", "MessageBody": "liked"}}],
    }
    routes = balancer([like, FORWARD])
    answer = ask(routes, path="/mysfits/7/like")
    assert isinstance(answer, Answer) and (answer.status, answer.body) == (202, "liked")
    assert isinstance(ask(routes, path="/mysfits/7"), Target)


def test_a_rule_shares_requests_out_by_its_weights() -> None:
    shares = [{"TargetGroupArn": "tg", "Weight": 90}, {"TargetGroupArn": "other", "Weight": 10}]
    rule = {"conditions": [], "actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}]}
    routes, turns, chance = balancer([rule]), Turns(), random.Random(2)
    target = {"id": "o0", "port": 80, "state": "healthy", "served_by": ""}
    routes["target_groups"]["other"] = {"region": "a", "type": "ip", "targets": [target]}
    chosen = Counter(choose(routes, Asked("lb"), turns, chance).id for _number in range(1000))  # type: ignore[union-attr]
    assert 860 < chosen["t0"] < 940 and chosen["t0"] + chosen["o0"] == 1000


def test_targets_take_turns_and_only_healthy_ones_are_asked() -> None:
    routes, turns, chance = (
        balancer([FORWARD], ("healthy", "unhealthy", "healthy", "draining")),
        Turns(),
        random.Random(1),
    )
    chosen = [choose(routes, Asked("lb"), turns, chance).id for _number in range(4)]  # type: ignore[union-attr]
    assert sorted(chosen) == ["t0", "t0", "t2", "t2"]


def test_without_a_healthy_target_all_but_the_draining_are_asked_and_without_any_it_is_503() -> None:
    routes, turns, chance = balancer([FORWARD], ("unhealthy", "draining", "initial")), Turns(), random.Random(1)
    assert {choose(routes, Asked("lb"), turns, chance).id for _number in range(9)} == {"t0", "t2"}  # type: ignore[union-attr]
    for states in ((), ("draining",)):
        answer = ask(balancer([FORWARD], states))
        assert isinstance(answer, Answer) and answer.status == 503


def test_a_redirect_keeps_what_it_does_not_change() -> None:
    redirect = {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/new/#{path}", "StatusCode": "HTTP_301"}
    routes = balancer([{"conditions": [], "actions": [{"Type": "redirect", "RedirectConfig": redirect}]}])
    answer = ask(routes, path="/old", query="a=1")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.location) == (301, "https://lb:443/new/old?a=1")


@pytest.mark.parametrize(
    ("condition", "asked", "outcome"),
    [
        (
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
            {"host": "API.example.com"},
            True,
        ),
        ({"Field": "path-pattern", "Values": ["/sales"]}, {"path": "/Sales"}, False),
        ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}}, {"method": "POST"}, False),
        (
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Who", "Values": ["an?"]}},
            {"headers": {"x-who": "Ana"}},
            True,
        ),
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}, {"client": "127.0.0.1"}, False),
        (
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "version", "Value": "v*"}]}},
            {"query": "a=b&version=V1"},
            True,
        ),
        (
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": r"\*?"}]}},
            {"query": "a=xy"},
            False,
        ),
        (
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": r"\*?"}]}},
            {"query": "a=*y"},
            True,
        ),
    ],
)
def test_conditions(condition: dict[str, Any], asked: dict[str, Any], outcome: bool) -> None:
    assert holds(condition, Asked(**{"host": "lb", **asked})) is outcome


def test_a_pattern_has_two_wildcards_and_no_more() -> None:
    assert matches("/a[1]/?", "/a[1]/x") and not matches("/a[1]/?", "/a1/x")


def test_weights_of_zero_all_round_are_equal_shares() -> None:
    chance = random.Random(5)
    assert {weighted([("a", 0), ("b", 0)], chance) for _number in range(50)} == {"a", "b"}
    assert {weighted([("a", 0), ("b", 1)], chance) for _number in range(50)} == {"b"}


def encrypted() -> dict[str, Any]:
    """A load balancer with TLS on 443 and a redirect from 80, to which a record leads."""
    routes = table(group("a", 100))
    balancer = routes["load_balancers"]["lb-a"]
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    balancer["listeners"] = [
        {"port": 80, "names": [], "rules": [{"conditions": [], "actions": [redirect]}]},
        {**balancer["listeners"][0], "port": 443, "names": ["*.example.com"]},
    ]
    record = {"target": balancer["dns_name"], "weight": None, "health_check": None}
    return {**routes, "accelerators": [], "records": {"shop.example.com": [record]}}


def test_a_listener_with_a_certificate_speaks_tls_alone() -> None:
    def chosen(host: str, port: int, secure: bool) -> Any:
        return choose(encrypted(), Asked(host, port, secure=secure), Turns(), random.Random(1))

    assert chosen("shop.example.com", 443, True).id == "a"
    assert chosen("shop.example.com", 80, False).location == "https://shop.example.com:443/"
    assert chosen("shop.example.com", 443, False).status == 400
    assert chosen("shop.example.com", 80, True) is SILENCE


def test_a_name_in_a_certificate_stands_for_one_label() -> None:
    asked = ("shop.example.com", "a.shop.example.com", "example.com")
    assert [is_for("*.example.com", host) for host in asked] == [True, False, False]
    assert is_for("Shop.example.com", "shop.example.com")
