# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the resources of a network have in common: the tags they are found by, and how EC2 makes, tags and lets go.

Everything in a network carries the tags `workload` and `network`; one call for each kind reads all of them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource
from .listing import Listing


class NetworkListing(Listing):
    """The raw EC2 answers about the network `network` of `workload` in one region."""

    def __init__(self, cloud: Cloud, region: str, workload: str, network: str) -> None:
        super().__init__(cloud, region)
        self.marks = {"workload": workload, "network": network}

    def again(self) -> Any:
        """A listing of the same network that has read nothing yet."""
        return type(self)(self.cloud, self.region, **self.marks)

    def vpc(self) -> dict[str, Any] | None:
        """The VPC, or None.

        Raises:
            CollectionError: more than one VPC carries the tags, so nobody can say which one is meant.
        """
        vpcs = self._marked("describe_vpcs")
        if len(vpcs) > 1:
            raise CollectionError(
                f"{len(vpcs)} VPCs in {self.region} carry the tags {self.marks}, expected one: two runs made them "
                f"at once. {self._which_to_keep([vpc['VpcId'] for vpc in vpcs])}"
            )
        return vpcs[0] if vpcs else None

    def _which_to_keep(self, vpcs: list[str]) -> str:
        """Advice about several VPCs of one network: the one that most interfaces and subnets are in is the used one."""
        inside = [{"Name": "vpc-id", "Values": vpcs}]
        interfaces = Counter(
            each["VpcId"]
            for each in self.cloud.paginate("ec2", "describe_network_interfaces", self.region, Filters=inside)
        )
        subnets = Counter(
            each["VpcId"] for each in self.cloud.paginate("ec2", "describe_subnets", self.region, Filters=inside)
        )
        ranked = sorted(vpcs, key=lambda vpc: (-interfaces[vpc], -subnets[vpc], vpc))
        told = [f"{vpc} ({interfaces[vpc]} interfaces, {subnets[vpc]} subnets)" for vpc in ranked]
        return (
            f"Keep {told[0]}, which most is in. Delete {', '.join(told[1:])}, with what is inside, or remove the tag "
            "`network` from it and from what is inside"
        )

    def vpc_attributes(self) -> dict[str, bool]:
        """`dns_support` and `dns_hostnames` of the VPC that exists."""
        client = self.cloud.client("ec2", self.region)
        vpc = self.vpc()
        if vpc is None:
            return {}

        def ask(attribute: str) -> bool:
            answer = client.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
            return answer[attribute[0].upper() + attribute[1:]]["Value"]

        names = {"dns_support": "enableDnsSupport", "dns_hostnames": "enableDnsHostnames"}
        answers = self.side_by_side([lambda name=name: self.once(name, lambda: ask(name)) for name in names.values()])
        return dict(zip(names, answers, strict=True))

    def subnets(self) -> list[dict[str, Any]]:
        return self._marked("describe_subnets")

    def zones(self) -> list[dict[str, Any]]:
        """The zones of the region that the account may use."""
        return self.once(
            "describe_availability_zones",
            lambda: self.cloud.client("ec2", self.region).describe_availability_zones()["AvailabilityZones"],
        )

    def internet_gateways(self) -> list[dict[str, Any]]:
        return self._marked("describe_internet_gateways")

    def egress_gateways(self) -> list[dict[str, Any]]:
        if not (self.vpc() or {}).get("Ipv6CidrBlockAssociationSet"):
            return []  # of no use without IPv6, and so not made
        return self._marked("describe_egress_only_internet_gateways")

    def flow_logs(self) -> list[dict[str, Any]]:
        return self._marked("describe_flow_logs", "Filter")

    def route_tables(self) -> list[dict[str, Any]]:
        return self._marked("describe_route_tables")

    def addresses(self) -> list[dict[str, Any]]:
        def ask() -> list[dict[str, Any]]:
            client = self.cloud.client("ec2", self.region)
            return client.describe_addresses(Filters=self._filters())["Addresses"]

        return self.once("describe_addresses", ask)

    def nat_gateways(self) -> list[dict[str, Any]]:
        """Those that work or soon will; a failed one is as good as none, and AWS removes it after an hour."""
        gateways = self._marked("describe_nat_gateways")
        return [gateway for gateway in gateways if gateway["State"] in ("pending", "available")]

    def vpc_endpoints(self) -> list[dict[str, Any]]:
        return [endpoint for endpoint in self._marked("describe_vpc_endpoints") if is_alive(endpoint)]

    def security_groups(self) -> list[dict[str, Any]]:
        """All groups of the VPC, other people's and the default one included."""
        vpc = self.vpc()
        if vpc is None:
            return []
        filters = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        return self.once(
            "describe_security_groups",
            lambda: self.cloud.paginate("ec2", "describe_security_groups", self.region, Filters=filters),
        )

    def carries_marks(self, item: dict[str, Any]) -> bool:
        tags = from_tag_list(item.get("Tags"))
        return all(tags.get(key) == value for key, value in self.marks.items())

    def read_everything(self) -> None:
        """Ask every question now, side by side. Which zones there are seldom matters, and is asked then."""
        self.vpc()
        self.side_by_side(
            [
                self.vpc_attributes,
                self.subnets,
                self.internet_gateways,
                self.egress_gateways,
                self.flow_logs,
                self.route_tables,
                self.addresses,
                self.nat_gateways,
                self.vpc_endpoints,
                self.security_groups,
            ]
        )

    def _filters(self) -> list[dict[str, Any]]:
        return [{"Name": f"tag:{key}", "Values": [value]} for key, value in self.marks.items()]

    def _marked(self, operation: str, filters: str = "Filters") -> list[dict[str, Any]]:
        items = self.once(
            operation, lambda: self.cloud.paginate("ec2", operation, self.region, **{filters: self._filters()})
        )
        return [item for item in items if self.carries_marks(item)]


class NetworkResource(Resource):
    """A resource of a network. `identifier` tells which one, for those that are only known by it (what is purged).

    Subclasses say how to recognise themselves in a listing (`recognise`) and how to read what AWS tells (`read`).
    """

    id_key: str
    """The key of the identifier in what AWS tells, such as `SubnetId`."""

    def __init__(
        self, name: str, region: str, *, listing: NetworkListing, identifier: str | None = None, **others: Any
    ) -> None:
        super().__init__(name, region, **others)
        self.listing = listing
        self.identifier = identifier

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        """All of this kind in the network, as AWS tells them."""
        raise NotImplementedError(cls)

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        """What AWS tells, in the words of `wanted`, with `id`."""
        raise NotImplementedError(cls)

    def recognise(self, item: dict[str, Any]) -> bool:
        """Whether this is the wanted one. By name unless a subclass knows better."""
        return from_tag_list(item.get("Tags")).get("Name") == self.name

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[NetworkResource], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            for item in cls.listed(resource.listing):
                identifier = resource.identifier
                if item[cls.id_key] == identifier if identifier else resource.recognise(item):
                    actual[resource.name] = cls.read(item, resource.listing)
                    break
        return actual

    def ec2(self, cloud: Cloud) -> Any:
        return cloud.client("ec2", self.region)

    def retag(self, cloud: Cloud, identifier: str, differences: dict[str, Difference]) -> None:
        retag(self.ec2(cloud), identifier, differences)


def is_alive(endpoint: dict[str, Any]) -> bool:
    """Whether a VPC endpoint works or soon will: EC2 lists deleted ones for a while."""
    return endpoint["State"].lower() not in ("deleting", "deleted", "failed", "rejected", "expired")


def retag(client: Any, identifier: str, differences: dict[str, Difference]) -> None:
    """Set and remove tags of an EC2 resource, if they differ."""
    if "tags" not in differences:
        return
    to_set, to_remove = tag_changes(*differences["tags"])
    if to_remove:
        client.delete_tags(Resources=[identifier], Tags=[{"Key": key} for key in to_remove])
    if to_set:
        client.create_tags(Resources=[identifier], Tags=to_tag_list(to_set))


def tag_specification(kind: str, tags: dict[str, str]) -> list[dict[str, Any]]:
    """The tags of something that is about to be made, so that it is never there without them."""
    return [{"ResourceType": kind, "Tags": to_tag_list(tags)}]
