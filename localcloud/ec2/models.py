# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of one region: moto's, with AWS's rules about what depends on what.

moto lets a subnet go while a load balancer stands in it. A playbook that destroys in the wrong order would pass here
and fail on AWS, half done; so whatever uses a subnet, a security group or a VPC is looked up before it goes.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.subnets import Subnet
from moto.ec2.utils import generate_route_id, generic_filter
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from localcloud.ec2.rules import (
    ENDPOINT_SERVICES,
    check_ipv6,
    overlap,
    ranges_of,
    users_of_security_group,
    users_of_subnet,
    users_of_vpc,
)
from localcloud.ec2.zones import Zones
from localcloud.servicequotas.models import ADDRESSES, VPCS, quota_of
from localcloud.world import WORLD

NAT_GATEWAY_DELAY = 0.3
"""How long a NAT gateway stays pending, then deleting (seconds; a minute or two on AWS)."""


class EC2Backend(Zones):
    """VPCs and what is in them."""

    # What uses what

    def release_task_interfaces(self) -> None:
        """Remove the network interfaces of tasks that have stopped, as ECS does."""
        for tasks in ecs_backends[self.account_id][self.region_name].tasks.values():
            for task in tasks.values():
                if task.last_status == "STOPPED":
                    for attachment in task.attachments:
                        for detail in attachment.get("details", []):
                            if detail.get("name") == "networkInterfaceId":
                                self.enis.pop(detail.get("value"), None)

    def delete_subnet(self, subnet_id: str) -> Any:
        users = list(users_of_subnet(self, subnet_id))
        if users:
            raise DependencyViolationError(
                f"The subnet '{subnet_id}' has dependencies and cannot be deleted: {', '.join(users)}"
            )
        for table in self.route_tables.values():
            for association in [a for a, target in table._associations.items() if target == subnet_id]:
                del table._associations[association]
        return super().delete_subnet(subnet_id)

    def delete_security_group(self, name: str | None = None, group_id: str | None = None) -> None:
        group = next((g for groups in self.groups.values() for g in groups.values() if g.id == group_id), None)
        if group is not None:
            if group.name == "default" and group.vpc_id in self.vpcs and not self._leaving(group.vpc_id):
                raise EC2ClientError("CannotDelete", f'the specified group: "{group_id}" name: "default" must stay')
            users = list(users_of_security_group(self, group_id or ""))
            if users:
                raise DependencyViolationError(f"resource {group_id} has a dependent object: {', '.join(users)}")
        super().delete_security_group(name, group_id)

    def delete_vpc(self, vpc_id: str) -> Any:
        users = list(users_of_vpc(self, vpc_id))
        if users:
            raise DependencyViolationError(
                f"The vpc '{vpc_id}' has dependencies and cannot be deleted: {', '.join(users)}"
            )
        self._vpc_leaving = vpc_id
        try:
            vpc = super().delete_vpc(vpc_id)
        finally:
            self._vpc_leaving = None
        for peering in self.vpc_pcxs.values():
            if vpc_id in (peering.vpc.id, peering.peer_vpc.id):
                peering._status.deleted(self.account_id)
        for acl in [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return vpc

    def _leaving(self, vpc_id: str) -> bool:
        return getattr(self, "_vpc_leaving", None) == vpc_id

    def detach_internet_gateway(self, internet_gateway_id: str, vpc_id: str) -> None:
        gateways = [g for g in self.nat_gateways.values() if g.vpc_id == vpc_id and g.state != "deleted"]
        public = [f"NAT gateway {gateway.id}" for gateway in gateways]
        for balancer in elbv2_backends[self.account_id][self.region_name].load_balancers.values():
            if balancer.vpc_id == vpc_id and balancer.scheme == "internet-facing":
                public.append(f"load balancer {balancer.name}")
        if public:
            raise DependencyViolationError(
                f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
                f"detaching the gateway: {', '.join(public)}"
            )
        super().detach_internet_gateway(internet_gateway_id, vpc_id)

    def delete_route_table(self, route_table_id: str) -> None:
        table = self.get_route_table(route_table_id)
        if table.main_association_id is not None and not self._leaving(table.vpc_id):
            raise DependencyViolationError(
                f"The routeTable '{route_table_id}' has dependencies and cannot be deleted: it is the main one"
            )
        super().delete_route_table(route_table_id)

    def release_address(self, address: str | None = None, allocation_id: str | None = None) -> None:
        found = self.address_by_ip([address]) if address else self.address_by_allocation([allocation_id])
        if found and found[0].association_id and found[0].eni is not None and found[0].eni.id in self.enis:
            raise EC2ClientError("InvalidIPAddress.InUse", f"Address {found[0].public_ip} is in use.")
        super().release_address(address, allocation_id)

    def create_vpc_endpoint(self, vpc_id: str, service_name: str, *arguments: Any, **settings: Any) -> Any:
        prefix, _, service = service_name.partition(f"com.amazonaws.{self.region_name}.")
        if service_name.startswith("com.amazonaws.") and (prefix or service not in ENDPOINT_SERVICES):
            raise EC2ClientError("InvalidServiceName", f"The Vpc Endpoint Service '{service_name}' does not exist")
        return super().create_vpc_endpoint(vpc_id, service_name, *arguments, **settings)

    def modify_vpc_endpoint(self, vpc_id: str, *arguments: Any, **changes: Any) -> None:
        """`vpc_id` is moto's name for the endpoint's id. A gateway endpoint stands in the route tables it is given."""
        endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
        prefix_list = endpoint.destination_prefix_list_id
        if prefix_list:
            for table in set(changes.get("add_route_tables") or []) - set(endpoint.route_table_ids):
                self.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list)
            for table in set(changes.get("remove_route_tables") or []) & set(self._tables_leading_to(endpoint)):
                self.delete_route(table, prefix_list)
        super().modify_vpc_endpoint(vpc_id, *arguments, **changes)

    def delete_vpc_endpoints(self, vpce_ids: list[str] | None = None) -> None:
        for endpoint in [self.vpc_end_points[name] for name in vpce_ids or [] if name in self.vpc_end_points]:
            # A route table that is gone, or lost the route, does not keep the endpoint.
            endpoint.route_table_ids = self._tables_leading_to(endpoint)
        super().delete_vpc_endpoints(vpce_ids)

    def _tables_leading_to(self, endpoint: Any) -> list[str]:
        tables = [name for name in endpoint.route_table_ids or [] if name in self.route_tables]
        route = endpoint.destination_prefix_list_id
        return [name for name in tables if generate_route_id(name, route) in self.route_tables[name]._routes]

    # What an account may have

    def create_vpc(self, *arguments: Any, **settings: Any) -> Any:
        most = quota_of(self.account_id, self.region_name, "vpc", VPCS)
        if getattr(self, "vpcs", None) and len(self.vpcs) >= most:
            raise EC2ClientError("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
        return super().create_vpc(*arguments, **settings)

    def allocate_address(self, *arguments: Any, **settings: Any) -> Any:
        if len(self.addresses) >= quota_of(self.account_id, self.region_name, "ec2", ADDRESSES):
            raise EC2ClientError("AddressLimitExceeded", "The maximum number of addresses has been reached.")
        return super().allocate_address(*arguments, **settings)

    # IPv6

    def create_subnet(
        self, vpc_id: str, cidr_block: str, ipv6_cidr_block: Any = None, *more: Any, **settings: Any
    ) -> Any:
        if ipv6_cidr_block:
            check_ipv6(self, self.get_vpc(vpc_id), ipv6_cidr_block)
        return super().create_subnet(vpc_id, cidr_block, ipv6_cidr_block, *more, **settings)

    def associate_subnet_cidr_block(self, subnet_id: str, ipv6_cidr_block: str) -> Any:
        subnet = self.get_subnet(subnet_id)
        check_ipv6(self, self.get_vpc(subnet.vpc_id), ipv6_cidr_block, own=subnet_id)
        if ranges_of(subnet):
            raise EC2ClientError("SubnetCidrBlockLimitExceeded", f"{subnet_id} has an IPv6 range already")
        return super().associate_subnet_cidr_block(subnet_id, ipv6_cidr_block)

    def disassociate_vpc_cidr_block(self, association_id: str) -> Any:
        for vpc in self.vpcs.values():
            block = vpc._cidr_block_association_set.get(association_id, {}).get("cidr_block", "")
            subnets = [each for zone in self.subnets.values() for each in zone.values() if each.vpc_id == vpc.id]
            if ":" in block and any(ranges_of(each) for each in subnets):
                raise EC2ClientError("InvalidCidrBlock.InUse", f"The vpc CIDR block {block} is in use by a subnet")
        return super().disassociate_vpc_cidr_block(association_id)

    def create_egress_only_internet_gateway(self, vpc_id: str, tags: Any = None) -> Any:
        if any(each.vpc_id == vpc_id for each in self.egress_only_internet_gateways.values()):
            raise EC2ClientError(
                "EgressOnlyInternetGatewayLimitExceeded", f"{vpc_id} has an egress-only internet gateway already"
            )
        return super().create_egress_only_internet_gateway(vpc_id, tags)

    # NAT gateways

    def create_nat_gateway(self, subnet_id: str, allocation_id: str, *arguments: Any, **settings: Any) -> Any:
        if allocation_id:
            held = self.address_by_allocation([allocation_id])
            if held and held[0].association_id:
                raise EC2ClientError("Resource.AlreadyAssociated", f"{allocation_id} is already associated")
        gateway = super().create_nat_gateway(subnet_id, allocation_id, *arguments, **settings)
        gateway.state = "pending"

        def settle() -> None:
            if gateway.state == "pending":
                gateway.state = "available"

        WORLD.links.after(WORLD.options.delayed(NAT_GATEWAY_DELAY), settle)
        return gateway

    def delete_nat_gateway(self, nat_gateway_id: str) -> Any:
        gateway = self.nat_gateways.get(nat_gateway_id)
        if gateway is None:
            raise EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {nat_gateway_id} was not found")
        gateway.state = "deleting"

        def finish() -> None:
            gateway.state = "deleted"
            self.enis.pop(gateway._eni.id, None)
            for address in self.addresses:
                if address.eni is gateway._eni:
                    address.eni = address.association_id = None

        WORLD.links.after(WORLD.options.delayed(NAT_GATEWAY_DELAY), finish)
        return gateway

    def describe_nat_gateways(self, filters: Any, nat_gateway_ids: list[str] | None) -> list[Any]:
        missing = [name for name in nat_gateway_ids or [] if name not in self.nat_gateways]
        if missing:
            raise EC2ClientError("NatGatewayNotFound", f"The Nat Gateway {missing[0]} was not found")
        found = super().describe_nat_gateways(filters, nat_gateway_ids)
        tags = {name: values for name, values in (filters or {}).items() if name.startswith("tag")}
        return generic_filter(tags, found)

    # Peering

    def create_vpc_peering_connection(self, vpc: Any, peer_vpc: Any, tags: dict[str, str] | None = None) -> Any:
        peering = super().create_vpc_peering_connection(vpc, peer_vpc, tags)
        if overlap(vpc, peer_vpc):
            # AWS answers the request and fails the connection a moment later.
            peering._status.code = "failed"
            peering._status.message = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"
        return peering

    def filter_peerings(self, peerings: list[Any], filters: dict[str, list[str]]) -> list[Any]:
        """The peerings that pass DescribeVpcPeeringConnections' filters, each side by its own tags."""
        for name, values in filters.items():
            peerings = [peering for peering in peerings if self._peering_value(peering, name) & set(values)]
        return peerings

    def _peering_value(self, peering: Any, name: str) -> set[str]:
        tags = {tag["key"]: tag["value"] for tag in self.describe_tags({"resource-id": [peering.id]})}
        if name.startswith("tag:"):
            return {tags[name[4:]]} if name[4:] in tags else set()
        values = {
            "tag-key": set(tags),
            "vpc-peering-connection-id": {peering.id},
            "status-code": {peering._status.code},
            "status-message": {peering._status.message},
        }
        for side, vpc in (("requester", peering.vpc), ("accepter", peering.peer_vpc)):
            values[f"{side}-vpc-info.vpc-id"] = {vpc.id}
            values[f"{side}-vpc-info.cidr-block"] = {vpc.cidr_block}
            values[f"{side}-vpc-info.owner-id"] = {vpc.owner_id}
        if name not in values:
            raise EC2ClientError("InvalidParameterValue", f"The filter '{name}' is invalid")
        return values[name]


def _ipv6_of(subnet: Subnet) -> list[dict[str, Any]]:
    """The IPv6 ranges of a subnet as AWS tells them; moto tells their state as a dictionary."""
    return [
        {
            "ipv6CidrBlock": each["ipv6CidrBlock"],
            "associationId": each["associationId"],
            "ipv6CidrBlockState": {"state": each["ipv6CidrBlockState"]["State"]},
        }
        for each in subnet.ipv6_cidr_block_associations.values()
        if each["ipv6CidrBlockState"]["State"] == "associated"
    ]


Subnet.ipv6_cidr_block_association_set = property(_ipv6_of)  # type: ignore[method-assign,assignment]
ec2_backends.backend = EC2Backend
