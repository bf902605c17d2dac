# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns wanted resources and actual ones into an ordered plan of changes.

Making a plan only reads. The same plan is what check mode returns, what diff mode prints and what a run carries out,
so that the three cannot disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from .cloud import Cloud
from .errors import CollectionError
from .resource import FIND_THREADS, Attributes, Difference, Resource
from .values import KNOWN_AFTER_APPLY, Ref, is_unknown, references, resolve


@dataclass
class Change:
    """One step: `action` is create, update, replace or delete. `after` of an update holds only what differs."""

    action: str
    resource: Resource
    before: Attributes | None
    after: Attributes | None
    differences: dict[str, Difference] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        """The change as plain data, without the values of sensitive attributes."""
        return {
            "action": self.action,
            "kind": self.resource.kind,
            "name": self.resource.name,
            "region": self.resource.region,
            "before": self._shown(self.before, "(sensitive, before)"),
            "after": self._shown(self.after, "(sensitive, after)"),
        }

    def _shown(self, attributes: Attributes | None, mask: str) -> Attributes | None:
        if attributes is None:
            return None
        masked = {k: mask if k in self.resource.sensitive else v for k, v in sorted(attributes.items())}
        return self.resource.shown(masked)


@dataclass
class Plan:
    """Every resource in dependency order, what exists of it, and the changes that lead to what is wanted.

    `done` holds the addresses of the changes that were made, as they are made. `waiting` are changes that are not to be
    made now.
    """

    resources: list[Resource]
    found: dict[str, Attributes]
    changes: list[Change]
    done: set[str] = field(default_factory=set)
    waiting: list[Change] = field(default_factory=list)

    @property
    def by_address(self) -> dict[str, Change]:
        return {change.resource.address: change for change in self.changes}

    def reports(self, *, done: bool) -> list[dict[str, Any]]:
        """The changes that were made, or those that were not, as plain data in the plan's order."""
        return [change.report() for change in self.changes if (change.resource.address in self.done) is done]

    def known(self) -> Known:
        """What will be known of every resource when this plan has been carried out, and is known of it now."""
        waiting = {change.resource.address: change for change in self.waiting}
        return Known(self.found, {**waiting, **self.by_address})


class Known:
    """Answers what the attributes of a resource are, or will be: a value, or `KNOWN_AFTER_APPLY`."""

    def __init__(self, found: dict[str, Attributes], changes: dict[str, Change]) -> None:
        self._found = found
        self._changes = changes

    def attribute(self, resource: Resource, name: str) -> Any:
        change = self._changes.get(resource.address)
        if change is None:
            actual = self._found.get(resource.address)
            return None if actual is None else actual.get(name)
        if change.action == "delete":
            return None
        kept = change.action == "update" and name not in resource.renewed_by(change.differences)
        if kept and name not in change.differences:
            return self._found[resource.address].get(name)
        sure = {**resource.foretold(), **(change.after or {})}
        return sure.get(name, KNOWN_AFTER_APPLY)

    def exists(self, resource: Resource) -> bool:
        """True if it exists now and is not about to be deleted, or is about to be created."""
        change = self._changes.get(resource.address)
        if change is not None:
            return change.action != "delete"
        return resource.address in self._found

    def __call__(self, ref: Ref) -> Any:
        return self.attribute(ref.resource, ref.attribute)


def dependencies(resource: Resource) -> list[Resource]:
    """The resources that must exist before this one."""
    return [*resource.needs, *(ref.resource for ref in references(resource.wanted))]


def in_dependency_order(resources: Iterable[Resource]) -> list[Resource]:
    """Each resource once, after those it depends on; otherwise in the order given, so that plans are stable.

    Raises:
        CollectionError: two resources have the same address, or resources need each other in a circle.
    """
    listed: dict[str, Resource] = {}

    def add(resource: Resource) -> None:
        known = listed.get(resource.address)
        if known is not None and known is not resource:
            raise CollectionError(f"{resource.address} is wanted twice. Give each {resource.kind} a name of its own.")
        listed[resource.address] = resource

    for resource in resources:
        add(resource)
    for resource in listed.values():
        for needed in dependencies(resource):
            if needed.address not in listed:
                raise CollectionError(
                    f"{resource.address} depends on {needed.address}, which is not part of this module."
                )
    try:
        sorter = TopologicalSorter({r.address: [d.address for d in dependencies(r)] for r in listed.values()})
        rank: dict[str, int] = {}
        sorter.prepare()
        step = 0
        while sorter.is_active():
            ready = sorter.get_ready()
            for address in ready:
                rank[address] = step
            sorter.done(*ready)
            step += 1
    except CycleError as error:
        raise CollectionError(f"These resources need each other in a circle: {' → '.join(error.args[1])}.") from error
    position = {address: index for index, address in enumerate(listed)}
    return sorted(listed.values(), key=lambda r: (rank[r.address], position[r.address]))


def find_actual(cloud: Cloud, resources: list[Resource]) -> dict[str, Attributes]:
    """What exists of `resources`, by address: one `find` per kind and region, side by side where they do not depend."""
    groups: dict[tuple[type[Resource], str], list[Resource]] = defaultdict(list)
    for resource in resources:
        groups[(type(resource), resource.region)].append(resource)
    present = {kind for kind, _region in groups}
    found: dict[str, Attributes] = {}
    waiting = dict(groups)
    done: set[type[Resource]] = set()
    with ThreadPoolExecutor(max_workers=FIND_THREADS) as pool:
        while waiting:
            ready = [key for key in waiting if all(k in done or k not in present for k in key[0].find_after)]
            if not ready:
                raise CollectionError(f"Kinds wait for each other to be found: {sorted(k[0].kind for k in waiting)}.")
            asked = [(key, pool.submit(key[0].find, cloud, key[1], waiting.pop(key), dict(found))) for key in ready]
            for (kind, region), future in asked:
                found.update({f"{region}/{kind.kind}/{name}": actual for name, actual in future.result().items()})
            remaining = {kind for kind, _region in waiting}
            done.update(kind for kind, _region in ready if kind not in remaining)
    return found


def make_plan(cloud: Cloud, resources: Iterable[Resource], workload: str | None = None) -> Plan:
    """Find what exists, compare, and order the changes. Reads only.

    With `workload`, what exists has to carry its name in the tag `workload`.

    Raises:
        CollectionError: resources clash or form a circle, an attribute that must not change differs, or something
            exists that is not the workload's.
    """
    ordered = in_dependency_order(resources)
    found = find_actual(cloud, ordered)
    if workload is not None:
        _refuse_foreign(ordered, found, workload)
    changes: dict[str, Change] = {}
    waiting: list[Change] = []
    known = Known(found, changes)
    for resource in ordered:
        actual = found.get(resource.address)
        change = _compare(resource, actual, known)
        if change is not None:
            changes[resource.address] = change
        if actual is not None and resource.state == "present":
            later = resource.postponed(actual, resolve(resource.wanted, known))
            if later:
                waiting.append(_update(resource, later))
    made = [c for c in changes.values() if c.action != "delete"]
    removed = [c for c in reversed(changes.values()) if c.action == "delete"]
    planned = made + removed
    waiting += [change for change in planned if change.resource.waits]
    return Plan(ordered, found, [change for change in planned if not change.resource.waits], waiting=waiting)


def _refuse_foreign(resources: list[Resource], found: dict[str, Attributes], workload: str) -> None:
    """Names are shared by everybody in an account: what is not this workload's is neither changed nor removed."""
    there = [(each, found[each.address]) for each in resources if each.owned and each.address in found]
    foreign = [told for resource, actual in there if (told := resource.foreign(actual, workload))]
    if foreign:
        raise CollectionError(
            f"Nothing was changed. What exists under these names is not known to be of the workload {workload!r}: "
            f"{'; '.join(foreign)}. Choose other names. If it is to become a part of {workload!r}, with its settings "
            "and tags, give adopt: true (with the playbooks, -e adopt=true) and read the plan first."
        )


def _compare(resource: Resource, actual: Attributes | None, known: Known) -> Change | None:
    if resource.state == "absent":
        return None if actual is None else Change("delete", resource, _told(resource, actual), None)
    wanted = resolve(resource.wanted, known)
    if actual is None:
        return Change("create", resource, None, wanted)
    differences = resource.differences(actual, wanted)
    if not differences:
        return None
    stuck = sorted(key for key in differences if key in resource.fixed and not is_unknown(differences[key][1]))
    if stuck:
        raise CollectionError(
            f"{resource.kind} {resource.name} in {resource.region} cannot be changed in place: "
            + "; ".join(f"{key} is {differences[key][0]!r}, wanted {differences[key][1]!r}" for key in stuck)
            + f". {resource.instead}"
        )
    if any(key in resource.replaced_when for key in differences):
        return Change("replace", resource, _told(resource, actual), wanted, differences)
    return _update(resource, differences)


def _update(resource: Resource, differences: dict[str, Difference]) -> Change:
    before = {key: pair[0] for key, pair in differences.items()}
    after = {key: pair[1] for key, pair in differences.items()}
    return Change("update", resource, before, after, differences)


def _told(resource: Resource, actual: Attributes) -> Attributes:
    """What a plan shows of something that goes away: the attributes the user knows, or its identifiers."""
    return {key: actual.get(key) for key in resource.wanted} if resource.wanted else dict(actual)
