# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the account can hold a workload: regions, Availability Zones and quotas, asked before anything is made.

So is what is recorded of its regions, if anything is: an inventory must not forget one of them.
Quotas are judged for a region in which the workload has no network yet: later, what it uses is its own.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..aws.regions import OPT_IN_REGIONS
from ..kernel import Cloud, CollectionError, InvalidInput
from ..kernel.cloud import ONCE, SHORT, BotoCoreError, ClientError
from ..kernel.run import ModuleDefinition
from ..lease import OWED_SITE, Lease
from ..lease.item import LEASE_ID
from ..lease.reading import read_items
from ..protocol import ProtocolError, from_attributes
from ..protocol.service_errors import error_code, is_silent
from ..readiness import quotas
from ..resources.hosted_zone import find_zone
from ..resources.network_listing import NetworkListing
from ..retirement.checks import retirement_problems
from ..retirement.record import RETIREMENTS, retirements_of
from ..switch.lost_regions import ask_twice, every
from ..taskdef.fargate_sizes import CPU_UNITS_PER_VCPU, cpu_units
from .region_network.build import wanted_zones
from .region_network.checks import zone_problems
from .shared_arguments.dead import DEAD_ARGUMENT

CLOSED = frozenset({"AuthFailure", "InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException"})
"""How the services of a region answer an account that has not enabled it."""

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

Item = dict[str, Any]


@dataclass
class Found:
    """What is found in one region."""

    zones: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    silent: str = ""


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    """The zones of every region.

    Raises:
        InvalidInput: everything that keeps the workload from being built, of all regions at once.
    """
    regions = params["regions"]
    with ThreadPoolExecutor(max_workers=max(1, len(regions))) as pool:
        found = dict(
            zip(
                (region["name"] for region in regions),
                pool.map(lambda region: look(cloud, params, region), regions),
                strict=True,
            )
        )
    problems = list(dict.fromkeys(text for each in found.values() for text in each.problems))
    for domain in params["domains"]:
        problems += _judge_domain(cloud, domain["name"], domain["zone"])
    warnings = [text for each in found.values() for text in each.warnings]
    silent = {name: each.silent for name, each in found.items() if each.silent}
    silent |= find_silent(cloud, [each for each in params["left_out"] if each not in params["dead"]])
    owed: list[str] = []
    if params["recorded"]:
        recorded = {**params["recorded"], "dead": [*params["dead"], *silent]}
        problems += _judge_record(cloud, recorded, warnings, owed)
    if problems:
        raise InvalidInput(problems)
    zones = {name: each.zones for name, each in found.items()}
    return {"zones": zones, "silent": silent, "owed": owed, **({"warnings": warnings} if warnings else {})}


def find_silent(cloud: Cloud, regions: list[str]) -> dict[str, str]:
    """Those that do not answer, and why: a run that leaves them out goes on without them."""

    def ask(region: str) -> str:
        client = cloud.client("ec2", region, **ONCE)
        try:
            ask_twice(client.describe_availability_zones)
        except (BotoCoreError, ClientError) as error:
            return f"{type(error).__name__}: {error}" if is_silent(error) else ""
        return ""

    return {region: why for region, why in every(regions, ask).items() if why}


def _judge_domain(cloud: Cloud, domain: str, zone: str | None) -> list[str]:
    """Why no hosted zone, or no certain one, takes the records of a domain."""
    try:
        find_zone(cloud, [domain], zone)
    except CollectionError as error:
        return [f"domains[{domain}]: {error.message}"]
    return []


def _judge_record(cloud: Cloud, recorded: Item, warnings: list[str], owed: list[str]) -> list[str]:
    """What the recorded map names, and the inventory does not. Without an answer of the lease it is a warning.

    owed: is given the regions that an earlier run of the site left alone.
    """
    asked = recorded["inventory"], recorded["retire"], recorded["dead"]
    try:
        items = read_items(recorded, cloud, LEASE_ID, RETIREMENTS)
        retiring = retirements_of(from_attributes(items.get(RETIREMENTS, {})))
        lease = Lease.from_attributes(items.get(LEASE_ID))
        owed += sorted(region for region, what in lease.owed.items() if OWED_SITE in what) if lease else []
        return retirement_problems(lease, retiring, *asked)
    except ProtocolError as error:
        warnings.append(f"What is recorded of the regions cannot be read: {error}")
    except CollectionError as error:
        warnings.append(f"Whether the inventory has every recorded region was not checked: {error}")
    return retirement_problems(None, {}, *asked)


def look(cloud: Cloud, params: dict[str, Any], region: Item) -> Found:
    """What is found in one region. One that does not answer is a warning: the others can be built."""
    name, found = region["name"], Found()
    listing = NetworkListing(cloud, name, params["workload"], params["network"] or params["workload"])
    wanted = {"zones": region["zones"], "zone_count": region["zone_count"], "region": name}
    try:
        # The first call, so that a region that does not answer is known soon.
        client = cloud.client("ec2", name, **SHORT)
        zones = client.describe_availability_zones()["AvailabilityZones"]
        listing.once("describe_availability_zones", lambda: zones)
        found.zones = wanted_zones({"subnets": None, "cidr": region["cidr"] or "10.0.0.0/16", **wanted}, listing)
        if listing.vpc() is None:
            _judge_quotas(cloud, params, region, found)
        if params["websites"]:
            _judge_public_access(cloud, name, found)
        if params["rest_api"]:
            _judge_log_role(cloud, name, found)
    except InvalidInput as error:
        found.problems += [f"regions[{name}]: {text}" for text in error.problems]
    except ClientError as error:
        if error_code(error) not in CLOSED or name not in OPT_IN_REGIONS:
            raise
        found.problems.append(
            f"regions[{name}]: the region does not take the credentials of this account ({error_code(error)}). It is "
            f"one that an account enables first: aws account enable-region --region-name {name}, which may take hours."
        )
    except BotoCoreError as error:
        found.silent = f"{type(error).__name__}: {error}"
        found.warnings.append(f"{name} did not answer, so its zones and quotas were not checked: {error}")
    return found


def _judge_quotas(cloud: Cloud, params: dict[str, Any], region: Item, found: Found) -> None:
    name = region["name"]
    client = cloud.client("ec2", name)

    def ask(service: str) -> Any:
        return cloud.client(service, name)

    addresses = {"none": 0, "single": 1, "per_az": len(found.zones)}[region["nat"] or "none"]
    counted: list[tuple[str, float, Callable[[], int]]] = [
        (quotas.VPCS, 1, lambda: len(cloud.paginate("ec2", "describe_vpcs", name))),
        (quotas.ADDRESSES, addresses, lambda: len(client.describe_addresses()["Addresses"])),
    ]
    try:
        for quota, needed, count in counted:
            limit = quotas.limit(ask, quota) if needed else None
            used = count() if limit is not None else 0
            if limit is not None and used + needed > limit:
                found.problems.append(_too_few(name, quota, limit, used, needed))
        for quota, (least, most) in vcpus(params["services"]).items():
            told = quotas.fargate_quota(ask, quota)
            if told is None:
                continue
            used = told["used"] or 0
            if used + least > told["limit"]:
                found.problems.append(_too_few(name, quota, told["limit"], used, least))
            elif used + most > told["limit"]:
                found.warnings.append(_too_few(name, quota, told["limit"], used, most, "scaled to its maximum, "))
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        found.warnings.append(f"{name}: the quotas were not checked, because the caller may not read them: {error}")


def _judge_public_access(cloud: Cloud, region: str, found: Found) -> None:
    """Whether the account lets a bucket be public, as a website is; a block of the account overrides a bucket's."""
    account = cloud.account_id
    try:
        answer = cloud.client("s3control", region).get_public_access_block(AccountId=account)
    except ClientError as error:
        if error_code(error) in DENIED:
            found.warnings.append(
                f"{region}: whether the account blocks public access to its buckets, which websites need, was not "
                f"checked, because the caller may not read it: {error}"
            )
        elif error_code(error) != "NoSuchPublicAccessBlockConfiguration":
            raise
        return
    block = answer["PublicAccessBlockConfiguration"]
    shut = [key for key in ("BlockPublicPolicy", "RestrictPublicBuckets") if block.get(key)]
    if shut:
        found.problems.append(
            f"website_sites is given, and the account {account} blocks public access to all its buckets "
            f"({' and '.join(shut)}), so that nobody could read a website. Look at what is public, then open it: aws "
            f"s3control put-public-access-block --account-id {account} --public-access-block-configuration "
            + ",".join(f"{key}={str(bool(block.get(key)) and key not in shut).lower()}" for key in BLOCKS)
        )


def _judge_log_role(cloud: Cloud, region: str, found: Found) -> None:
    """Whether API Gateway may write the access logs of REST APIs: with a role that the account names in each region."""
    try:
        role = cloud.client("apigateway", region).get_account().get("cloudwatchRoleArn")
    except ClientError as error:
        if error_code(error) not in DENIED:
            raise
        found.warnings.append(
            f"{region}: whether the account has a role for the logs of API Gateway, which a REST API needs, was not "
            f"checked, because the caller may not read it: {error}"
        )
        return
    if not role:
        found.problems.append(
            f"regions[{region}]: edge_api is rest, and API Gateway has no role there with which it writes access logs; "
            "it is a setting of the account, not of the workload. Make a role that apigateway.amazonaws.com may assume "
            "and that has the policy service-role/AmazonAPIGatewayPushToCloudWatchLogs, once for all regions, and name "
            f"it: aws apigateway update-account --region {region} --patch-operations "
            "op=replace,path=/cloudwatchRoleArn,value=<its ARN>"
        )


def _too_few(region: str, quota: str, limit: float, used: float, needed: float, when: str = "") -> str:
    service, code = quotas.CODES[quota]
    return (
        f"regions[{region}]: {when}the workload needs {needed:g} of the quota {quotas.TITLES[quota]!r}, which is "
        f"{limit:g}, and {used:g} are in use. Ask for more: aws service-quotas request-service-quota-increase "
        f"--region {region} --service-code {service} --quota-code {code} --desired-value {used + needed:g}"
    )


def vcpus(services: list[Item]) -> dict[str, tuple[float, float]]:
    """The vCPU that services need of each quota of Fargate, at first and when all are scaled to their maximum."""
    needed: dict[str, tuple[float, float]] = {}
    for service in services:
        providers = [each["capacity_provider"] for each in service.get("capacity_provider_strategy") or []]
        launch = service.get("launch_type") or ("" if providers else "FARGATE")
        kind = quotas.fargate_kind({"launch_type": launch, "capacity_providers": providers})
        units = cpu_units(str(service.get("cpu")))
        if kind is None or units is None:
            continue
        scaling = service.get("scaling") or {}
        first = service.get("desired_count")
        least = int(scaling.get("min") or 1) if first is None else int(first)
        most = max(least, int(scaling.get("max") or 0))
        before, vcpu = needed.get(kind, (0.0, 0.0)), units / CPU_UNITS_PER_VCPU
        needed[kind] = (before[0] + least * vcpu, before[1] + most * vcpu)
    return needed


def problems(params: dict[str, Any]) -> list[str]:
    return [
        f"regions[{region['name']}]: {text}"
        for region in params["regions"]
        for text in zone_problems({**region, "region": region["name"]})
    ]


MODULE = ModuleDefinition(
    arguments={
        "network": {"type": "str"},
        "regions": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "cidr": {"type": "str"},
                "zones": {"type": "list", "elements": "str"},
                "zone_count": {"type": "int", "default": 2},
                "nat": {"type": "str", "choices": ["per_az", "single", "none"]},
            },
        },
        "services": {"type": "list", "elements": "dict", "default": []},
        "websites": {"type": "list", "elements": "dict", "default": []},
        "domains": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {"name": {"type": "str", "required": True}, "zone": {"type": "str"}},
        },
        "recorded": {
            "type": "dict",
            "options": {
                "lease_regions": {"type": "list", "elements": "str", "required": True},
                "lease_table": {"type": "str", "required": True},
                "inventory": {"type": "list", "elements": "str", "required": True},
                "retire": {"type": "list", "elements": "str", "default": []},
            },
        },
        "rest_api": {"type": "bool", "default": False},
        "left_out": {"type": "list", "elements": "str", "default": []},
        **DEAD_ARGUMENT,
    },
    services=("ec2", "dynamodb", "service-quotas", "cloudwatch", "s3control", "sts", "route53", "apigateway"),
    read=read,
    problems=problems,
)
