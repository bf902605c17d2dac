# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS tells and what is wanted, in one normal form: there and back again without a difference."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.resources.accelerator_listener import (
    as_port_range,
    pair,
    read_ports,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.listener_action import (
    as_actions,
    fixed_response,
    forward,
    read_action,
    redirect,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.listener_rule import (
    as_condition,
    condition,
    read_condition,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.route_table import default_route
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.security_group import (
    as_permission,
    read_rules,
    rule_key,
)

PORTS = st.integers(0, 65535)
SOURCES = st.sampled_from(["10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "sg-1", "sg-2", "pl-1"])


@st.composite
def security_rules(draw: st.DrawFn) -> dict[str, Any]:
    protocol = draw(st.sampled_from(["tcp", "udp", "all"]))
    first, last = sorted((draw(PORTS), draw(PORTS)))
    return {
        "protocol": protocol,
        "from_port": None if protocol == "all" else first,
        "to_port": None if protocol == "all" else last,
        "source": draw(SOURCES),
        "description": draw(st.sampled_from(["", "why"])),
    }


@given(st.lists(security_rules(), unique_by=rule_key))
def test_security_rules_come_back_as_they_went(rules: list[dict[str, Any]]) -> None:
    assert read_rules([as_permission(rule) for rule in rules]) == sorted(rules, key=repr)


def test_rules_that_aws_groups_are_told_apart() -> None:
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 80,
        "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "us"}, {"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [],
        "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "123456789012"}],
        "PrefixListIds": [],
    }
    assert [(rule["source"], rule["description"]) for rule in read_rules([permission])] == [
        ("0.0.0.0/0", ""),
        ("10.0.0.0/8", "us"),
        ("sg-1", ""),
    ]


@pytest.mark.parametrize(
    "action",
    [
        forward("arn:one"),
        {"forward": [{"target_group": "arn:one", "weight": 10}, {"target_group": "arn:two", "weight": 90}]},
        fixed_response(404, "application/json", '{"error": "no such route"}'),
        fixed_response(503),
        redirect(301, protocol="HTTPS", port=443),
        redirect(302, path="/new"),
    ],
)
def test_actions_come_back_as_they_went(action: dict[str, Any]) -> None:
    assert read_action(as_actions(action)) == action


def test_what_aws_adds_to_an_action_makes_no_difference() -> None:
    told = {
        "Type": "forward",
        "TargetGroupArn": "arn:one",
        "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": "arn:one", "Weight": 1}],
            "TargetGroupStickinessConfig": {"Enabled": False},
        },
    }
    assert read_action([told]) == forward("arn:one")


def test_an_action_that_nobody_could_ask_for_is_kept_and_differs() -> None:
    told = [{"Type": "authenticate-oidc", "Order": 1}, {"Type": "forward", "TargetGroupArn": "arn:one", "Order": 2}]
    assert read_action(told) == {"other": told}
    nowhere = [{"Type": "forward", "Order": 1}]
    assert read_action(nowhere) == {"other": nowhere}


@pytest.mark.parametrize(
    "wanted",
    [
        condition("path-pattern", ["/sales/*", "/sales"]),
        condition("host-header", ["example.org"]),
        condition("http-request-method", ["POST", "GET"]),
        condition("source-ip", ["10.0.0.0/8"]),
        condition("http-header", ["2", "3"], "X-Version"),
    ],
)
def test_conditions_come_back_as_they_went(wanted: dict[str, Any]) -> None:
    assert read_condition(as_condition(wanted)) == wanted
    assert wanted["values"] == sorted(wanted["values"])


def test_a_path_told_in_the_old_form_is_read_too() -> None:
    assert read_condition({"Field": "path-pattern", "Values": ["/b", "/a"]}) == condition("path-pattern", ["/a", "/b"])


@pytest.mark.parametrize(
    ("routes", "target"),
    [
        ([], None),
        ([{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}], None),
        ([{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}], "igw-1"),
        ([{"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "blackhole"}], "nat-1"),
        ([{"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1"}], "tgw-1"),
        ([{"DestinationCidrBlock": "0.0.0.0/0", "State": "blackhole"}], "nothing"),
    ],
)
def test_the_default_route_is_found_whatever_it_leads_to(routes: list[dict[str, Any]], target: str | None) -> None:
    assert default_route(routes) == target


@pytest.mark.parametrize("ports", ["80", "8000-8010"])
def test_ports_come_back_as_they_went(ports: str) -> None:
    assert read_ports([as_port_range(ports)]) == [ports]


def listener(arn: str, *ports: str, protocol: str = "TCP") -> dict[str, Any]:
    return {"ListenerArn": arn, "Protocol": protocol, "PortRanges": [as_port_range(each) for each in ports]}


def wanted_listener(*ports: str, protocol: str = "TCP") -> dict[str, Any]:
    return {"ports": list(ports), "protocol": protocol}


def test_a_listener_with_the_same_ports_is_the_same_one() -> None:
    actual = [listener("a", "80"), listener("b", "443", "8443")]
    assert pair([wanted_listener("8443", "443"), wanted_listener("80")], actual) == ["b", "a"]


def test_the_only_listener_changes_its_ports_instead_of_being_made_again() -> None:
    assert pair([wanted_listener("80", "443")], [listener("a", "80")]) == ["a"]


def test_new_listeners_are_paired_with_nothing() -> None:
    assert pair([wanted_listener("80"), wanted_listener("53", protocol="UDP")], [listener("a", "80")]) == ["a", None]
    assert pair([wanted_listener("80")], []) == [None]
