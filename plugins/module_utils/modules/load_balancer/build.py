# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The load balancer, its target groups, listeners and rules as resources, and what is returned."""

from __future__ import annotations

from typing import Any

from ...aws.names import resource_tags
from ...kernel import Cloud, CollectionError, Known, Resource
from ...kernel.run import Composition
from ...resources.listener import Listener
from ...resources.listener_action import Action, fixed_response, forward, forward_by_weight, redirect
from ...resources.listener_rule import PARKED, Condition, ListenerRule, condition
from ...resources.load_balancer import LoadBalancer
from ...resources.load_balancer_listing import LoadBalancerListing, as_text
from ...resources.target_group import TargetGroup
from .arguments import DEREGISTRATION_SECONDS, default_protocol
from .rule_checks import as_list
from .serving import Places, groups_in, hold_back, to_park

CONDITION_FIELDS = {
    "paths": "path-pattern",
    "hosts": "host-header",
    "methods": "http-request-method",
    "source_cidrs": "source-ip",
}
NAMED_FIELDS = {"headers": "http-header", "query": "query-string"}
"""Conditions on what has a name: each name is a condition of its own, and all must hold."""


class Wanted:
    """The wanted resources of one load balancer, by what they are for."""

    def __init__(self, params: dict[str, Any], listing: LoadBalancerListing) -> None:
        self.params = params
        self.listing = listing
        self.tags = resource_tags(params, listing.region)
        self.balancer = self._balancer()
        self.target_groups = {group["name"]: self._target_group(group) for group in params["target_groups"]}
        self.listeners = {listener["port"]: self._listener(listener) for listener in params["listeners"]}
        self.rules = [self._rule(listener, rule) for listener in params["listeners"] for rule in listener["rules"]]

    @property
    def resources(self) -> list[Resource]:
        return [self.balancer, *self.target_groups.values(), *self.listeners.values(), *self.rules]

    def _make(self, kind: type[Any], name: str, **wanted: Any) -> Any:
        common = {"listing": self.listing, "purge_tags": self.params["purge_tags"]}
        return kind(name, self.listing.region, **common, **{"tags": self.tags, **wanted})

    def _balancer(self) -> LoadBalancer:
        params = self.params
        attributes = {key: as_text(value) for key, value in params["attributes"].items()}
        if params["idle_timeout"] is not None:
            attributes["idle_timeout.timeout_seconds"] = str(params["idle_timeout"])
        groups = params["security_groups"]
        return self._make(
            LoadBalancer,
            params["name"],
            type=params["type"],
            scheme=params["scheme"],
            subnets=params["subnets"],
            ip_address_type=params["ip_address_type"],
            attributes=attributes,
            **({} if groups is None else {"security_groups": groups}),
        )

    def _target_group(self, group: dict[str, Any]) -> TargetGroup:
        protocol = group["protocol"] or default_protocol(self.params)
        check = {key: value for key, value in (group["health_check"] or {}).items() if value is not None}
        if "path" in check:
            check.setdefault("protocol", "HTTP")  # without it a Network Load Balancer would only try to connect
        attributes = {key: as_text(value) for key, value in group["attributes"].items()}
        delay, stickiness = group["deregistration_delay"], group["stickiness_seconds"]
        if delay is None and group["target_type"] != "alb":
            delay = DEREGISTRATION_SECONDS
        if delay is not None:
            attributes["deregistration_delay.timeout_seconds"] = str(delay)
        if stickiness is not None:
            attributes["stickiness.enabled"] = as_text(stickiness > 0)
        if stickiness:
            attributes |= {"stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": str(stickiness)}
        optional: dict[str, Any] = {}
        if protocol in ("HTTP", "HTTPS"):
            optional["protocol_version"] = group["protocol_version"] or "HTTP1"
        if group["targets"] is not None:
            optional["targets"] = [
                {"id": each["id"] or self.listing.arn_of(each["load_balancer"]), "port": each["port"] or group["port"]}
                for each in group["targets"]
            ]
        return self._make(
            TargetGroup,
            group["name"],
            vpc=self.params["vpc_id"],
            port=group["port"],
            protocol=protocol,
            target_type=group["target_type"],
            health_check=check,
            attributes=attributes,
            tags={**self.tags, "load_balancer": self.params["name"]},
            **optional,
        )

    def _listener(self, listener: dict[str, Any]) -> Listener:
        encrypted = {"certificate": listener["certificate"], "ssl_policy": listener["ssl_policy"]}
        return self._make(
            Listener,
            f"{self.params['name']}:{listener['port']}",
            load_balancer=self.balancer.ref("arn"),
            port=listener["port"],
            protocol=listener["protocol"] or default_protocol(self.params),
            default=self._action(listener["default"]),
            **(encrypted if listener["certificate"] else {}),
        )

    def _rule(self, listener: dict[str, Any], rule: dict[str, Any]) -> ListenerRule:
        port = listener["port"]
        return self._make(
            ListenerRule,
            f"{self.params['name']}:{port}/{rule['priority']}",
            port=port,
            listener=self.listeners[port].ref("arn"),
            priority=rule["priority"],
            conditions=conditions(rule),
            **self._aim(rule),
        )

    def _aim(self, rule: dict[str, Any]) -> dict[str, Any]:
        """What a rule does; between two groups ECS decides how much each gets."""
        if not rule.get("shifts_to"):
            return {"action": self._action(rule)}
        return {"shares": [self.target_groups[rule[key]].ref("arn") for key in ("target_group", "shifts_to")]}

    def _action(self, action: dict[str, Any]) -> Action:
        if action.get("weights"):
            shares = sorted(action["weights"].items())
            return forward_by_weight([(self.target_groups[name].ref("arn"), int(weight)) for name, weight in shares])
        if action.get("target_group"):
            return forward(self.target_groups[action["target_group"]].ref("arn"))
        if action.get("fixed_response"):
            return fixed_response(**action["fixed_response"])
        return redirect(**action["redirect"])

    def park(self, groups: list[str]) -> list[Resource]:
        """What attaches these groups to the load balancer, each behind a condition or a port that nobody asks for."""
        places = Places(self.listing, list(self.listeners.values()), self.rules)
        parked: list[Resource] = []
        for name in groups:
            aim, behind = forward(self.target_groups[name].ref("arn")), self._listener_waiting_for(name)
            port = behind.wanted["port"]
            if self.params["type"] == "network":
                free = places.port()
                wanted = {**behind.wanted, "port": free, "default": aim}
                parked.append(self._make(Listener, f"{self.params['name']}:{free}", **wanted))
                continue
            priority = places.priority(port)
            parked.append(
                self._make(
                    ListenerRule,
                    f"{self.params['name']}:{port}/{priority}",
                    port=port,
                    listener=behind.ref("arn"),
                    priority=priority,
                    conditions=[PARKED],
                    action=aim,
                )
            )
        return parked

    def _listener_waiting_for(self, group: str) -> Listener:
        ports = {rule.port for rule in self.rules if rule.waits and group in groups_in(rule.wanted)}
        return next(
            each
            for port, each in self.listeners.items()
            if port in ports or (each.waits and group in groups_in(each.wanted))
        )

    def outputs(self, known: Known) -> dict[str, Any]:
        rules = {rule.name: known.attribute(rule, "arn") for rule in self.rules}
        return {
            "arn": known.attribute(self.balancer, "arn"),
            "dns_name": known.attribute(self.balancer, "dns_name"),
            "zone_id": known.attribute(self.balancer, "zone_id"),
            "target_groups": {name: known.attribute(group, "arn") for name, group in self.target_groups.items()},
            "rules": {name: arn for name, arn in rules.items() if arn is not None},
            "listeners": {str(port): known.attribute(item, "arn") for port, item in self.listeners.items()},
        }


def conditions(rule: dict[str, Any]) -> list[Condition]:
    """The conditions of a rule in normal form."""
    plain = [condition(field, rule[key]) for key, field in CONDITION_FIELDS.items() if rule.get(key)]
    named = [
        condition(field, as_list(values), name)
        for key, field in NAMED_FIELDS.items()
        for name, values in (rule.get(key) or {}).items()
    ]
    return plain + named


def strays(listing: LoadBalancerListing, params: dict[str, Any], wanted: list[Resource]) -> list[Resource]:
    """What belongs to the load balancer and is not wanted, as resources to remove, each needing what it stands on."""
    region, name = listing.region, params["name"]
    absent = params["state"] == "absent"
    names = {(resource.kind, resource.name) for resource in wanted}

    def removed(kind: type[Any], its_name: str, arn: str | None, needs: list[Resource], **others: Any) -> Any:
        return kind(its_name, region, listing=listing, identifier=arn, state="absent", needs=needs, **others)

    lifted = {"delete_protected": params["delete_protected"]}
    balancer = [removed(LoadBalancer, name, None, [], **lifted)] if absent else []
    groups = [
        removed(TargetGroup, group["TargetGroupName"], None, [])
        for group in sorted(listing.own_target_groups(), key=lambda each: each["TargetGroupName"])
        if (absent or params["purge_target_groups"]) and (TargetGroup.kind, group["TargetGroupName"]) not in names
    ]
    listeners = {
        item["ListenerArn"]: removed(Listener, f"{name}:{item['Port']}", item["ListenerArn"], balancer + groups)
        for item in listing.listeners()
        if (absent or params["purge_listeners"]) and (Listener.kind, f"{name}:{item['Port']}") not in names
    }
    rules = []
    for item, rule in sorted(listing.rules(), key=lambda each: (each[0]["Port"], int(each[1]["Priority"]))):
        its_name, listener = f"{name}:{item['Port']}/{rule['Priority']}", listeners.get(item["ListenerArn"])
        known_listener = (Listener.kind, f"{name}:{item['Port']}") in names
        if listener or (params["purge_rules"] and known_listener and (ListenerRule.kind, its_name) not in names):
            needs = groups + ([listener] if listener else [])
            rules.append(removed(ListenerRule, its_name, rule["RuleArn"], needs, port=item["Port"]))
    # A load balancer lets go of its target groups when it goes.
    for each in balancer:
        each.needs = tuple(groups)
    return [*groups, *balancer, *listeners.values(), *rules]


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region = params.get("region") or cloud.region
    if not region:
        raise CollectionError("region is not given, neither as a parameter nor in the environment (AWS_REGION).")
    listing = LoadBalancerListing(cloud, region, params["workload"], params["name"])
    listing.read_everything([group["name"] for group in params["target_groups"]])
    if params["state"] == "absent":
        return Composition(strays(listing, params, []))
    wanted = Wanted(params, listing)
    removed = strays(listing, params, wanted.resources)
    parked: list[Resource] = []
    if params["keep_serving"] and listing.load_balancer() is not None:
        missing = hold_back(listing, list(wanted.listeners.values()), wanted.rules, removed)
        parked = wanted.park(to_park(listing, missing))
    return Composition([*wanted.resources, *parked, *removed], wanted.outputs)
