# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VPC endpoint: a way to a service of AWS that does not leave the network."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, absent_is_none
from ..kernel.retrying import make_once
from .network_listing import NetworkListing, NetworkResource, is_alive, tag_specification

MEMBERS = {"route_tables": "RouteTableIds", "subnets": "SubnetIds", "security_groups": "SecurityGroupIds"}


def service_name(region: str, service: str) -> str:
    """The whole name of a service, such as `com.amazonaws.sa-east-1.s3`."""
    prefix = "cn.com" if region.startswith("cn-") and service not in ("s3", "dynamodb") else "com"
    return f"{prefix}.amazonaws.{region}.{service}"


class VpcEndpoint(NetworkResource):
    """Wanted: `vpc` (id), `service` (whole name), `type` (Gateway or Interface), `tags`, and ids: `route_tables` of a
    gateway endpoint, `subnets` and `security_groups` of an interface endpoint, which has `private_dns`. Gives `id`.
    """

    kind = "ec2_vpc_endpoint"
    id_key = "VpcEndpointId"
    fixed: ClassVar[frozenset[str]] = frozenset({"type"})
    unordered: ClassVar[frozenset[str]] = frozenset(MEMBERS)

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.vpc_endpoints()

    def recognise(self, item: dict[str, Any]) -> bool:
        return item["ServiceName"] == self.wanted["service"]

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        return {
            "id": item["VpcEndpointId"],
            "vpc": item["VpcId"],
            "service": item["ServiceName"],
            "type": item["VpcEndpointType"],
            "route_tables": sorted(item.get("RouteTableIds") or []),
            "subnets": sorted(item.get("SubnetIds") or []),
            "security_groups": sorted(group["GroupId"] for group in item.get("Groups") or []),
            "private_dns": bool(item.get("PrivateDnsEnabled")),
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        optional = {MEMBERS[key]: wanted[key] for key in MEMBERS if wanted.get(key)}
        if "private_dns" in wanted:
            optional["PrivateDnsEnabled"] = wanted["private_dns"]
        mine = [
            {"Name": "vpc-id", "Values": [wanted["vpc"]]},
            {"Name": "service-name", "Values": [wanted["service"]]},
            {"Name": "tag:network", "Values": [wanted["tags"]["network"]]},
        ]
        endpoint = make_once(
            lambda: client.create_vpc_endpoint(
                VpcId=wanted["vpc"],
                ServiceName=wanted["service"],
                VpcEndpointType=wanted["type"],
                TagSpecifications=tag_specification("vpc-endpoint", wanted["tags"]),
                **optional,
            )["VpcEndpoint"],
            lambda: next(filter(is_alive, client.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]), None),
        )
        identifier = endpoint["VpcEndpointId"]
        if cloud.wait:
            cloud.wait_until(
                f"VPC endpoint {self.name} to be available",
                lambda: [e for e in self._describe(cloud, identifier) if e["State"].lower() == "available"],
            )
        return {**wanted, "id": identifier}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        change: dict[str, Any] = {}
        for key, member in MEMBERS.items():
            if key in differences:
                before, after = (set(side or []) for side in differences[key])
                change |= {f"Add{member}": sorted(after - before), f"Remove{member}": sorted(before - after)}
        change = {key: value for key, value in change.items() if value}
        if "private_dns" in differences:
            change["PrivateDnsEnabled"] = wanted["private_dns"]
        if change:
            self.ec2(cloud).modify_vpc_endpoint(VpcEndpointId=actual["id"], **change)
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        answer = self.ec2(cloud).delete_vpc_endpoints(VpcEndpointIds=[actual["id"]])
        for refused in answer.get("Unsuccessful", []):  # told in the answer, not raised
            if not refused["Error"]["Code"].endswith("NotFound"):
                raise CollectionError(f"{refused['Error']['Code']}: {refused['Error']['Message']}")
        # Until it is gone, its network interfaces hold subnets and security groups, and its routes the route tables.
        cloud.wait_until(f"VPC endpoint {actual['id']} to be deleted", lambda: not self._describe(cloud, actual["id"]))

    def _describe(self, cloud: Cloud, identifier: str) -> list[dict[str, Any]]:
        with absent_is_none("InvalidVpcEndpointId.NotFound", "InvalidVpcEndPointId.NotFound"):
            endpoints = self.ec2(cloud).describe_vpc_endpoints(VpcEndpointIds=[identifier])["VpcEndpoints"]
            return [endpoint for endpoint in endpoints if endpoint["State"].lower() != "deleted"]
        return []
