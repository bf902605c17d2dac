# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory needs of AWS beyond one region: one partition for all, and ways out of networks without NAT."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...aws.names import partition
from ...aws.registries import ECR_HOST
from ...services.service_task import containers, own_repository

Item = dict[str, Any]

PULLING = ("ecr.api", "ecr.dkr")
"""Interface endpoints through which an image of ECR is pulled; its layers come through the gateway endpoint of S3."""

USED = {"topic": "sns", "queue": "sqs"}
"""What a service may use, and the interface endpoint that leads there. Tables and buckets have gateway endpoints."""

_ECR = re.compile(ECR_HOST)


def partition_findings(regions: list[str], control: list[str], accelerator: Item) -> Iterator[str]:
    """About regions of several partitions, between which nothing of AWS reaches, and what a partition lacks."""
    found = {name: partition(name) for name in regions}
    if len(set(found.values())) > 1:
        told = ", ".join(f"{name} is of {its}" for name, its in found.items())
        yield f"regions are of several partitions ({told}); an account, and so a workload, is of one."
        return
    ours = next(iter(found.values()), "aws")
    foreign = [name for name in control if partition(name) != ours]
    if foreign:
        yield (
            f"toggle.control_regions (toggle_control_regions) has {', '.join(foreign)}, and the regions are of the "
            f"partition {ours}. Name regions of that one: three of a region set, or one region alone."
        )
    if accelerator and ours != "aws":
        yield (
            f"accelerator (routing_accelerator) is given, and the partition {ours} has no Global Accelerator. Leave "
            "routing_accelerator out; the name of each region's load balancer is its public name then."
        )


def way_out_findings(regions: list[Item], services: list[Item], mirrors: list[Item]) -> Iterator[str]:
    """About tasks that could not start, because their subnets reach neither registry nor logs nor secrets."""
    for region, service, missing in _enclosed(regions, services):
        where = f"services[{service.get('name')}]"
        outside = [image for image in _images(service) if _registry(image, mirrors) is None]
        if outside:
            yield (
                f"{where}.image is {outside[0]!r}, which tasks in {region['name']} cannot pull: network_nat is none, "
                f"and no endpoint leads to {_host(outside[0])}, nor to other registries than ECR. Copy it with "
                "image_mirrors, or set network_nat."
            )
        needed = sorted(
            {"logs", *_secret_endpoints(service), *(PULLING if len(outside) < len(_images(service)) else ())}
        )
        if lacking := missing(needed):
            yield (
                f"{where} cannot start in {region['name']}: network_nat is none, and network_interface_endpoints "
                f"lacks {', '.join(lacking)}. Add them, or set network_nat to single or per_az."
            )


def way_out_warnings(regions: list[Item], services: list[Item]) -> Iterator[str]:
    """About what tasks that start could not reach."""
    for region, service, missing in _enclosed(regions, services):
        where = f"services[{service.get('name')}] in {region['name']}"
        used = [use for use in service.get("uses") or [] if isinstance(use, dict)]
        values = [value for each in containers(service) for value in (each.get("environment") or {}).values()]
        kinds = {kind for each in [*used, *values] if isinstance(each, dict) for kind in each}
        endpoints = sorted({USED[kind] for kind in kinds if kind in USED} | ({"ssm"} if "toggle" in kinds else set()))
        if lacking := missing(endpoints):
            yield (
                f"{where}: network_nat is none, and network_interface_endpoints lacks {', '.join(lacking)}, which its "
                "tasks use."
            )
        if "toggle" in kinds and len(regions) > 1:
            others = ", ".join(str(each["name"]) for each in regions if each is not region)
            yield (
                f"{where}: network_nat is none, and no endpoint leads to DynamoDB in another region ({others}). Its "
                "tasks cannot read the states that are recorded there: each waits 120 s when it starts, then decides "
                "alone."
            )


def _enclosed(regions: list[Item], services: list[Item]) -> Iterator[tuple[Item, Item, Any]]:
    """(region, service, what of endpoints is missing) where the tasks of a service have no way out."""
    for region in regions:
        if region.get("nat") != "none":
            continue
        there = {str(each) for each in region.get("interface_endpoints") or []}
        for service in services:
            if service.get("subnets") == "public" and service.get("assign_public_ip"):
                continue
            yield region, service, lambda needed, there=there: [each for each in needed if each not in there]


def _images(service: Item) -> list[str]:
    return [
        f"own:{name}" if (name := own_repository(each)) else str(each.get("image") or "")
        for each in containers(service)
    ]


def _registry(image: str, mirrors: list[Item]) -> str | None:
    """The ECR repository that an image comes from; None if it is another registry's."""
    copied = {str(value) for mirror in mirrors for value in mirror.values() if isinstance(value, str)}
    is_ours = image.startswith("own:") or _ECR.match(image) or image in copied or not image or "{{" in image
    return image if is_ours else None


def _host(image: str) -> str:
    """The registry of an image, as people call it."""
    first, slash, _rest = image.partition("/")
    return first if slash and ("." in first or ":" in first) else "Docker Hub"


def _secret_endpoints(service: Item) -> set[str]:
    sources = [str(source) for each in containers(service) for source in (each.get("secrets") or {}).values()]
    return {"secretsmanager" if ":secretsmanager:" in source else "ssm" for source in sources}
