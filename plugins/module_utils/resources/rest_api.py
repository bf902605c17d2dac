# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A REST API of API Gateway: the API, its way to a Network Load Balancer, its definition, and what of it is served.

What is defined is served only once it is deployed to the stage. A deployment says the digest of what it holds, so that
there is a new one only when something else is defined.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ..aws.names import arn, dns_suffix
from ..kernel import Attributes, Cloud, Difference, absent_is_none
from ..kernel.retrying import let_go
from ..services.api_document import digest, document, methods_in
from ..services.body_schema import model_name
from .api_listing import NOT_FOUND, ApiResource
from .vpc_link import LinkStatus, VpcLink
from .waf import once_known

STAGE = "live"
"""The stage that is served. Its name is in the path under the API's own name, and not under a custom domain."""

BUSY = ("TooManyRequestsException",)
"""API Gateway deletes one REST API, and one VPC link, in half a minute for an account."""

MARK = "multiregion.ecs "
"""How the description of a deployment begins; the digest of what was deployed follows."""


class RestResource(ApiResource):
    """A part of a REST API, which the first version of API Gateway's interface knows."""

    service: ClassVar[str] = "apigateway"
    tag_arguments: ClassVar[tuple[str, str, str]] = ("resourceArn", "tagKeys", "tags")

    @property
    def api(self) -> dict[str, Any]:
        return self.listing.rest_api() or {}


class RestVpcLink(RestResource, VpcLink):
    """Wanted: `target` (ARN of a Network Load Balancer), `tags`, and that it is `usable`. Gives `id`."""

    kind = "apigateway_vpc_link"
    fixed: ClassVar[frozenset[str]] = frozenset({"target"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[RestVpcLink], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        links = {each.name: each.listing.rest_link() for each in resources}
        return {name: cls._read(link) for name, link in links.items() if link is not None}

    @staticmethod
    def _read(link: dict[str, Any]) -> Attributes:
        return {
            "id": link["id"],
            "target": next(iter(link.get("targetArns") or []), None),
            "usable": link["status"] == "AVAILABLE",
            "tags": link.get("tags") or {},
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        link = self.make(
            cloud,
            "create_vpc_link",
            self.listing.rest_link,
            name=self.name,
            targetArns=[wanted["target"]],
            tags=wanted["tags"],
        )
        self.settle(cloud, link["id"])
        return {**wanted, "id": link["id"]}

    def status(self, cloud: Cloud, identifier: str) -> LinkStatus:
        link = self.client(cloud).get_vpc_link(vpcLinkId=identifier)
        return LinkStatus(link["status"], link["status"] == "AVAILABLE", link.get("statusMessage"))

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        def remove() -> None:
            with absent_is_none(NOT_FOUND):
                self.client(cloud).delete_vpc_link(vpcLinkId=actual["id"])

        let_go(cloud, f"VPC link {self.name} in {self.region}", remove, busy=BUSY)
        # It keeps its load balancer until then.
        self.wait_until_gone(cloud, actual["id"])


class RestApi(RestResource):
    """Wanted: `tags`. Gives `id`, `endpoint` (URL of its own name, to which the stage is to be added)."""

    kind = "apigateway_rest_api"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[RestApi], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        apis = {each.name: each.listing.rest_api() for each in resources}
        return {name: cls._read(region, api) for name, api in apis.items() if api is not None}

    @staticmethod
    def _read(region: str, api: dict[str, Any]) -> Attributes:
        host = f"{api['id']}.execute-api.{region}.{dns_suffix(region)}"
        return {"id": api["id"], "endpoint": f"https://{host}", "tags": api.get("tags") or {}}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        api = self.make(
            cloud,
            "create_rest_api",
            self.listing.rest_api,
            name=self.name,
            endpointConfiguration={"types": ["REGIONAL"]},
            tags=wanted["tags"],
        )
        return {**self._read(self.region, api), **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.retag(cloud, f"/restapis/{actual['id']}", differences)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        def remove() -> None:
            with absent_is_none(NOT_FOUND):
                self.client(cloud).delete_rest_api(restApiId=actual["id"])

        let_go(cloud, f"REST API {self.name} in {self.region}", remove, busy=BUSY)


class Definition(RestResource):
    """What a REST API does, put into it as an OpenAPI document. Wanted: `api` (id), `methods` (by key, as in
    services/api_document.py), `own_name_disabled` (whether it answers under its custom domain only), `media_types`
    that are passed on as they are. Gives `digest`.

    A model is known by its name, which says what it holds: API Gateway may tell a schema in other words.
    """

    kind = "apigateway_definition"
    owned: ClassVar[bool] = False
    renewed: ClassVar[frozenset[str]] = frozenset({"digest"})
    unordered: ClassVar[frozenset[str]] = frozenset({"media_types"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Definition], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            methods = resource._methods()
            if methods:
                api = resource.api
                told = {
                    "api": api["id"],
                    "methods": methods,
                    "own_name_disabled": bool(api.get("disableExecuteApiEndpoint")),
                    "media_types": sorted(api.get("binaryMediaTypes") or []),
                }
                actual[resource.name] = {**told, "digest": resource._digest(told)}
        return actual

    def _methods(self) -> dict[str, Any]:
        """The methods that there are. Models and validators are asked for only if one of them names some."""
        told = self.listing.rest_parts("get_resources", embed=("methods",), limit=500)
        every = [each for resource in told for each in (resource.get("resourceMethods") or {}).values()]
        checking: set[str] = set()
        if any(each.get("requestValidatorId") for each in every):
            checking = {each["id"] for each in self._parts("get_request_validators") if _checks_everything(each)}
        wanted = [each["body"] for each in self.wanted["methods"].values() if "body" in each]
        schemas = {model_name(each): each for each in wanted}
        named = {name for each in every for name in (each.get("requestModels") or {}).values()}
        if named - set(schemas):
            schemas |= {each["name"]: json.loads(each["schema"]) for each in self._parts("get_models")}
        return methods_in(told, schemas, checking)

    def _parts(self, operation: str) -> list[dict[str, Any]]:
        return self.listing.rest_parts(operation, limit=500)

    def _digest(self, told: Attributes) -> str:
        return digest(self._document(told))

    def _document(self, told: Attributes) -> dict[str, Any]:
        return document(self.name, told["methods"], told["own_name_disabled"])

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        body = json.dumps(self._document(wanted)).encode()
        put = self.client(cloud).put_rest_api(restApiId=wanted["api"], mode="overwrite", body=body)
        disabled = wanted["own_name_disabled"]
        if bool(put.get("disableExecuteApiEndpoint")) is not disabled:
            change = {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": str(disabled).lower()}
            self.client(cloud).update_rest_api(restApiId=wanted["api"], patchOperations=[change])
        return {**wanted, "digest": self._digest(wanted)}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)


def _checks_everything(validator: dict[str, Any]) -> bool:
    return bool(validator.get("validateRequestBody") and validator.get("validateRequestParameters"))


class Deployment(RestResource):
    """A snapshot of a REST API that can be served, the newest one of ours. Wanted: `api` (id), `digest` of what it
    holds. Gives `id`.
    """

    kind = "apigateway_deployment"
    owned: ClassVar[bool] = False
    renewed: ClassVar[frozenset[str]] = frozenset({"id"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Deployment], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            newest = next(iter(resource._all()), None)
            if newest is not None:
                held = str(newest["description"]).removeprefix(MARK)
                actual[resource.name] = {"id": newest["id"], "api": resource.api["id"], "digest": held}
        return actual

    def _all(self) -> list[dict[str, Any]]:
        """Ours, the newest first; of those of one second the one that is served."""
        served = {stage.get("deploymentId") for stage in self.listing.rest_parts("get_stages")}
        ours = [
            each
            for each in self.listing.rest_parts("get_deployments", limit=500)
            if str(each.get("description") or "").startswith(MARK)
        ]
        return sorted(ours, key=lambda each: (each["createdDate"], each["id"] in served), reverse=True)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        description = f"{MARK}{wanted['digest']}"

        def made() -> dict[str, Any] | None:
            return next((each for each in self._all()[:1] if each["description"] == description), None)

        deployment = self.make(cloud, "create_deployment", made, restApiId=wanted["api"], description=description)
        return {**wanted, "id": deployment["id"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)


class RestStage(RestResource):
    """What of a REST API is served. Wanted: `api`, `deployment` (ids), `rate`, `burst` (requests in a second, and at
    once), `log_group` (ARN), `log_format`, `web_acl` (ARN of one of AWS WAF, or None), `tags`.

    The deployments before the one that it is moved to go.
    """

    kind = "apigateway_stage"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[RestStage], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            stages = resource.listing.rest_parts("get_stages")
            item = next((each for each in stages if each["stageName"] == STAGE), None)
            if item is not None:
                every = (item.get("methodSettings") or {}).get("*/*") or {}
                log = item.get("accessLogSettings") or {}
                actual[resource.name] = {
                    "api": resource.api["id"],
                    "deployment": item.get("deploymentId"),
                    "rate": every.get("throttlingRateLimit"),
                    "burst": every.get("throttlingBurstLimit"),
                    "log_group": log.get("destinationArn"),
                    "log_format": log.get("format"),
                    "web_acl": item.get("webAclArn"),
                    "tags": item.get("tags") or {},
                }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # A stage has its name once: a second one is refused, and the kernel finds the first.
        self.client(cloud).create_stage(
            restApiId=wanted["api"], stageName=STAGE, deploymentId=wanted["deployment"], tags=wanted["tags"]
        )
        # Limits and logs it cannot be made with.
        self._set(cloud, wanted, [key for key in PATHS if key != "deployment"])
        if wanted["web_acl"]:
            self._guard(cloud, wanted)
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        changed = [key for key in PATHS if key in differences]
        if changed:
            self._set(cloud, wanted, changed)
        self.retag(cloud, f"/restapis/{wanted['api']}/stages/{STAGE}", differences)
        if "web_acl" in differences:
            self._guard(cloud, wanted)
        if "deployment" in differences:
            self._remove_deployments(cloud, wanted)
        return {**actual, **wanted}

    def _set(self, cloud: Cloud, wanted: Attributes, keys: list[str]) -> None:
        changes = [{"op": "replace", "path": PATHS[key], "value": _text(wanted[key])} for key in keys]
        self.client(cloud).update_stage(restApiId=wanted["api"], stageName=STAGE, patchOperations=changes)

    def _guard(self, cloud: Cloud, wanted: Attributes) -> None:
        """Put the web ACL before the stage, in the place of another one, or take it away."""
        waf = cloud.client("wafv2", self.region)
        stage = arn("apigateway", self.region, "", f"/restapis/{wanted['api']}/stages/{STAGE}")

        def guard() -> Any:
            if wanted["web_acl"]:
                return waf.associate_web_acl(WebACLArn=wanted["web_acl"], ResourceArn=stage)
            return waf.disassociate_web_acl(ResourceArn=stage)

        once_known(cloud, f"the stage of {self.name} in {self.region}", guard)

    def _remove_deployments(self, cloud: Cloud, wanted: Attributes) -> None:
        """Those of ours that are served no more. What a run leaves that ends before this, the next deployment ends."""
        self.listing.forget()
        served = {stage.get("deploymentId") for stage in self.listing.rest_parts("get_stages")}
        for each in self.listing.rest_parts("get_deployments", limit=500):
            is_ours = str(each.get("description") or "").startswith(MARK)
            if is_ours and each["id"] not in served:
                with absent_is_none(NOT_FOUND):
                    self.client(cloud).delete_deployment(restApiId=wanted["api"], deploymentId=each["id"])

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NOT_FOUND):
            self.client(cloud).delete_stage(restApiId=actual["api"], stageName=STAGE)


PATHS = {
    "deployment": "/deploymentId",
    "rate": "/*/*/throttling/rateLimit",
    "burst": "/*/*/throttling/burstLimit",
    "log_group": "/accessLogSettings/destinationArn",
    "log_format": "/accessLogSettings/format",
}
"""Where UpdateStage finds what is set, in its order."""


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
