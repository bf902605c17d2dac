# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front door needs to know of REST APIs, one entry for each stage, beside those of HTTP APIs.

{region, names, domains, unreachable: as those of localcloud/apigatewayv2/serving.py,
 guard: that of localcloud/wafv2/serving.py,
 stage, methods: [{path, method, uri, link, demands}], links: {id: {balancer, available}}}

demands are None, or what localcloud/frontdoor/request_check.py holds requests against.
"""

from __future__ import annotations

from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends

from localcloud.apigateway.lazily import every_backend
from localcloud.wafv2.serving import guard_of
from localcloud.world import WORLD


def entries() -> list[dict[str, Any]]:
    """Every stage of every REST API. The lock is held."""
    return [
        _entry(backend, account, region, api, stage)
        for account, region, backend in every_backend()
        for api in backend.apis.values()
        for stage in api.stages.values()
    ]


def _entry(backend: Any, account: str, region: str, api: Any, stage: Any) -> dict[str, Any]:
    second = apigatewayv2_backends[account][region]
    mapped = [
        each.domain_name
        for each in second.api_mappings.values()
        if (each.api_id, each.stage) == (api.id, stage.name) and not each.api_mapping_key
    ]
    deployment = api.deployments[stage.deployment_id]
    own = f"{api.id}.execute-api.{region}.amazonaws.com"
    return {
        "region": region,
        "names": [] if deployment.own_name_disabled else [own],
        "domains": {name: second.domain_names[name].target for name in mapped},
        "unreachable": WORLD.faults.is_dead(region),
        "stage": stage.name,
        "guard": guard_of(account, region, f"{backend.place}/restapis/{api.id}/stages/{stage.name}"),
        "methods": [
            {
                "path": each.path,
                "method": each.method,
                "uri": each.uri,
                "link": each.link,
                "demands": each.demands and {**each.demands, "binary": deployment.binary},
            }
            for each in deployment.methods
        ],
        "links": {
            link.id: {"balancer": link.target_arns[0], "available": link.status == "AVAILABLE"}
            for link in backend.vpc_links.values()
        },
    }
