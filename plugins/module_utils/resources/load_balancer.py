# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Application or Network Load Balancer."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, absent_is_none
from ..kernel.retrying import let_go
from .load_balancer_listing import ElbResource, only_wanted, to_attribute_list

PROTECTION = "deletion_protection.enabled"

LET_GO_SECONDS = 120
"""How long at most a load balancer is said to be in use by what was removed before it."""


class LoadBalancer(ElbResource):
    """Wanted: `type`, `scheme`, `subnets` (ids), `ip_address_type`, `attributes` (those named), `tags`, and maybe
    `security_groups` (ids). Gives `arn`, `dns_name`, `zone_id`.
    """

    kind = "elbv2_load_balancer"
    fixed: ClassVar[frozenset[str]] = frozenset({"type", "scheme"})
    unordered: ClassVar[frozenset[str]] = frozenset({"subnets", "security_groups"})

    def __init__(self, *args: Any, delete_protected: bool = False, **others: Any) -> None:
        super().__init__(*args, **others)
        self.delete_protected = delete_protected
        self.going_before: set[str] = set()
        """The target groups that the same plan removes first."""

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[LoadBalancer], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            listing, balancer = resource.listing, resource.listing.load_balancer()
            if balancer is None:
                continue
            arn = balancer["LoadBalancerArn"]
            if resource.state == "absent":
                attributes = resource._refuse_removal(arn)
            else:
                attributes = {}
            resource._refuse_groups(balancer)
            if resource.wanted.get("attributes"):
                answer = listing.client.describe_load_balancer_attributes(LoadBalancerArn=arn)
                attributes = from_tag_list(answer["Attributes"])
            actual[resource.name] = {
                "arn": arn,
                "dns_name": balancer["DNSName"],
                "zone_id": balancer["CanonicalHostedZoneId"],
                "type": balancer["Type"],
                "scheme": balancer["Scheme"],
                "subnets": sorted(zone["SubnetId"] for zone in balancer["AvailabilityZones"]),
                "security_groups": sorted(balancer.get("SecurityGroups") or []),
                "ip_address_type": balancer["IpAddressType"],
                "attributes": attributes,
                "tags": listing.tags([arn])[arn],
            }
        return actual

    def _refuse_groups(self, balancer: Attributes) -> None:
        """A Network Load Balancer has security groups from the beginning, or never.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html

        Raises:
            CollectionError: it has none and is to have some, or the other way round.
        """
        before, after = balancer.get("SecurityGroups") or [], self.wanted.get("security_groups")
        if balancer["Type"] != "network" or after is None or bool(before) == bool(after):
            return
        told = f"security_groups is {after!r}, and the Network Load Balancer {self.name} in {self.region}"
        if after:
            raise CollectionError(
                f"{told} was created without one; AWS lets it have none later. Leave security_groups out, or give the "
                "load balancer another name, so that a new one is made."
            )
        raise CollectionError(
            f"{told} has {', '.join(sorted(before))}; AWS takes away all of them from none. Leave security_groups out "
            "to keep them, or give one."
        )

    def _refuse_removal(self, arn: str) -> Attributes:
        """Say while planning what would end a removal half-way: by then its listeners would be gone.

        Returns its protection, so that a plan that lifts it shows that.

        Raises:
            CollectionError: it is protected, or a Network Load Balancer forwards to it.
        """
        answer = self.listing.client.describe_load_balancer_attributes(LoadBalancerArn=arn)
        protection = from_tag_list(answer["Attributes"]).get(PROTECTION, "false")
        if protection == "true" and not self.delete_protected:
            raise CollectionError(
                f"The load balancer {self.name} in {self.region} is protected from deletion. Set its attribute "
                f"{PROTECTION} to false first, or give delete_protected: true; nothing was removed."
            )
        before = [name for name in self.listing.forwarding_to(arn) if name not in self.going_before]
        if before:
            raise CollectionError(
                f"The load balancer {self.name} in {self.region} is a target of the target group {', '.join(before)} "
                "of a Network Load Balancer. Remove that first; nothing was removed."
            )
        return {PROTECTION: protection}

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        return super().differences(only_wanted(actual, wanted, "attributes"), wanted)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = self.elb(cloud)
        optional = {"SecurityGroups": wanted["security_groups"]} if wanted.get("security_groups") else {}
        # Creating it twice with the same settings makes one.
        balancer = client.create_load_balancer(
            Name=self.name,
            Type=wanted["type"],
            Scheme=wanted["scheme"],
            Subnets=wanted["subnets"],
            IpAddressType=wanted["ip_address_type"],
            Tags=to_tag_list(wanted["tags"]),
            **optional,
        )["LoadBalancers"][0]
        arn = balancer["LoadBalancerArn"]
        self._set_attributes(cloud, arn, wanted["attributes"])
        if cloud.wait:
            self._wait_until_active(cloud, arn)
        return {
            **wanted,
            "arn": arn,
            "dns_name": balancer["DNSName"],
            "zone_id": balancer["CanonicalHostedZoneId"],
        }

    def _wait_until_active(self, cloud: Cloud, arn: str) -> None:
        def active() -> bool:
            answer = self.elb(cloud).describe_load_balancers(LoadBalancerArns=[arn])
            state = answer["LoadBalancers"][0]["State"]
            if state["Code"] == "failed":
                raise CollectionError(
                    f"the load balancer {self.name} in {self.region} failed to come up: "
                    f"{state.get('Reason', 'AWS gives no reason')}"
                )
            # With too little capacity it works all the same.
            return state["Code"] in ("active", "active_impaired")

        cloud.wait_until(f"load balancer {self.name} in {self.region} to be active", active)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client, arn = self.elb(cloud), actual["arn"]
        if "security_groups" in differences:
            client.set_security_groups(LoadBalancerArn=arn, SecurityGroups=wanted["security_groups"])
        if "subnets" in differences:
            client.set_subnets(LoadBalancerArn=arn, Subnets=wanted["subnets"])
        if "ip_address_type" in differences:
            client.set_ip_address_type(LoadBalancerArn=arn, IpAddressType=wanted["ip_address_type"])
        if "attributes" in differences:
            before, after = differences["attributes"]
            self._set_attributes(cloud, arn, {key: value for key, value in after.items() if before.get(key) != value})
        self.retag(cloud, arn, differences)
        return {**actual, **wanted}

    def _set_attributes(self, cloud: Cloud, arn: str, attributes: dict[str, str]) -> None:
        if attributes:
            self.elb(cloud).modify_load_balancer_attributes(
                LoadBalancerArn=arn, Attributes=to_attribute_list(attributes)
            )

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        def remove() -> None:
            with absent_is_none("LoadBalancerNotFound"):
                if actual["attributes"].get(PROTECTION) == "true":
                    self._set_attributes(cloud, actual["arn"], {PROTECTION: "false"})
                self.elb(cloud).delete_load_balancer(LoadBalancerArn=actual["arn"])

        # A VPC link that is gone lets it go a moment later.
        patience = min(LET_GO_SECONDS, cloud.wait_timeout)
        let_go(cloud, f"load balancer {self.name} in {self.region}", remove, busy=("ResourceInUse",), timeout=patience)

        def gone() -> bool:
            with absent_is_none("LoadBalancerNotFound"):
                answer = self.elb(cloud).describe_load_balancers(LoadBalancerArns=[actual["arn"]])
                return not answer["LoadBalancers"]
            return True

        cloud.wait_until(f"load balancer {self.name} in {self.region} to be deleted", gone)
