# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API, its custom domain and the record that leads to it as resources, and what is returned."""

from __future__ import annotations

import json
from typing import Any

from ...aws.names import resource_tags
from ...kernel import Cloud, CollectionError, Known, Resource, is_unknown
from ...kernel.run import Composition
from ...resources.api_listing import API_LOGS, ApiListing
from ...resources.custom_domain import ApiMapping, CustomDomain, DomainRecord
from ...resources.health_check import HealthCheck
from ...resources.hosted_zone import find_zone, zone_if_any
from ...resources.log_group import LogGroup
from ...services.routing import LATENCY, WEIGHTED
from .arguments import REST
from .checks import LONGEST
from .http import http_api, no_http_api
from .rest import no_rest_api, rest_api
from .served import Served

LOG_LINE = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "domainName": "$context.domainName",
    "httpMethod": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "responseLatency": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
    "integrationError": "$context.integrationErrorMessage",
}
"""A line of the access log, in variables of API Gateway. That of its route is `ROUTE`'s, by the kind of API."""

ROUTE = {"http": "routeKey", "rest": "resourcePath"}


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    if not cloud.region:
        raise CollectionError("region is not given, neither as a parameter nor in the environment (AWS_REGION).")
    listing = ApiListing(cloud, cloud.region, params["workload"], params["name"])
    listing.read_everything()
    if params["state"] == "absent":
        return Composition(_removal(params, cloud, listing))
    return _presence(params, cloud, listing)


def _presence(given: dict[str, Any], cloud: Cloud, listing: ApiListing) -> Composition:
    name, region, kind = given["name"], listing.region, given["type"]
    # Route 53's checkers ask a region's API by its own name: the domain's leads to whichever region.
    gated = bool(given["domain"] and given["domain"]["health_check"])
    params = {
        **given,
        "own_name_disabled": given["domain"] is not None and not gated,
        "timeout": given["timeout"] or LONGEST[kind],
    }
    tags = {**resource_tags(params, region), "api": name}
    log = LogGroup(
        f"{API_LOGS}{name}",
        region,
        purge_tags=params["purge_tags"],
        retention_in_days=params["log_retention_in_days"],
        tags=tags,
    )
    log_format = json.dumps({**LOG_LINE, ROUTE[kind]: f"$context.{ROUTE[kind]}"})
    make = rest_api if kind == REST else http_api
    served = make(params, listing, log, tags, log_format)
    wanted: list[Resource] = [log, *served.resources]
    check = _health_check(params, listing, served, tags) if gated else _no_health_check(params, listing)
    wanted.append(check)
    domain: CustomDomain | None = None
    if params["domain"] is not None:
        domain, *others = _domain(params, cloud, listing, served, tags, check if gated else None)
        wanted += [domain, *others]
    kept = (params["domain"] or {}).get("name", "").lower()
    # One of the other kind that had this name goes, once no domain leads to it.
    gone = (no_http_api if kind == REST else no_rest_api)(name, listing)
    wanted += [*gone, *_domains_removed(params, cloud, listing, check, but=kept, needs=tuple(gone))]

    def outputs(known: Known) -> dict[str, Any]:
        endpoint = known.attribute(served.api, "endpoint")
        told = {
            "api_id": known.attribute(served.api, "id"),
            "endpoint": endpoint if is_unknown(endpoint) else endpoint + served.path,
        }
        if domain is not None:
            told = {**told, "domain": domain.name, "target": known.attribute(domain, "target")}
        if gated:
            told = {**told, "health_check_id": known.attribute(check, "id")}
        return told

    return Composition(wanted, outputs)


def _health_check(params: dict[str, Any], listing: ApiListing, served: Served, tags: dict[str, str]) -> HealthCheck:
    asked = params["domain"]["health_check"]
    return HealthCheck(
        _check_name(listing),
        workload=params["workload"],
        purge_tags=params["purge_tags"],
        needs=[served.stage],  # which answers the checkers
        protocol="HTTPS",
        host=served.api.ref("endpoint", lambda endpoint: str(endpoint).removeprefix("https://")),
        port=443,
        **{**asked, "path": served.path + asked["path"]},
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
    served: Served,
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
    mapping = ApiMapping(
        name,
        region,
        listing=listing,
        needs=[domain, served.stage],
        api=served.api.ref("id"),
        stage=served.stage_name,
    )
    record = DomainRecord(
        name,
        served_in=region,
        zone=zone,
        needs=[mapping],  # nobody is to be led to where nothing answers
        target=domain.ref("target"),
        target_zone=domain.ref("zone"),
        policy=LATENCY if wanted["latency"] else WEIGHTED,
        weight=None if wanted["latency"] else wanted["weight"],
        keep_weight=wanted["keep_weight"],
        health_check=None if check is None else check.ref("id"),
    )
    return domain, mapping, record


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
    name, region = params["name"], listing.region
    log = LogGroup(f"{API_LOGS}{name}", region, state="absent")
    apis = [*no_http_api(name, listing, log), *no_rest_api(name, listing, log)]
    check = _no_health_check(params, listing)
    return [log, *apis, check, *_domains_removed(params, cloud, listing, check, needs=tuple(apis))]
