# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether regions can take over from others, as data: the evidence, every failed check, and both in sentences."""

from __future__ import annotations

from typing import Any

from ..aws.regions import region_problems
from ..kernel import Cloud
from ..kernel.run import ModuleDefinition
from ..readiness import (
    CHECKS,
    SPEC,
    LagUnknown,
    evidence_sentences,
    gather,
    judge,
    measure_lag,
    missing_capacity,
    spec_problems,
)


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    sources, targets, spec = params["sources"], params["targets"], params["readiness"]
    evidence = gather(cloud, [*sources, *targets], spec, timeout=params["timeout"])
    lag, trouble = _lag(params, cloud, evidence) if params["measure_lag"] else ({}, [])
    findings = judge(evidence, sources, targets, spec, skip=params["skip_checks"], lag=lag)
    return {
        "ready": all(finding.skipped for finding in findings),
        "findings": [finding.to_dict() for finding in findings],
        "sentences": [
            *evidence_sentences(evidence, params["states"], lag),
            *trouble,
            *(finding.sentence() for finding in findings),
        ],
        "lag": lag,
        "missing_capacity": missing_capacity(evidence, sources, targets, spec),
        "regions": evidence,
    }


def _lag(params: dict[str, Any], cloud: Cloud, evidence: dict[str, Any]) -> tuple[dict[str, float | None], list[str]]:
    """Seconds from the slowest source that answers to each target that does, and why some are not known."""
    lag: dict[str, float | None] = {}
    trouble = []
    for target in params["targets"]:
        sources = [each for each in params["sources"] if each != target and evidence[each]["reachable"]]
        if not sources or not evidence[target]["reachable"]:
            continue
        try:
            lag[target] = round(max(measure_lag(cloud, each, target, params["readiness"]) for each in sources), 3)
        except LagUnknown as error:
            lag[target] = None
            trouble.append(error.message)
    return lag, trouble


def problems(params: dict[str, Any]) -> list[str]:
    found = spec_problems(params["readiness"])
    if not params["targets"]:
        found.append("targets is empty; name at least one region that is to take over.")
    for variable in ("sources", "targets"):
        for region in params[variable]:
            found += region_problems(variable, region)
    for region in sorted(set(params["sources"]) & set(params["targets"])):
        found.append(f"{region} is among sources and among targets; a region cannot take over from itself.")
    for check in params["skip_checks"]:
        if check not in CHECKS:
            found.append(f"skip_checks has {check!r}; expected some of {', '.join(CHECKS)}.")
    if params["timeout"] <= 0:
        found.append(f"timeout is {params['timeout']:g}; expected more than 0 seconds.")
    if params["measure_lag"] and not params["readiness"].get("lag"):
        found.append("measure_lag is true, and readiness.lag does not say in which table.")
    return found


MODULE = ModuleDefinition(
    arguments={
        "sources": {"type": "list", "elements": "str", "default": []},
        "targets": {"type": "list", "elements": "str", "required": True},
        "readiness": {"type": "dict", "required": True, "options": SPEC},
        "measure_lag": {"type": "bool", "default": False},
        "skip_checks": {"type": "list", "elements": "str", "default": []},
        "states": {"type": "dict", "default": {}},
        "timeout": {"type": "float", "default": 3.0},
    },
    services=(
        "application-autoscaling",
        "cloudwatch",
        "dynamodb",
        "ecs",
        "elbv2",
        "s3",
        "service-quotas",
        "sns",
        "sqs",
        "sts",
    ),
    read=read,
    problems=problems,
)
