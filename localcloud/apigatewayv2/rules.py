# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What API Gateway demands of links, integrations, routes, stages and custom domains."""

from __future__ import annotations

import re
from typing import Any

from moto.acm.models import acm_backends
from moto.apigatewayv2.exceptions import APIGatewayV2Error, BadRequestException
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
SEGMENT = re.compile(r"[^/{}\s]+|\{[\w.-]+\}")
GREEDY = re.compile(r"\{[\w.-]+\+\}")
LISTENER = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:.+:listener/(app|net)/.+")


class ConflictException(APIGatewayV2Error):
    """What is asked for is in the way of something, or something of it."""

    code = 409

    def __init__(self, message: str):
        super().__init__("ConflictException", message)


def check_link(account: str, region: str, subnets: list[str], groups: list[str]) -> None:
    """Refuse subnets and security groups that are not there, or not in one VPC."""
    ec2 = ec2_backends[account][region]
    known = {subnet.id: subnet.vpc_id for zone in ec2.subnets.values() for subnet in zone.values()}
    if not subnets or any(each not in known for each in subnets):
        raise BadRequestException("The requested subnet(s) could not be found")
    vpcs = {known[each] for each in subnets}
    if len(vpcs) > 1:
        raise BadRequestException("All subnets of a VPC link must be in one VPC")
    if any(each not in ec2.groups[next(iter(vpcs))] for each in groups):
        raise BadRequestException("The requested security group(s) could not be found in the VPC of the subnets")


def check_integration(account: str, region: str, links: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Refuse a private integration without an available link, or to what is no listener."""
    if wanted.get("connection_type") != "VPC_LINK":
        return
    link = links.get(wanted.get("connection_id") or "")
    if link is None or link.status != "AVAILABLE":
        state = "does not exist" if link is None else f"is {link.status}"
        raise BadRequestException(f"VPC link {wanted.get('connection_id')} {state}")
    uri = wanted.get("integration_uri") or ""
    if not LISTENER.fullmatch(uri) or listener_of(account, region, uri) is None:
        raise BadRequestException(f"Invalid integration URI specified: {uri} is no listener of this region")
    if not 50 <= int(wanted.get("timeout_in_millis") or 30000) <= 30000:
        raise BadRequestException("Timeout should be between 50 ms and 30000 ms")


def listener_of(account: str, region: str, arn: str) -> Any:
    """The listener of this ARN, or None."""
    balancers = elbv2_backends[account][region].load_balancers.values()
    return next((balancer.listeners[arn] for balancer in balancers if arn in balancer.listeners), None)


def check_route(key: str, target: str | None, api: Any, but: str | None = None) -> None:
    """Refuse a key that is none or that another route of the API has, and a target that is not there."""
    method, _blank, path = key.partition(" ")
    segments = path.split("/")[1:]
    if key != "$default" and (
        method not in METHODS
        or not path.startswith("/")
        or any(not SEGMENT.fullmatch(each) for each in segments[:-1])
        or any(each and not (SEGMENT.fullmatch(each) or GREEDY.fullmatch(each)) for each in segments[-1:])
    ):
        raise BadRequestException(f"Invalid route key specified: {key}")
    if any(route.route_key == key and route.route_id != but for route in api.routes.values()):
        raise ConflictException(f"Route with key {key} already exists for this API")
    if target and target.removeprefix("integrations/") not in api.integrations:
        raise BadRequestException(f"Invalid target specified: {target}")


def check_domain(account: str, region: str, name: str, configurations: list[dict[str, Any]]) -> None:
    """Refuse a certificate that is not issued in this region, or not for this name."""
    arn = configurations[0].get("CertificateArn") or configurations[0].get("certificateArn")
    certificates = acm_backends[account][region]._certificates
    if arn not in certificates:
        raise BadRequestException(f"Invalid certificate ARN: {arn}. Certificate must be in '{region}'.")
    certificate = certificates[arn]
    certificate.check()
    if certificate.status != "ISSUED":
        raise BadRequestException(f"Unsupported certificate: {arn} is {certificate.status}")
    parent = name.partition(".")[2]
    if not {name, f"*.{parent}"} & {each.lower() for each in certificate.sans}:
        raise BadRequestException(f"The domain name to be created is not covered by the provided certificate: {name}")
