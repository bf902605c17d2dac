# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP API as resources: its link, integration, routes and stage."""

from __future__ import annotations

from typing import Any

from ...kernel import Resource
from ...resources.api_listing import ApiListing
from ...resources.http_api import DEFAULT_STAGE, HttpApi, HttpVpcLink, Integration, Route, Stage, integrations
from ...resources.log_group import LogGroup
from .served import Served


def http_api(
    params: dict[str, Any], listing: ApiListing, log: LogGroup, tags: dict[str, str], log_format: str
) -> Served:
    """The HTTP API of these parameters. What it has and is not asked for goes."""
    name, region = params["name"], listing.region
    own: dict[str, Any] = {"purge_tags": params["purge_tags"], "listing": listing}
    link = HttpVpcLink(
        name,
        region,
        **own,
        subnets=params["subnets"],
        security_groups=params["security_groups"],
        usable=True,
        tags=tags,
    )
    api = HttpApi(name, region, **own, own_name_disabled=params["own_name_disabled"], tags=tags)
    integration = Integration(
        name,
        region,
        listing=listing,
        api=api.ref("id"),
        link=link.ref("id"),
        listener=params["listener"],
        timeout=params["timeout"],
        server_name=params["server_name"],
    )
    routes = [_route(key, listing, api=api.ref("id"), integration=integration.ref("id")) for key in params["routes"]]
    stage = Stage(
        name,
        region,
        **own,
        needs=routes,
        api=api.ref("id"),
        auto_deploy=True,
        rate=params["rate_limit"],
        burst=params["burst_limit"],
        log_group=log.ref("arn"),
        log_format=log_format,
        tags=tags,
    )
    removed = _no_longer_wanted(params, listing)
    return Served(api, stage, DEFAULT_STAGE, [link, api, integration, *routes, stage, *removed])


def no_http_api(name: str, listing: ApiListing, *needs: Any) -> list[Any]:
    """An API takes its routes, integrations and stages with it."""
    gone: dict[str, Any] = {"listing": listing, "state": "absent"}
    link = HttpVpcLink(name, listing.region, **gone)
    return [link, HttpApi(name, listing.region, needs=[link, *needs], **gone)]


def _route(key: str, listing: ApiListing, **others: Any) -> Route:
    return Route(f"{listing.name}: {key}", listing.region, listing=listing, key=key, **others)


def _no_longer_wanted(params: dict[str, Any], listing: ApiListing) -> list[Resource]:
    """Routes and integrations of the API that are not asked for."""
    removed: list[Resource] = [
        Integration(
            f"{listing.name}: {each['IntegrationId']}",
            listing.region,
            identifier=each["IntegrationId"],
            listing=listing,
            state="absent",
        )
        for each in integrations(listing)[1:]
    ]
    keys = [each["RouteKey"] for each in listing.parts("get_routes") if each["RouteKey"] not in params["routes"]]
    return [*removed, *(_route(key, listing, state="absent", needs=tuple(removed)) for key in keys)]
