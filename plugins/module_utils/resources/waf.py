# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the things of AWS WAF have in common: names of one scope, a lock for every change, and patience with the new.

AWS WAF gives a token with what it tells, and takes a change only with the newest one. It says "unavailable" of what was
just made, for up to some minutes, and "associated" of what something else still uses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Cloud, Difference, Resource, absent_is_none
from ..kernel.cloud import ClientError
from ..kernel.retrying import let_go
from ..protocol.service_errors import error_code
from .listing import Listing

SCOPE = {"Scope": "REGIONAL"}
NONEXISTENT = "WAFNonexistentItemException"
DUPLICATE = "WAFDuplicateItemException"
STALE = "WAFOptimisticLockException"
IN_USE = "WAFAssociatedItemException"
NOT_KNOWN_YET = "WAFUnavailableEntityException"
"""What AWS WAF says of what was just made."""

KNOWN_SECONDS = 180
LOCK_ATTEMPTS = 5
GUARDED_KINDS = ("APPLICATION_LOAD_BALANCER", "API_GATEWAY")


def once_known(cloud: Cloud, what: str, call: Callable[[], Any]) -> Any:
    """The answer of a call that names `what`, made again until AWS WAF knows that.

    Raises:
        ClientError: AWS refuses it for another reason.
        NotReadyInTime: AWS WAF does not know it after some minutes.
    """

    def done() -> list[Any]:
        try:
            return [call()]
        except ClientError as error:
            if error_code(error) != NOT_KNOWN_YET:
                raise
            return []

    return cloud.wait_until(f"AWS WAF to know {what}", done, timeout=KNOWN_SECONDS)[0]


class WafListing(Listing):
    """The raw answers about what AWS WAF has in one region."""

    def summaries(self, operation: str, member: str) -> list[dict[str, Any]]:
        """All pages of a listing: botocore has no paginator for them."""

        def ask() -> list[dict[str, Any]]:
            call = getattr(self.cloud.client("wafv2", self.region), operation)
            found: list[dict[str, Any]] = []
            marker: dict[str, str] = {}
            while True:
                answer = call(**SCOPE, Limit=100, **marker)
                found += answer.get(member) or []
                if not answer.get("NextMarker"):
                    return found
                marker = {"NextMarker": answer["NextMarker"]}

        return self.once(operation, ask)

    def web_acls(self) -> list[dict[str, Any]]:
        return self.summaries("list_web_acls", "WebACLs")

    def ip_sets(self) -> list[dict[str, Any]]:
        return self.summaries("list_ip_sets", "IPSets")

    def guarded(self, name: str) -> dict[str, str]:
        """What the web ACL of this name stands in front of: ARN → that of the web ACL."""

        def ask() -> dict[str, str]:
            found: dict[str, str] = {}
            for acl in self.web_acls():
                for kind in GUARDED_KINDS if acl["Name"] == name else ():
                    with absent_is_none(NONEXISTENT):
                        told = self.cloud.client("wafv2", self.region).list_resources_for_web_acl(
                            WebACLArn=acl["ARN"], ResourceType=kind
                        )
                        found |= dict.fromkeys(told.get("ResourceArns") or [], acl["ARN"])
            return found

        return self.once(("guarded", name), ask)


class WafResource(Resource):
    """Something of AWS WAF's that has a name of its own in a region. Gives `arn` and `id`."""

    listing: WafListing
    verb: ClassVar[str]
    """How operations name it, such as `ip_set`."""
    told: ClassVar[str]
    """How an answer names it, such as `IPSet`."""

    def __init__(self, name: str, region: str, *, listing: WafListing, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.listing = listing

    def client(self, cloud: Cloud) -> Any:
        return cloud.client("wafv2", self.region)

    def place(self, identifier: str) -> dict[str, str]:
        """How a call says which one it means."""
        return {"Name": self.name, **SCOPE, "Id": identifier}

    def read(self, cloud: Cloud, summary: dict[str, Any]) -> dict[str, Any] | None:
        """What AWS WAF tells of it, with its `Tags`; None if it has just gone."""
        with absent_is_none(NONEXISTENT):
            answer = getattr(self.client(cloud), f"get_{self.verb}")(**self.place(summary["Id"]))
            tags = self.client(cloud).list_tags_for_resource(ResourceARN=summary["ARN"], Limit=100)
            told = (tags.get("TagInfoForResource") or {}).get("TagList")
            return {**answer[self.told], "Tags": from_tag_list(told)}
        return None

    def make(self, cloud: Cloud, **arguments: Any) -> None:
        """Create it. A second one of its name is refused, and the first one found."""
        with self.unless_made_before(cloud, DUPLICATE):
            create = getattr(self.client(cloud), f"create_{self.verb}")
            tags = to_tag_list(self.wanted["tags"])
            once_known(
                cloud, f"what {self.name} names", lambda: create(Name=self.name, **SCOPE, Tags=tags, **arguments)
            )

    def change(self, cloud: Cloud, identifier: str, **arguments: Any) -> None:
        """Update it: all that it is to be, for what is left out goes. Who changed it meanwhile is overruled."""
        place, client = self.place(identifier), self.client(cloud)

        def update() -> Any:
            for attempt in range(LOCK_ATTEMPTS):
                token = getattr(client, f"get_{self.verb}")(**place)["LockToken"]
                try:
                    return getattr(client, f"update_{self.verb}")(**place, LockToken=token, **arguments)
                except ClientError as error:
                    if error_code(error) != STALE or attempt == LOCK_ATTEMPTS - 1:
                        raise
            return None

        once_known(cloud, f"what {self.name} names", update)

    def retag(self, cloud: Cloud, arn: str, differences: dict[str, Difference]) -> None:
        """Set and remove its tags, if they differ."""
        if "tags" not in differences:
            return
        to_set, to_remove = tag_changes(*differences["tags"])
        if to_remove:
            self.client(cloud).untag_resource(ResourceARN=arn, TagKeys=to_remove)
        if to_set:
            self.client(cloud).tag_resource(ResourceARN=arn, Tags=to_tag_list(to_set))

    def delete(self, cloud: Cloud, actual: dict[str, Any]) -> None:
        place, client = self.place(actual["id"]), self.client(cloud)

        def remove() -> None:
            with absent_is_none(NONEXISTENT):
                token = getattr(client, f"get_{self.verb}")(**place)["LockToken"]
                getattr(client, f"delete_{self.verb}")(**place, LockToken=token)

        # What it was used by may have gone just now.
        let_go(cloud, f"{self.kind} {self.name} in {self.region}", remove, busy=(IN_USE, STALE, NOT_KNOWN_YET))
