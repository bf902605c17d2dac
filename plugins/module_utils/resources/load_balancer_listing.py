# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of a load balancer have in common: how they are read together, found and tagged.

A load balancer is found by its name, everything else through it. Target groups carry its name in the tag
`load_balancer`, so that one that was never attached is found too.
"""

from __future__ import annotations

from typing import Any

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import KNOWN_AFTER_APPLY, Attributes, Cloud, Difference, Resource, absent_is_none
from .listing import Listing

TAGS_AT_ONCE = 20
"""`DescribeTags` takes so many ARNs."""


class LoadBalancerListing(Listing):
    """The raw answers about the load balancer `name` of `workload` in one region."""

    def __init__(self, cloud: Cloud, region: str, workload: str, name: str) -> None:
        super().__init__(cloud, region)
        self.workload = workload
        self.name = name

    @property
    def client(self) -> Any:
        return self.cloud.client("elbv2", self.region)

    def load_balancer(self) -> dict[str, Any] | None:
        def ask() -> dict[str, Any] | None:
            with absent_is_none("LoadBalancerNotFound"):
                return self.client.describe_load_balancers(Names=[self.name])["LoadBalancers"][0]
            return None

        return self.once("load balancer", ask)

    def arn_of(self, name: str) -> str:
        """The ARN of another load balancer of the region; unknown as long as there is none of this name."""

        def ask() -> str:
            with absent_is_none("LoadBalancerNotFound"):
                return self.client.describe_load_balancers(Names=[name])["LoadBalancers"][0]["LoadBalancerArn"]
            return KNOWN_AFTER_APPLY

        return self.once(("arn", name), ask)

    def listeners(self) -> list[dict[str, Any]]:
        balancer = self.load_balancer()
        if balancer is None:
            return []
        arn = balancer["LoadBalancerArn"]
        return self.once(
            "listeners",
            lambda: self.cloud.paginate("elbv2", "describe_listeners", self.region, LoadBalancerArn=arn),
        )

    def rules(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Each rule with its listener, without the default rules, which are the listeners' own."""
        if (self.load_balancer() or {}).get("Type") != "application":
            return []
        listeners = self.listeners()

        def ask(arn: str) -> list[dict[str, Any]]:
            return self.once(
                ("rules", arn), lambda: self.cloud.paginate("elbv2", "describe_rules", self.region, ListenerArn=arn)
            )

        answers = self.side_by_side([lambda arn=each["ListenerArn"]: ask(arn) for each in listeners])
        return [
            (listener, rule)
            for listener, rules in zip(listeners, answers, strict=True)
            for rule in rules
            if not rule["IsDefault"]
        ]

    def all_target_groups(self) -> list[dict[str, Any]]:
        """Every target group of the region: one call, because asking by name fails if one of the names is unknown."""
        return self.once("target groups", lambda: self.cloud.paginate("elbv2", "describe_target_groups", self.region))

    def own_target_groups(self) -> list[dict[str, Any]]:
        """Those attached to this load balancer alone, or to none and with its name in their tags."""
        balancer = self.load_balancer()
        ours = {balancer["LoadBalancerArn"]} if balancer else None
        free = [group for group in self.all_target_groups() if not group.get("LoadBalancerArns")]
        tags = self.tags([group["TargetGroupArn"] for group in free])
        marks = {"workload": self.workload, "load_balancer": self.name}
        attached = [group for group in self.all_target_groups() if set(group.get("LoadBalancerArns") or []) == ours]
        named = [group for group in free if marks.items() <= tags.get(group["TargetGroupArn"], {}).items()]
        return attached + named

    def forwarding_to(self, arn: str) -> list[str]:
        """The target groups, all of Network Load Balancers, that an Application Load Balancer is a target of."""
        found = []
        for group in self.all_target_groups():
            if group.get("TargetType") == "alb":
                answer = self.client.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
                if any(each["Target"]["Id"] == arn for each in answer["TargetHealthDescriptions"]):
                    found.append(group["TargetGroupName"])
        return found

    def tags(self, arns: list[str]) -> dict[str, dict[str, str]]:
        """The tags of these resources, by ARN."""
        known: dict[str, dict[str, str]] = self.once("tags", dict)
        missing = [arn for arn in dict.fromkeys(arns) if arn not in known]
        for start in range(0, len(missing), TAGS_AT_ONCE):
            answer = self.client.describe_tags(ResourceArns=missing[start : start + TAGS_AT_ONCE])
            known.update({each["ResourceArn"]: from_tag_list(each["Tags"]) for each in answer["TagDescriptions"]})
        return {arn: known.get(arn, {}) for arn in arns}

    def read_everything(self, target_groups: list[str]) -> None:
        """Ask what is always needed now, side by side; `target_groups` are the names of those that are wanted."""
        self.side_by_side([self.rules, self.all_target_groups])
        balancer = self.load_balancer()
        ours = balancer["LoadBalancerArn"] if balancer else None
        arns = [ours] if ours else []
        arns += [listener["ListenerArn"] for listener in self.listeners()]
        arns += [rule["RuleArn"] for _listener, rule in self.rules()]
        arns += [
            group["TargetGroupArn"]
            for group in self.all_target_groups()
            if group["TargetGroupName"] in target_groups
            or ours in group.get("LoadBalancerArns", [])
            or not group.get("LoadBalancerArns")
        ]
        self.tags(arns)


class ElbResource(Resource):
    """A part of a load balancer. `identifier` is the ARN, for those that are only known by it (what is purged)."""

    def __init__(
        self, name: str, region: str, *, listing: LoadBalancerListing, identifier: str | None = None, **others: Any
    ) -> None:
        super().__init__(name, region, **others)
        self.listing = listing
        self.identifier = identifier

    def elb(self, cloud: Cloud) -> Any:
        return cloud.client("elbv2", self.region)

    def retag(self, cloud: Cloud, arn: str, differences: dict[str, Difference]) -> None:
        """Set and remove tags, if they differ."""
        if "tags" not in differences:
            return
        to_set, to_remove = tag_changes(*differences["tags"])
        if to_remove:
            self.elb(cloud).remove_tags(ResourceArns=[arn], TagKeys=to_remove)
        if to_set:
            self.elb(cloud).add_tags(ResourceArns=[arn], Tags=to_tag_list(to_set))


def only_wanted(actual: Attributes, wanted: Attributes, *keys: str) -> Attributes:
    """`actual`, with those of its dicts under `keys` cut down to what is wanted: the rest is left alone."""
    cut = {key: {name: (actual.get(key) or {}).get(name) for name in wanted.get(key) or {}} for key in keys}
    return {**actual, **cut}


def as_text(value: Any) -> str:
    """An attribute's value as Elastic Load Balancing writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def to_attribute_list(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(attributes.items())]
