# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A REST API as resources: its link, definition, deployment and stage."""

from __future__ import annotations

from typing import Any

from ...resources.api_listing import ApiListing
from ...resources.log_group import LogGroup
from ...resources.rest_api import STAGE, Definition, Deployment, RestApi, RestStage, RestVpcLink
from ...services.api_document import media_types, rest_keys, uri_of
from ...services.api_requests import requests_by_key
from .served import Served


def rest_api(
    params: dict[str, Any], listing: ApiListing, log: LogGroup, tags: dict[str, str], log_format: str
) -> Served:
    """The REST API of these parameters."""
    name, region = params["name"], listing.region
    own: dict[str, Any] = {"purge_tags": params["purge_tags"], "listing": listing}
    link = RestVpcLink(name, region, **own, target=_balancer(params["listener"]), usable=True, tags=tags)
    api = RestApi(name, region, **own, tags=tags)
    way = {"link": link.ref("id"), "timeout": params["timeout"]}
    address = _address(params)
    demands = requests_by_key(params["requests"])
    methods = {
        key: {"uri": uri_of(address, key), **way, **demands.get(key, {})}
        for key in rest_keys(params["routes"], demands)
    }
    definition = Definition(
        name,
        region,
        listing=listing,
        api=api.ref("id"),
        methods=methods,
        own_name_disabled=params["own_name_disabled"],
        media_types=media_types(methods),
    )
    deployment = Deployment(name, region, listing=listing, api=api.ref("id"), digest=definition.ref("digest"))
    stage = RestStage(
        name,
        region,
        **own,
        api=api.ref("id"),
        deployment=deployment.ref("id"),
        rate=params["rate_limit"],
        burst=params["burst_limit"],
        log_group=log.ref("arn"),
        log_format=log_format,
        web_acl=params["web_acl"],
        tags=tags,
    )
    return Served(api, stage, STAGE, [link, api, definition, deployment, stage], path=f"/{STAGE}")


def no_rest_api(name: str, listing: ApiListing, *needs: Any) -> list[Any]:
    """A REST API takes all with it but its link, which it has to let go first."""
    gone: dict[str, Any] = {"listing": listing, "state": "absent"}
    link = RestVpcLink(name, listing.region, **gone)
    return [link, RestApi(name, listing.region, needs=[link, *needs], **gone)]


def _balancer(listener: str) -> str:
    """The ARN of the load balancer that a listener is of, from the listener's."""
    return listener.replace(":listener/", ":loadbalancer/", 1).rpartition("/")[0] if "/" in listener else listener


def _address(params: dict[str, Any]) -> str:
    """How every URI begins. Its name leads nowhere: it is the Host that the load balancer is told."""
    balancer = _balancer(params["listener"]).split("/")
    told = f"{balancer[2]}.internal" if len(balancer) > 2 else params["name"]
    name = params["server_name"] or (params["domain"] or {}).get("name", "").lower() or told
    return f"{'https' if params['server_name'] else 'http'}://{name}:{params['port']}"
