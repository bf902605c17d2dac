# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A subnet: a range of the VPC in one Availability Zone."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list
from ..aws.subnetting import as_part, part_of
from ..kernel import Attributes, Cloud, Difference
from ..kernel.retrying import let_go, make_once
from .network_listing import NetworkListing, NetworkResource, tag_specification
from .network_users import interfaces


class Subnet(NetworkResource):
    """Wanted: `vpc` (id), `cidr`, `zone` (whole name), `public_ip_on_launch`, `tags`, and maybe `ipv6`, the /64 of its
    VPC's range that it has: `{of, number}`. Gives `id`.

    It is recognised by its range, of which a VPC has only one.
    """

    kind = "ec2_subnet"
    id_key = "SubnetId"
    fixed: ClassVar[frozenset[str]] = frozenset({"zone"})

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.subnets()

    def recognise(self, item: dict[str, Any]) -> bool:
        return item["CidrBlock"] == self.wanted["cidr"]

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        return {
            "id": item["SubnetId"],
            "vpc": item["VpcId"],
            "cidr": item["CidrBlock"],
            "zone": item["AvailabilityZone"],
            "public_ip_on_launch": item["MapPublicIpOnLaunch"],
            "ipv6": next((as_part(each["Ipv6CidrBlock"]) for each in _associations(item)), None),
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        mine = [{"Name": "vpc-id", "Values": [wanted["vpc"]]}, {"Name": "cidr-block", "Values": [wanted["cidr"]]}]
        subnet = make_once(
            lambda: client.create_subnet(
                VpcId=wanted["vpc"],
                CidrBlock=wanted["cidr"],
                AvailabilityZone=wanted["zone"],
                TagSpecifications=tag_specification("subnet", wanted["tags"]),
            )["Subnet"],
            lambda: next(iter(client.describe_subnets(Filters=mine)["Subnets"]), None),
        )
        identifier = subnet["SubnetId"]
        if subnet["State"] != "available":
            cloud.wait_until(
                f"subnet {self.name} ({identifier}) to be available",
                lambda: self.ec2(cloud).describe_subnets(SubnetIds=[identifier])["Subnets"][0]["State"] == "available",
            )
        if wanted["public_ip_on_launch"]:
            self._set_public_ip(cloud, identifier, True)
        if wanted.get("ipv6"):
            self._set_ipv6(cloud, identifier, wanted["ipv6"])
        return {**wanted, "id": identifier}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "public_ip_on_launch" in differences:
            self._set_public_ip(cloud, actual["id"], wanted["public_ip_on_launch"])
        if "ipv6" in differences:
            self._set_ipv6(cloud, actual["id"], wanted["ipv6"])
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def _set_ipv6(self, cloud: Cloud, identifier: str, part: dict[str, Any]) -> None:
        """Give it this /64, in place of another one."""
        client, once = self.ec2(cloud), cloud.client("ec2", self.region, retries={"max_attempts": 0})

        def there() -> list[dict[str, Any]]:
            return _associations(client.describe_subnets(SubnetIds=[identifier])["Subnets"][0])

        def has_it() -> bool:
            return part in [as_part(each["Ipv6CidrBlock"]) for each in there()]

        for each in there():
            if as_part(each["Ipv6CidrBlock"]) != part:
                client.disassociate_subnet_cidr_block(AssociationId=each["AssociationId"])
        block = part_of(part["of"], part["number"])
        if not has_it():
            # Twice the same is refused.
            make_once(lambda: once.associate_subnet_cidr_block(SubnetId=identifier, Ipv6CidrBlock=block), has_it)

    def _set_public_ip(self, cloud: Cloud, identifier: str, value: bool) -> None:
        self.ec2(cloud).modify_subnet_attribute(SubnetId=identifier, MapPublicIpOnLaunch={"Value": value})

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        let_go(
            cloud,
            f"subnet {actual['id']}",
            lambda: self.ec2(cloud).delete_subnet(SubnetId=actual["id"]),
            users=lambda: interfaces(cloud, self.region, "subnet-id", actual["id"]),
        )


def _associations(subnet: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        each
        for each in subnet.get("Ipv6CidrBlockAssociationSet") or []
        if each["Ipv6CidrBlockState"]["State"] in ("associating", "associated")
    ]
