# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security groups and their rules, which are two resources: groups may refer to one another in a circle."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list
from ..kernel import Attributes, Cloud, Difference, absent_is_none
from ..kernel.retrying import let_go, make_once
from .network_listing import NetworkListing, NetworkResource, tag_specification
from .network_users import interfaces

ANY_PROTOCOL = "-1"
DIRECTIONS = ("ingress", "egress")

Rule = dict[str, Any]
"""One rule with one other end: `protocol` (tcp, udp, icmp, all or a number as text), `from_port` and `to_port` (int or
None), `source` (a range, the id of a group or of a prefix list), `description` (maybe empty)."""


class SecurityGroup(NetworkResource):
    """Wanted: `vpc` (id), `description`, `tags`. Gives `id`."""

    kind = "ec2_security_group"
    id_key = "GroupId"
    fixed: ClassVar[frozenset[str]] = frozenset({"description"})

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.security_groups()

    def recognise(self, item: dict[str, Any]) -> bool:
        return item["GroupName"] == self.name

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing) -> Attributes:
        return {
            "id": item["GroupId"],
            "vpc": item["VpcId"],
            "description": item["Description"],
            "tags": from_tag_list(item.get("Tags")),
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ec2", self.region, retries={"max_attempts": 0})
        mine = [{"Name": "vpc-id", "Values": [wanted["vpc"]]}, {"Name": "group-name", "Values": [self.name]}]
        group = make_once(
            lambda: client.create_security_group(
                VpcId=wanted["vpc"],
                GroupName=self.name,
                Description=wanted["description"],
                TagSpecifications=tag_specification("security-group", wanted["tags"]),
            ),
            lambda: next(iter(client.describe_security_groups(Filters=mine)["SecurityGroups"]), None),
        )
        return {**wanted, "id": group["GroupId"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.retag(cloud, actual["id"], differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        let_go(
            cloud,
            f"security group {actual['id']}",
            lambda: self.ec2(cloud).delete_security_group(GroupId=actual["id"]),
            users=lambda: interfaces(cloud, self.region, "group-id", actual["id"]),
        )


class AcceleratorGroup(SecurityGroup):
    """The group that Global Accelerator makes in a VPC whose endpoints preserve clients' addresses, and never removes.

    Nobody tags it: it is a part of the VPC.
    """

    kind = "ec2_accelerator_security_group"
    owned: ClassVar[bool] = False
    group_name = "GlobalAccelerator"


class SecurityGroupRules(NetworkResource):
    """All rules of one group. Wanted: `group` (id), `ingress` and `egress` (lists of `Rule`).

    With `only_opens`, what is to be closed waits.
    """

    kind = "ec2_security_group_rules"
    owned: ClassVar[bool] = False
    id_key = "GroupId"
    unordered: ClassVar[frozenset[str]] = frozenset(DIRECTIONS)

    @classmethod
    def listed(cls, listing: NetworkListing) -> list[dict[str, Any]]:
        return listing.security_groups()

    def recognise(self, item: dict[str, Any]) -> bool:
        return item["GroupName"] == self.name

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing | None = None) -> Attributes:
        return {
            "group": item["GroupId"],
            "ingress": read_rules(item.get("IpPermissions", [])),
            "egress": read_rules(item.get("IpPermissionsEgress", [])),
        }

    def __init__(self, name: str, region: str, *, only_opens: bool = False, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.only_opens = only_opens

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        return super().differences(actual, opened(actual, wanted) if self.only_opens else wanted)

    def postponed(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        if not self.only_opens:
            return {}
        before = {**actual, **opened(actual, wanted)}
        return super().differences(before, wanted) if _closes(actual, wanted) else {}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # A group is born with a rule that lets everything out.
        group = self.ec2(cloud).describe_security_groups(GroupIds=[wanted["group"]])["SecurityGroups"][0]
        actual = self.read(group)
        return self.update(cloud, actual, wanted, super().differences(actual, wanted))

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        for direction in DIRECTIONS:
            if direction in differences:
                self._set(cloud, actual["group"], direction, *differences[direction])
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        for direction in DIRECTIONS:
            self._set(cloud, actual["group"], direction, actual[direction], [])

    def _set(self, cloud: Cloud, group: str, direction: str, before: list[Rule], after: list[Rule]) -> None:
        """Come from the rules `before` to those `after`; what is opened is opened first, so that nothing is cut off."""
        client = self.ec2(cloud)
        old, new = ({rule_key(rule): rule for rule in rules} for rules in (before, after))
        opened = [rule for key, rule in new.items() if key not in old]
        closed = [rule for key, rule in old.items() if key not in new]
        renamed = [rule for key, rule in new.items() if key in old and old[key]["description"] != rule["description"]]
        if opened:
            with absent_is_none("InvalidPermission.Duplicate"):
                self._call(client, f"authorize_security_group_{direction}", group, opened)
        if closed:
            with absent_is_none("InvalidPermission.NotFound", "InvalidGroup.NotFound"):
                # A description need not be given to close a rule, and one changed meanwhile must not matter.
                nameless = [{**rule, "description": ""} for rule in closed]
                self._call(client, f"revoke_security_group_{direction}", group, nameless)
        if renamed:
            self._call(client, f"update_security_group_rule_descriptions_{direction}", group, renamed)

    @staticmethod
    def _call(client: Any, operation: str, group: str, rules: list[Rule]) -> None:
        getattr(client, operation)(GroupId=group, IpPermissions=[as_permission(rule) for rule in rules])


class DefaultSecurityGroupRules(SecurityGroupRules):
    """The rules of the group that AWS makes with every VPC. Wanted: `vpc` (id), `ingress`, `egress`."""

    kind = "ec2_default_security_group_rules"

    def recognise(self, item: dict[str, Any]) -> bool:
        return item["GroupName"] == "default"

    @classmethod
    def read(cls, item: dict[str, Any], listing: NetworkListing | None = None) -> Attributes:
        return {**super().read(item), "vpc": item["VpcId"]}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        filters = [{"Name": "vpc-id", "Values": [wanted["vpc"]]}, {"Name": "group-name", "Values": ["default"]}]
        group = self.ec2(cloud).describe_security_groups(Filters=filters)["SecurityGroups"][0]
        return super().create(cloud, {**wanted, "group": group["GroupId"]})


def _left(actual: Attributes, wanted: Attributes, direction: str) -> list[Rule]:
    """The rules that there are and that are not wanted."""
    keys = {rule_key(rule) for rule in wanted[direction]}
    return [rule for rule in actual[direction] if rule_key(rule) not in keys]


def _closes(actual: Attributes, wanted: Attributes) -> bool:
    return any(_left(actual, wanted, direction) for direction in DIRECTIONS)


def opened(actual: Attributes, wanted: Attributes) -> Attributes:
    """What is wanted, with the rules that would have to be closed."""
    return {**wanted, **{way: [*wanted[way], *_left(actual, wanted, way)] for way in DIRECTIONS}}


def rule_key(rule: Rule) -> tuple[Any, ...]:
    """What tells a rule from others; its description does not."""
    return (rule["protocol"], rule["from_port"], rule["to_port"], rule["source"])


def read_rules(permissions: list[dict[str, Any]]) -> list[Rule]:
    """The rules in what AWS tells, which groups them by protocol and ports."""
    rules = []
    for permission in permissions:
        protocol = permission["IpProtocol"]
        ends = [
            *((r["CidrIp"], r) for r in permission.get("IpRanges", [])),
            *((r["CidrIpv6"], r) for r in permission.get("Ipv6Ranges", [])),
            *((r["GroupId"], r) for r in permission.get("UserIdGroupPairs", [])),
            *((r["PrefixListId"], r) for r in permission.get("PrefixListIds", [])),
        ]
        for source, end in ends:
            rules.append(
                {
                    "protocol": "all" if protocol == ANY_PROTOCOL else protocol,
                    "from_port": None if protocol == ANY_PROTOCOL else permission.get("FromPort"),
                    "to_port": None if protocol == ANY_PROTOCOL else permission.get("ToPort"),
                    "source": source,
                    "description": end.get("Description") or "",
                }
            )
    return sorted(rules, key=repr)


def as_permission(rule: Rule) -> dict[str, Any]:
    """A rule in the form in which EC2 takes it."""
    source = rule["source"]
    if source.startswith("sg-"):
        ends, key = "UserIdGroupPairs", "GroupId"
    elif source.startswith("pl-"):
        ends, key = "PrefixListIds", "PrefixListId"
    elif ":" in source:
        ends, key = "Ipv6Ranges", "CidrIpv6"
    else:
        ends, key = "IpRanges", "CidrIp"
    end = {key: source, **({"Description": rule["description"]} if rule["description"] else {})}
    permission: dict[str, Any] = {
        "IpProtocol": ANY_PROTOCOL if rule["protocol"] == "all" else rule["protocol"],
        ends: [end],
    }
    if rule["from_port"] is not None:
        permission |= {"FromPort": rule["from_port"], "ToPort": rule["to_port"]}
    return permission
