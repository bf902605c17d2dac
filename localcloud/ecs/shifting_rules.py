# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS demands of a service whose deployments shift traffic."""

from __future__ import annotations

from typing import Any

from moto.ecs.exceptions import InvalidParameterException
from moto.elbv2.models import elbv2_backends
from moto.utilities.utils import get_partition

from localcloud.ecs.role_rules import trusts
from localcloud.policies import roles_of
from localcloud.runner.shifting import SHIFTING, rules_by_arn


def check_shifting(backend: Any, configuration: dict[str, Any] | None, balancers: list[dict[str, Any]] | None) -> None:
    """Refuse what ECS could not shift traffic with.

    Raises:
        InvalidParameterException: with an equivalent message.
    """
    strategy = (configuration or {}).get("strategy") or "ROLLING"
    if strategy not in SHIFTING:
        return
    for name, key in (("canaryConfiguration", "canaryPercent"), ("linearConfiguration", "stepPercent")):
        percent = ((configuration or {}).get(name) or {}).get(key)
        if percent is not None and not 0 < percent <= 100:
            raise InvalidParameterException(f"Invalid {name}: {key} {percent} is not between 0.1 and 100.")
    for balancer in balancers or []:
        advanced = balancer.get("advancedConfiguration")
        if not advanced:
            raise InvalidParameterException(
                "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment "
                f"strategy; the strategy is {strategy}."
            )
        _check_groups(backend, balancer["targetGroupArn"], advanced.get("alternateTargetGroupArn"))
        _check_rules(backend, advanced)
        check_role(backend, advanced.get("roleArn"), "load balancer")


def _check_groups(backend: Any, arn: str, alternate: str | None) -> None:
    groups = elbv2_backends[backend.account_id][backend.region_name].target_groups
    if not alternate or alternate not in groups:
        raise InvalidParameterException(f"Unable to describe target group: {alternate} does not exist.")
    if alternate == arn:
        raise InvalidParameterException(
            f"alternateTargetGroupArn {alternate} is the targetGroupArn too; they must be two target groups."
        )
    if (groups[alternate].port, groups[alternate].target_type) != (groups[arn].port, groups[arn].target_type):
        raise InvalidParameterException(f"Target groups {arn} and {alternate} differ in port or target type.")


def _check_rules(backend: Any, advanced: dict[str, Any]) -> None:
    known = rules_by_arn(backend.account_id, backend.region_name)
    for name in ("productionListenerRule", "testListenerRule"):
        arn = advanced.get(name)
        if (arn or name == "productionListenerRule") and arn not in known:
            raise InvalidParameterException(f"Unable to describe listener rule: {name} {arn} does not exist.")


def check_role(backend: Any, arn: str | None, what: str) -> None:
    """Refuse a role that ECS cannot assume, which was given for this. InvalidParameterException."""
    roles = {role.arn: role for role in roles_of(backend.account_id)}
    role = roles.get(arn or "")
    source = f"arn:{get_partition(backend.region_name)}:ecs:{backend.region_name}:{backend.account_id}:service/"
    if role is None or not trusts(role, "ecs.amazonaws.com", source):
        raise InvalidParameterException(
            f"ECS was unable to assume the role '{arn}' that was provided for the {what}: it does not exist, "
            "or its trust policy does not admit ecs.amazonaws.com."
        )
