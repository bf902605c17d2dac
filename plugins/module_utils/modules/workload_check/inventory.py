# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the inventory of a workload, found without asking AWS.

Each module checks its own parameters, but it only sees one region and one layer. Here the whole inventory is seen at
once: regions that clash, references that lead nowhere. Every finding names the variable, its value and what would be
valid. Values come as an inventory gives them, so nothing is certain of their types.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from ...aws.names import ROLE_NAME_LENGTH, arn, dns_suffix
from ...aws.regions import fanout_problems, region_problems
from ...aws.subnetting import cidr_problem, overlaps
from ...resources.parameter import STANDARD_BYTES, to_text
from ...services.service_task import containers
from ...services.wiring import ACCESS, TOGGLE_ACCESS, VALUES, actions_of
from ...taskdef.fargate_sizes import cpu_units, memory_mib, pair_problems
from ...taskdef.references import circles
from ..ecs_service.deployment import DEPLOYMENT
from ..ecs_service.deployment_checks import room_problems
from ..global_table.checks import definition_problems
from ..lake_bucket import prefix_problems
from ..load_balancer.checks import name_problems
from ..load_balancer.rule_checks import ACTIONS
from ..messaging.arguments import DEFAULTS, DLQ_DEFAULTS
from ..messaging.checks import queue_problems, topic_problems
from ..region_network.arguments import tiers_of
from ..region_network.checks import zone_problems

Item = dict[str, Any]

ROLES = ("primary", "recovery")
STATES = ("ACTIVE", "PASSIVE")

TIERS = [tier["tier"] for tier in tiers_of({})]
"""The tiers of subnets of every network."""

NOT_NAMED = "(without a name)"


def region_findings(regions: list[Item]) -> Iterator[str]:
    """About the regions: their names, roles, states and addresses."""
    if not regions:
        yield "regions is empty; the inventory's group regions needs at least one host, such as sa-east-1."
        return
    names = _names(regions)
    yield from repeated("regions", names)
    for region in regions:
        where = f"regions[{region.get('name')}]"
        yield from region_problems(f"{where}.name", str(region.get("name")))
        yield from _one_of(f"{where}.role (region_role)", region.get("role"), ROLES)
        yield from _one_of(f"{where}.state (region_state)", region.get("state"), STATES)
        yield from (f"{where}: {text}" for text in _zone_findings(region))
    yield from _role_findings(regions)
    yield from _state_findings(regions)
    yield from _address_findings(regions)


def _zone_findings(region: Item) -> list[str]:
    zones, count = region.get("zones"), region.get("zone_count")
    count = 2 if count is None else count
    if not isinstance(zones or [], list) or not str(count).isdigit():
        return [f"network_zones is {zones!r} and network_zone_count {count!r}; a list and a number are expected."]
    asked = {"zones": [str(zone) for zone in zones or []], "zone_count": int(count), "region": region.get("name")}
    return zone_problems(asked)


def _role_findings(regions: list[Item]) -> Iterator[str]:
    primaries = [str(region.get("name")) for region in regions if region.get("role") == "primary"]
    if len(primaries) > 1:
        yield f"region_role is primary for {listed(primaries)}; exactly one region can be the primary one."
    if len(regions) > 1 and not primaries:
        yield f"region_role is primary for none of {listed(_names(regions))}; exactly one must be primary."


def _state_findings(regions: list[Item]) -> Iterator[str]:
    states = [region.get("state") for region in regions]
    if len(regions) == 1 and states == [None]:
        return  # a workload of one region needs no state
    for region in regions:
        if region.get("state") is None:
            yield f"region_state of {region.get('name')} is missing; give ACTIVE or PASSIVE."
    if "ACTIVE" not in states:
        told = ", ".join(f"{region.get('name')} is {region.get('state')}" for region in regions)
        yield f"region_state is ACTIVE for no region ({told}); no region would process anything. Make one ACTIVE."


def _address_findings(regions: list[Item]) -> Iterator[str]:
    valid = []
    for region in regions:
        if region.get("cidr") is not None:
            variable, cidr = f"region_cidr of {region.get('name')}", str(region["cidr"])
            problem = cidr_problem(variable, cidr)
            if problem:
                yield problem
            else:
                valid.append((variable, cidr))
    for text in overlaps(valid):
        yield f"{text} Networks that are to be peered must not: give each region a range of its own."


def insight_findings(services: list[Item], container_insights: str | None) -> Iterator[str]:
    """About scaling by messages per running task: the number of tasks is a metric of Container Insights alone."""
    for service in services if container_insights == "disabled" else []:
        scaling = service.get("scaling")
        if isinstance(scaling, dict) and scaling.get("queue") is not None:
            yield (
                f"services[{service.get('name') or NOT_NAMED}].scaling.queue is given, and cluster_container_insights "
                "is 'disabled'; then nothing tells how many tasks run (RunningTaskCount), and the service never "
                "scales. Give cluster_container_insights: enabled, or enhanced."
            )


def service_findings(
    services: list[Item], known: dict[str, list[str] | None], load_balancers: list[Item] | None
) -> Iterator[str]:
    """About the services. `known` are the names that each kind of reference may lead to; None if that is not told."""
    yield from repeated("services", _names(services))
    for service in services:
        where = f"services[{service.get('name') or NOT_NAMED}]"
        yield from _size_findings(where, service)
        yield from _scaling_findings(where, service)
        yield from _room_findings(where, service)
        yield from container_findings(where, service, known)
        for index, use in enumerate(service.get("uses") or []):
            yield from _use_findings(f"{where}.uses[{index}]", use, known)
        for group in service.get("security_groups") or []:
            yield from unknown(f"{where}.security_groups", group, "security group", known.get("security_group"))
        yield from tier_findings(where, service)
        yield from _target_findings(where, service, load_balancers)


def tier_findings(where: str, item: Item) -> Iterator[str]:
    """About the tier of subnets that a service or a schedule names."""
    if item.get("subnets") is not None:
        yield from unknown(f"{where}.subnets", item["subnets"], "tier of subnets", TIERS)


def container_findings(where: str, service: Item, known: dict[str, list[str] | None]) -> Iterator[str]:
    """About the containers of a service and the volumes they mount."""
    named = _names(service.get("containers") or [service])
    volumes = _names(service.get("volumes") or [])
    yield from repeated(f"{where}.containers", named)
    yield from repeated(f"{where}.volumes", volumes)
    for container in containers(service):
        spot = f"{where}.containers[{container.get('name')}]" if service.get("containers") else where
        for variable, value in (container.get("environment") or {}).items():
            if isinstance(value, dict):
                yield from reference_findings(f"{spot}.environment.{variable}", value, known)
        for mount in container.get("mounts") or []:
            yield from unknown(f"{spot}.mounts", mount.get("volume"), "volume", volumes)
        for name in container.get("depends_on") or {}:
            yield from unknown(f"{spot}.depends_on", name, "container", named)
    waits = {str(each.get("name")): list(each.get("depends_on") or {}) for each in containers(service)}
    yield from (f"{where}: {text}" for text in circles(waits))
    for volume in service.get("volumes") or []:
        if volume.get("file_system"):
            spot = f"{where}.volumes[{volume.get('name')}].file_system"
            yield from unknown(spot, volume["file_system"], "file system", known.get("file_system"))
    if service.get("container") is not None:
        yield from unknown(f"{where}.container", service["container"], "container", named)


def file_system_findings(file_systems: list[Item], security_groups: list[str] | None) -> Iterator[str]:
    """About file systems: their names, and the security groups that may reach them."""
    yield from repeated("file_systems", _names(file_systems))
    for system in file_systems:
        for name in system.get("clients") or []:
            where = f"file_systems[{system.get('name') or NOT_NAMED}].clients"
            yield from unknown(where, name, "security group", security_groups)


def _size_findings(where: str, service: Item) -> Iterator[str]:
    cpu, memory = cpu_units(str(service.get("cpu"))), memory_mib(str(service.get("memory")))
    if cpu is None:
        yield f"{where}.cpu is {service.get('cpu')!r}; give CPU units such as 256, or vCPUs such as .25 vcpu."
    if memory is None:
        yield f"{where}.memory is {service.get('memory')!r}; give MiB such as 512, or GB such as 0.5 GB."
    if cpu is not None and memory is not None:
        yield from (f"{where}.{text}" for text in pair_problems(cpu, memory))


def _scaling_findings(where: str, service: Item) -> Iterator[str]:
    scaling = service.get("scaling")
    if isinstance(scaling, dict):
        least, most = number(scaling.get("min")), number(scaling.get("max"))
        if isinstance(least, int) and isinstance(most, int) and not 0 <= least <= most:
            yield f"{where}.scaling has min {least} and max {most}; 0 <= min <= max is needed."
        counted = service.get("load_balancer") or (scaling.get("load_balancer_arn") and service.get("target_group"))
        if scaling.get("requests") is not None and not counted:
            yield (
                f"{where}.scaling.requests is {scaling['requests']!r}, but the service does not say whose requests "
                "count; give load_balancer and target_group."
            )


def _room_findings(where: str, service: Item) -> Iterator[str]:
    """Whether a deployment has room to replace a task, at every count that the service may have."""
    given, scaling, count = service.get("deployment"), service.get("scaling"), number(service.get("desired_count"))
    if service.get("strategy", "rolling") != "rolling" or not isinstance(given or {}, dict):
        return
    least, most = (number((given or {}).get(name, default)) for name, default in DEPLOYMENT.items())
    of = range(0)
    if isinstance(scaling, dict):
        bounds = [
            number(each.get(end)) for each in [scaling, *(scaling.get("schedules") or [])] for end in ("min", "max")
        ]
        if all(isinstance(bound, int) for bound in bounds):
            of = range(min(bounds), max(bounds) + 1)
    elif isinstance(count, int):
        of = range(count, count + 1)
    if isinstance(least, int) and isinstance(most, int):
        yield from room_problems(f"{where}.deployment", least, most, of)


def reference_findings(where: str, value: Item, known: dict[str, list[str] | None]) -> Iterator[str]:
    kind, name = next(iter(value.items()), ("", ""))
    if len(value) != 1 or kind not in VALUES:
        yield f"{where} is {value!r}; give text, or one reference by {listed(VALUES)}, such as {{table: sales}}."
        return
    yield from unknown(where, name, kind, known.get(kind))


def _use_findings(where: str, use: Item, known: dict[str, list[str] | None]) -> Iterator[str]:
    kinds = [key for key in use if key != "access" and (key != "access_point" or "file_system" not in use)]
    valid = sorted({kind for kind, _access in ACCESS} | {"toggle"})
    if len(kinds) != 1 or kinds[0] not in valid:
        yield f"{where} is {use!r}; it must name one thing by {listed(valid)}, such as {{table: sales, access: read}}."
        return
    kind = kinds[0]
    if kind == "toggle":
        if use.get("access", "read") not in TOGGLE_ACCESS:
            yield f"{where}.access is {use['access']!r}; the toggle has {listed(TOGGLE_ACCESS)}."
        return
    access, ways = use.get("access", "read"), sorted(access for other, access in ACCESS if other == kind)
    if isinstance(access, list):
        known_actions = actions_of(kind)
        wrong = [each for each in access if each not in known_actions]
        if wrong or not access:
            yield f"{where}.access is {access!r}; a list of actions of a {kind} takes {listed(known_actions)}."
    elif access not in ways:
        yield f"{where}.access is {access!r}; a {kind} has {listed(ways)}, or takes a list of actions."
    yield from unknown(where, use[kind], kind, known.get(kind))


def _target_findings(where: str, service: Item, load_balancers: list[Item] | None) -> Iterator[str]:
    name, group = service.get("load_balancer"), service.get("target_group")
    if load_balancers is None or (name is None and group is None):
        return
    if name is not None:
        missing = list(unknown(f"{where}.load_balancer", name, "load balancer", _names(load_balancers)))
        yield from missing
        if missing:
            return
    behind = [lb for lb in load_balancers if name in (None, lb.get("name"))]
    groups = [target for lb in behind for target in _names(lb.get("target_groups") or [])]
    if group is None:
        yield f"{where}.target_group is missing; load balancer {name} has {listed(groups) or 'none'}."
    else:
        yield from unknown(f"{where}.target_group", group, "target group", groups)


def role_name_findings(workload: str, services: list[Item], longest_region: str) -> Iterator[str]:
    """About the names of the services' IAM roles, which hold the workload, the service and the region."""
    for service in services:
        longest = f"{workload}-{service.get('name')}-execution-{longest_region}"
        if len(longest) > ROLE_NAME_LENGTH:
            yield (
                f"services[{service.get('name')}].name makes an IAM role {longest!r} of {len(longest)} characters; "
                f"IAM allows {ROLE_NAME_LENGTH}. Shorten it by {len(longest) - ROLE_NAME_LENGTH}."
            )


def load_balancer_findings(load_balancers: list[Item], security_groups: list[str] | None) -> Iterator[str]:
    """About load balancers: names that ELB refuses, and references to target groups and security groups."""
    yield from repeated("load_balancers", _names(load_balancers))
    targets = [name for lb in load_balancers for name in _names(lb.get("target_groups") or [])]
    yield from repeated("load_balancers: target_groups", targets)
    for balancer in load_balancers:
        where = f"load_balancers[{balancer.get('name') or NOT_NAMED}]"
        yield from name_problems(f"{where}.name", str(balancer.get("name") or ""))
        groups = _names(balancer.get("target_groups") or [])
        for group in groups:
            yield from name_problems(f"{where}.target_groups[{group}].name", group)
        for name in balancer.get("security_groups") or []:
            yield from unknown(f"{where}.security_groups", name, "security group", security_groups)
        yield from _behind_findings(where, balancer, load_balancers)
        for listener in balancer.get("listeners") or []:
            spot = f"{where}.listeners[{listener.get('port')}]"
            action = listener.get("default") or {}
            if isinstance(action, dict) and action.get("target_group"):
                yield from unknown(f"{spot}.target_group", action["target_group"], "target group", groups)
            elif not isinstance(action, dict) or not any(action.get(each) for each in ACTIONS):
                yield f"{spot}.default has no action; give one of {listed(ACTIONS)}."


def _behind_findings(where: str, balancer: Item, load_balancers: list[Item]) -> Iterator[str]:
    """About the Application Load Balancers that target groups name as their targets."""
    applications = {
        str(each.get("name")): [number(listener.get("port")) for listener in each.get("listeners") or []]
        for each in load_balancers
        if each.get("type", "application") == "application"
    }
    for group in balancer.get("target_groups") or []:
        spot = f"{where}.target_groups[{group.get('name') or NOT_NAMED}].targets"
        for target in group.get("targets") or []:
            name = target.get("load_balancer") if isinstance(target, dict) else None
            if name is None:
                continue
            if name not in applications:
                yield from unknown(spot, name, "Application Load Balancer", list(applications))
            elif number(group.get("port")) not in applications[name]:
                ports = listed(str(port) for port in applications[name]) or "no port"
                yield (
                    f"{spot} refers to the load balancer {name!r} on port {group.get('port')}, and it listens on "
                    f"{ports}; a Network Load Balancer forwards to a listener of the same port."
                )


def security_group_findings(security_groups: list[Item]) -> Iterator[str]:
    """About security groups that refer to others."""
    names = _names(security_groups)
    yield from repeated("security_groups", names)
    for group in security_groups:
        for rule in [*(group.get("ingress") or []), *(group.get("egress") or [])]:
            if isinstance(rule, dict) and rule.get("security_group"):
                variable = f"security_groups[{group.get('name')}]"
                yield from unknown(variable, rule["security_group"], "security group", names)


def table_findings(tables: list[Item]) -> Iterator[str]:
    """About tables: names, keys and indexes."""
    yield from repeated("tables", _names(tables))
    for table in tables:
        yield from definition_problems(f"tables[{table.get('name') or NOT_NAMED}]", table)


def messaging_findings(topics: list[Item] | None, queues: list[Item] | None, regions: list[str]) -> Iterator[str]:
    """About topics and queues, and whether the regions can send to each other."""
    names = _names(topics or [])
    yield from repeated("topics", names)
    yield from repeated("queues", _names(queues or []))
    for name in names:
        yield from topic_problems(f"topics[{name}]", name)
    for queue in queues or []:
        complete = {**DEFAULTS, **queue, "name": str(queue.get("name") or "")}
        complete["dlq"] = {**DLQ_DEFAULTS, **(queue.get("dlq") or {})}
        for part, keys in ((complete, DEFAULTS), (complete["dlq"], DLQ_DEFAULTS)):
            part.update({key: number(part[key]) for key in keys})
        where = f"queues[{queue.get('name') or NOT_NAMED}]"
        subscribed = names if topics is not None else complete.get("subscribes_to") or []
        yield from queue_problems(where, complete, subscribed)
    if any(queue.get("subscribes_to") for queue in queues or []):
        for one, other in combinations(regions, 2):
            yield from fanout_problems("regions", [other], one)
    yield from _published_size(names, _names(queues or []), max(regions, key=len, default=""))


def _published_size(topics: list[str], queues: list[str], region: str) -> Iterator[str]:
    """The messaging layer publishes its ARNs and URLs in one parameter of four kilobytes."""
    account = "0" * 12

    def told(name: str) -> dict[str, str]:
        url, its_arn = f"https://sqs.{region}.{dns_suffix(region)}/{account}/{name}", arn("sqs", region, account, name)
        return {"url": url, "arn": its_arn, "dlq_url": f"{url}-dlq", "dlq_arn": f"{its_arn}-dlq"}

    outputs = {
        "topics": {name: {"arn": arn("sns", region, account, name)} for name in topics},
        "queues": {name: told(name) for name in queues},
    }
    size = len(to_text(outputs).encode())
    if size > STANDARD_BYTES:
        yield (
            f"topics and queues are {len(topics)} and {len(queues)}; what the messaging layer publishes of them is "
            f"{size} bytes, and a standard SSM parameter holds {STANDARD_BYTES}. Use fewer, or shorter names."
        )


def bucket_findings(workload: str, buckets: list[Item], longest_region: str) -> Iterator[str]:
    """About buckets, whose full names hold the workload, the account and the region."""
    yield from repeated("buckets", _names(buckets))
    for bucket in buckets:
        name = str(bucket.get("name") or "")
        yield from prefix_problems(f"buckets[{name or NOT_NAMED}]", f"{workload}-{name}", longest_region)


def accelerator_findings(accelerator: Item, load_balancers: list[Item] | None) -> Iterator[str]:
    """About the accelerator in front of the load balancers."""
    name = accelerator.get("load_balancer")
    if name is not None and load_balancers is not None:
        yield from unknown("accelerator.load_balancer", name, "load balancer", _names(load_balancers))


def _names(items: Iterable[Any]) -> list[str]:
    return [str(item["name"]) for item in items if isinstance(item, dict) and item.get("name") is not None]


def repeated(variable: str, names: list[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{variable} has {name!r} {names.count(name)} times; give each a name of its own."


def _one_of(variable: str, value: Any, valid: tuple[str, ...]) -> Iterator[str]:
    if value is not None and value not in valid:
        yield f"{variable} is {value!r}; valid are {listed(valid)}."


def unknown(variable: str, name: Any, kind: str, known: list[str] | None) -> Iterator[str]:
    if known is None or name in known:
        return
    near = get_close_matches(str(name), known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known: {listed(known) or 'none'}."
    yield f"{variable} refers to {kind} {name!r}, which this workload does not have. {hint}"


def number(value: Any) -> Any:
    """An inventory may write numbers as text."""
    return int(value) if isinstance(value, str) and value.strip().isdigit() else value


def listed(values: Iterable[str]) -> str:
    return ", ".join(values)
