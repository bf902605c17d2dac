# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic dials belong to whoever fails over, and what nobody decided about an endpoint stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.resources.accelerator import AcceleratorListing
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.endpoint_group import EndpointGroup

ACCELERATOR = "arn:aws:globalaccelerator::123456789012:accelerator/1"
GROUP = f"{ACCELERATOR}/listener/2/endpoint-group/3"


class RecordingCloud:
    """Answers nothing and remembers what it was asked to do. Does not wait."""

    wait = False

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def client(self, service: str, region: str) -> Any:
        assert (service, region) == ("globalaccelerator", "us-west-2")
        return self

    def update_endpoint_group(self, **arguments: Any) -> None:
        self.asked.append(("update_endpoint_group", arguments))


def group(cloud: RecordingCloud, *, keep_dial: bool, **wanted: Any) -> EndpointGroup:
    return EndpointGroup(
        "sales/1/sa-east-1",
        listing=AcceleratorListing(cloud, "sales", "sales"),
        identifier=GROUP,
        keep_dial=keep_dial,
        **{
            "listener": f"{ACCELERATOR}/listener/2",
            "endpoint_region": "sa-east-1",
            "dial": 100,
            "health_check": {},
            "endpoints": [{"id": "arn:alb", "weight": 128}],
            **wanted,
        },
    )


@pytest.fixture
def actual() -> dict[str, Any]:
    """After a failover: the dial is down, and AWS has filled in the rest."""
    return {
        "arn": GROUP,
        "listener": f"{ACCELERATOR}/listener/2",
        "endpoint_region": "sa-east-1",
        "dial": 0,
        "health_check": {"protocol": "TCP", "port": 80, "path": None, "interval": 30, "threshold": 3},
        "endpoints": [{"id": "arn:alb", "weight": 128, "client_ip_preservation": True}],
    }


def test_a_dial_that_a_failover_moved_is_no_difference(actual: dict[str, Any]) -> None:
    resource = group(RecordingCloud(), keep_dial=True)
    assert resource.differences(actual, resource.wanted) == {}


def test_a_dial_is_moved_back_when_told_to(actual: dict[str, Any]) -> None:
    resource = group(RecordingCloud(), keep_dial=False)
    assert resource.differences(actual, resource.wanted) == {"dial": (0, 100)}


def test_changing_a_weight_moves_no_dial_and_no_address_preservation(actual: dict[str, Any]) -> None:
    cloud = RecordingCloud()
    resource = group(cloud, keep_dial=True, endpoints=[{"id": "arn:alb", "weight": 7}])
    differences = resource.differences(actual, resource.wanted)
    after = resource.update(cloud, actual, resource.wanted, differences)
    assert cloud.asked == [
        (
            "update_endpoint_group",
            {
                "EndpointGroupArn": GROUP,
                "EndpointConfigurations": [{"EndpointId": "arn:alb", "Weight": 7, "ClientIPPreservationEnabled": True}],
            },
        )
    ]
    assert after["dial"] == 0


def test_only_what_is_named_of_the_health_check_is_compared(actual: dict[str, Any]) -> None:
    same = group(RecordingCloud(), keep_dial=True, health_check={"interval": 30})
    other = group(RecordingCloud(), keep_dial=True, health_check={"interval": 10})
    assert same.differences(actual, same.wanted) == {}
    assert other.differences(actual, other.wanted) == {"health_check": ({"interval": 30}, {"interval": 10})}
