# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web ACLs and IP sets of one region: moto's, refused where AWS refuses, and known everywhere a moment after.

moto takes any rule, any resource to guard, and lets anything be deleted that is used.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import elbv2_backends
from moto.wafv2.exceptions import WAFNonexistentItemException
from moto.wafv2.models import FakeIPSet, FakeWebACL, wafv2_backends
from moto.wafv2.models import WAFV2Backend as MotoBackend

from localcloud.apigateway.lazily import backend_if_any
from localcloud.wafv2.rules import (
    GUARDED,
    AssociatedItem,
    DuplicateItem,
    InvalidParameter,
    UnavailableEntity,
    check_name,
    check_rules,
    check_settings,
    checked_addresses,
    statements,
)
from localcloud.world import WORLD

PROPAGATING = 0.1
"""How long it takes until what was just made can be used (seconds; up to minutes on AWS)."""

KINDS = {"APPLICATION_LOAD_BALANCER": "balancer", "API_GATEWAY": "stage"}


class WafBackend(MotoBackend):
    """The web ACLs and IP sets of one region, or of CloudFront."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self._made: dict[str, float] = {}

    def _use(self, arn: str, there: Any) -> None:
        """Refuse to use what is not there, or not known yet."""
        if arn not in there:
            raise WAFNonexistentItemException
        if is_new(self._made.get(arn)):
            raise UnavailableEntity

    def _check(self, rules: list[dict[str, Any]] | None) -> None:
        check_rules(rules or [])
        for each in self._sets_in(rules or []):
            self._use(each, self.ip_sets)

    @staticmethod
    def _sets_in(rules: list[dict[str, Any]]) -> Iterator[str]:
        for rule in rules:
            for kind, statement in statements(rule["Statement"]):
                if kind == "IPSetReferenceStatement":
                    yield statement["ARN"]

    # Web ACLs

    def create_web_acl(  # type: ignore[override]
        self,
        name: str,
        visibility_config: dict[str, Any],
        default_action: dict[str, Any],
        scope: str,
        description: str,
        tags: Any,
        rules: list[dict[str, Any]],
        association_config: dict[str, Any] | None,
        *rest: Any,
    ) -> FakeWebACL:
        check_name(name)
        check_settings(default_action, visibility_config, association_config)
        self._check(rules)
        if any(each.name == name for each in self.wacls.values()):
            raise DuplicateItem
        made = super().create_web_acl(
            name, visibility_config, default_action, scope, description, tags, rules, association_config, *rest
        )
        self._made[made.arn] = time.monotonic()
        return made

    def update_web_acl(  # type: ignore[override]
        self,
        name: str,
        _id: str,
        default_action: dict[str, Any],
        rules: list[dict[str, Any]] | None,
        description: str | None,
        visibility_config: dict[str, Any],
        *rest: Any,
    ) -> str:
        check_settings(default_action, visibility_config, rest[-1])
        self._check(rules)
        token = super().update_web_acl(name, _id, default_action, rules, description, visibility_config, *rest)
        # It becomes what the call says: what the call leaves out goes, which moto keeps.
        acl = self.get_web_acl(None, name, _id)
        acl.rules = acl.rules if rules else []
        acl.description = description or ""
        acl.association_config = rest[-1]
        return token

    def delete_web_acl(self, name: str, scope: str, _id: str, lock_token: str) -> None:
        acl = self.get_web_acl(None, name, _id)
        if any(map(self._is_there, acl.associated_resources)):
            raise AssociatedItem
        super().delete_web_acl(name, scope, _id, lock_token)
        self.tagging_service.delete_all_tags_for_resource(acl.arn)

    # What they guard

    def associate_web_acl(self, web_acl_arn: str, resource_arn: str) -> None:
        self._use(web_acl_arn, self.wacls)
        told = GUARDED.fullmatch(resource_arn)
        if told is None or self.region_name not in told.groupdict().values():
            raise InvalidParameter("The ARN isn't valid.", "RESOURCE_ARN", resource_arn)
        if not self._is_there(resource_arn) or is_new(self._made_at(resource_arn)):
            raise UnavailableEntity
        # One thing has one web ACL.
        self.disassociate_web_acl(resource_arn)
        super().associate_web_acl(web_acl_arn, resource_arn)

    def list_resources_for_web_acl(self, arn: str, kind: str) -> list[str]:
        """What a web ACL guards, of one kind."""
        if arn not in self.wacls:
            raise WAFNonexistentItemException
        there = [each for each in self.wacls[arn].associated_resources if self._is_there(each)]
        return [each for each in there if (told := GUARDED.fullmatch(each)) and told[KINDS[kind]]]

    def guard_of(self, resource_arn: str) -> FakeWebACL | None:
        """The web ACL in front of something."""
        return self.get_web_acl_for_resource(resource_arn)

    def _stage(self, arn: str) -> Any:
        gateway = backend_if_any(self.account_id, self.region_name)
        _start, api, _stages, name = arn.rsplit("/", 3)
        return gateway.apis[api].stages.get(name) if gateway is not None and api in gateway.apis else None

    def _is_there(self, arn: str) -> bool:
        if ":apigateway:" in arn:
            return self._stage(arn) is not None
        return arn in elbv2_backends[self.account_id][self.region_name].load_balancers

    def _made_at(self, arn: str) -> float | None:
        return getattr(self._stage(arn), "made_at", None) if ":apigateway:" in arn else None

    # IP sets

    def create_ip_set(  # type: ignore[override]
        self, name: str, scope: str, description: str, ip_address_version: str, addresses: list[str], tags: Any
    ) -> FakeIPSet:
        check_name(name)
        told = checked_addresses(ip_address_version, addresses)
        if any((each.name, each.scope) == (name, scope) for each in self.ip_sets.values()):
            raise DuplicateItem
        made = super().create_ip_set(name, scope, description, ip_address_version, told, tags or [])
        self._made[made.arn] = time.monotonic()
        return made

    def update_ip_set(  # type: ignore[override]
        self, name: str, scope: str, _id: str, description: str | None, addresses: list[str], lock_token: str
    ) -> FakeIPSet:
        version = self.get_ip_set(name, scope, _id).ip_address_version
        told = checked_addresses(version, addresses)
        return super().update_ip_set(name, scope, _id, description, told, lock_token)

    def delete_ip_set(self, name: str, scope: str, _id: str, lock_token: str) -> None:
        arn = self.get_ip_set(name, scope, _id).arn
        for acl in self.wacls.values():
            if arn in self._sets_in([{"Statement": rule.statement} for rule in acl.rules]):
                raise AssociatedItem
        super().delete_ip_set(name, scope, _id, lock_token)
        self.tagging_service.delete_all_tags_for_resource(arn)

    def tagged(self) -> Iterator[tuple[str, dict[str, str]]]:
        """(ARN, tags) of all that carries tags."""
        for arn in [*self.wacls, *self.ip_sets]:
            yield arn, self.tagging_service.get_tag_dict_for_resource(arn)


def is_new(made_at: float | None) -> bool:
    """Whether what was made then is not known everywhere yet."""
    return made_at is not None and time.monotonic() - made_at < WORLD.options.delayed(PROPAGATING)


wafv2_backends.backend = WafBackend
