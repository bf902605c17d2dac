# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to wait so that requests are answered while a service moves to other target groups.

A listener forwards to a group without healthy targets as to any other, and answers 503. So it moves only once somebody
has joined the new group. ECS lets a service join a group that a load balancer has, and no other one: until then a group
is attached by a rule that holds for no request, or to a port that nobody asks (a Network Load Balancer has no rules).
"""

from __future__ import annotations

from typing import Any

from ...kernel import CollectionError, Resource
from ...resources.listener import Listener
from ...resources.listener_action import Action, read_action
from ...resources.listener_rule import ListenerRule, is_parked, read_condition
from ...resources.load_balancer_listing import LoadBalancerListing
from .rule_checks import LAST_PRIORITY

LAST_PORT = 65535


class Serving:
    """What the targets of one load balancer's groups are doing now."""

    def __init__(self, listing: LoadBalancerListing) -> None:
        self.listing = listing
        self.arns = {group["TargetGroupName"]: group["TargetGroupArn"] for group in listing.all_target_groups()}

    def _states(self, arn: str) -> list[str]:
        def ask() -> list[str]:
            answer = self.listing.client.describe_target_health(TargetGroupArn=arn)
            return [each["TargetHealth"]["State"] for each in answer["TargetHealthDescriptions"]]

        return self.listing.once(("targets", arn), ask)

    def serves(self, arn: str) -> bool:
        """Whether requests to this group have somebody to go to: without a healthy target all of them are asked."""
        return any(state != "draining" for state in self._states(arn))

    def is_ready(self, name: str) -> bool:
        """Whether somebody in the group of this name is healthy."""
        return name in self.arns and "healthy" in self._states(self.arns[name])

    def answers(self, action: Action) -> bool:
        """Whether a listener or rule with this action answers requests now."""
        shares = [each for each in action.get("forward", []) if each["weight"]]
        return not shares or any(self.serves(each["target_group"]) for each in shares)


def groups_in(wanted: dict[str, Any], least_weight: int = 0) -> list[str]:
    """The names of the groups that a wanted listener or rule forwards to at first, if with this weight."""
    if "shares" in wanted:
        return [wanted["shares"][0].resource.name]
    shares = (wanted.get("action") or wanted.get("default") or {}).get("forward", [])
    return [each["target_group"].resource.name for each in shares if each["weight"] >= least_weight]


def hold_back(
    listing: LoadBalancerListing, listeners: list[Listener], rules: list[ListenerRule], removed: list[Resource]
) -> list[str]:
    """Mark what has to wait, and return the names of the groups that it waits for.

    Raises:
        CollectionError: the groups between which ECS shifts traffic would be exchanged under it.
    """
    serving, missing = Serving(listing), []
    ports = {item["Port"]: item for item in listing.listeners()}
    for listener in listeners:
        now = ports.get(listener.wanted["port"])
        if now is not None and _has_to_wait(serving, listener, read_action(now["DefaultActions"])):
            listener.waits = True
            missing += groups_in(listener.wanted)
    places = {(item["Port"], int(rule["Priority"])): rule for item, rule in listing.rules()}
    for rule in rules:
        now = places.get((rule.port, rule.wanted["priority"]))
        if now is not None:
            action = read_action(now["Actions"])
            _refuse_exchange(serving, rule, action)
            waits = _has_to_wait(serving, rule, action)
        else:
            # What the rule is to take is answered by the rules behind it.
            waits = rule.port in ports and "shares" not in rule.wanted and _has_to_wait(serving, rule, {})
        if waits:
            rule.waits = True
            missing += groups_in(rule.wanted)
    for each in removed:
        forwarded = each.kind == "elbv2_target_group" and _is_forwarded(listing, serving, each.name)
        each.waits = bool(missing) or forwarded
    return list(dict.fromkeys(missing))


def _has_to_wait(serving: Serving, resource: Resource, now: Action) -> bool:
    groups = groups_in(resource.wanted, least_weight=1)
    current = {each["target_group"] for each in now.get("forward", []) if each["weight"]}
    if not groups or current == {serving.arns.get(name) for name in groups}:
        return False
    return serving.answers(now) and not all(serving.is_ready(name) for name in groups)


def _refuse_exchange(serving: Serving, rule: ListenerRule, now: Action) -> None:
    shares = [each for each in now.get("forward", []) if each["weight"]]
    if "shares" not in rule.wanted or not any(serving.serves(each["target_group"]) for each in shares):
        return
    names = [ref.resource.name for ref in rule.wanted["shares"]]
    lost = [each["target_group"] for each in shares if each["target_group"] not in map(serving.arns.get, names)]
    if lost:
        raise CollectionError(
            f"The rule {rule.name} in {rule.region} forwards to {', '.join(arn.split('/')[-2] for arn in lost)}, whose "
            f"targets answer requests, and is to shift traffic between {' and '.join(names)}. ECS shifts between the "
            "groups that it knows: let the service be deployed by the strategy rolling and without `shift` first, "
            "rename the groups then, and let it shift again. Nothing was changed."
        )


def _is_forwarded(listing: LoadBalancerListing, serving: Serving, name: str) -> bool:
    """Whether requests reach targets through this group now."""
    arn = serving.arns.get(name)
    actions = [item["DefaultActions"] for item in listing.listeners()]
    actions += [rule["Actions"] for _item, rule in listing.rules() if not is_parked(conditions_of(rule))]
    reached = {each["target_group"] for action in map(read_action, actions) for each in action.get("forward", [])}
    return arn in reached and serving.serves(arn)


def conditions_of(rule: dict[str, Any]) -> list[dict[str, Any]]:
    return [read_condition(each) for each in rule["Conditions"]]


class Places:
    """Where a group can be attached without a request that reaches it."""

    def __init__(self, listing: LoadBalancerListing, listeners: list[Listener], rules: list[ListenerRule]) -> None:
        self._ports = {item["Port"] for item in listing.listeners()} | {each.wanted["port"] for each in listeners}
        self._taken = {(item["Port"], int(rule["Priority"])) for item, rule in listing.rules()}
        self._taken |= {(rule.port, rule.wanted["priority"]) for rule in rules}

    def port(self) -> int:
        free = next(port for port in range(LAST_PORT, 0, -1) if port not in self._ports)
        self._ports.add(free)
        return free

    def priority(self, port: int) -> int:
        free = next(number for number in range(LAST_PRIORITY, 0, -1) if (port, number) not in self._taken)
        self._taken.add((port, free))
        return free


def to_park(listing: LoadBalancerListing, missing: list[str]) -> list[str]:
    """Which of the groups that something waits for no load balancer has yet."""
    attached = {each["TargetGroupName"] for each in listing.all_target_groups() if each.get("LoadBalancerArns")}
    return [name for name in missing if name not in attached]
