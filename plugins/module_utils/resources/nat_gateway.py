# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NAT gateway: the way out for private subnets. It costs money by the hour, and by the gigabyte."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, absent_is_none
from .network_listing import NetworkListing, NetworkResource, tag_specification


class NatGateway(NetworkResource):
    """Wanted: `subnet` (id), `address` (allocation id), `tags`. Gives `id` and `public_ip`."""

    kind = "ec2_nat_gateway"
    id_key = "NatGatewayId"
    # AWS cannot move one to another subnet or address; routes follow, because they refer to its id.
    replaced_when: ClassVar[frozenset[str]] = frozenset({"subnet", "address"})

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.nat_gateways()

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        address = next(iter(item.get("NatGatewayAddresses") or []), {})
        return {
            "id": item["NatGatewayId"],
            "subnet": item["SubnetId"],
            "address": address.get("AllocationId"),
            "public_ip": address.get("PublicIp"),
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # botocore sends a client token: a retried call makes no second one.
        gateway = self.ec2(cloud).create_nat_gateway(
            SubnetId=wanted["subnet"],
            AllocationId=wanted["address"],
            TagSpecifications=tag_specification("natgateway", wanted["tags"]),
        )["NatGateway"]
        identifier = gateway["NatGatewayId"]

        def available() -> dict[str, Any] | None:
            now = self._describe(cloud, identifier)
            if now and now["State"] in ("failed", "deleting", "deleted"):
                raise CollectionError(
                    f"NAT gateway {self.name} ({identifier}) in {self.region} is {now['State']}: "
                    f"{now.get('FailureMessage', 'AWS gives no reason')}"
                )
            return now if now and now["State"] == "available" else None

        # Routes may only lead to a gateway that is available.
        gateway = cloud.wait_until(f"NAT gateway {self.name} ({identifier}) to be available", available)
        return {**self.read(gateway, self.listing), **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("NatGatewayNotFound", "InvalidNatGatewayID.NotFound"):
            self.ec2(cloud).delete_nat_gateway(NatGatewayId=actual["id"])

        def gone() -> bool:
            now = self._describe(cloud, actual["id"])
            return now is None or now["State"] == "deleted"

        # Its address and its subnet are free only then.
        cloud.wait_until(f"NAT gateway {actual['id']} to be deleted", gone)

    def _describe(self, cloud: Cloud, identifier: str) -> dict[str, Any] | None:
        with absent_is_none("NatGatewayNotFound", "InvalidNatGatewayID.NotFound"):
            return next(iter(self.ec2(cloud).describe_nat_gateways(NatGatewayIds=[identifier])["NatGateways"]), None)
        return None
