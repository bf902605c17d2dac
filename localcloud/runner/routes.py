# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front door needs to know, read from the backends: accelerators, load balancers, rules and targets.

accelerators:     [{dns_name, enabled, listeners: [{ports: [[from, to]], groups: [{region, dial, endpoints:
                  [{id, weight, healthy}]}]}]}]
load_balancers:   {arn: {dns_name, region, type, unreachable, guard, listeners: [{arn, port, names,
                  rules: [{conditions, actions}]}]}}
                  guard is that of localcloud/wafv2/serving.py; names are those of its certificate, none without TLS;
                  rules in the order in which they are asked, the default rule last
target_groups:    {arn: {region, type, targets: [{id, port, state, served_by}]}}
apis, records:    those of localcloud/apigatewayv2/serving.py
health_checks:    those of localcloud/route53/health_checks.py
dead_regions:     [region]
"""

from __future__ import annotations

from typing import Any

from moto.acm.models import acm_backends
from moto.elbv2.models import elbv2_backends

from localcloud.apigatewayv2 import serving
from localcloud.globalaccelerator.health import endpoint_health
from localcloud.globalaccelerator.models import globalaccelerator_backends
from localcloud.route53 import health_checks
from localcloud.runner import health
from localcloud.runner.scheduler import backends
from localcloud.wafv2.serving import guard_of
from localcloud.world import WORLD


def routes() -> dict[str, Any]:
    """The whole table. The lock is held."""
    labels = _labels()
    balancers: dict[str, Any] = {}
    groups: dict[str, Any] = {}
    for account in list(elbv2_backends.values()):
        for region, backend in list(account.items()):
            for balancer in backend.load_balancers.values():
                balancers[balancer.arn] = {
                    "dns_name": balancer.dns_name,
                    "region": region,
                    "type": balancer.type,
                    "unreachable": WORLD.faults.is_dead(region),
                    "guard": guard_of(backend.account_id, region, balancer.arn),
                    "listeners": [_listener(item) for item in balancer.listeners.values()],
                }
            for group in backend.target_groups.values():
                groups[group.arn] = {
                    "region": region,
                    "type": group.target_type,
                    "targets": [_target(group, target, labels) for target in group.targets.values()],
                }
    return {
        "accelerators": _accelerators(),
        "load_balancers": balancers,
        "target_groups": groups,
        **serving.table(),
        "health_checks": health_checks.table(),
        "dead_regions": WORLD.faults.dead_regions(),
    }


def _labels() -> dict[str, str]:
    """What X-Served-By says, by address."""
    found = {}
    for backend in backends():
        for task in backend.all_tasks():
            if task.address and task.last_status in ("RUNNING", "DEACTIVATING"):
                revision = task.task_definition_arn.rpartition(":")[2]
                service = task.group.partition(":")[2]
                found[task.address] = (
                    f"region={task.region_name}; service={service}; revision={revision}; task={task.id}"
                )
    return found


def _listener(listener: Any) -> dict[str, Any]:
    rules = sorted(
        listener.rules.values(), key=lambda rule: (rule.is_default, 0 if rule.is_default else int(rule.priority))
    )
    return {
        "arn": listener.arn,
        "port": int(listener.port),
        "names": _names_in(listener.certificate if listener.protocol in ("HTTPS", "TLS") else None),
        "rules": [
            {"conditions": rule.conditions, "actions": [action.data for action in rule.actions]} for rule in rules
        ],
    }


def _names_in(certificate: str | None) -> list[str]:
    """The names that a listener's certificate is for."""
    if not certificate:
        return []
    _arn, _partition, _service, region, account, _resource = certificate.split(":", 5)
    known = acm_backends[account][region]._certificates.get(certificate) if region else None
    return [] if known is None else sorted({known.common_name, *known.sans})


def _target(group: Any, target: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    return {
        "id": target["Id"],
        "port": int(target.get("Port") or group.port),
        "state": health.state_of(group, target["Id"]) if group.target_type == "ip" else "healthy",
        "served_by": labels.get(target["Id"], f"region={group.region_name}"),
    }


def _accelerators() -> list[dict[str, Any]]:
    found = []
    for account in list(globalaccelerator_backends.values()):
        for backend in list(account.values()):
            for accelerator in backend.accelerators.values():
                found.append(
                    {
                        "dns_name": accelerator.dns_name,
                        "enabled": accelerator.enabled,
                        "listeners": [_accelerator_listener(item) for item in accelerator.listeners.values()],
                    }
                )
    return found


def _accelerator_listener(listener: Any) -> dict[str, Any]:
    return {
        "ports": [[item["FromPort"], item["ToPort"]] for item in listener.port_ranges],
        "groups": [
            {
                "region": group.region,
                "dial": group.dial,
                "endpoints": [
                    {
                        "id": endpoint.endpoint_id,
                        "weight": endpoint.weight,
                        "healthy": endpoint_health(endpoint.endpoint_id)[0] == "HEALTHY",
                    }
                    for endpoint in group.endpoints
                ],
            }
            for group in listener.groups.values()
        ],
    }
