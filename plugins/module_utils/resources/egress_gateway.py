# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An egress-only internet gateway: the way out of a VPC over IPv6, by which nobody comes in. It costs nothing."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, Difference, absent_is_none
from ..kernel.retrying import make_once
from .network_listing import NetworkListing, NetworkResource, tag_specification


class EgressGateway(NetworkResource):
    """Wanted: `vpc` (id), `tags`. Gives `id`."""

    kind = "ec2_egress_only_internet_gateway"
    id_key = "EgressOnlyInternetGatewayId"
    fixed: ClassVar[frozenset[str]] = frozenset({"vpc"})

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.egress_gateways()

    def recognise(self, item: dict[str, Any]) -> bool:
        return True  # a VPC has one at most

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        return {
            "id": item["EgressOnlyInternetGatewayId"],
            "vpc": next((each["VpcId"] for each in item.get("Attachments", [])), None),
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        gateway = make_once(
            lambda: client.create_egress_only_internet_gateway(
                VpcId=wanted["vpc"],
                TagSpecifications=tag_specification("egress-only-internet-gateway", wanted["tags"]),
            )["EgressOnlyInternetGateway"],
            lambda: next(iter(self.listing.again().egress_gateways()), None),
        )
        return {**wanted, "id": gateway["EgressOnlyInternetGatewayId"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("InvalidGatewayID.NotFound"):
            self.ec2(cloud).delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=actual["id"])
