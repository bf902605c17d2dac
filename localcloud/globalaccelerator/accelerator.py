# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An accelerator and its parts: listeners, endpoint groups, endpoints, and how the API describes them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localcloud.globalaccelerator.health import endpoint_health
from localcloud.world import WORLD


@dataclass
class Endpoint:
    """A load balancer behind an endpoint group."""

    endpoint_id: str
    weight: int = 128
    client_ip_preservation: bool = True

    @classmethod
    def make(cls, given: dict[str, Any]) -> Endpoint:
        """From an EndpointConfiguration."""
        return cls(given["EndpointId"], given.get("Weight", 128), given.get("ClientIPPreservationEnabled", True))

    def describe(self) -> dict[str, Any]:
        state, reason = endpoint_health(self.endpoint_id)
        described = {
            "EndpointId": self.endpoint_id,
            "Weight": self.weight,
            "HealthState": state,
            "ClientIPPreservationEnabled": self.client_ip_preservation,
        }
        return described | ({"HealthReason": reason} if reason else {})


@dataclass
class EndpointGroup:
    """A region's share of a listener."""

    arn: str
    region: str
    endpoints: list[Endpoint] = field(default_factory=list)
    dial: float = 100.0
    health_check: dict[str, Any] = field(default_factory=dict)
    port_overrides: list[dict[str, int]] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        return {
            "EndpointGroupArn": self.arn,
            "EndpointGroupRegion": self.region,
            "EndpointDescriptions": [endpoint.describe() for endpoint in self.endpoints],
            "TrafficDialPercentage": self.dial,
            **self.health_check,
            "PortOverrides": self.port_overrides,
        }


@dataclass
class Listener:
    """Ports of an accelerator."""

    arn: str
    port_ranges: list[dict[str, int]]
    protocol: str
    client_affinity: str = "NONE"
    groups: dict[str, EndpointGroup] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        return {
            "ListenerArn": self.arn,
            "PortRanges": self.port_ranges,
            "Protocol": self.protocol,
            "ClientAffinity": self.client_affinity,
        }


@dataclass
class Accelerator:
    """A public name with two addresses, and where it leads."""

    arn: str
    name: str
    dns_name: str
    addresses: list[str]
    enabled: bool = True
    ip_address_type: str = "IPV4"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    settles_at: float = 0.0
    tags: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=lambda: {"FlowLogsEnabled": False})
    listeners: dict[str, Listener] = field(default_factory=dict)

    @property
    def status(self) -> str:
        return "DEPLOYED" if time.monotonic() >= self.settles_at else "IN_PROGRESS"

    def touch(self) -> None:
        """Note a change: the accelerator takes a moment to be deployed again."""
        self.modified = datetime.now(UTC)
        self.settles_at = time.monotonic() + WORLD.options.delayed(WORLD.options.accelerator_delay)

    def describe(self) -> dict[str, Any]:
        return {
            "AcceleratorArn": self.arn,
            "Name": self.name,
            "IpAddressType": self.ip_address_type,
            "Enabled": self.enabled,
            "IpSets": [{"IpFamily": "IPv4", "IpAddressFamily": "IPv4", "IpAddresses": self.addresses}],
            "DnsName": self.dns_name,
            "Status": self.status,
            "CreatedTime": self.created,
            "LastModifiedTime": self.modified,
        }
