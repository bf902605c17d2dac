# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The capacity of the region that takes over: how much is missing, raised, and restored to what it was.

A service is scaled by its desired count. Where it scales by itself, the least count is raised too, so that automatic
scaling does not take away again what was just added, and the most if it is in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..kernel import Cloud, CollectionError, absent_is_none
from ..kernel.cloud import SHORT
from ..resources.service import GONE
from ..resources.service_scaling import DIMENSION, NAMESPACE, schedules_suspended
from ..resources.service_scaling import SERVICE as AUTOSCALING
from .gather import TARGETS_AT_ONCE, resource_id

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
