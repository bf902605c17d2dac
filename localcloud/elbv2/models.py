# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load balancers of one region: moto's, with the rules AWS enforces before it creates or deletes one."""

from __future__ import annotations

from typing import Any

from moto.elbv2.exceptions import (
    DuplicateListenerError,
    DuplicateLoadBalancerName,
    DuplicatePriorityError,
    ELBClientError,
    ListenerNotFoundError,
    LoadBalancerNotFoundError,
    PriorityInUseError,
    RuleNotFoundError,
    TargetGroupNotFoundError,
)
from moto.elbv2.models import ELBv2Backend as MotoBackend
from moto.elbv2.models import (
    FakeAction,
    FakeListener,
    FakeListenerRule,
    FakeLoadBalancer,
    FakeRule,
    FakeTargetGroup,
    elbv2_backends,
)
from moto.moto_api._internal import mock_random

from localcloud.apigateway.lazily import backend_if_any
from localcloud.elbv2.attributes import ATTRIBUTES
from localcloud.elbv2.rules import (
    check_alb_targets,
    check_certificate,
    check_conditions,
    check_dual_stack,
    check_group_change,
    check_groups,
    check_matcher,
    check_name,
    check_policy,
    check_priority,
    check_protocol,
    check_shares,
    check_subnets,
    check_targets,
)

ARN_KINDS = {"application": "app", "network": "net", "gateway": "gwy"}


class ELBv2Backend(MotoBackend):
    """Load balancers, listeners, rules and target groups of one region."""

    # Load balancers

    def create_load_balancer(  # type: ignore[override]
        self,
        name: str,
        security_groups: list[str],
        subnet_ids: list[str],
        subnet_mappings: list[dict[str, str]] | None = None,
        scheme: str | None = None,
        loadbalancer_type: str | None = None,
        ip_address_type: str = "ipv4",
        tags: list[dict[str, str]] | None = None,
    ) -> FakeLoadBalancer:
        kind = loadbalancer_type or "application"
        scheme = scheme or "internet-facing"
        check_name("load balancer", name)
        wanted = subnet_ids + [mapping["SubnetId"] for mapping in subnet_mappings or []]
        vpc_id = check_subnets(self.ec2_backend, wanted, kind)
        check_dual_stack(self.ec2_backend, wanted, ip_address_type or "ipv4")
        existing = next((b for b in self.load_balancers.values() if b.name == name), None)
        if existing is not None:
            same = (
                (existing.scheme, existing.type) == (scheme, kind)
                and {subnet.id for subnet in existing.subnets} == set(wanted)
                and set(existing.security_groups or []) == set(security_groups or existing.security_groups or [])
            )
            if same:
                return existing
            raise DuplicateLoadBalancerName()
        if kind == "application" and not security_groups:
            security_groups = [g.id for g in self.ec2_backend.groups[vpc_id].values() if g.name == "default"]
        check_groups(self.ec2_backend, security_groups, vpc_id)
        balancer = super().create_load_balancer(
            name,
            security_groups,
            subnet_ids,
            subnet_mappings,
            scheme,
            kind,
            ip_address_type,
            tags,
        )
        self._name_kind(balancer, kind, tags)
        balancer.dns_name = dns_name(name, self.region_name, kind, scheme)
        balancer.attrs = dict(ATTRIBUTES[kind])
        return balancer

    def _name_kind(self, balancer: FakeLoadBalancer, kind: str, tags: list[dict[str, str]] | None) -> None:
        """Put its kind into its ARN, and so into its listeners': to moto all are Application Load Balancers."""
        del self.load_balancers[balancer.arn]
        self.tagging_service.delete_all_tags_for_resource(balancer.arn)
        balancer.arn = balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{ARN_KINDS[kind]}/")
        self.load_balancers[balancer.arn] = balancer
        self.tagging_service.tag_resource(balancer.arn, tags)

    def describe_load_balancers(self, arns: list[str] | None, names: list[str] | None) -> list[FakeLoadBalancer]:
        known = {b.arn for b in self.load_balancers.values()} | {b.name for b in self.load_balancers.values()}
        if any(wanted not in known for wanted in (arns or []) + (names or [])):
            raise LoadBalancerNotFoundError()
        return super().describe_load_balancers(arns, names)

    def set_ip_address_type(self, arn: str, ip_type: str) -> None:
        if arn in self.load_balancers:
            check_dual_stack(self.ec2_backend, [each.id for each in self.load_balancers[arn].subnets], ip_type)
        super().set_ip_address_type(arn, ip_type)

    def set_security_groups(self, arn: str, sec_groups: list[str]) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is None:
            raise LoadBalancerNotFoundError()
        check_group_change(balancer.type, balancer.security_groups or [], sec_groups)
        check_groups(self.ec2_backend, sec_groups, balancer.vpc_id)
        super().set_security_groups(arn, sec_groups)

    def delete_load_balancer(self, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        if any(arn in group.targets for group in self.target_groups.values() if group.target_type == "alb"):
            raise ELBClientError("ResourceInUse", f"Load balancer '{arn}' is a target of a Network Load Balancer")
        gateway = backend_if_any(self.account_id, self.region_name)
        if gateway is not None and gateway.links_of(arn):
            raise ELBClientError(
                "ResourceInUse",
                f"Load balancer '{arn}' cannot be deleted because it is currently associated with another service",
            )
        super().delete_load_balancer(arn)
        self.note_attachments()

    # Target groups

    def create_target_group(self, name: str, **settings: Any) -> FakeTargetGroup:
        check_name("target group", name)
        check_matcher(settings.get("matcher"), settings.get("protocol"), settings.get("protocol_version"))
        same = next((group for group in self.target_groups.values() if group.name == name), None)
        kept = ("protocol", "port", "vpc_id", "target_type")
        if same is not None and all(getattr(same, key) == settings.get(key) for key in kept):
            return same  # as on AWS: creating it again with the same settings succeeds
        group = super().create_target_group(name, **settings)
        if group.protocol in ("TCP", "TLS", "UDP", "TCP_UDP"):
            group.attributes.update(
                {
                    "deregistration_delay.connection_termination.enabled": "false",
                    "preserve_client_ip.enabled": "false" if group.target_type in ("ip", "alb") else "true",
                    "proxy_protocol_v2.enabled": "false",
                }
            )
        return group

    def register_targets(self, target_group_arn: str, instances: list[Any]) -> None:
        group = self.target_groups.get(target_group_arn)
        if group is not None and group.target_type == "alb":
            check_alb_targets(self, group, instances)
        super().register_targets(target_group_arn, instances)

    # Listeners and rules

    def create_listener(
        self,
        load_balancer_arn: str,
        protocol: str,
        port: str,
        ssl_policy: str,
        certificate: str | None,
        actions: list[dict[str, Any]],
        **settings: Any,
    ) -> FakeListener:
        balancer = self.load_balancers.get(load_balancer_arn)
        if balancer is None:
            raise LoadBalancerNotFoundError()
        there = next((each for each in balancer.listeners.values() if int(each.port) == int(port)), None)
        if there is not None:
            # As on AWS: creating it again with the same settings succeeds.
            asked = (protocol, certificate, [FakeAction(action).data for action in actions])
            if asked == (there.protocol, there.certificate, [action.data for action in there.default_actions]):
                return there
            raise DuplicateListenerError()
        check_protocol(balancer.type, protocol, certificate)
        check_policy(protocol, ssl_policy)
        check_certificate(self, certificate)
        check_targets(self, balancer, actions)
        listener = super().create_listener(
            load_balancer_arn, protocol, port, ssl_policy, certificate, actions, **settings
        )
        if not certificate:
            listener.ssl_policy = None  # type: ignore[assignment]
        self.note_attachments()
        return listener

    def modify_listener(self, arn: str, *arguments: Any, **settings: Any) -> FakeListener:
        actions = settings.get("actions") or (arguments[4] if len(arguments) > 4 else [])
        for each in settings.get("certificates") or (arguments[3] if len(arguments) > 3 else []) or []:
            check_certificate(self, each.get("CertificateArn") or each.get("certificate_arn"))
        check_targets(self, self._balancer_of(arn), actions or [])
        listener = super().modify_listener(arn, *arguments, **settings)
        self.note_attachments()
        return listener

    def delete_listener(self, listener_arn: str) -> FakeListener:
        listener = super().delete_listener(listener_arn)
        self.note_attachments()
        return listener

    def create_rule(
        self,
        listener_arn: str,
        conditions: list[dict[str, Any]],
        priority: int,
        actions: list[dict[str, Any]],
        tags: list[dict[str, str]] | None = None,
    ) -> FakeListenerRule:
        check_priority(priority)
        if not conditions:
            raise ELBClientError("ValidationError", "A condition must be specified")
        check_conditions(conditions)
        check_shares(actions)
        check_targets(self, self._balancer_of(listener_arn), actions)
        rule = super().create_rule(listener_arn, conditions, int(priority), actions, tags)
        self.note_attachments()
        return rule

    def modify_rule(self, rule_arn: str, conditions: list[dict[str, Any]], actions: list[dict[str, Any]]) -> FakeRule:
        check_conditions(conditions or [])
        check_shares(actions or [])
        check_targets(self, self._balancer_of(rule_arn), actions or [])
        rule = super().modify_rule(rule_arn, conditions, actions)
        self.note_attachments()
        return rule

    def delete_rule(self, arn: str) -> None:
        listeners = [listener for b in self.load_balancers.values() for listener in b.listeners.values()]
        rules = {rule.arn: rule for listener in listeners for rule in listener.rules.values()}
        if arn not in rules:
            raise ELBClientError("RuleNotFound", "One or more rules not found")
        if rules[arn].is_default:
            raise ELBClientError("OperationNotPermitted", f"Default rule '{arn}' cannot be deleted")
        super().delete_rule(arn)
        self.note_attachments()

    def set_rule_priorities(self, rule_priorities: list[dict[str, Any]]) -> list[FakeRule]:
        wanted = {entry["RuleArn"]: int(entry["Priority"]) for entry in rule_priorities}
        for priority in wanted.values():
            check_priority(priority)
            if list(wanted.values()).count(priority) > 1:
                raise DuplicatePriorityError(priority)
        rules = self.describe_rules(None, list(wanted))
        for rule in rules:
            listener = self.describe_listeners(None, [rule.listener_arn])[0]
            # Rules may swap priorities; only one that keeps its own can be in the way.
            others = [other for other in listener.rules.values() if other.arn not in wanted]
            if any(other.priority == wanted[rule.arn] for other in others):
                raise PriorityInUseError()
        for rule in rules:
            rule.priority = wanted[rule.arn]
        return rules

    # Tags

    def describe_tags(self, resource_arns: list[str]) -> dict[str, dict[str, str]]:
        listeners = [listener for b in self.load_balancers.values() for listener in b.listeners.values()]
        for arn in resource_arns:
            kind = arn.split(":", 5)[5].partition("/")[0]
            known, error = {
                "loadbalancer": (self.load_balancers, LoadBalancerNotFoundError()),
                "targetgroup": (self.target_groups, TargetGroupNotFoundError()),
                "listener": ({each.arn for each in listeners}, ListenerNotFoundError()),
                "listener-rule": (
                    {rule.arn for each in listeners for rule in each.rules.values()},
                    RuleNotFoundError(),
                ),
            }[kind]
            if arn not in known:
                raise error
        return super().describe_tags(resource_arns)

    def _balancer_of(self, arn: str) -> FakeLoadBalancer:
        """The load balancer a listener's or rule's ARN belongs to."""
        path = arn.split(":", 5)[5].split("/")
        for balancer in self.load_balancers.values():
            if balancer.arn.split(":", 5)[5].split("/")[1:] == path[1:4]:
                return balancer
        raise ELBClientError("RuleNotFound" if "listener-rule" in arn else "ListenerNotFound", f"{arn} does not exist")

    def note_attachments(self) -> None:
        """Say of every target group which load balancers forward to it now; moto only ever adds."""
        for group in self.target_groups.values():
            group.load_balancer_arns = [
                balancer.arn for balancer in self.load_balancers.values() if self._forwards(balancer, group.arn)
            ]

    def _forwards(self, balancer: FakeLoadBalancer, group_arn: str) -> bool:
        return any(
            group_arn in self._get_target_group_arns_from(action.data)
            for listener in balancer.listeners.values()
            for rule in listener.rules.values()
            for action in rule.actions
        )


def dns_name(name: str, region: str, kind: str, scheme: str) -> str:
    """The name AWS gives a load balancer; its number differs from one of the same name before it."""
    prefix = "internal-" if scheme == "internal" and kind == "application" else ""
    if kind == "application":
        return f"{prefix}{name}-{mock_random.randint(10**8, 10**9)}.{region}.elb.amazonaws.com"
    return f"{name}-{mock_random.get_random_hex(16)}.elb.{region}.amazonaws.com"


elbv2_backends.backend = ELBv2Backend
