# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP API of API Gateway: the API, its way into the VPC, its routes and its stage."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, absent_is_none
from .api_listing import NOT_FOUND, ApiListing, ApiResource
from .vpc_link import LinkStatus, VpcLink

DEFAULT_STAGE = "$default"
"""The stage that is served under no name of its own."""


USABLE = ("AVAILABLE", "INACTIVE")
"""The states of a VPC link that can be used. An inactive one had no traffic for 60 days; the next wakes it up."""


class HttpVpcLink(VpcLink):
    """Wanted: `subnets`, `security_groups` (ids), `tags`, and that it is `usable`. Gives `id`."""

    kind = "apigatewayv2_vpc_link"
    fixed: ClassVar[frozenset[str]] = frozenset({"subnets", "security_groups"})
    unordered: ClassVar[frozenset[str]] = frozenset({"subnets", "security_groups"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[HttpVpcLink], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        links = {each.name: each.listing.link() for each in resources}
        return {name: cls._read(link) for name, link in links.items() if link is not None}

    @staticmethod
    def _read(link: dict[str, Any]) -> Attributes:
        return {
            "id": link["VpcLinkId"],
            "subnets": sorted(link["SubnetIds"]),
            "security_groups": sorted(link.get("SecurityGroupIds") or []),
            "usable": link["VpcLinkStatus"] in USABLE,
            "tags": link.get("Tags") or {},
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        link = self.make(
            cloud,
            "create_vpc_link",
            self.listing.link,
            Name=self.name,
            SubnetIds=wanted["subnets"],
            SecurityGroupIds=wanted["security_groups"],
            Tags=wanted["tags"],
        )
        self.settle(cloud, link["VpcLinkId"])
        return {**wanted, "id": link["VpcLinkId"]}

    def status(self, cloud: Cloud, identifier: str) -> LinkStatus:
        link = self.client(cloud).get_vpc_link(VpcLinkId=identifier)
        return LinkStatus(link["VpcLinkStatus"], link["VpcLinkStatus"] in USABLE, link.get("VpcLinkStatusMessage"))

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NOT_FOUND):
            self.client(cloud).delete_vpc_link(VpcLinkId=actual["id"])
        # Its network interfaces keep the subnets and security groups until then.
        self.wait_until_gone(cloud, actual["id"])


class HttpApi(ApiResource):
    """Wanted: `own_name_disabled` (whether it answers under its custom domain only), `tags`. Gives `id`, `endpoint`."""

    kind = "apigatewayv2_api"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[HttpApi], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        apis = {each.name: each.listing.api() for each in resources}
        return {name: cls._read(api) for name, api in apis.items() if api is not None}

    @staticmethod
    def _read(api: dict[str, Any]) -> Attributes:
        return {
            "id": api["ApiId"],
            "endpoint": api["ApiEndpoint"],
            "own_name_disabled": bool(api.get("DisableExecuteApiEndpoint")),
            "tags": api.get("Tags") or {},
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        api = self.make(
            cloud,
            "create_api",
            self.listing.api,
            Name=self.name,
            ProtocolType="HTTP",
            DisableExecuteApiEndpoint=wanted["own_name_disabled"],
            Tags=wanted["tags"],
        )
        return {**wanted, "id": api["ApiId"], "endpoint": api["ApiEndpoint"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "own_name_disabled" in differences:
            self.client(cloud).update_api(ApiId=actual["id"], DisableExecuteApiEndpoint=wanted["own_name_disabled"])
        self.retag(cloud, f"/apis/{actual['id']}", differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NOT_FOUND):
            self.client(cloud).delete_api(ApiId=actual["id"])


class Integration(ApiResource):
    """Where an API's requests go. Wanted: `api`, `link` (ids), `listener` (ARN), `timeout` (ms), `server_name`. Gives
    `id`.
    """

    kind = "apigatewayv2_integration"
    owned: ClassVar[bool] = False

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Integration], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            item = resource._item()
            if item is not None:
                actual[resource.name] = {
                    "id": item["IntegrationId"],
                    "api": (resource.listing.api() or {})["ApiId"],
                    "link": item.get("ConnectionId"),
                    "listener": item.get("IntegrationUri"),
                    "timeout": item.get("TimeoutInMillis"),
                    "server_name": (item.get("TlsConfig") or {}).get("ServerNameToVerify"),
                }
        return actual

    def _item(self) -> dict[str, Any] | None:
        items = integrations(self.listing)
        if self.identifier is not None:
            return next((each for each in items if each["IntegrationId"] == self.identifier), None)
        return items[0] if items else None

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        made = self.make(
            cloud,
            "create_integration",
            self._item,
            ApiId=wanted["api"],
            IntegrationType="HTTP_PROXY",
            IntegrationMethod="ANY",
            PayloadFormatVersion="1.0",
            ConnectionType="VPC_LINK",
            **self._arguments(wanted),
        )
        return {**wanted, "id": made["IntegrationId"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.client(cloud).update_integration(
            ApiId=wanted["api"], IntegrationId=actual["id"], **self._arguments(wanted)
        )
        return {**actual, **wanted}

    @staticmethod
    def _arguments(wanted: Attributes) -> dict[str, Any]:
        return {
            "ConnectionId": wanted["link"],
            "IntegrationUri": wanted["listener"],
            "TimeoutInMillis": wanted["timeout"],
            **({"TlsConfig": {"ServerNameToVerify": wanted["server_name"]}} if wanted["server_name"] else {}),
        }

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NOT_FOUND):
            self.client(cloud).delete_integration(ApiId=actual["api"], IntegrationId=actual["id"])


def integrations(listing: ApiListing) -> list[dict[str, Any]]:
    """Those of an API, in an order that stays; it needs one."""
    return sorted(listing.parts("get_integrations"), key=lambda each: each["IntegrationId"])


class Route(ApiResource):
    """A method and path that an API answers. Wanted: `api` (id), `integration` (id). Its name ends in its key."""

    kind = "apigatewayv2_route"
    owned: ClassVar[bool] = False

    def __init__(self, name: str, region: str, *, key: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.key = key

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Route], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            item = resource._item()
            if item is not None:
                actual[resource.name] = {
                    "id": item["RouteId"],
                    "api": (resource.listing.api() or {})["ApiId"],
                    "integration": (item.get("Target") or "").removeprefix("integrations/"),
                }
        return actual

    def _item(self) -> dict[str, Any] | None:
        return next((each for each in self.listing.parts("get_routes") if each["RouteKey"] == self.key), None)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        target = f"integrations/{wanted['integration']}"
        made = self.make(cloud, "create_route", self._item, ApiId=wanted["api"], RouteKey=self.key, Target=target)
        return {**wanted, "id": made["RouteId"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        target = f"integrations/{wanted['integration']}"
        self.client(cloud).update_route(ApiId=wanted["api"], RouteId=actual["id"], Target=target)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NOT_FOUND):
            self.client(cloud).delete_route(ApiId=actual["api"], RouteId=actual["id"])


class Stage(ApiResource):
    """What of an API is served. Wanted: `api` (id), `auto_deploy` (whether changes are served at once), `rate`, `burst`
    (requests in a second, and at once), `log_group` (ARN), `log_format`, `tags`.
    """

    kind = "apigatewayv2_stage"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Stage], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            item = resource._item()
            if item is not None:
                settings, log = item.get("DefaultRouteSettings") or {}, item.get("AccessLogSettings") or {}
                actual[resource.name] = {
                    "api": (resource.listing.api() or {})["ApiId"],
                    "auto_deploy": bool(item.get("AutoDeploy")),
                    "rate": settings.get("ThrottlingRateLimit"),
                    "burst": settings.get("ThrottlingBurstLimit"),
                    "log_group": log.get("DestinationArn"),
                    "log_format": log.get("Format"),
                    "tags": item.get("Tags") or {},
                }
        return actual

    def _item(self) -> dict[str, Any] | None:
        return next((each for each in self.listing.parts("get_stages") if each["StageName"] == DEFAULT_STAGE), None)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # A stage has its name once: a second one is refused, and the kernel finds the first.
        self.client(cloud).create_stage(
            ApiId=wanted["api"], StageName=DEFAULT_STAGE, Tags=wanted["tags"], **self._arguments(wanted)
        )
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if differences.keys() - {"tags"}:
            self.client(cloud).update_stage(ApiId=wanted["api"], StageName=DEFAULT_STAGE, **self._arguments(wanted))
        self.retag(cloud, f"/apis/{wanted['api']}/stages/{DEFAULT_STAGE}", differences)
        return {**actual, **wanted}

    @staticmethod
    def _arguments(wanted: Attributes) -> dict[str, Any]:
        return {
            "AutoDeploy": wanted["auto_deploy"],
            "DefaultRouteSettings": {
                "ThrottlingRateLimit": wanted["rate"],
                "ThrottlingBurstLimit": wanted["burst"],
            },
            "AccessLogSettings": {"DestinationArn": wanted["log_group"], "Format": wanted["log_format"]},
        }

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NOT_FOUND):
            self.client(cloud).delete_stage(ApiId=actual["api"], StageName=DEFAULT_STAGE)
