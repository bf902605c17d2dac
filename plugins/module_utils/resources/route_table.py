# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A route table: where the subnets associated with it send what is not for the VPC itself."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, Difference, absent_is_none
from ..kernel.retrying import let_go
from .network_listing import NetworkListing, NetworkResource, tag_specification

EVERYWHERE, EVERYWHERE_V6 = "0.0.0.0/0", "::/0"
DESTINATIONS = {
    "default_route": ("DestinationCidrBlock", EVERYWHERE),
    "ipv6_route": ("DestinationIpv6CidrBlock", EVERYWHERE_V6),
}
"""What of a table is managed here, and which route that is."""

TARGETS = {"nat-": "NatGatewayId", "eigw-": "EgressOnlyInternetGatewayId"}
"""Which argument takes a target, by the beginning of its id; all others are gateways."""


class RouteTable(NetworkResource):
    """Wanted: `vpc` (id), `default_route` (id of a gateway, or None), `subnets` (ids), `tags`, and maybe `ipv6_route`,
    the same for IPv6. Gives `id`.

    Other routes are none of its business: those to peered networks belong to the peering, those to gateway endpoints
    to the endpoint.
    """

    kind = "ec2_route_table"
    id_key = "RouteTableId"
    unordered: ClassVar[frozenset[str]] = frozenset({"subnets"})

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.route_tables()

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        return {
            "id": item["RouteTableId"],
            "vpc": item["VpcId"],
            **{key: default_route(item.get("Routes", []), *route) for key, route in DESTINATIONS.items()},
            "subnets": sorted(a["SubnetId"] for a in _associations(item)),
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # botocore sends a client token: a retried call makes no second one.
        identifier = self.ec2(cloud).create_route_table(
            VpcId=wanted["vpc"], TagSpecifications=tag_specification("route-table", wanted["tags"])
        )["RouteTable"]["RouteTableId"]
        for key in DESTINATIONS:
            self._set_default_route(cloud, identifier, key, None, wanted.get(key))
        self._associate(cloud, identifier, wanted["subnets"], [])
        return {**wanted, "id": identifier}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        for key in DESTINATIONS:
            if key in differences:
                self._set_default_route(cloud, actual["id"], key, *differences[key])
        if "subnets" in differences:
            self._associate(cloud, actual["id"], wanted["subnets"], actual["subnets"])
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def _set_default_route(
        self, cloud: Cloud, identifier: str, which: str, before: str | None, target: str | None
    ) -> None:
        word, destination = DESTINATIONS[which]
        table = {"RouteTableId": identifier, word: destination}
        if target is None:
            if before is not None:
                with absent_is_none("InvalidRoute.NotFound"):
                    self.ec2(cloud).delete_route(**table)
            return
        key = next((argument for start, argument in TARGETS.items() if target.startswith(start)), "GatewayId")
        set_route = self.ec2(cloud).create_route if before is None else self.ec2(cloud).replace_route
        set_route(**table, **{key: target})

    def _associate(self, cloud: Cloud, identifier: str, subnets: list[str], before: list[str]) -> None:
        """Associate `subnets`, taking them from another table if need be, and let go of the others."""
        client = self.ec2(cloud)
        wanted, held = set(subnets), set(before)
        if not wanted ^ held:
            return
        filters = [{"Name": "association.subnet-id", "Values": sorted(wanted | held)}]
        tables = cloud.paginate("ec2", "describe_route_tables", self.region, Filters=filters)
        now = {a["SubnetId"]: (table["RouteTableId"], a) for table in tables for a in _associations(table)}
        for subnet in sorted(wanted - held):
            table, association = now.get(subnet, (None, None))
            if association is None:
                client.associate_route_table(RouteTableId=identifier, SubnetId=subnet)
            elif table != identifier:
                client.replace_route_table_association(
                    AssociationId=association["RouteTableAssociationId"], RouteTableId=identifier
                )
        for subnet in sorted(held - wanted):
            table, association = now.get(subnet, (None, None))
            if table == identifier:
                with absent_is_none("InvalidAssociationID.NotFound"):
                    client.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        self._associate(cloud, actual["id"], [], actual["subnets"])
        let_go(
            cloud,
            f"route table {actual['id']}",
            lambda: self.ec2(cloud).delete_route_table(RouteTableId=actual["id"]),
        )


def default_route(
    routes: list[dict[str, Any]], word: str = "DestinationCidrBlock", everywhere: str = EVERYWHERE
) -> str | None:
    """The id that the default route of a table leads to, whatever kind of thing it is, or None."""
    for route in routes:
        if route.get(word) == everywhere:
            targets = [value for key, value in sorted(route.items()) if key.endswith("Id") and value]
            # A vanished target leaves a black hole that names it; a route with nothing at all still must be replaced.
            return targets[0] if targets else "nothing"
    return None


def _associations(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        a
        for a in table.get("Associations", [])
        if a.get("SubnetId")
        and a.get("AssociationState", {}).get("State", "associated") in ("associated", "associating")
    ]
