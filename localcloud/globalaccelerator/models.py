# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accelerators, their listeners and endpoint groups.

There is one backend for all regions: the service is global and its API answers in us-west-2 only. A change is accepted
at once and settles later: the accelerator is IN_PROGRESS for a moment, then DEPLOYED.
"""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.moto_api._internal import mock_random

from localcloud.globalaccelerator.accelerator import Accelerator, Endpoint, EndpointGroup, Listener
from localcloud.globalaccelerator.errors import refusal
from localcloud.globalaccelerator.interfaces import keep_interfaces
from localcloud.globalaccelerator.rules import check_accelerator_name, check_endpoints, check_port_ranges

HOME_REGION = "us-west-2"
"""The only region whose endpoint exists."""

HEALTH_CHECK = (
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "ThresholdCount",
)
"""What an endpoint group says about its health check."""

LISTENERS_PER_ACCELERATOR = 10


class GlobalAcceleratorBackend(BaseBackend):
    """Every accelerator of an account."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.accelerators: dict[str, Accelerator] = {}
        # (operation, token) → what the first call with it made: a repeated create is the same create.
        self.tokens: dict[tuple[str, str], str] = {}

    # Finding

    def accelerator(self, arn: str) -> Accelerator:
        if arn not in self.accelerators:
            raise refusal("AcceleratorNotFound", f"The accelerator {arn} does not exist")
        return self.accelerators[arn]

    def listener(self, arn: str) -> tuple[Accelerator, Listener]:
        for accelerator in self.accelerators.values():
            if arn in accelerator.listeners:
                return accelerator, accelerator.listeners[arn]
        raise refusal("ListenerNotFound", f"The listener {arn} does not exist")

    def endpoint_group(self, arn: str) -> tuple[Accelerator, Listener, EndpointGroup]:
        for accelerator in self.accelerators.values():
            for listener in accelerator.listeners.values():
                if arn in listener.groups:
                    return accelerator, listener, listener.groups[arn]
        raise refusal("EndpointGroupNotFound", f"The endpoint group {arn} does not exist")

    # Accelerators

    def create_accelerator(self, name: str, token: str, **given: Any) -> Accelerator:
        known = self.tokens.get(("accelerator", token))
        if known in self.accelerators:
            return self.accelerators[known]
        check_accelerator_name(name)
        identifier = str(uuid.uuid4())
        accelerator = Accelerator(
            arn=f"arn:aws:globalaccelerator::{self.account_id}:accelerator/{identifier}",
            name=name,
            dns_name=f"a{mock_random.get_random_hex(16)}.awsglobalaccelerator.com",
            addresses=given.get("IpAddresses") or [_anycast_address(), _anycast_address()],
            enabled=given.get("Enabled", True),
            ip_address_type=given.get("IpAddressType", "IPV4"),
            tags={tag["Key"]: tag["Value"] for tag in given.get("Tags") or []},
        )
        accelerator.touch()
        self.accelerators[accelerator.arn] = accelerator
        self.tokens["accelerator", token] = accelerator.arn
        return accelerator

    def update_accelerator(self, arn: str, **given: Any) -> Accelerator:
        accelerator = self.accelerator(arn)
        if "Name" in given:
            check_accelerator_name(given["Name"])
            accelerator.name = given["Name"]
        accelerator.enabled = given.get("Enabled", accelerator.enabled)
        accelerator.ip_address_type = given.get("IpAddressType", accelerator.ip_address_type)
        accelerator.touch()
        return accelerator

    def delete_accelerator(self, arn: str) -> None:
        accelerator = self.accelerator(arn)
        if accelerator.enabled or accelerator.status != "DEPLOYED":
            raise refusal(
                "AcceleratorNotDisabled",
                f"The accelerator {accelerator.name} must be disabled, and that change deployed, before deletion",
            )
        if accelerator.listeners:
            raise refusal("AssociatedListenerFound", f"The accelerator {accelerator.name} still has listeners")
        del self.accelerators[arn]

    def update_attributes(self, arn: str, **given: Any) -> Accelerator:
        accelerator = self.accelerator(arn)
        accelerator.attributes.update(given)
        if accelerator.attributes["FlowLogsEnabled"] and not accelerator.attributes.get("FlowLogsS3Bucket"):
            raise refusal("InvalidArgument", "FlowLogsS3Bucket is required when flow logs are enabled")
        accelerator.touch()
        return accelerator

    # Listeners

    def create_listener(self, accelerator_arn: str, token: str, **given: Any) -> Listener:
        accelerator = self.accelerator(accelerator_arn)
        known = self.tokens.get(("listener", token))
        if known in accelerator.listeners:
            return accelerator.listeners[known]
        if len(accelerator.listeners) >= LISTENERS_PER_ACCELERATOR:
            raise refusal("LimitExceeded", f"An accelerator has at most {LISTENERS_PER_ACCELERATOR} listeners")
        check_port_ranges(given["PortRanges"], given["Protocol"], accelerator.listeners.values())
        listener = Listener(
            arn=f"{accelerator.arn}/listener/{mock_random.get_random_hex(8)}",
            port_ranges=given["PortRanges"],
            protocol=given["Protocol"],
            client_affinity=given.get("ClientAffinity", "NONE"),
        )
        accelerator.listeners[listener.arn] = listener
        accelerator.touch()
        self.tokens["listener", token] = listener.arn
        return listener

    def update_listener(self, arn: str, **given: Any) -> Listener:
        accelerator, listener = self.listener(arn)
        ranges, protocol = given.get("PortRanges", listener.port_ranges), given.get("Protocol", listener.protocol)
        others = [other for other in accelerator.listeners.values() if other is not listener]
        check_port_ranges(ranges, protocol, others)
        listener.port_ranges, listener.protocol = ranges, protocol
        listener.client_affinity = given.get("ClientAffinity", listener.client_affinity)
        accelerator.touch()
        return listener

    def delete_listener(self, arn: str) -> None:
        accelerator, listener = self.listener(arn)
        if listener.groups or listener.groups_are_going:
            raise refusal("AssociatedEndpointGroupFound", f"The listener {arn} still has endpoint groups")
        del accelerator.listeners[arn]
        accelerator.touch()

    # Endpoint groups

    def create_endpoint_group(self, listener_arn: str, token: str, region: str, **given: Any) -> EndpointGroup:
        accelerator, listener = self.listener(listener_arn)
        known = self.tokens.get(("endpoint group", token))
        if known in listener.groups:
            return listener.groups[known]
        if any(group.region == region for group in listener.groups.values()):
            raise refusal("EndpointGroupAlreadyExists", f"The listener already has an endpoint group in {region}")
        group = EndpointGroup(arn=f"{listener.arn}/endpoint-group/{mock_random.get_random_hex(12)}", region=region)
        group.health_check = {
            "HealthCheckPort": listener.port_ranges[0]["FromPort"],
            "HealthCheckProtocol": "TCP",
            "HealthCheckIntervalSeconds": 30,
            "ThresholdCount": 3,
        }
        self._apply(group, given)
        listener.groups[group.arn] = group
        self._changed(accelerator)
        self.tokens["endpoint group", token] = group.arn
        return group

    def update_endpoint_group(self, arn: str, **given: Any) -> EndpointGroup:
        accelerator, _, group = self.endpoint_group(arn)
        self._apply(group, given)
        self._changed(accelerator)
        return group

    def delete_endpoint_group(self, arn: str) -> None:
        accelerator, listener, _ = self.endpoint_group(arn)
        del listener.groups[arn]
        listener.let_groups_go()
        self._changed(accelerator)

    def add_endpoints(self, arn: str, configurations: list[dict[str, Any]]) -> EndpointGroup:
        accelerator, _, group = self.endpoint_group(arn)
        added = [Endpoint.make(given) for given in configurations]
        new = {endpoint.endpoint_id for endpoint in added}
        kept = [endpoint for endpoint in group.endpoints if endpoint.endpoint_id not in new]
        group.endpoints = check_endpoints(kept + added, group.region)
        self._changed(accelerator)
        return group

    def remove_endpoints(self, arn: str, identifiers: list[str]) -> None:
        accelerator, _, group = self.endpoint_group(arn)
        missing = set(identifiers) - {endpoint.endpoint_id for endpoint in group.endpoints}
        if missing:
            raise refusal("InvalidArgument", f"Not endpoints of {arn}: {', '.join(sorted(missing))}")
        group.endpoints = [endpoint for endpoint in group.endpoints if endpoint.endpoint_id not in identifiers]
        self._changed(accelerator)

    def _changed(self, accelerator: Accelerator) -> None:
        accelerator.touch()
        keep_interfaces(self.account_id, self.accelerators.values())

    @staticmethod
    def _apply(group: EndpointGroup, given: dict[str, Any]) -> None:
        if "EndpointConfigurations" in given:
            endpoints = [Endpoint.make(configuration) for configuration in given["EndpointConfigurations"]]
            group.endpoints = check_endpoints(endpoints, group.region)
        group.dial = float(given.get("TrafficDialPercentage", group.dial))
        group.port_overrides = given.get("PortOverrides", group.port_overrides)
        group.health_check.update({name: given[name] for name in HEALTH_CHECK if name in given})
        if group.health_check["HealthCheckProtocol"] != "TCP":
            group.health_check.setdefault("HealthCheckPath", "/")

    # Tags

    def tags_of(self, arn: str) -> dict[str, str]:
        if arn in self.accelerators:
            return self.accelerators[arn].tags
        if "/endpoint-group/" in arn:
            self.endpoint_group(arn)
        elif "/listener/" in arn:
            self.listener(arn)
        else:
            self.accelerator(arn)
        return {}  # only accelerators have tags


def _anycast_address() -> str:
    return f"75.2.{mock_random.randint(1, 254)}.{mock_random.randint(1, 254)}"


globalaccelerator_backends = BackendDict(
    GlobalAcceleratorBackend, "globalaccelerator", use_boto3_regions=False, additional_regions=["aws"]
)
