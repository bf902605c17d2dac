# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health of an endpoint of an accelerator: a load balancer's own, never that of a check made for it."""

from __future__ import annotations

from moto.elbv2.models import FakeTargetGroup, elbv2_backends

from localcloud.world import WORLD


def endpoint_health(endpoint_id: str) -> tuple[str, str]:
    """(HealthState, HealthReason) of an endpoint.

    A load balancer is healthy when each of its target groups has at least one healthy target; while targets are still
    being checked for the first time it is INITIAL. The reason "not found" means that there is no such endpoint.
    """
    if not endpoint_id.startswith("arn:aws:elasticloadbalancing:"):
        # Elastic IPs and instances have no health in this cloud.
        return "HEALTHY", ""
    _, _, _, region, account, _ = endpoint_id.split(":", 5)
    if WORLD.faults.is_dead(region):
        return "UNHEALTHY", "The load balancer does not answer"
    backend = elbv2_backends[account][region]
    if endpoint_id not in backend.load_balancers:
        return "UNHEALTHY", "not found"
    groups = [group for group in backend.target_groups.values() if endpoint_id in group.load_balancer_arns]
    states = [_group_state(backend, group) for group in groups]
    if not states:
        return "UNHEALTHY", "The load balancer has no target groups"
    for state, reason in (
        ("UNHEALTHY", "A target group of the load balancer has no healthy target"),
        ("INITIAL", "Targets of the load balancer are being checked for the first time"),
    ):
        if state in states:
            return state, reason
    return "HEALTHY", ""


def _group_state(backend: object, group: FakeTargetGroup) -> str:
    states = {
        group.health_for(target, backend.ec2_backend).status  # type: ignore[attr-defined]
        for target in group.targets.values()
    }
    if "healthy" in states:
        return "HEALTHY"
    return "INITIAL" if "initial" in states else "UNHEALTHY"
