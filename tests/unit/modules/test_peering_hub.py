# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks that are joined through a hub whose region dies: nothing of it is asked, and nothing is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ConnectTimeoutError
from moto import mock_aws

from tests.support.aws_clients import one_session as one_session
from tests.support.modules import told

Run = Callable[..., dict[str, Any]]
WEST, HUB, OTHER = "eu-west-1", "us-east-1", "sa-east-1"
NETWORKS = [
    {"region": OTHER, "cidr": "10.10.0.0/16"},
    {"region": HUB, "cidr": "10.20.0.0/16"},
    {"region": WEST, "cidr": "10.30.0.0/16"},
]
PEERED: dict[str, Any] = {"region": OTHER, "networks": NETWORKS, "hub": HUB}


@pytest.fixture
def joined(run_module: Run) -> Iterator[None]:
    with mock_aws():
        for network in NETWORKS:
            run_module("region_network", **network, zones=["a", "b"], nat="none", gateway_endpoints=[])
        run_module("network_peering", **PEERED)
        yield


@pytest.fixture
def dead(joined: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The regions that do not answer: the hub, until it is taken out."""
    silent, ask = {HUB}, BaseClient._make_api_call

    def perhaps(self: Any, operation: str, arguments: Any) -> Any:
        if self.meta.region_name in silent:
            raise ConnectTimeoutError(endpoint_url=f"https://ec2.{self.meta.region_name}.amazonaws.com")
        return ask(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", perhaps)
    yield silent


def peerings() -> set[frozenset[str]]:
    found = set()
    for network in NETWORKS:
        client = boto3.client("ec2", network["region"])
        for each in client.describe_vpc_peering_connections()["VpcPeeringConnections"]:
            if each["Status"]["Code"] == "active":
                found.add(frozenset((each["RequesterVpcInfo"]["Region"], each["AccepterVpcInfo"]["Region"])))
    return found


def test_while_the_hub_is_dead_its_peerings_stay_and_nobody_gets_others(dead: set[str], run_module: Run) -> None:
    for check_mode in (True, False):
        without = run_module("network_peering", check_mode=check_mode, **PEERED, dead=[HUB])
        assert (without["changes"], without["peerings"]) == ([], {})
        assert without["parted"] == [f"{WEST} {OTHER}"]
    dead.clear()
    assert peerings() == {frozenset((HUB, OTHER)), frozenset((HUB, WEST))}
    assert run_module("network_peering", **PEERED)["changes"] == []


def test_another_hub_is_chosen_while_the_first_is_dead_and_the_rest_follows_when_it_is_back(
    dead: set[str], run_module: Run
) -> None:
    elsewhere = {**PEERED, "hub": WEST}
    made = run_module("network_peering", **elsewhere, dead=[HUB])
    assert ("create", "ec2_vpc_peering", f"{WEST} {OTHER}") in told(made)
    assert {kind for _action, kind, _name in told(made)} == {
        "ec2_vpc_peering",
        "ec2_vpc_peering_options",
        "ec2_vpc_peering_routes",
    }
    assert {action for action, _kind, _name in told(made)} == {"create"}
    assert run_module("network_peering", **elsewhere, dead=[HUB])["changes"] == []
    dead.clear()
    assert len(peerings()) == 3
    mended = run_module("network_peering", **elsewhere)
    assert ("delete", "ec2_vpc_peering", f"{OTHER} {HUB}") in told(mended)
    assert peerings() == {frozenset((HUB, WEST)), frozenset((OTHER, WEST))}
    assert run_module("network_peering", **elsewhere)["changes"] == []


def test_a_region_that_joins_while_the_hub_is_dead_is_connected_when_it_is_back(
    dead: set[str], run_module: Run
) -> None:
    late = {"region": "eu-central-1", "cidr": "10.40.0.0/16"}
    run_module("region_network", **late, zones=["a", "b"], nat="none", gateway_endpoints=[])
    more = {**PEERED, "networks": [*NETWORKS, late]}
    assert run_module("network_peering", **more, dead=[HUB])["changes"] == []
    dead.clear()
    made = run_module("network_peering", **more)
    assert ("create", "ec2_vpc_peering", f"eu-central-1 {HUB}") in told(made)
