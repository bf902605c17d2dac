# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listeners that speak TLS in an inventory: what is wrong with them is found before any layer is built."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from ansible_collections.multiregion.ecs.plugins.module_utils.services.listener_domains import (
    listener_domains,
    with_certificates,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wanted_names import wanted_names
from tests.support.modules import checked

REGIONS = ["sa-east-1", "us-east-1"]
ELSEWHERE = "arn:aws:acm:sa-east-1:123456789012:certificate/1"
REDIRECT = {"port": 80, "default": {"redirect": {"protocol": "HTTPS", "port": 443}}}
ENCRYPTED = {"port": 443, "domain": "Shop.example.com", "default": {"fixed_response": {"status_code": 404}}}


def balancer(**listener: Any) -> dict[str, Any]:
    given = {key: value for key, value in {**ENCRYPTED, **listener}.items() if value is not None}
    return {"name": "sales", "security_groups": ["edge"], "listeners": [REDIRECT, given]}


def findings(*balancers: dict[str, Any]) -> list[str]:
    regions = [
        {"name": REGIONS[0], "role": "primary", "state": "ACTIVE", "cidr": "10.1.0.0/16"},
        {"name": REGIONS[1], "role": "recovery", "state": "PASSIVE", "cidr": "10.2.0.0/16"},
    ]
    known = {"security_groups": [{"name": "edge"}], "load_balancers": list(balancers)}
    return problems(checked(MODULE, workload="sales", regions=regions, **known))


def test_each_listener_gets_the_certificate_of_its_region_and_needs_no_other_words() -> None:
    front = {"name": "front", "type": "network", "listeners": [{**ENCRYPTED, "zone": "Z1"}]}
    balancers = [balancer(), front, {"name": "bare"}]
    assert findings(balancer()) == []
    assert listener_domains(balancers) == [{"name": "shop.example.com", "zone": "Z1"}]
    made = with_certificates(balancers, {"shop.example.com": "arn"})
    told = [[each.get(key) for key in ("port", "protocol", "certificate", "domain", "zone")]
            for balancer in made for each in balancer.get("listeners", [])]  # fmt: skip
    assert told == [
        [80, None, None, None, None],
        [443, "HTTPS", "arn", None, None],
        [443, "TLS", "arn", None, None],
    ]
    variables = {"workload": "sales", "inventory_hostname": REGIONS[0], "edge_load_balancers": balancers}
    assert wanted_names(variables)["acm_certificate"] == ["shop.example.com"]
    api = {"edge_api": "http", "edge_api_domain": "api.example.com"}
    assert wanted_names({**variables, **api})["acm_certificate"] == ["api.example.com", "shop.example.com"]


@pytest.mark.parametrize(
    ("listener", "expected"),
    [
        (
            {"domain": None, "certificate": ELSEWHERE, "protocol": "HTTPS"},
            "in sa-east-1; a certificate works in its own",
        ),
        ({"domain": "shop"}, "listeners[443].domain is 'shop'; a full name such as"),
        ({"certificate": ELSEWHERE}, "listeners[443] has domain and certificate; leave one out"),
        ({"protocol": "HTTP"}, "has domain and protocol HTTP; a domain is served with HTTPS."),
        ({"domain": None, "protocol": "HTTPS"}, "has protocol HTTPS and no certificate; give it a domain"),
        ({"domain": None, "zone": "Z1"}, "has zone 'Z1' and no domain"),
        ({"ssl_policy": "TLS13"}, "listeners[443].ssl_policy is 'TLS13'; names such as ELBSecurityPolicy-"),
        ({"dmain": "x"}, "unknown word"),
    ],
)
def test_each_mistake_is_found_and_named(listener: dict[str, Any], expected: str) -> None:
    found = findings(balancer(**listener))
    assert any(expected in text for text in found), found


def test_a_domain_has_one_zone() -> None:
    other = {**balancer(zone="Z2"), "name": "other"}
    found = findings(balancer(zone="Z1"), other)
    assert any(
        "[other].listeners[443] has zone 'Z2' for shop.example.com, and load_balancers[sales]" in t for t in found
    )
