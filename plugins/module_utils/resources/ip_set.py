# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of addresses of one version of IP, by which rules of web ACLs know who asks."""

from __future__ import annotations

import ipaddress
from typing import ClassVar

from ..kernel import Attributes, Cloud, Difference
from .waf import WafResource

VERSIONS = (4, 6)
MOST_ADDRESSES = 10_000
"""Ranges in one set."""


def in_normal_form(address: str) -> str:
    """An address or range as one range in CIDR notation: AWS WAF tells those of IPv6 with every digit.

    Raises:
        ValueError: it is none, or has bits set beyond its length.
    """
    return str(ipaddress.ip_network(address))


def of_version(addresses: list[str], version: int) -> list[str]:
    """Those of one version of IP, each once, in their normal form, sorted."""
    networks = {ipaddress.ip_network(each) for each in addresses}
    return sorted(str(each) for each in networks if each.version == version)


class IpSet(WafResource):
    """Wanted: `version` (4 or 6), `addresses` (in their normal form), `tags`. Gives `arn`, `id`."""

    kind = "wafv2_ip_set"
    verb = "ip_set"
    told = "IPSet"
    fixed: ClassVar[frozenset[str]] = frozenset({"version"})
    unordered: ClassVar[frozenset[str]] = frozenset({"addresses"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[IpSet], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            summary = next((each for each in resource.listing.ip_sets() if each["Name"] == resource.name), None)
            told = summary and resource.read(cloud, summary)
            if told:
                actual[resource.name] = {
                    "id": told["Id"],
                    "arn": told["ARN"],
                    "version": int(told["IPAddressVersion"].removeprefix("IPV")),
                    "addresses": [in_normal_form(each) for each in told["Addresses"]],
                    "tags": told["Tags"],
                }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        self.make(cloud, IPAddressVersion=f"IPV{wanted['version']}", Addresses=wanted["addresses"])
        return self.found_again(cloud)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "addresses" in differences:
            self.change(cloud, actual["id"], Addresses=wanted["addresses"])
        self.retag(cloud, actual["arn"], differences)
        return {**actual, **wanted}
