# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of an API of API Gateway have in common: how they are read together, found and tagged.

Names of APIs and VPC links need not be unique, so that both are found by name and by the tag `workload`. What they
consist of is found through the API, and custom domains by the tag `api`, which is its name. HTTP APIs and custom
domains belong to the second version of API Gateway's interface (`apigatewayv2`), REST APIs to the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..aws.names import arn, tag_changes
from ..kernel import Cloud, Difference, Resource, absent_is_none
from ..kernel.retrying import make_once
from .listing import Listing

NOT_FOUND = "NotFoundException"

API_LOGS = "/aws/apigateway/"
"""How the names of the access logs begin; the name of the API follows."""


class ApiListing(Listing):
    """The raw answers about the API `name` of `workload` in one region."""

    def __init__(self, cloud: Cloud, region: str, workload: str, name: str) -> None:
        super().__init__(cloud, region)
        self.workload = workload
        self.name = name

    def _all(self, operation: str, **arguments: Any) -> list[dict[str, Any]]:
        """All pages: botocore has no paginator for some of these."""

        def ask() -> list[dict[str, Any]]:
            call: Callable[..., Any] = getattr(self.cloud.client("apigatewayv2", self.region), operation)
            found: list[dict[str, Any]] = []
            token: dict[str, str] = {}
            with absent_is_none(NOT_FOUND):
                while True:
                    answer = call(**arguments, **token)
                    found += answer["Items"]
                    if not answer.get("NextToken"):
                        break
                    token = {"NextToken": answer["NextToken"]}
            return found

        return self.once((operation, *sorted(arguments.items())), ask)

    def _own(self, operation: str) -> dict[str, Any] | None:
        marks = (self.name, self.workload)
        found = [each for each in self._all(operation) if (each["Name"], each.get("Tags", {}).get("workload")) == marks]
        return min(found, key=lambda each: str(each["CreatedDate"]), default=None)

    def api(self) -> dict[str, Any] | None:
        return self._own("get_apis")

    def link(self) -> dict[str, Any] | None:
        found = self._own("get_vpc_links")
        return None if found is None or found["VpcLinkStatus"] == "DELETING" else found

    def domains(self) -> list[dict[str, Any]]:
        """All custom domains of the region: a name is used once in it, by whomever."""
        return self._all("get_domain_names")

    def own_domains(self) -> list[dict[str, Any]]:
        marks = {"workload": self.workload, "api": self.name}
        return [each for each in self.domains() if marks.items() <= (each.get("Tags") or {}).items()]

    def mappings(self, domain: str) -> list[dict[str, Any]]:
        return self._all("get_api_mappings", DomainName=domain)

    def parts(self, operation: str) -> list[dict[str, Any]]:
        """Integrations, routes or stages of the API, if it is there."""
        api = self.api()
        return [] if api is None else self._all(operation, ApiId=api["ApiId"])

    def _all_of_rest(self, operation: str, **arguments: Any) -> list[dict[str, Any]]:
        def ask() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            with absent_is_none(NOT_FOUND):
                if operation == "get_stages":  # which has no pages
                    answer = self.cloud.client("apigateway", self.region).get_stages(**arguments)
                    found = answer.get("item") or []
                else:
                    found = self.cloud.paginate("apigateway", operation, self.region, **arguments)
            return found

        return self.once(("rest", operation, *sorted(arguments.items(), key=repr)), ask)

    def _own_of_rest(self, operation: str) -> list[dict[str, Any]]:
        marks = (self.name, self.workload)
        told = self._all_of_rest(operation, limit=500)
        return [each for each in told if (each["name"], (each.get("tags") or {}).get("workload")) == marks]

    def rest_api(self) -> dict[str, Any] | None:
        return min(
            self._own_of_rest("get_rest_apis"), key=lambda each: (str(each["createdDate"]), each["id"]), default=None
        )

    def rest_link(self) -> dict[str, Any] | None:
        there = [each for each in self._own_of_rest("get_vpc_links") if each["status"] != "DELETING"]
        return min(there, key=lambda each: str(each["id"]), default=None)

    def rest_parts(self, operation: str, **arguments: Any) -> list[dict[str, Any]]:
        """Resources, deployments or stages of the REST API, if it is there."""
        api = self.rest_api()
        return [] if api is None else self._all_of_rest(operation, restApiId=api["id"], **arguments)

    def read_everything(self) -> None:
        """Ask what is always needed now, side by side."""
        self.side_by_side([self.api, self.link, self.domains, self.rest_api, self.rest_link])
        names = ("get_integrations", "get_routes", "get_stages")
        self.side_by_side([lambda name=name: self.parts(name) for name in names])


class ApiResource(Resource):
    """A part of an API. `identifier` is what AWS calls one that is only known by that (what is purged)."""

    listing: ApiListing
    service: ClassVar[str] = "apigatewayv2"
    tag_arguments: ClassVar[tuple[str, str, str]] = ("ResourceArn", "TagKeys", "Tags")
    """How the service spells what is tagged, the keys of tags that go, and tags that come."""

    def __init__(
        self, name: str, region: str, *, listing: ApiListing, identifier: str | None = None, **others: Any
    ) -> None:
        super().__init__(name, region, **others)
        self.listing = listing
        self.identifier = identifier

    def client(self, cloud: Cloud, **config: Any) -> Any:
        return cloud.client(self.service, self.region, **config)

    def make(self, cloud: Cloud, operation: str, again: Callable[[], Any], **arguments: Any) -> Any:
        """Call an operation that takes no token and would make a second one; `again` finds what the first one made."""
        client = self.client(cloud, retries={"max_attempts": 0})

        def find() -> Any:
            self.listing.forget()
            return again()

        return make_once(lambda: getattr(client, operation)(**arguments), find)

    def retag(self, cloud: Cloud, path: str, differences: dict[str, Difference]) -> None:
        """Set and remove the tags of what has this path in ARNs, if they differ."""
        if "tags" not in differences:
            return
        to_set, to_remove = tag_changes(*differences["tags"])
        identifier, keys, tags = self.tag_arguments
        place = {identifier: arn("apigateway", self.region, "", path)}
        if to_remove:
            self.client(cloud).untag_resource(**place, **{keys: to_remove})
        if to_set:
            self.client(cloud).tag_resource(**place, **{tags: to_set})
