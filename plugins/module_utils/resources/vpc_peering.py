# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A peering of two VPCs in two regions: the connection, what each side allows, and the routes on each side.

The connection is requested in the region whose name comes first and accepted in the other, so that it is the same one
whatever order the regions are listed in. Tags of a connection are kept by each region for itself.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list, to_tag_list
from ..kernel import KNOWN_AFTER_APPLY, Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none
from ..kernel.retrying import let_go, make_once, once_visible
from .network_listing import NetworkListing, retag, tag_specification

ALIVE = ("initiating-request", "pending-acceptance", "provisioning", "active")


class PeeringListing(NetworkListing):
    """The raw EC2 answers about a network in one region, as far as peering goes."""

    def connections(self) -> list[dict[str, Any]]:
        """Every connection of the region that works, or soon will, other people's included."""
        filters = [{"Name": "status-code", "Values": list(ALIVE)}]
        connections = self.once(
            "connections",
            lambda: self.cloud.paginate("ec2", "describe_vpc_peering_connections", self.region, Filters=filters),
        )
        return [connection for connection in connections if connection["Status"]["Code"] in ALIVE]

    def connection(self, identifier: str) -> dict[str, Any] | None:
        """The connection as this region sees it, whatever its tags are here."""
        return next((c for c in self.connections() if c["VpcPeeringConnectionId"] == identifier), None)

    def vpc_id(self) -> str:
        """The id of the network's VPC, or that it is known after apply."""
        vpc = self.vpc()
        return vpc["VpcId"] if vpc else KNOWN_AFTER_APPLY

    def read_everything(self) -> None:
        self.side_by_side([self.vpc, self.route_tables, self.connections])


class VpcPeering(Resource):
    """The connection. Wanted: `vpc` and `peer_vpc` (ids), `status` (active), `tags`. Gives `id`.

    Its region is the requester's. A VPC that does not exist yet is `KNOWN_AFTER_APPLY`.
    """

    kind = "ec2_vpc_peering"
    fixed: ClassVar[frozenset[str]] = frozenset({"vpc", "peer_vpc"})

    def __init__(self, name: str, region: str, *, listing: PeeringListing, peer_region: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.listing = listing
        self.peer_region = peer_region

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[VpcPeering], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {
            resource.name: cls._read(item)
            for resource in resources
            for item in resource.listing.connections()
            if resource._recognise(item)
        }

    def _recognise(self, item: dict[str, Any]) -> bool:
        """By its two VPCs, or by its tags and the VPC of this side if the other is not known."""
        requester, accepter = item["RequesterVpcInfo"], item["AccepterVpcInfo"]
        ours = self.listing.vpc()
        if ours is None or requester["VpcId"] != ours["VpcId"] or accepter.get("Region") != self.peer_region:
            return False
        return accepter["VpcId"] == self.wanted.get("peer_vpc") or self.listing.carries_marks(item)

    @staticmethod
    def _read(item: dict[str, Any]) -> Attributes:
        return {
            "id": item["VpcPeeringConnectionId"],
            "vpc": item["RequesterVpcInfo"]["VpcId"],
            "peer_vpc": item["AccepterVpcInfo"]["VpcId"],
            "status": item["Status"]["Code"],
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        mine = [
            {"Name": "requester-vpc-info.vpc-id", "Values": [wanted["vpc"]]},
            {"Name": "accepter-vpc-info.vpc-id", "Values": [wanted["peer_vpc"]]},
        ]

        def again() -> Any:
            items = client.describe_vpc_peering_connections(Filters=mine)["VpcPeeringConnections"]
            return next((each for each in items if each["Status"]["Code"] in ALIVE), None)

        item = make_once(
            lambda: client.create_vpc_peering_connection(
                VpcId=wanted["vpc"],
                PeerVpcId=wanted["peer_vpc"],
                PeerRegion=self.peer_region,
                TagSpecifications=tag_specification("vpc-peering-connection", wanted["tags"]),
            )["VpcPeeringConnection"],
            again,
        )
        identifier = item["VpcPeeringConnectionId"]
        self._accept(cloud, identifier, wanted["tags"])
        return {**wanted, "id": identifier}

    def _accept(self, cloud: Cloud, identifier: str, tags: dict[str, str]) -> None:
        """Accept it in the other region, which sees it a little later, and wait until both sides call it active."""
        there = cloud.client("ec2", self.peer_region)

        def state(client: Any) -> str:
            items = client.describe_vpc_peering_connections(VpcPeeringConnectionIds=[identifier])
            status = items["VpcPeeringConnections"][0]["Status"]
            if status["Code"] not in ALIVE:
                raise CollectionError(
                    f"the peering {self.name} ({identifier}) is {status['Code']}: {status.get('Message', '')}. "
                    "AWS says failed when ranges overlap or a quota is reached."
                )
            return status["Code"]

        def acceptable() -> str | None:
            code = state(there)
            return code if code in ("pending-acceptance", "active") else None

        if once_visible(cloud, f"peering {self.name} in {self.peer_region}", acceptable) == "pending-acceptance":
            there.accept_vpc_peering_connection(VpcPeeringConnectionId=identifier)
        there.create_tags(Resources=[identifier], Tags=to_tag_list({**tags, "region": self.peer_region}))
        for client in (there, cloud.client("ec2", self.region)):
            cloud.wait_until(f"peering {self.name} to be active", lambda c=client: state(c) == "active")

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "status" in differences:
            self._accept(cloud, actual["id"], wanted["tags"])
        retag(cloud.client("ec2", self.region), actual["id"], differences)
        if "tags" in differences:
            before, after = ({**tags, "region": self.peer_region} for tags in differences["tags"])
            retag(cloud.client("ec2", self.peer_region), actual["id"], {"tags": (before, after)})
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        let_go(
            cloud,
            f"peering {actual['id']}",
            lambda: cloud.client("ec2", self.region).delete_vpc_peering_connection(VpcPeeringConnectionId=actual["id"]),
        )


class PeeringOptions(Resource):
    """What one side allows the other. Wanted: `peering` (id), `dns_resolution`. Its region is the side's.

    Each side's options are set, and surely told, in its own region only (ModifyVpcPeeringConnectionOptions).
    """

    kind = "ec2_vpc_peering_options"
    owned: ClassVar[bool] = False
    find_after = (VpcPeering,)

    def __init__(self, name: str, region: str, *, listing: PeeringListing, peering: VpcPeering, **others: Any) -> None:
        super().__init__(name, region, peering=peering.ref("id"), **others)
        self.listing = listing
        self.connection = peering

    @property
    def side(self) -> str:
        return "Requester" if self.region == self.connection.region else "Accepter"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[PeeringOptions], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            peering = found.get(resource.connection.address)
            item = resource.listing.connection(peering["id"]) if peering else None
            if item is not None:
                options = item[f"{resource.side}VpcInfo"].get("PeeringOptions") or {}
                actual[resource.name] = {
                    "peering": peering["id"],
                    "dns_resolution": bool(options.get("AllowDnsResolutionFromRemoteVpc")),
                }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        cloud.client("ec2", self.region).modify_vpc_peering_connection_options(
            VpcPeeringConnectionId=wanted["peering"],
            **{f"{self.side}PeeringConnectionOptions": {"AllowDnsResolutionFromRemoteVpc": wanted["dns_resolution"]}},
        )
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        """They go with the connection."""


class PeeringRoutes(Resource):
    """The routes of one side to the other, one in each of its route tables. Its region is the side's.

    Wanted: `destination` (range of the other side), `peering` (id), `missing_in` (always empty: what AWS has tells
    the ids of the route tables without the route, or with one that leads elsewhere).
    """

    kind = "ec2_vpc_peering_routes"
    owned: ClassVar[bool] = False
    find_after = (VpcPeering,)

    def __init__(self, name: str, region: str, *, listing: PeeringListing, peering: VpcPeering, **others: Any) -> None:
        super().__init__(name, region, peering=peering.ref("id"), **others)
        self.listing = listing
        self.connection = peering

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[PeeringRoutes], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            peering = found.get(resource.connection.address)
            if peering is None:
                continue
            here = {
                table["RouteTableId"]: route["DestinationCidrBlock"]
                for table in resource.listing.route_tables()
                for route in table.get("Routes", [])
                if route.get("VpcPeeringConnectionId") == peering["id"] and "DestinationCidrBlock" in route
            }
            destination = resource.wanted.get("destination") or next(iter(here.values()), None)
            leading = {table for table, cidr in here.items() if cidr == destination}
            if leading:
                tables = [table["RouteTableId"] for table in resource.listing.route_tables()]
                actual[resource.name] = {
                    "destination": destination,
                    "peering": peering["id"],
                    "missing_in": [table for table in tables if table not in leading],
                    "tables": sorted(leading),
                }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # Read again: in the same play, the network may have been given more route tables since.
        tables = self.listing.again().route_tables()
        if not tables:
            raise CollectionError(
                f"no route table in {self.region} carries the tags {self.listing.marks}. Make the network there first."
            )
        for table in tables:
            self._lead(cloud, table, wanted["destination"], wanted["peering"])
        return {**wanted, "tables": sorted(table["RouteTableId"] for table in tables)}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)

    def _lead(self, cloud: Cloud, table: dict[str, Any], destination: str, peering: str) -> None:
        client = cloud.client("ec2", self.region)
        routes = [r for r in table.get("Routes", []) if r.get("DestinationCidrBlock") == destination]
        if routes and routes[0].get("VpcPeeringConnectionId") == peering:
            return
        # A black hole of an earlier connection is in the way of a new route.
        set_route = client.replace_route if routes else client.create_route
        set_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock=destination, VpcPeeringConnectionId=peering)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        for table in actual["tables"]:
            with absent_is_none("InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"):
                cloud.client("ec2", self.region).delete_route(
                    RouteTableId=table, DestinationCidrBlock=actual["destination"]
                )
