# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The capacity of the region that takes over: how much is missing, raised, awaited, and restored to what it was.

A service is scaled by its desired count. Where it scales by itself, the least count is raised too, so that automatic
scaling does not take away again what was just added, and the most if it is in the way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..deployments import post_mortem, rollout
from ..kernel import Cloud, CollectionError, NotReadyInTime, absent_is_none
from ..kernel.cloud import SHORT
from ..resources.service import GONE
from ..resources.service_scaling import DIMENSION, NAMESPACE, schedules_suspended
from ..resources.service_scaling import SERVICE as AUTOSCALING
from .gather import TARGETS_AT_ONCE, gather, resource_id

POLL_FIRST_SECONDS, POLL_LAST_SECONDS = 0.25, 2.0
TELL_SECONDS = 5.0

UNPLACED = "unable to place"
"""An event of a service that says so is told even if there are newer ones."""

ADD_FALLBACK = "Let the service's capacity provider strategy name both FARGATE and FARGATE_SPOT"

ADVICE = {
    "Capacity is unavailable": f"Fargate is short there. {ADD_FALLBACK}",
    "limit on the number of vCPUs": "Ask for a higher quota of Fargate vCPU in that region (Service Quotas)",
}
"""What to do about a reason that ECS gives for not placing a task."""

Entry = dict[str, Any]


def missing_capacity(
    evidence: Mapping[str, Any], sources: Iterable[str], targets: Iterable[str], spec: Mapping[str, Any]
) -> list[Entry]:
    """The services that want more tasks in a target: `{region, cluster, service, desired, wanted}` of each.

    Wanted is `capacity_percentage` of what the busiest source runs or is scaling to, rounded up. While no source
    answers that is not known; then a service must not stay at zero.
    """
    sources = list(sources)
    entries = []
    for region in targets:
        for asked in spec["services"]:
            name = asked["name"]
            service = evidence.get(region, {}).get("services", {}).get(name, {})
            if "desired" not in service:
                continue
            load = source_load(evidence, sources, name)
            if load is None:
                least = service["scaling"]["min"] if service["scaling"] else 0
                wanted = max(1, least) if sources and not service["desired"] else service["desired"]
            else:
                wanted = -(-load * spec["capacity_percentage"] // 100)
            if service["desired"] < wanted:
                entries.append(
                    {
                        "region": region,
                        "cluster": asked["cluster"],
                        "service": name,
                        "desired": service["desired"],
                        "wanted": wanted,
                    }
                )
    return entries


def source_load(evidence: Mapping[str, Any], sources: Iterable[str], service: str) -> int | None:
    """The tasks of a service in the busiest source; None if no source tells."""
    told = [evidence.get(region, {}).get("services", {}).get(service, {}) for region in sources]
    return max((max(each["running"], each["desired"]) for each in told if "desired" in each), default=None)


def raise_capacity(
    cloud: Cloud,
    wanted: Iterable[Entry],
    remember: Callable[[Entry], None] = lambda before: None,
    earlier: Entry | None = None,
) -> Entry:
    """Scale the services that `missing_capacity` told; returns `before`, plain data, for `restore_capacity`.

    remember: gets the same before the first change, so that a run that dies can still be undone.
    earlier:  what a run that died remembered. A service in it was perhaps scaled already, so its counts stand.
    """
    entries = list(wanted)
    ranges = _scaling_ranges(cloud, entries)
    known = {_place(was): was for was in (earlier or {}).get("services", [])}
    now = {
        _place(entry): {
            **{key: entry[key] for key in ("region", "cluster", "service", "desired")},
            "scaling": ranges.get((entry["region"], _id(entry))),
        }
        for entry in entries
    }
    before = {"services": list({**now, **known}.values())}
    remember(before)
    for entry in entries:
        scaling, least = now[_place(entry)]["scaling"], entry["wanted"]
        if scaling:
            scaling = {**scaling, "min": max(scaling["min"], least), "max": max(scaling["max"], least)}
        set_counts(cloud, {**entry, "desired": least, "scaling": scaling})
        cloud.tell(f"  {entry['service']} in {entry['region']}: {entry['desired']} → {entry['wanted']} tasks")
    return before


def restore_capacity(cloud: Cloud, before: Entry) -> None:
    """Make the counts what they were. A second time it changes nothing, and a service that is gone needs nothing."""
    for was in before.get("services", []):
        with absent_is_none(*GONE):
            set_counts(cloud, was)


def read_counts(cloud: Cloud, region: str, cluster: str, names: list[str]) -> dict[str, Entry]:
    """The counts of services of one cluster as they are now, by name; `set_counts` takes each of them.

    Raises:
        CollectionError: one does not exist.
    """
    answer = cloud.client("ecs", region, **SHORT).describe_services(cluster=cluster, services=names)
    desired = {each["serviceName"]: each["desiredCount"] for each in answer["services"]}
    if missing := [name for name in names if name not in desired]:
        raise CollectionError(f"{region} has no service {', '.join(missing)} in cluster {cluster}")
    entries = [{"region": region, "cluster": cluster, "service": name, "desired": desired[name]} for name in names]
    ranges = _scaling_ranges(cloud, entries)
    return {entry["service"]: {**entry, "scaling": ranges.get((region, _id(entry)))} for entry in entries}


def set_counts(cloud: Cloud, entry: Entry) -> None:
    """Make a service (`region`, `cluster`, `service`) want `desired` tasks, and scale within `scaling` if it scales.

    desired: None leaves the count as it is now.
    scaling: `min` and `max`. `suspended` says whether schedules are kept from setting others; left out, they are where
             nothing may run, or the next one would start it.
    """
    scaling = entry["scaling"]
    if scaling:
        # First, because automatic scaling brings a count outside of its range back into it.
        cloud.client(AUTOSCALING, entry["region"], **SHORT).register_scalable_target(
            ServiceNamespace=NAMESPACE,
            ResourceId=_id(entry),
            ScalableDimension=DIMENSION,
            MinCapacity=scaling["min"],
            MaxCapacity=scaling["max"],
            SuspendedState={
                **scaling.get("suspended_state", {}),
                "ScheduledScalingSuspended": scaling.get("suspended", not scaling["max"]),
            },
        )
    if entry["desired"] is not None:  # which starts no deployment
        cloud.client("ecs", entry["region"], **SHORT).update_service(
            cluster=entry["cluster"], service=entry["service"], desiredCount=entry["desired"]
        )


def _place(entry: Entry) -> tuple[str, str, str]:
    return entry["region"], entry["cluster"], entry["service"]


def _id(entry: Entry) -> str:
    return resource_id({"cluster": entry["cluster"], "name": entry["service"]})


def _scaling_ranges(cloud: Cloud, entries: list[Entry]) -> dict[tuple[str, str], Entry]:
    ids: dict[str, list[str]] = {}
    for entry in entries:
        ids.setdefault(entry["region"], []).append(_id(entry))
    found = {}
    for region, asked in ids.items():
        for start in range(0, len(asked), TARGETS_AT_ONCE):
            targets = cloud.paginate(
                AUTOSCALING,
                "describe_scalable_targets",
                region,
                limits=SHORT,
                ServiceNamespace=NAMESPACE,
                ResourceIds=asked[start : start + TARGETS_AT_ONCE],
                ScalableDimension=DIMENSION,
            )
            for target in targets:
                found[region, target["ResourceId"]] = {
                    "min": target["MinCapacity"],
                    "max": target["MaxCapacity"],
                    "suspended": schedules_suspended(target),
                    "suspended_state": target.get("SuspendedState") or {},
                }
    return found


def wait_until_ready(
    cloud: Cloud,
    targets: Iterable[str],
    spec: Mapping[str, Any],
    timeout: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Wait until every service of the targets runs what it shall and its targets are healthy; the last evidence.

    Raises:
        NotReadyInTime: after `timeout` seconds, with what is missing and why: reasons of stopped tasks, of unhealthy
            targets, and events. `details["not_ready"]` has the parts.
    """
    regions = list(targets)
    asked = {**spec, "queues": [], "topics": [], "tables": [], "buckets": [], "quotas": False}
    began = told_at = clock()
    pause = POLL_FIRST_SECONDS
    while True:
        evidence = gather(cloud, regions, asked)
        waiting = [reason for region in regions for reason in not_ready(evidence[region])]
        now = clock()
        if not waiting:
            return evidence
        if now - began >= timeout:
            raise _not_ready(cloud, evidence, waiting, timeout)
        if now - told_at >= TELL_SECONDS:
            told_at = now
            cloud.tell(f"  waiting, {timeout - (now - began):.0f} s left: {waiting[0]}")
        sleep(min(pause, timeout - (now - began)))
        pause = min(pause * 1.5, POLL_LAST_SECONDS)


def not_ready(evidence: Mapping[str, Any]) -> list[str]:
    """What a region still lacks of running tasks and healthy targets, each as words; nothing if it is ready."""
    region = evidence["region"]
    if not evidence["reachable"]:
        return [f"{region} does not answer: {evidence['why']}"]
    lacking = []
    for name, service in evidence["services"].items():
        trouble = service_trouble(service)
        if trouble:
            lacking.append(f"{name} in {region} {trouble}")
    for name, group in evidence["target_groups"].items():
        trouble = group_trouble(group)
        if trouble:
            lacking.append(f"target group {name} in {region} {trouble}")
    return lacking


def service_trouble(service: Mapping[str, Any]) -> str:
    """Why the tasks of a service are not as they shall be; an empty text if they are."""
    if "desired" not in service:
        return entry_trouble(service)
    if service["status"] != "ACTIVE":
        return f"is {service['status']}"
    if service["running"] < service["desired"]:
        pending = f", {service['pending']} starting" if service["pending"] else ""
        return f"runs {service['running']} of {service['desired']} tasks{pending}"
    deployments = service["deployments"]
    primary = next((each for each in deployments if each["status"] == "PRIMARY"), None)
    if primary and primary["rollout_state"] == "FAILED":
        return f"has a failed deployment of {primary['revision']}"
    if primary and len(deployments) > 1:  # tasks of the old revision count among those that run
        return f"is being deployed: {primary['running']} of {service['desired']} tasks are of {primary['revision']}"
    return ""


def group_trouble(group: Mapping[str, Any]) -> str:
    """Why a target group cannot take requests; an empty text if it can."""
    if "healthy" not in group:
        return entry_trouble(group)
    counted = group["total"] - group["draining"]
    if not counted:
        return "has no targets"
    if group["healthy"] < counted:
        reasons = f" ({'; '.join(group['reasons'])})" if group["reasons"] else ""
        return f"has {group['healthy']} of {counted} targets healthy{reasons}"
    return ""


def entry_trouble(entry: Mapping[str, Any]) -> str:
    """What an entry of the evidence says when nothing was read of it."""
    return f"cannot be read: {entry['error']}" if "error" in entry else "does not exist"


def _not_ready(cloud: Cloud, evidence: Mapping[str, Any], waiting: list[str], timeout: float) -> NotReadyInTime:
    reasons = []
    for region, told in evidence.items():
        for name, service in told.get("services", {}).items():
            if service_trouble(service) and "desired" in service:
                why = _why(cloud, region, service["cluster"], name)
                if why:
                    reasons.append(f"{name} in {region}: {why}")
    message = f"Waited {timeout:.0f} s for the target to be ready: {'; '.join(waiting)}"
    advice = "".join(f". {what}" for word, what in ADVICE.items() if any(word in reason for reason in reasons))
    more = f". {'. '.join(reasons)}" if reasons else ""
    return NotReadyInTime(
        f"{message}{more}{advice}. Mend it and run the same again, or raise readiness.capacity_wait.",
        not_ready=waiting,
        reasons=reasons,
    )


def _why(cloud: Cloud, region: str, cluster: str, name: str) -> str:
    """Stopped tasks' reasons, unhealthy targets' reasons and what the service says of placing tasks."""
    service = rollout.describe(cloud, region, cluster, name)
    if not service:
        return ""
    facts = post_mortem.examine(cloud, region, cluster, service, rollout.primary(service).get("id", ""))
    words = post_mortem.in_words(facts)
    placing = next((event for event in facts["events"] if UNPLACED in event), "").rstrip(".")
    parts = [words.rstrip(".")] if words else []
    if placing and placing.rpartition("Reason: ")[2] not in words:
        parts.append(f"event: {placing}")
    return ". ".join(parts)
