# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel asks of a resource: find the actual ones, say what differs, make, change, remove.

A resource class describes one kind of thing that AWS knows (a VPC, a queue, a role). Its attributes are plain data:
`wanted` is what the user asked for, `actual` is what AWS has, in the same words. Identifiers that only AWS can give
are further keys of `actual` and can be referred to with `ref`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from ..aws import policies
from ..protocol.service_errors import error_code
from .errors import CollectionError, NotReadyInTime
from .values import Ref, is_unknown
from .visibility import PATIENCE_SECONDS

if TYPE_CHECKING:
    from .cloud import Cloud

Attributes = dict[str, Any]
Difference = tuple[Any, Any]

FIND_THREADS = 8


class Resource:
    """One wanted (or unwanted) resource. Subclasses set `kind` and override the five verbs at the bottom.

    `name` is unique within (kind, region). `region` is the region whose endpoint is asked; for a global service the
    region of its control plane. `needs` are resources that must exist first (and be removed later) although no
    attribute refers to them.
    """

    kind: ClassVar[str]
    """What it is called in plans: the service and the thing, such as `ec2_subnet`."""

    find_after: ClassVar[tuple[type[Resource], ...]] = ()
    """Kinds whose actual state `find` needs to read, because AWS offers no look-up by name or tag for this one."""

    replaced_when: ClassVar[frozenset[str]] = frozenset()
    """Attributes that AWS cannot change in place and that hold no data: a difference means delete, then create."""

    fixed: ClassVar[frozenset[str]] = frozenset()
    """Attributes that AWS cannot change in place and that must not be replaced silently: a difference is an error."""

    instead: ClassVar[str] = "Remove it first (state: absent), or ask for what exists."
    """What to do when something `fixed` differs."""

    renewed: ClassVar[frozenset[str]] = frozenset()
    """Attributes that AWS gives anew when the resource is updated, such as the ARN of a task definition's revision."""

    unordered: ClassVar[frozenset[str]] = frozenset()
    """Attributes that are lists to us and sets to AWS."""

    policy_documents: ClassVar[frozenset[str]] = frozenset()
    """Attributes that are policies: a service may tell one in other words than it was put in."""

    owned: ClassVar[bool] = True
    """Whether it carries the tag `workload` from the moment it exists, and `actual` tells its `tags`. Not true of what
    is only a part of something that does."""

    shown_late: ClassVar[bool | None] = None
    """Whether it may be visible only some time after it was made, so that the run waits until `find` finds it; None
    says that of what is `owned`. Not true of what `find` does not look for in AWS."""

    sensitive: ClassVar[frozenset[str]] = frozenset()
    """Attributes whose values never appear in a plan."""

    waits: bool = False
    """Whether its change is planned and not made in this run: something has to be done elsewhere first."""

    listing: Any = None
    """What this run has read of AWS, if the class keeps it: something with `forget`, so that `find` asks anew."""

    def __init__(
        self,
        name: str,
        region: str,
        *,
        state: str = "present",
        needs: list[Resource] | tuple[Resource, ...] = (),
        purge_tags: bool = True,
        **wanted: Any,
    ) -> None:
        self.name = name
        self.region = region
        self.state = state
        self.needs = tuple(needs)
        self.purge_tags = purge_tags
        self.wanted: Attributes = wanted
        self.was_found_again = False

    @property
    def address(self) -> str:
        """The name by which a plan tells it apart, such as `sa-east-1/ec2_subnet/sales-private-a`."""
        return f"{self.region}/{self.kind}/{self.name}"

    def ref(self, attribute: str, through: Any = None) -> Ref:
        """A reference to an attribute that AWS gives, for use in the wanted attributes of another resource."""
        return Ref(self, attribute, through)

    def renewed_by(self, differences: dict[str, Difference]) -> frozenset[str]:
        """The attributes that AWS gives anew when these differences are mended. By default all of `renewed`."""
        return self.renewed

    def shown(self, attributes: Attributes) -> Attributes:
        """How a plan shows attributes (those of `before` or of `after`); secrets inside them are masked here."""
        return attributes

    def foretold(self) -> Attributes:
        """Attributes that are certain before the resource exists, such as an ARN made of names."""
        return {}

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        """The wanted attributes that AWS has otherwise: `{attribute: (actual, wanted)}`. Unknown values differ."""
        found = {}
        for key, value in wanted.items():
            before = actual.get(key)
            if key == "tags":
                before, value = self._tags_to_compare(before or {}, value or {})
            if is_unknown(value) or self._comparable(key, before) != self._comparable(key, value):
                found[key] = (before, value)
        return found

    def postponed(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        """What `differences` leaves out because something has to be done elsewhere first."""
        return {}

    def _comparable(self, key: str, value: Any) -> Any:
        if key in self.unordered and isinstance(value, (list, tuple)):
            return sorted(value, key=repr)
        if key in self.policy_documents and isinstance(value, dict):
            return policies.canonical(value)
        return value

    def _tags_to_compare(self, actual: dict[str, str], wanted: dict[str, str]) -> tuple[Any, Any]:
        """AWS's own tags are not ours to compare; with `purge_tags` false, neither are tags that nobody asked for."""
        ours = {k: v for k, v in actual.items() if not k.startswith("aws:")}
        if not self.purge_tags:
            ours = {k: v for k, v in ours.items() if k in wanted}
        return ours, wanted

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Any], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        """The actual attributes of those `resources` that exist, by name, in as few calls as AWS allows.

        All `resources` are of this class and this region. `found` holds, by address, what the kinds in `find_after`
        found. Nothing is raised for what does not exist.
        """
        raise NotImplementedError(cls)

    @property
    def is_to_be_found_again(self) -> bool:
        """Whether it was made, and is perhaps not visible yet."""
        late = self.owned if self.shown_late is None else self.shown_late
        return late and not self.was_found_again

    def found_again(self, cloud: Cloud) -> Attributes:
        """What AWS tells of it now that it was made; waits until AWS tells of it at all."""
        return find_again(cloud, [self], {})[self.address]

    def foreign(self, actual: Attributes, workload: str | None) -> str:
        """Whose it is, in words, if it is not this workload's; else nothing."""
        owner = (actual["tags"] or {}).get("workload")
        if owner == workload:
            return ""
        whose = f"belongs to the workload {owner!r}" if owner else "carries no tag `workload`"
        return f"{self.kind} {self.name} in {self.region} {whose}"

    def made_before(self, cloud: Cloud) -> Attributes:
        """What AWS tells of it after it refused to make it once more: an earlier attempt did, and its answer was lost.

        Raises:
            CollectionError: somebody else made it since the plan was.
        """
        there = self.found_again(cloud)
        stranger = self.foreign(there, self.wanted["tags"].get("workload"))
        if stranger:
            raise CollectionError(
                f"{stranger}; it was made by somebody else while this run was under way, and is left as it is",
                advice="running it again says how to adopt it, or choose another name",
            )
        return there

    @contextmanager
    def unless_made_before(self, cloud: Cloud, *codes: str) -> Iterator[None]:
        """Around the call that makes it. `codes` are the answers that say it is there; see `made_before`."""
        try:
            yield
        except Exception as error:
            if error_code(error) not in codes:
                raise
            self.made_before(cloud)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        """Make it, wait until it is ready, and return the actual attributes.

        Calls that name what this run has just made are tried again until AWS knows it (visibility.py).
        """
        raise NotImplementedError(type(self))

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        """Change exactly the attributes in `differences`, and return the actual attributes."""
        raise NotImplementedError(type(self))

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        """Remove it, and wait until what it depended on can be removed too. Already gone is success."""
        raise NotImplementedError(type(self))


def find_again(cloud: Cloud, made: Iterable[Resource], found: dict[str, Attributes]) -> dict[str, Attributes]:
    """What AWS tells of resources that were just made, by address; waits until it tells of all of them.

    `found` holds, by address, what is known of others.

    Raises:
        NotReadyInTime: AWS does not within a minute.
    """
    waiting = list(made)
    actual: dict[str, Attributes] = {}

    def ask() -> bool:
        groups: dict[tuple[type[Resource], str], list[Resource]] = defaultdict(list)
        for resource in waiting:
            groups[(type(resource), resource.region)].append(resource)
            if resource.listing is not None:
                resource.listing.forget()
        with ThreadPoolExecutor(max_workers=FIND_THREADS) as pool:
            asked = [(r, pool.submit(kind.find, cloud, region, r, dict(found))) for (kind, region), r in groups.items()]
        for resources, answer in asked:
            for resource in resources:
                if resource.name in answer.result():
                    actual[resource.address] = answer.result()[resource.name]
                    resource.was_found_again = True
                    waiting.remove(resource)
        return not waiting

    if waiting and not ask():
        try:
            cloud.wait_until("what was made to become visible", ask, timeout=min(PATIENCE_SECONDS, cloud.wait_timeout))
        except NotReadyInTime as error:
            raise NotReadyInTime(
                f"AWS has made it, and does not show it yet: {', '.join(resource.address for resource in waiting)}. "
                "Look for it in AWS, and run this again as soon as it is there: a run before that would make it anew."
            ) from error
    return actual
