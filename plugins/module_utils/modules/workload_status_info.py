# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of a workload in one region, read side by side and returned as data even if the region does not answer.

This is read while a region is ill: nothing waits longer than the time limit, and nothing is retried. Parts that fail
are returned beside those that do not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..kernel import Cloud
from ..kernel.run import ModuleDefinition
from ..services.service_names import SERVICE_NAMES, repeated_names
from ..status.lake_lag import lake_lags
from ..status.region_reading import SERVICES_AT_ONCE, THREADS, Ask, Part, Reading, Region
from .shared_arguments.lake import LAKE


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    region = Region(cloud, params["timeout"])
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        reading = Reading(pool)
        told = _read(region, params, reading)
    reachable = bool(reading.answered) or not reading.unreachable
    return {
        "region": params["region"],
        "reachable": reachable,
        "why": "" if reachable else reading.unreachable[0],
        "errors": reading.errors,
        **told,
    }


def _read(region: Region, params: dict[str, Any], reading: Reading) -> dict[str, Any]:
    reads: dict[Ask, Callable[[], Any]] = {}
    clusters: dict[str, list[str]] = defaultdict(list)
    for service in params["services"]:
        clusters[service["cluster"]].append(service["name"])
        reads["tasks of", service["name"]] = lambda s=service: region.images(s["cluster"], s["name"])
    for cluster, names in clusters.items():
        for start in range(0, len(names), SERVICES_AT_ONCE):
            some = names[start : start + SERVICES_AT_ONCE]
            reads["services", ", ".join(some)] = lambda c=cluster, n=some: region.services(c, n)
    for kind, parameter, read_one in (
        ("target group", "target_groups", region.target_group),
        ("queue", "queues", region.queue),
        ("table", "tables", region.table),
    ):
        for name in params[parameter]:
            reads[kind, name] = lambda r=read_one, n=name: r(n)
    others = [each for each in params["regions"] if each != region.name]
    for lake in params["lake"] if others else []:
        reads["lake", lake["bucket"]] = lambda w=lake: lake_lags(region, w, others)
    told = reading.all(reads)

    services: Part = {}
    for kind, name in told:
        if kind == "services":
            services.update(told[kind, name])
    for name, service in services.items():
        if service["status"] == "MISSING":
            reading.errors.pop(f"tasks of {name}", None)  # that a missing service has no tasks is no news
        else:
            service.update(told.get(("tasks of", name), {}))
    # No task runs to tell its image: ask what it would be.
    idle = {name: service["task_definition"] for name, service in services.items() if service.get("images") == []}
    defined = reading.all({("image of", n): lambda t=arn: region.defined_images(t) for n, arn in idle.items()})
    for (_kind, name), images in defined.items():
        services[name].update(images)
    return {
        "services": services,
        "target_groups": _of_kind(told, "target group"),
        "queues": _of_kind(told, "queue"),
        "tables": _of_kind(told, "table"),
        "lakes": _of_kind(told, "lake"),
    }


def _of_kind(told: dict[Ask, Any], wanted: str) -> Part:
    return {name: answer for (kind, name), answer in told.items() if kind == wanted}


def problems(params: dict[str, Any]) -> list[str]:
    found = repeated_names("services", params["services"])
    if params["timeout"] < 1:
        found.append(f"timeout is {params['timeout']}; expected at least 1 second.")
    return found


MODULE = ModuleDefinition(
    arguments={
        "services": SERVICE_NAMES,
        "target_groups": {"type": "list", "elements": "str", "default": []},
        "queues": {"type": "list", "elements": "str", "default": []},
        "tables": {"type": "list", "elements": "str", "default": []},
        "lake": LAKE,
        "regions": {"type": "list", "elements": "str", "default": []},
        "timeout": {"type": "int", "default": 3},
    },
    services=("ecs", "elbv2", "sqs", "dynamodb", "s3", "sts"),
    read=read,
    problems=problems,
)
