# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VPC: the private address space that the network of a region lives in."""

from __future__ import annotations

from ipaddress import IPv6Network
from typing import Any, ClassVar

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference
from ..kernel.retrying import let_go, make_once
from .network_listing import NetworkListing, NetworkResource, tag_specification
from .network_users import standing_in

ATTRIBUTES = {"dns_support": "EnableDnsSupport", "dns_hostnames": "EnableDnsHostnames"}


class Vpc(NetworkResource):
    """Wanted: `cidr`, `dns_support`, `dns_hostnames`, `ipv6` (whether it has a range of Amazon's), `tags`. Gives `id`
    and `ipv6_cidr`.
    """

    kind = "ec2_vpc"
    id_key = "VpcId"
    fixed: ClassVar[frozenset[str]] = frozenset({"cidr"})

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        """Refuse to take its IPv6 range away.

        Raises:
            CollectionError: what stands in its subnets would lose its addresses, one part after the other.
        """
        if actual["ipv6"] and not wanted.get("ipv6", True):
            raise CollectionError(
                f"ipv6 is false, and the VPC {actual['id']} in {self.region} has the range {actual['ipv6_cidr']}, "
                "which is not taken from what uses it. Leave ipv6 true."
            )
        return super().differences(actual, wanted)

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        vpc = listing.vpc()
        return [vpc] if vpc else []

    def recognise(self, item: dict[str, Any]) -> bool:
        return True  # the tags that it is listed by tell it; there is only one

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        return {
            "id": item["VpcId"],
            "cidr": item["CidrBlock"],
            **listing.vpc_attributes(),
            "ipv6": _ipv6_cidr(item) is not None,
            "ipv6_cidr": _ipv6_cidr(item),
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        vpc = make_once(
            lambda: client.create_vpc(
                CidrBlock=wanted["cidr"], TagSpecifications=tag_specification("vpc", wanted["tags"])
            )["Vpc"],
            lambda: self.listing.again().vpc(),
        )
        identifier = vpc["VpcId"]
        if vpc["State"] != "available":
            cloud.wait_until(
                f"VPC {self.name} ({identifier}) to be available",
                lambda: self.ec2(cloud).describe_vpcs(VpcIds=[identifier])["Vpcs"][0]["State"] == "available",
            )
        self._set_attributes(cloud, identifier, wanted, ("dns_support", "dns_hostnames"))
        block = self._associate(cloud, identifier) if wanted["ipv6"] else None
        return {**wanted, "id": identifier, "ipv6_cidr": block}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self._set_attributes(cloud, actual["id"], wanted, [key for key in ATTRIBUTES if key in differences])
        self.retag(cloud, actual["id"], differences)
        block = {"ipv6_cidr": self._associate(cloud, actual["id"])} if "ipv6" in differences else {}
        return {**actual, **wanted, **block}

    def _associate(self, cloud: Cloud, identifier: str) -> str:
        """Have Amazon give the VPC a /56, if it has none yet, and tell it."""

        def block() -> str | None:
            return _ipv6_cidr(self.ec2(cloud).describe_vpcs(VpcIds=[identifier])["Vpcs"][0])

        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        if block() is None:
            make_once(
                lambda: client.associate_vpc_cidr_block(VpcId=identifier, AmazonProvidedIpv6CidrBlock=True), block
            )
        told: str = cloud.wait_until(f"VPC {self.name} ({identifier}) to have its IPv6 range", block)
        return told

    def _set_attributes(self, cloud: Cloud, identifier: str, wanted: Attributes, which: Any) -> None:
        # One attribute in each call, and host names only with DNS support on (ModifyVpcAttribute).
        for key in which:
            self.ec2(cloud).modify_vpc_attribute(VpcId=identifier, **{ATTRIBUTES[key]: {"Value": wanted[key]}})

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        let_go(
            cloud,
            f"VPC {actual['id']}",
            lambda: self.ec2(cloud).delete_vpc(VpcId=actual["id"]),
            users=lambda: standing_in(cloud, self.region, actual["id"]),
        )


def _ipv6_cidr(vpc: dict[str, Any]) -> str | None:
    """The IPv6 range of a VPC, once it is there."""
    for each in vpc.get("Ipv6CidrBlockAssociationSet") or []:
        if each["Ipv6CidrBlockState"]["State"] == "associated":
            return str(IPv6Network(each["Ipv6CidrBlock"]))
    return None
