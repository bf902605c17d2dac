# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the regions that would take over: every check that the evidence fails, none kept back.

Pure functions. What is not known (a source that does not answer, a quota that is not told) is no finding; of a target,
what cannot be read is one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .capacity import missing_capacity, source_load
from .images import compare_images
from .quotas import TASKS_PER_SERVICE, TITLES, fargate_kind
from .troubles import ADD_FALLBACK, entry_trouble, group_trouble, service_trouble

Evidence = Mapping[str, Any]

FARGATE_PROVIDERS = ("FARGATE", "FARGATE_SPOT")

STEADY = "has reached a steady state"
"""An event that explains no trouble."""

TABLE_READY = ("ACTIVE", "UPDATING")
"""A table and a replica can be used while they are changed."""


@dataclass(frozen=True)
class Finding:
    """A check that failed in one region. `skipped`: it was told to be let pass."""

    check: str
    region: str
    expected: str
    found: str
    advice: str
    skipped: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def sentence(self) -> str:
        """The finding for a person: what, where, expected, found, what to do."""
        skipped = " (skipped)" if self.skipped else ""
        found, advice = self.found.rstrip("."), self.advice.rstrip(".")
        return f"{self.check} in {self.region}{skipped}: expected {self.expected}; found {found}. {advice}."


@dataclass(frozen=True)
class Case:
    """One target, and what it is compared with."""

    evidence: Evidence
    sources: list[str]
    target: str
    spec: Mapping[str, Any]
    lag: Mapping[str, float | None]

    @property
    def here(self) -> Evidence:
        return self.evidence[self.target]

    def answering(self) -> Iterator[tuple[str, Evidence]]:
        """The sources that there is evidence of; the target is not compared with itself."""
        for source in self.sources:
            if source != self.target and self.evidence.get(source, {}).get("reachable"):
                yield source, self.evidence[source]

    def finding(self, check: str, expected: str, found: str, advice: str, region: str | None = None) -> Finding:
        return Finding(check, region or self.target, expected, found, advice)

    def unread(self, check: str, what: str, entry: Evidence) -> Finding:
        if "error" in entry:
            advice = "Fix that and try again; the operator's credentials must be allowed to read it"
        else:
            advice = "Build it there (site.yml)"
        return self.finding(check, f"the {what}", f"it {entry_trouble(entry)}", advice)


def judge(
    evidence: Evidence,
    sources: Iterable[str],
    targets: Iterable[str],
    spec: Mapping[str, Any],
    skip: Collection[str] = (),
    lag: Mapping[str, float | None] | None = None,
) -> list[Finding]:
    """Every failed check of every target, in the order of `CHECKS`.

    evidence: what `gather` told.  lag: seconds measured to each target; None for one whose marker did not arrive.
    skip:     names of checks whose findings are marked `skipped`; they are told all the same.
    """
    found: list[Finding] = []
    for target in targets:
        case = Case(evidence, list(sources), target, spec, lag or {})
        told = evidence.get(target) or {"reachable": False, "why": "it was not asked"}
        if not told["reachable"]:
            advice = "Wait until it answers, or choose another region"
            found.append(Finding("reachable", target, "an answer", f"none: {told['why']}", advice))
            continue
        for check in _JUDGES.values():
            found += check(case)
    return [Finding(**{**each.to_dict(), "skipped": each.check in skip}) for each in found]


def _digests(case: Case) -> Iterator[Finding]:
    for name, here in case.here["services"].items():
        for source, told in case.answering():
            there = told["services"].get(name, {})
            if "desired" not in here or "desired" not in there:
                continue
            unread = [region for region, of in ((source, there), (case.target, here)) if not of["digests"]]
            if unread:
                advice = "Try again; the operator's credentials must be allowed to list and describe tasks"
                yield case.finding("digests", f"the images of {name} in {unread[0]}", "they cannot be read", advice)
                continue
            difference = compare_images(there["digests"], here["digests"])
            if difference:
                expected, found = difference
                yield case.finding(
                    "digests",
                    f"{name} to run what it runs in {source}: {expected}",
                    found,
                    f"Name one image for both regions in the inventory and deploy {name} again (site.yml)",
                )


def _capacity(case: Case) -> Iterator[Finding]:
    for entry in missing_capacity(case.evidence, case.sources, [case.target], case.spec):
        load = source_load(case.evidence, case.sources, entry["service"])
        of = "" if load is None else f" ({case.spec['capacity_percentage']} % of the {load} that the source runs)"
        yield case.finding(
            "capacity",
            f"{entry['service']} at {_tasks(entry['wanted'])} or more{of}",
            _tasks(entry["desired"]),
            "The switch raises it before it changes anything else",
        )


def _tasks_run(case: Case) -> Iterator[Finding]:
    for name, service in case.here["services"].items():
        trouble = service_trouble(service)
        if "desired" not in service:
            yield case.unread("tasks", f"service {name}", service)
        elif trouble:
            event = service["last_event"]
            last = f"; its last event: {event}" if event and STEADY not in event else ""
            yield case.finding(
                "tasks",
                f"{name} to be steady with {_tasks(service['desired'])} of {service['revision']}",
                f"it {trouble}{last}",
                f"Look at why tasks of {name} stop (the service's events, the containers' logs), and deploy it again",
            )


def _targets(case: Case) -> Iterator[Finding]:
    for name, group in case.here["target_groups"].items():
        trouble = group_trouble(group)
        if "healthy" not in group:
            yield case.unread("targets", f"target group {name}", group)
        elif trouble:
            advice = "Look at what the health check's path answers, and at the security groups on the way to the tasks"
            expected = f"every target of {name} to be healthy, and at least one"
            yield case.finding("targets", expected, f"it {trouble}", advice)


def _queues(case: Case) -> Iterator[Finding]:
    for name, queue in case.here["queues"].items():
        if not queue.get("exists"):
            yield case.unread("queues", f"queue {name}", queue)
            continue
        for source, told in case.answering():
            if told["queues"].get(name, {}).get("dlq") and not queue["dlq"]:
                expected = f"a dead-letter queue behind {name}, as in {source}"
                yield case.finding("queues", expected, "none", "Build the messaging there (site.yml)")
                break


def _topics(case: Case) -> Iterator[Finding]:
    """A topic must reach those of the queues that subscribe to it in every region: in its own and across."""
    for name, topic in case.here["topics"].items():
        if not topic.get("exists"):
            yield case.unread("topics", f"topic {name}", topic)
            continue
        reached = {case.target: _reached(topic)}
        for source, told in case.answering():
            if told["topics"].get(name, {}).get("exists"):
                reached[source] = _reached(told["topics"][name])
        asked = set(case.spec["queues"])
        subscribing = {queue for places in reached.values() for queue, _region in places} & asked
        for region, has in reached.items():
            # Of two sources, what one sends the other is not this target's affair.
            to = reached if region == case.target else (case.target,)
            missing = {(queue, place) for queue in subscribing or asked for place in to} - has
            if missing:
                advice = "Build the messaging in both regions (site.yml)"
                found = f"it reaches {_places(has)}"
                yield case.finding("topics", f"topic {name} to reach {_places(missing)}", found, advice, region=region)


def _reached(topic: Evidence) -> set[tuple[str, str]]:
    return {(each["queue"], each["region"]) for each in topic["subscribers"]}


def _lake(case: Case) -> Iterator[Finding]:
    for template, bucket in case.here["buckets"].items():
        name = bucket["name"]
        if not bucket.get("exists"):
            yield case.unread("lake", f"bucket {name}", bucket)
            continue
        for source, told in case.answering():
            other = told["buckets"].get(template, {})
            if not other.get("exists"):
                continue
            # A lake is replicated both ways or not at all.
            to_source, to_target = source in bucket["replicates_to"], case.target in other["replicates_to"]
            if to_source != to_target:
                region, to = (source, case.target) if to_source else (case.target, source)
                mine = case.evidence[region]["buckets"][template]
                expected = f"bucket {mine['name']} to replicate to {to}, as it does the other way"
                advice = "Build the storage in both regions (site.yml)"
                found = f"replication to {_names(mine['replicates_to'])}"
                yield case.finding("lake", expected, found, advice, region=region)


def _tables(case: Case) -> Iterator[Finding]:
    for name, table in case.here["tables"].items():
        if not table.get("exists"):
            yield case.unread("tables", f"table {name}", table)
            continue
        if table["status"] not in TABLE_READY:
            advice = "Wait until it is, or look at its status in DynamoDB"
            yield case.finding("tables", f"table {name} to be ACTIVE", f"it is {table['status']}", advice)
        for source, _told in case.answering():
            status = table["replicas"].get(source)
            if status not in TABLE_READY:
                expected = f"table {name} to have an ACTIVE replica in {source}"
                found = f"that replica is {status}" if status else f"replicas in {_names(table['replicas'])}"
                yield case.finding("tables", expected, found, "Build the tables in both regions (site.yml), and wait")


def _lag(case: Case) -> Iterator[Finding]:
    lag = case.spec.get("lag")
    if not lag or case.target not in case.lag:
        return
    seconds = case.lag[case.target]
    advice = f"Wait until the replication of {lag['table']} has caught up, or look at its replicas"
    expected = f"a write to {lag['table']} to arrive within {lag['threshold']:g} s"
    if seconds is None:
        yield case.finding("lag", expected, f"no marker that arrived within {lag['timeout']:g} s", advice)
    elif seconds > lag["threshold"]:
        yield case.finding("lag", expected, f"{seconds:.1f} s", advice)


def _alarms(case: Case) -> Iterator[Finding]:
    for name, alarm in case.here["alarms"].items():
        if not alarm.get("exists"):
            yield case.unread("alarms", f"alarm {name}", alarm)
        elif alarm["state"] == "ALARM":
            yield case.finding(
                "alarms",
                f"alarm {name} to be quiet",
                f"it is on since {alarm['since']}: {alarm['reason']}",
                "Look at what it watches; the region would take over with that trouble",
            )


def _quota(case: Case) -> Iterator[Finding]:
    quotas = case.here["quotas"]
    wanted = {each["service"]: each["wanted"] for each in _missing(case)}
    for kind, title in TITLES.items():
        quota = quotas.get(kind)
        if not quota:
            continue
        running = more = 0.0
        for name, service in case.here["services"].items():
            if "desired" in service and fargate_kind(service) == kind:
                vcpu = service["vcpu"] or 0.0
                running += vcpu * service["running"]
                more += vcpu * max(0, wanted.get(name, service["desired"]) - service["running"])
        # What CloudWatch tells is the whole account's, and some minutes old; ours count at the least.
        used = max(quota["used"] or 0.0, running)
        if more and used + more > quota["limit"]:
            yield case.finding(
                "quota",
                f"{used + more:g} {title} to fit the quota",
                f"a quota of {quota['limit']:g}, {used:g} of it in use",
                f"Ask for a higher quota of {title} in that region (Service Quotas), or lower capacity_percentage",
            )
    limit = quotas.get(TASKS_PER_SERVICE)
    for name, count in wanted.items():
        if limit and count > limit["limit"]:
            expected, found = f"{name} to have {_tasks(count)}", f"a quota of {limit['limit']:g} tasks per service"
            yield case.finding("quota", expected, found, "Ask for a higher quota in that region (Service Quotas)")


def _missing(case: Case) -> list[dict[str, Any]]:
    return missing_capacity(case.evidence, case.sources, [case.target], case.spec)


def _fallback(case: Case) -> Iterator[Finding]:
    if not case.spec["fargate_fallback"]:
        return
    for name, service in case.here["services"].items():
        if "desired" in service and fargate_kind(service) and not has_fallback(service):
            yield case.finding(
                "fallback",
                f"{name} to be placed by FARGATE and FARGATE_SPOT",
                _names(service["capacity_providers"]) if service["capacity_providers"] else service["launch_type"],
                ADD_FALLBACK,
            )


def has_fallback(service: Evidence) -> bool:
    """Whether a service's strategy names Fargate's On-Demand and Spot, so that one of them short is not all short."""
    return all(provider in service["capacity_providers"] for provider in FARGATE_PROVIDERS)


def _tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}"


def _names(items: Iterable[str]) -> str:
    return ", ".join(sorted(items)) or "none"


def _places(places: Iterable[tuple[str, str]]) -> str:
    """(name, region) in words; a bucket's name is that of its region."""
    return ", ".join(f"{name} in {region}" if name else region for name, region in sorted(places)) or "none"


_JUDGES: dict[str, Callable[[Case], Iterator[Finding]]] = {
    "digests": _digests,
    "capacity": _capacity,
    "tasks": _tasks_run,
    "targets": _targets,
    "queues": _queues,
    "topics": _topics,
    "tables": _tables,
    "alarms": _alarms,
    "lake": _lake,
    "lag": _lag,
    "quota": _quota,
    "fallback": _fallback,
}

CHECKS = ("reachable", *_JUDGES)
"""The names of the checks, in the order in which they are told."""
