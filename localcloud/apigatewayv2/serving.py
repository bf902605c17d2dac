# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front door needs to know of APIs and of the names that lead to them.

apis:     [{region, names: [host], domains: {host: target}, unreachable, routes: [{key, integration}],
          integrations: {id: {listener, available}}}]
          names are its own, of execute-api; domains those that are mapped to it, each with API Gateway's name for it;
          those of REST APIs are told in localcloud/apigateway/serving.py
domains:  [host], all custom domains, mapped or not
records:  {host: [{target, weight, health_check}]}, the alias records that lead to API Gateway, a load balancer or an
          accelerator; a weight of None is a simple record's, and health_check is the id of the one that it is bound
          to, or None
"""

from __future__ import annotations

from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.route53.models import route53_backends

from localcloud.apigateway.serving import entries
from localcloud.world import WORLD

DEFAULT_STAGE = "$default"
LED_TO = (".execute-api.", ".elb.", ".awsglobalaccelerator.")
"""What names of API Gateway, load balancers and accelerators have in them."""


def table() -> dict[str, Any]:
    """The apis, domains and records. The lock is held."""
    apis: list[dict[str, Any]] = []
    domains: list[str] = []
    for account in list(apigatewayv2_backends.values()):
        for region, backend in list(account.items()):
            domains += backend.domain_names
            apis += [_api(backend, region, api) for api in backend.apis.values() if DEFAULT_STAGE in api.stages]
    return {"apis": [*apis, *entries()], "domains": sorted(set(domains)), "records": _records()}


def _api(backend: Any, region: str, api: Any) -> dict[str, Any]:
    mapped = [each for each in backend.api_mappings.values() if each.api_id == api.api_id and not each.api_mapping_key]
    return {
        "region": region,
        "names": [] if api.disable_execute_api_endpoint else [api.api_endpoint.removeprefix("https://")],
        "domains": {each.domain_name: backend.domain_names[each.domain_name].target for each in mapped},
        "unreachable": WORLD.faults.is_dead(region),
        "routes": [
            {"key": route.route_key, "integration": (route.target or "").removeprefix("integrations/")}
            for route in api.routes.values()
        ],
        "integrations": {
            each.id: {"listener": each.integration_uri, "available": _is_available(backend, each)}
            for each in api.integrations.values()
        },
    }


def _is_available(backend: Any, integration: Any) -> bool:
    link = backend.vpc_links.get(integration.connection_id)
    return link is not None and link.status == "AVAILABLE"


def _records() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for account in list(route53_backends.values()):
        for backend in list(account.values()):
            for zone in backend.zones.values():
                for record in zone.rrsets if not zone.private_zone else ():
                    target = (
                        str((record.alias_target or {}).get("DNSName", ""))
                        .lower()
                        .rstrip(".")
                        .removeprefix("dualstack.")
                    )
                    if record.type == "A" and any(part in target for part in LED_TO):
                        weight = None if record.weight is None else int(record.weight)
                        name = record.name.lower().rstrip(".")
                        bound = {"target": target, "weight": weight, "health_check": record.health_check_id or None}
                        found.setdefault(name, []).append(bound)
    return found
