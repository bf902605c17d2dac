# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""REST APIs of one region: moto's, with links that come and go slowly, documents with VPC links, and snapshots.

What was deployed is served, whatever is defined since. Custom domains are those of localcloud/apigatewayv2, whose
mappings take REST APIs too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.apigateway import models as moto_models
from moto.apigateway.exceptions import BadRequestException, NotFoundException, VpcLinkNotFound
from moto.apigateway.models import Account, Integration, RestAPI, apigateway_backends
from moto.apigateway.models import APIGatewayBackend as MotoBackend
from moto.apigateway.models import Deployment as MotoDeployment
from moto.apigateway.models import VpcLink as MotoVpcLink
from moto.apigatewayv2.models import apigatewayv2_backends

from localcloud.apigateway.request_rules import (
    VALIDATOR,
    VALIDATORS,
    check_models,
    check_validation,
    demands,
    models_of,
)
from localcloud.apigateway.rules import (
    ANY_METHOD,
    INTEGRATION,
    PACES,
    SHORTENED,
    TooManyRequests,
    check_complete,
    check_log_role,
    check_logs,
    check_operation,
    check_path,
    check_target,
)
from localcloud.world import WORLD

PLACES = {"query": "querystring"}
"""What API Gateway calls where a parameter is, if not as OpenAPI does."""

LINKING = 0.4
"""How long a VPC link takes to come, and to go (seconds; minutes on AWS)."""

LETTING_GO = 0.3
"""How long its load balancer is kept after that."""


class VpcLink(MotoVpcLink):
    """A link that is PENDING at first, and DELETING at last."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        self.made_at = time.monotonic()
        self.deleted_at: float | None = None
        super().__init__(*arguments, **settings)
        self.tags: Any = dict(self.tags or {})

    @property
    def status(self) -> str:
        if self.deleted_at is not None:
            return "DELETING"
        is_ready = time.monotonic() - self.made_at >= WORLD.options.delayed(LINKING)
        return "AVAILABLE" if is_ready else "PENDING"

    @status.setter
    def status(self, _told: str) -> None:
        """moto's own, which is AVAILABLE at once."""

    @property
    def is_gone(self) -> bool:
        return self._deleted_for(LINKING)

    @property
    def keeps_its_target(self) -> bool:
        return not self._deleted_for(LINKING + LETTING_GO)

    def _deleted_for(self, seconds: float) -> bool:
        return self.deleted_at is not None and time.monotonic() - self.deleted_at >= WORLD.options.delayed(seconds)


@dataclass(frozen=True)
class Served:
    """A method as it was deployed."""

    path: str
    method: str
    uri: str
    link: str | None
    demands: dict[str, Any] | None = None
    """What requests must have: {headers, query, models}, as localcloud/frontdoor/request_check.py says."""


class Deployment(MotoDeployment):
    """A snapshot of what was defined."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.created_date: Any = round(time.time(), 3)
        self.methods: list[Served] = []
        self.binary: list[str] = []
        self.own_name_disabled = False


class PrivateIntegration(Integration):
    """An integration that knows its VPC link."""

    connection_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "connectionId": self.connection_id}


class ApiGatewayBackend(MotoBackend):
    """The REST APIs and their links of one region."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.leaving: dict[str, VpcLink] = {}
        self._last: dict[str, float] = {}

    def _pace(self, operation: str) -> None:
        now = time.monotonic()
        if now - self._last.get(operation, -PACES[operation]) < PACES[operation] / SHORTENED:
            raise TooManyRequests
        self._last[operation] = now

    # Links

    def create_vpc_link(self, name: str, description: str, target_arns: list[str], tags: Any) -> Any:
        check_target(self.account_id, self.region_name, target_arns)
        return super().create_vpc_link(name, description, target_arns, tags)

    def get_vpc_link(self, vpc_link_id: str) -> Any:
        leaving = self.leaving.get(vpc_link_id)
        return leaving if leaving and not leaving.is_gone else super().get_vpc_link(vpc_link_id)

    def get_vpc_links(self) -> list[Any]:
        return [*super().get_vpc_links(), *(each for each in self.leaving.values() if not each.is_gone)]

    def delete_vpc_link(self, vpc_link_id: str) -> None:
        if vpc_link_id not in self.vpc_links:
            raise VpcLinkNotFound
        used = [
            f"{api.id}:{method.method}:{method.path}:{stage.name}"
            for api in self.apis.values()
            for stage in api.stages.values()
            for method in self.served(api, stage)
            if method.link == vpc_link_id
        ]
        if used:
            raise BadRequestException(
                f"Cannot delete vpc link. Vpc link '{vpc_link_id}', is referenced in [{', '.join(used)}] in format of "
                "[RESTApiId:Method:Resource:Stage]."
            )
        link: Any = self.vpc_links.pop(vpc_link_id)
        link.deleted_at = time.monotonic()
        self.leaving[vpc_link_id] = link

    def links_of(self, balancer: str) -> list[str]:
        """The links that keep this load balancer: those that are going too, and for a moment those that are gone."""
        there: list[Any] = [*self.vpc_links.values(), *self.leaving.values()]
        return [link.id for link in there if balancer in link.target_arns and link.keeps_its_target]

    # APIs and what they do

    def create_rest_api(self, name: str, description: str, *arguments: Any, **settings: Any) -> RestAPI:
        self._pace("CreateRestApi")
        api = super().create_rest_api(name, description, *arguments, **settings)
        api.tags = dict(api.tags or {})
        return api

    def get_rest_api(self, function_id: str) -> RestAPI:
        if function_id not in self.apis:
            raise NotFoundException("Invalid API identifier specified")
        return self.apis[function_id]

    def delete_rest_api(self, function_id: str) -> RestAPI:
        self.get_rest_api(function_id)
        self._pace("DeleteRestApi")
        mappings = apigatewayv2_backends[self.account_id][self.region_name].api_mappings.values()
        if any(each.api_id == function_id for each in mappings):
            raise BadRequestException("Please remove all base path mappings related to the api in your account.")
        return super().delete_rest_api(function_id)

    def update_rest_api(self, function_id: str, patch_operations: list[dict[str, Any]]) -> RestAPI:
        api = super().update_rest_api(function_id, patch_operations)
        for each in patch_operations:
            if each["path"] == "/disableExecuteApiEndpoint":  # of which moto takes every text for true
                api.disableExecuteApiEndpoint = each["value"] == "true"
        return api

    def put_rest_api(
        self, function_id: str, api_doc: dict[str, Any], fail_on_warnings: bool, mode: str = "merge"
    ) -> RestAPI:
        if mode != "overwrite":
            # Told to the caller as what the embedded cloud does not implement (dispatch.py); nobody here merges.
            raise NotImplementedError("PutRestApi with a mode other than overwrite")
        api = self.get_rest_api(function_id)
        self._pace("PutRestApi")
        paths: dict[str, Any] = api_doc["paths"]
        models = check_models(api_doc)
        validators: dict[str, Any] = api_doc.get(VALIDATORS) or {}
        for path, operations in paths.items():
            check_path(path, set(paths) - {path})
            for method, operation in operations.items():
                check_operation(path, method, operation, self.vpc_links)
                check_validation(operation, models, validators)
        api.name = api_doc["info"]["title"]
        api.binaryMediaTypes = list(api_doc.get("x-amazon-apigateway-binary-media-types") or [])
        for server in api_doc.get("servers", []):
            told = server.get("x-amazon-apigateway-endpoint-configuration") or {}
            if "disableExecuteApiEndpoint" in told:
                api.disableExecuteApiEndpoint = told["disableExecuteApiEndpoint"]
        api.models, api.request_validators = {}, {}
        for name, schema in models.items():
            api.add_model(name, "", json.dumps(schema), "application/json")
        made = {
            name: api.create_request_validator(
                name, told.get("validateRequestBody", False), told.get("validateRequestParameters", False)
            ).id
            for name, told in validators.items()
        }
        api.resources = {}
        api.default = api.add_child("/")
        api.root_resource_id = api.default.id
        for path, operations in sorted(paths.items()):
            resource = self._resource(api, path)
            for method, operation in operations.items():
                self._define(resource, "ANY" if method == ANY_METHOD else method.upper(), operation, made)
        return api

    def _resource(self, api: RestAPI, path: str) -> Any:
        """The resource of a path, made with those on the way to it if they are not there."""
        here: Any = api.default
        for part in path.split("/")[1:] if path != "/" else ():
            children = (each for each in api.resources.values() if each.parent_id == here.id)
            here = next((each for each in children if each.path_part == part), None) or api.add_child(part, here.id)
        return here

    @staticmethod
    def _define(resource: Any, method: str, operation: dict[str, Any], validators: dict[str, str]) -> None:
        made = resource.add_method(method, "NONE", False)
        made.request_parameters = {
            f"method.request.{PLACES.get(each['in'], each['in'])}.{each['name']}": bool(each.get("required"))
            for each in operation.get("parameters", [])
        }
        made.request_models = models_of(operation) or None
        made.request_validator_id = validators.get(operation.get(VALIDATOR, ""))
        told = operation.get(INTEGRATION)
        if told is not None:
            made.method_integration = PrivateIntegration(
                told["type"].upper(),
                told["uri"],
                told["httpMethod"],
                passthrough_behavior=str(told.get("passthroughBehavior", "when_no_match")).upper(),
                timeout_in_millis=told.get("timeoutInMillis", 29000),
                request_parameters=told.get("requestParameters"),
                connection_type=told.get("connectionType", "INTERNET"),
            )
            made.method_integration.connection_id = told.get("connectionId")

    # Deployments and stages

    def create_deployment(self, function_id: str, name: str, description: str = "", stage_variables: Any = None) -> Any:
        api = self.get_rest_api(function_id)
        self._pace("CreateDeployment")
        check_complete(api)
        if name:
            # As above; a stage is made by a call of its own.
            raise NotImplementedError("CreateDeployment with stageName")
        made: Any = api.create_deployment(name, description, stage_variables)
        made.own_name_disabled = bool(api.disableExecuteApiEndpoint)
        made.binary = list(api.binaryMediaTypes or [])
        made.methods = [
            Served(
                resource.get_path(),
                method,
                told.method_integration.uri,
                getattr(told.method_integration, "connection_id", None),
                demands(api, told),
            )
            for resource in api.resources.values()
            for method, told in resource.resource_methods.items()
        ]
        return made

    def delete_deployment(self, function_id: str, deployment_id: str) -> Any:
        api = self.get_rest_api(function_id)
        if any(stage.deployment_id == deployment_id for stage in api.stages.values()):
            raise BadRequestException("Active stages pointing to this deployment must be moved or deleted")
        return super().delete_deployment(function_id, deployment_id)

    def served(self, api: RestAPI, stage: Any) -> list[Served]:
        """What a stage serves."""
        deployment: Any = api.deployments.get(stage.deployment_id)
        return [] if deployment is None else list(deployment.methods)

    def create_stage(self, function_id: str, stage_name: str, deploymentId: str, *rest: Any, **settings: Any) -> Any:
        if deploymentId not in self.get_rest_api(function_id).deployments:
            raise BadRequestException("Invalid Deployment identifier specified")
        stage = super().create_stage(function_id, stage_name, deploymentId, *rest, **settings)
        stage.tags = dict(stage.tags or {})
        stage.made_at = time.monotonic()  # type: ignore[attr-defined]
        return stage

    def update_stage(self, function_id: str, stage_name: str, patch_operations: Any) -> Any:
        stage = self.get_stage(function_id, stage_name)
        asked = {each["path"]: each.get("value") for each in patch_operations}
        if asked.get("/deploymentId", stage.deployment_id) not in self.get_rest_api(function_id).deployments:
            raise BadRequestException("Invalid Deployment identifier specified")
        log = {
            **(stage.access_log_settings or {}),
            **{key.rpartition("/")[2]: value for key, value in asked.items() if key.startswith("/accessLogSettings/")},
        }
        if log:
            check_logs(self.account, log.get("destinationArn", ""), log.get("format", ""))
        # moto knows these for the word in them, wherever it stands.
        every = [each for each in patch_operations if each["path"] != "/accessLogSettings/format"]
        super().update_stage(function_id, stage_name, every)
        if log:
            stage.access_log_settings = log
        return stage

    # Settings of the account, and tags

    def update_account(self, patch_operations: list[dict[str, Any]]) -> Account:
        self._pace("UpdateAccount")
        for each in patch_operations:
            if each["path"] == "/cloudwatchRoleArn" and each.get("value"):
                check_log_role(self.account_id, each["value"])
        return super().update_account(patch_operations)

    def holder_of_tags(self, arn: str) -> Any:
        """The API, stage or link of this ARN."""
        kind, name, *rest = arn.partition("::/")[2].split("/")
        if kind == "vpclinks":
            return self.get_vpc_link(name)
        if kind != "restapis":
            raise NotFoundException("Invalid ARN specified in the request")
        return self.get_stage(name, rest[1]) if rest[:1] == ["stages"] else self.get_rest_api(name)

    @property
    def place(self) -> str:
        """How ARNs of this region begin."""
        return f"arn:{self.partition}:apigateway:{self.region_name}::"

    def tagged(self) -> Iterator[tuple[str, dict[str, str]]]:
        """(ARN, tags) of all that carries tags."""
        for api in self.apis.values():
            yield f"{self.place}/restapis/{api.id}", api.tags
            for stage in api.stages.values():
                yield f"{self.place}/restapis/{api.id}/stages/{stage.name}", stage.tags or {}
        for link in self.vpc_links.values():
            yield f"{self.place}/vpclinks/{link.id}", link.tags  # type: ignore[misc]


moto_models.VpcLink = VpcLink  # type: ignore[misc]
moto_models.Deployment = Deployment  # type: ignore[misc]
apigateway_backends.backend = ApiGatewayBackend
