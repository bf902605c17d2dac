# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API, its link, routes, stage and custom domain as resources, and what is returned."""

from __future__ import annotations

import json
from typing import Any

from ...aws.names import resource_tags
from ...kernel import Cloud, CollectionError, Known, Resource
from ...kernel.run import Composition
from ...resources.api_listing import API_LOGS, ApiListing
from ...resources.custom_domain import ApiMapping, CustomDomain, DomainRecord
from ...resources.health_check import HealthCheck
from ...resources.hosted_zone import find_zone, zone_if_any
from ...resources.http_api import DEFAULT_STAGE, HttpApi, Integration, Route, Stage, VpcLink, integrations
from ...resources.log_group import LogGroup

LOG_FORMAT = json.dumps(
    {
        "requestId": "$context.requestId",
        "requestTime": "$context.requestTime",
        "sourceIp": "$context.identity.sourceIp",
        "domainName": "$context.domainName",
        "httpMethod": "$context.httpMethod",
        "path": "$context.path",
        "routeKey": "$context.routeKey",
        "status": "$context.status",
        "responseLatency": "$context.responseLatency",
        "integrationStatus": "$context.integration.status",
        "integrationError": "$context.integrationErrorMessage",
    }
)
"""A line of the access log, in variables of API Gateway."""


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    if not cloud.region:
        raise CollectionError("region is not given, neither as a parameter nor in the environment (AWS_REGION).")
    listing = ApiListing(cloud, cloud.region, params["workload"], params["name"])
    listing.read_everything()
    if params["state"] == "absent":
        return Composition(_removal(params, cloud, listing))
    return _presence(params, cloud, listing)


def _presence(params: dict[str, Any], cloud: Cloud, listing: ApiListing) -> Composition:
    name, region = params["name"], listing.region
    tags = {**resource_tags(params, region), "api": name}
    common: dict[str, Any] = {"purge_tags": params["purge_tags"]}
    own = {**common, "listing": listing}
    link = VpcLink(
        name,
        region,
        **own,
        subnets=params["subnets"],
        security_groups=params["security_groups"],
        usable=True,
        tags=tags,
    )
    # Route 53's checkers ask a region's API by its own name: the domain's leads to whichever region.
    gated = bool(params["domain"] and params["domain"]["health_check"])
    api = HttpApi(name, region, **own, own_name_disabled=params["domain"] is not None and not gated, tags=tags)
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
    log = LogGroup(
        f"{API_LOGS}{name}",
        region,
        **common,
        retention_in_days=params["log_retention_in_days"],
        tags=tags,
    )
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
        log_format=LOG_FORMAT,
        tags=tags,
    )
    wanted: list[Resource] = [link, api, integration, *routes, log, stage]
    check = _health_check(params, listing, api, stage, tags) if gated else _no_health_check(params, listing)
    wanted.append(check)
    domain: CustomDomain | None = None
    if params["domain"] is not None:
        domain, *others = _domain(params, cloud, listing, api, stage, tags, check if gated else None)
        wanted += [domain, *others]
    removed = _no_longer_wanted(params, cloud, listing, check)

    def outputs(known: Known) -> dict[str, Any]:
        told = {"api_id": known.attribute(api, "id"), "endpoint": known.attribute(api, "endpoint")}
        if domain is not None:
            told = {**told, "domain": domain.name, "target": known.attribute(domain, "target")}
        if gated:
            told = {**told, "health_check_id": known.attribute(check, "id")}
        return told

    return Composition([*wanted, *removed], outputs)


def _route(key: str, listing: ApiListing, **others: Any) -> Route:
    return Route(f"{listing.name}: {key}", listing.region, listing=listing, key=key, **others)


def _health_check(
    params: dict[str, Any], listing: ApiListing, api: HttpApi, stage: Stage, tags: dict[str, str]
) -> HealthCheck:
    return HealthCheck(
        _check_name(listing),
        workload=params["workload"],
        purge_tags=params["purge_tags"],
        needs=[stage],  # which answers the checkers
        protocol="HTTPS",
        host=api.ref("endpoint", lambda endpoint: str(endpoint).removeprefix("https://")),
        port=443,
        **params["domain"]["health_check"],
        tags={**tags, "Name": _check_name(listing)},
    )


def _no_health_check(params: dict[str, Any], listing: ApiListing) -> HealthCheck:
    return HealthCheck(_check_name(listing), workload=params["workload"], state="absent")


def _check_name(listing: ApiListing) -> str:
    return f"{listing.name} {listing.region}"


def _domain(
    params: dict[str, Any],
    cloud: Cloud,
    listing: ApiListing,
    api: HttpApi,
    stage: Stage,
    tags: dict[str, str],
    check: HealthCheck | None,
) -> tuple[CustomDomain, Resource, Resource]:
    wanted, region = params["domain"], listing.region
    name = wanted["name"].lower()
    zone = find_zone(cloud, [name], wanted["zone"])
    domain = CustomDomain(
        name,
        region,
        listing=listing,
        purge_tags=params["purge_tags"],
        certificate=wanted["certificate"],
        tls_policy=wanted["tls_policy"],
        tags=tags,
    )
    mapping = ApiMapping(name, region, listing=listing, needs=[domain, stage], api=api.ref("id"), stage=DEFAULT_STAGE)
    record = DomainRecord(
        name,
        served_in=region,
        zone=zone,
        needs=[mapping],  # nobody is to be led to where nothing answers
        target=domain.ref("target"),
        target_zone=domain.ref("zone"),
        weight=wanted["weight"],
        keep_weight=wanted["keep_weight"],
        health_check=None if check is None else check.ref("id"),
    )
    return domain, mapping, record


def _no_longer_wanted(params: dict[str, Any], cloud: Cloud, listing: ApiListing, check: HealthCheck) -> list[Resource]:
    """Routes, integrations and domains of the API that are not asked for."""
    gone: dict[str, Any] = {"listing": listing, "state": "absent"}
    removed: list[Resource] = [
        Integration(
            f"{listing.name}: {each['IntegrationId']}", listing.region, identifier=each["IntegrationId"], **gone
        )
        for each in integrations(listing)[1:]
    ]
    keys = [each["RouteKey"] for each in listing.parts("get_routes") if each["RouteKey"] not in params["routes"]]
    removed += [_route(key, listing, state="absent", needs=tuple(removed)) for key in keys]
    kept = (params["domain"] or {}).get("name", "").lower()
    return [*removed, *_domains_removed(params, cloud, listing, check, but=kept)]


def _domains_removed(
    params: dict[str, Any],
    cloud: Cloud,
    listing: ApiListing,
    check: HealthCheck,
    but: str = "",
    needs: tuple[Resource, ...] = (),
) -> list[Resource]:
    """The domains of the API with their records, which go first: while one stands, its health check does."""
    removed: list[Resource] = []
    for each in listing.own_domains():
        name = each["DomainName"]
        if name == but:
            continue
        domain = CustomDomain(name, listing.region, listing=listing, state="absent", needs=needs)
        removed.append(domain)
        zone = zone_if_any(cloud, [name], (params["domain"] or {}).get("zone"))
        if zone is not None:
            before = [domain, check] if check.state == "absent" else [domain]
            removed.append(DomainRecord(name, served_in=listing.region, zone=zone, state="absent", needs=before))
    return removed


def _removal(params: dict[str, Any], cloud: Cloud, listing: ApiListing) -> list[Resource]:
    """An API takes its routes, integrations and stages with it."""
    name, region = params["name"], listing.region
    gone: dict[str, Any] = {"listing": listing, "state": "absent"}
    log = LogGroup(f"{API_LOGS}{name}", region, state="absent")
    link = VpcLink(name, region, **gone)
    api = HttpApi(name, region, needs=[link, log], **gone)
    check = _no_health_check(params, listing)
    return [log, link, api, check, *_domains_removed(params, cloud, listing, check, needs=(api,))]
