# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for one domain, one in each region, validated by records in its hosted zone.

The records are the same in all regions, so that one run looks after all of them: they stay as long as one region, or
somebody else, has a certificate that they renew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..aws.names import resource_tags
from ..aws.regions import region_problems
from ..kernel import Cloud, Known, Resource
from ..kernel.run import Composition, ModuleDefinition
from ..resources.certificate import (
    Certificate,
    CertificateListing,
    Validation,
    ValidationRecords,
    in_tag,
    is_for,
)
from ..resources.hosted_zone import find_zone, zone_if_any

DOMAIN = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
LONGEST_DOMAIN, LONGEST_FIRST_NAME = 253, 64
MOST_NAMES = 10
"""Names in one certificate, until ACM's quota is raised."""


def domain_problems(variable: str, domain: str) -> Iterator[str]:
    """Why ACM would refuse a name in a certificate."""
    if not DOMAIN.fullmatch(domain) or len(domain) > LONGEST_DOMAIN:
        yield f"{variable} is {domain!r}; a full name such as api.example.com or *.example.com is valid."


def problems(params: dict[str, Any]) -> list[str]:
    found = list(domain_problems("domain", params["domain"]))
    for name in params["alternative_names"]:
        found += domain_problems("alternative_names", name)
    if len(params["domain"]) > LONGEST_FIRST_NAME:
        found.append(
            f"domain has {len(params['domain'])} characters; the first name of a certificate has at most "
            f"{LONGEST_FIRST_NAME}. Give a shorter one, and this one in alternative_names."
        )
    names = names_of(params)
    if len(names) > MOST_NAMES:
        found.append(f"domain and alternative_names are {len(names)} names; a certificate takes {MOST_NAMES}.")
    for name in ("regions", "kept_in"):
        for region in params[name] or []:
            found += region_problems(name, region)
    return found


def names_of(params: dict[str, Any]) -> list[str]:
    return sorted({name.lower() for name in (params["domain"], *params["alternative_names"])})


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    domain, names, regions = params["domain"].lower(), names_of(params), params["regions"] or [cloud.region]
    listings = [CertificateListing(cloud, region, params["workload"], domain) for region in regions]
    CertificateListing.side_by_side([listing.own for listing in listings])
    if params["state"] == "absent":
        kept = [CertificateListing(cloud, region, params["workload"], domain) for region in params["kept_in"]]
        return Composition(_removal(params, cloud, listings, any(each.own() or each.has_others() for each in kept)))
    zone = find_zone(cloud, names, params["zone"])
    wanted, removed = [], []
    for listing in listings:
        certificate = Certificate(
            domain,
            listing.region,
            listing=listing,
            purge_tags=params["purge_tags"],
            domain=domain,
            names=names,
            tags={**resource_tags(params, listing.region), "Name": in_tag(domain)},
        )
        wanted.append(certificate)
        kept = next((each for each in listing.own() if is_for(each, names)), None)
        removed += [_removed(each, listing) for each in listing.own() if each is not kept]
    records = ValidationRecords(
        domain, zone=zone, certificates=wanted, records=[each.ref("records") for each in wanted]
    )
    issued = [Validation(domain, each.region, certificate=each, needs=[records]) for each in wanted]
    gone = _gone(f"{domain} (earlier names)", zone, removed, names, listings)
    if any(each.get("InUseBy") for listing in listings for each in listing.own() if not is_for(each, names)):
        for resource in (*removed, *gone):
            resource.waits = True  # they go in a run after their users have the new certificate

    def outputs(known: Known) -> dict[str, Any]:
        return {"certificates": {each.region: known.attribute(each, "arn") for each in wanted}, "zone_id": zone}

    return Composition([*wanted, records, *issued, *removed, *gone], outputs)


def _removal(
    params: dict[str, Any], cloud: Cloud, listings: list[CertificateListing], validated: bool
) -> list[Resource]:
    """validated: whether the records validate certificates of other regions as well, which stay."""
    removed = [_removed(each, listing) for listing in listings for each in listing.own()]
    names = [name for each in removed for name in each.names]
    zone = zone_if_any(cloud, names, params["zone"]) if removed else None
    domain = params["domain"].lower()
    return [*removed, *([] if validated else _gone(domain, zone, removed, [], listings))]


def _removed(certificate: dict[str, Any], listing: CertificateListing) -> Certificate:
    arn = certificate["CertificateArn"]
    return Certificate(arn.rpartition("/")[2], listing.region, listing=listing, identifier=arn, state="absent")


def _gone(
    name: str, zone: str | None, removed: list[Certificate], keeping: list[str], listings: list[CertificateListing]
) -> list[Resource]:
    """The records of certificates that go, which go first; none if they are somebody else's as well."""
    if zone is None or not removed or any(listing.has_others() for listing in listings):
        return []
    return [ValidationRecords(name, zone=zone, certificates=removed, keeping=keeping, state="absent", needs=removed)]


MODULE = ModuleDefinition(
    arguments={
        "domain": {"type": "str", "required": True},
        "alternative_names": {"type": "list", "elements": "str", "default": []},
        "zone": {"type": "str"},
        "regions": {"type": "list", "elements": "str"},
        "kept_in": {"type": "list", "elements": "str", "default": []},
    },
    services=("acm", "route53"),
    build=build,
    problems=problems,
)
