# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An elastic IP address, which a NAT gateway speaks to the internet from."""

from __future__ import annotations

from typing import Any

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, Difference
from ..kernel.retrying import let_go, make_once
from .network_listing import NetworkListing, NetworkResource, tag_specification


class ElasticIp(NetworkResource):
    """Wanted: `tags`. Gives `id` (the allocation) and `public_ip`."""

    kind = "ec2_elastic_ip"
    id_key = "AllocationId"

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.addresses()

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        return {
            "id": item["AllocationId"],
            "public_ip": item["PublicIp"],
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        mine = [{"Name": f"tag:{key}", "Values": [wanted["tags"][key]]} for key in ("workload", "network", "Name")]
        address = make_once(
            lambda: client.allocate_address(
                Domain="vpc", TagSpecifications=tag_specification("elastic-ip", wanted["tags"])
            ),
            lambda: next(iter(client.describe_addresses(Filters=mine)["Addresses"]), None),
        )
        return {**wanted, "id": address["AllocationId"], "public_ip": address["PublicIp"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        let_go(
            cloud,
            f"elastic IP address {actual['public_ip']}",
            lambda: self.ec2(cloud).release_address(AllocationId=actual["id"]),
            # An address still in use answers AuthFailure, of all things.
            busy=("DependencyViolation", "InvalidIPAddress.InUse", "AuthFailure"),
        )
