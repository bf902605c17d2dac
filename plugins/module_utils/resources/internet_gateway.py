# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An internet gateway: the way out of a VPC for what has a public address."""

from __future__ import annotations

from typing import Any

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, Difference, absent_is_none
from ..kernel.retrying import let_go, make_once
from .network_listing import NetworkListing, NetworkResource, tag_specification


class InternetGateway(NetworkResource):
    """Wanted: `vpc` (id of the one it is attached to), `tags`. Gives `id`."""

    kind = "ec2_internet_gateway"
    id_key = "InternetGatewayId"

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.internet_gateways()

    def recognise(self, item: dict[str, Any]) -> bool:
        return True  # a VPC has one at most

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        attached = [a["VpcId"] for a in item.get("Attachments", []) if a.get("State") in ("available", "attached")]
        return {
            "id": item["InternetGatewayId"],
            "vpc": attached[0] if attached else None,
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        gateway = make_once(
            lambda: client.create_internet_gateway(
                TagSpecifications=tag_specification("internet-gateway", wanted["tags"])
            )["InternetGateway"],
            lambda: next(iter(self.listing.again().internet_gateways()), None),
        )
        identifier = gateway["InternetGatewayId"]
        self._attach(cloud, identifier, wanted["vpc"])
        return {**wanted, "id": identifier}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "vpc" in differences:
            if actual["vpc"]:
                self._detach(cloud, actual)
            self._attach(cloud, actual["id"], wanted["vpc"])
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def _attach(self, cloud: Cloud, identifier: str, vpc: str) -> None:
        with absent_is_none("Resource.AlreadyAssociated"):
            self.ec2(cloud).attach_internet_gateway(InternetGatewayId=identifier, VpcId=vpc)

    def _detach(self, cloud: Cloud, actual: Attributes) -> None:
        def detach() -> None:
            with absent_is_none("Gateway.NotAttached"):
                self.ec2(cloud).detach_internet_gateway(InternetGatewayId=actual["id"], VpcId=actual["vpc"])

        # Refused while anything in the VPC has a public address.
        let_go(cloud, f"the attachment of internet gateway {actual['id']}", detach)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        if actual["vpc"]:
            self._detach(cloud, actual)
        let_go(
            cloud,
            f"internet gateway {actual['id']}",
            lambda: self.ec2(cloud).delete_internet_gateway(InternetGatewayId=actual["id"]),
        )
