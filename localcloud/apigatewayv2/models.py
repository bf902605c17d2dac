# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP APIs of one region: moto's, with links that come and go slowly, updates that moto lacks, and AWS's refusals."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from moto.apigatewayv2 import models as moto_models
from moto.apigatewayv2.exceptions import BadRequestException, VpcLinkNotFound
from moto.apigatewayv2.models import ApiGatewayV2Backend as MotoBackend
from moto.apigatewayv2.models import (
    ApiMapping,
    Integration,
    Route,
    Stage,
    apigatewayv2_backends,
)
from moto.apigatewayv2.models import DomainName as MotoDomainName
from moto.apigatewayv2.models import VpcLink as MotoVpcLink
from moto.moto_api._internal import mock_random

from localcloud.apigateway.lazily import backend_if_any
from localcloud.apigatewayv2.rules import (
    ConflictException,
    check_domain,
    check_integration,
    check_link,
    check_route,
)
from localcloud.world import WORLD

LINKING = 0.4
"""How long a VPC link takes to come, and to go (seconds; minutes on AWS)."""


class VpcLink(MotoVpcLink):
    """A link that is PENDING at first, and DELETING at last."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.made_at = time.monotonic()
        self.deleted_at: float | None = None

    @property
    def status(self) -> str:
        if self.deleted_at is not None:
            return "DELETING"
        is_ready = time.monotonic() - self.made_at >= WORLD.options.delayed(LINKING)
        return "AVAILABLE" if is_ready else "PENDING"

    @property
    def is_gone(self) -> bool:
        return self.deleted_at is not None and time.monotonic() - self.deleted_at >= WORLD.options.delayed(LINKING)

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "vpcLinkStatus": self.status}


class DomainName(MotoDomainName):
    """A regional custom domain, which has a name of API Gateway's own to lead records to."""

    def __init__(self, *arguments: Any, backend: MotoBackend, **settings: Any) -> None:
        super().__init__(*arguments, backend=backend, **settings)
        self.region = backend.region_name
        self.target = f"d-{mock_random.get_random_hex(10)}.execute-api.{self.region}.amazonaws.com"
        self.zone = f"Z{mock_random.get_random_hex(13).upper()}"

    @property
    def name(self) -> str:
        return str(self.domain_name)

    def to_json(self) -> dict[str, Any]:
        told = {
            "apiGatewayDomainName": self.target,
            "hostedZoneId": self.zone,
            "endpointType": "REGIONAL",
            "securityPolicy": "TLS_1_2",
            "domainNameStatus": "AVAILABLE",
        }
        configurations = [{**told, **each} for each in self.domain_name_configurations]
        return {**super().to_json(), "domainNameConfigurations": configurations}


class ApiGatewayV2Backend(MotoBackend):
    """The HTTP APIs, links and custom domains of one region."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.leaving: dict[str, VpcLink] = {}

    # Links

    def create_vpc_link(self, name: str, sg_ids: list[str], subnet_ids: list[str], tags: dict[str, str]) -> Any:
        check_link(self.account_id, self.region_name, subnet_ids, sg_ids or [])
        return super().create_vpc_link(name, sg_ids, subnet_ids, tags)

    def get_vpc_link(self, vpc_link_id: str) -> Any:
        leaving = self.leaving.get(vpc_link_id)
        return leaving if leaving and not leaving.is_gone else super().get_vpc_link(vpc_link_id)

    def get_vpc_links(self) -> list[Any]:
        return [*super().get_vpc_links(), *(each for each in self.leaving.values() if not each.is_gone)]

    def delete_vpc_link(self, vpc_link_id: str) -> None:
        if vpc_link_id not in self.vpc_links:
            raise VpcLinkNotFound(vpc_link_id)
        link: Any = self.vpc_links.pop(vpc_link_id)
        link.deleted_at = time.monotonic()
        self.leaving[vpc_link_id] = link

    # APIs and their parts

    def delete_api(self, api_id: str) -> None:
        self.get_api(api_id)
        if any(mapping.api_id == api_id for mapping in self.api_mappings.values()):
            raise BadRequestException("Unable to delete API. Delete its API mappings first.")
        super().delete_api(api_id)

    def create_integration(self, api_id: str, **given: Any) -> Integration:
        check_integration(self.account_id, self.region_name, self.vpc_links, given)
        return super().create_integration(api_id, **given)

    def update_integration(self, api_id: str, **given: Any) -> Integration:
        now = self.get_integration(api_id, given["integration_id"])
        merged = {key: getattr(now, key) if given.get(key) is None else given[key] for key in INTEGRATION}
        check_integration(self.account_id, self.region_name, self.vpc_links, merged)
        return super().update_integration(api_id, **given)

    def delete_integration(self, api_id: str, integration_id: str) -> None:
        self.get_integration(api_id, integration_id)
        used = [r.route_key for r in self.get_routes(api_id) if r.target == f"integrations/{integration_id}"]
        if used:
            raise ConflictException(f"Cannot delete Integration '{integration_id}', it is referenced in {used}")
        super().delete_integration(api_id, integration_id)

    def create_route(self, api_id: str, **given: Any) -> Route:
        check_route(given["route_key"], given.get("target"), self.get_api(api_id))
        return super().create_route(api_id, **given)

    def update_route(self, api_id: str, **given: Any) -> Route:
        api = self.get_api(api_id)
        key = given.get("route_key") or api.get_route(given["route_id"]).route_key
        check_route(key, given.get("target"), api, but=given["route_id"])
        return super().update_route(api_id, **given)

    def delete_route(self, api_id: str, route_id: str) -> None:
        self.get_api(api_id).get_route(route_id)
        super().delete_route(api_id, route_id)

    def create_stage(self, api_id: str, config: dict[str, Any]) -> Stage:
        if config["stageName"] in self.get_api(api_id).stages:
            raise ConflictException("Stage already exists")
        return super().create_stage(api_id, config)

    def update_stage(self, api_id: str, name: str, config: dict[str, Any]) -> Stage:
        stage = self.get_stage(api_id, name)
        for key, attribute in STAGE.items():
            if key in config:
                setattr(stage, attribute, config[key])
        return stage

    # Custom domains

    def create_domain_name(
        self, domain_name: str, domain_name_configurations: list[dict[str, str]], **given: Any
    ) -> Any:
        if domain_name not in self.domain_names:
            check_domain(self.account_id, self.region_name, domain_name, domain_name_configurations)
        return super().create_domain_name(domain_name, domain_name_configurations, **given)

    def update_domain_name(self, domain_name: str, configurations: list[dict[str, str]]) -> Any:
        domain = self.get_domain_name(domain_name)
        check_domain(self.account_id, self.region_name, domain_name, configurations)
        domain.domain_name_configurations = configurations
        return domain

    def delete_domain_name(self, domain_name: str) -> None:
        self.get_domain_name(domain_name)
        for mapping in self.get_api_mappings(domain_name):
            del self.api_mappings[mapping.api_mapping_id]
        del self.domain_names[domain_name]

    def create_api_mapping(self, api_id: str, api_mapping_key: str, domain_name: str, stage: str) -> ApiMapping:
        if any(each.api_mapping_key == api_mapping_key for each in self.get_api_mappings(domain_name)):
            raise ConflictException("ApiMapping key already exists for this domain name")
        self._check_stage(api_id, stage)
        if api_id in self.apis:
            return super().create_api_mapping(api_id, api_mapping_key, domain_name, stage)
        self.get_domain_name(domain_name)
        identifier = self._generate_api_maping_id(api_mapping_key=api_mapping_key, stage=stage, domain_name=domain_name)
        self.api_mappings[identifier] = ApiMapping(api_id, api_mapping_key, identifier, domain_name, stage)
        return self.api_mappings[identifier]

    def update_api_mapping(self, api_mapping_id: str, domain_name: str, api_id: str, stage: str) -> ApiMapping:
        mapping = self.get_api_mapping(api_mapping_id, domain_name)
        self._check_stage(api_id, stage)
        mapping.api_id, mapping.stage = api_id, stage
        return mapping

    def _check_stage(self, api_id: str, stage: str) -> None:
        """A REST API may be mapped too, whose custom domain has to speak TLS 1.2, as all here do."""
        rest = backend_if_any(self.account_id, self.region_name)
        api: Any = (rest.apis.get(api_id) if rest is not None else None) or self.get_api(api_id)
        if stage not in api.stages:
            raise BadRequestException("Invalid stage identifier specified")

    # Tags

    def tag_resource(self, resource_arn: str, tags: dict[str, str]) -> None:
        holder = self._tagged_itself(resource_arn)
        if holder is None:
            super().tag_resource(resource_arn, tags)
        else:
            holder.tags = {**holder.tags, **tags}

    def untag_resource(self, resource_arn: str, tag_keys: list[str]) -> None:
        holder = self._tagged_itself(resource_arn)
        if holder is None:
            super().untag_resource(resource_arn, tag_keys)
        else:
            holder.tags = {key: value for key, value in holder.tags.items() if key not in tag_keys}

    def _tagged_itself(self, arn: str) -> Any:
        """The stage or domain of this ARN: moto keeps their tags in themselves."""
        _place, _slash, path = arn.partition("::/")
        kind, name, *rest = path.split("/")
        if kind == "domainnames":
            return self.get_domain_name(name)
        return self.get_stage(name, rest[1]) if kind == "apis" and rest[:1] == ["stages"] else None

    def tagged(self) -> Iterator[tuple[str, dict[str, str]]]:
        """(ARN, tags) of all that carries tags."""
        place = f"arn:{self.partition}:apigateway:{self.region_name}::"
        for api in self.apis.values():
            yield api.arn, self.get_tags(api.arn)
            for stage in api.stages.values():
                yield f"{place}/apis/{api.api_id}/stages/{stage.name}", stage.tags
        for link in self.vpc_links.values():
            yield link.arn, self.get_tags(link.arn)
        for domain in self.domain_names.values():
            yield domain.domain_name_arn, domain.tags


INTEGRATION = ("connection_type", "connection_id", "integration_uri", "timeout_in_millis")
"""What of an integration is checked."""

STAGE = {
    "accessLogSettings": "access_log_settings",
    "autoDeploy": "auto_deploy",
    "defaultRouteSettings": "default_route_settings",
    "description": "description",
    "routeSettings": "route_settings",
    "stageVariables": "stage_variables",
}
"""What UpdateStage sets, and where moto keeps it."""

moto_models.VpcLink = VpcLink  # type: ignore[misc]
moto_models.DomainName = DomainName  # type: ignore[misc]
apigatewayv2_backends.backend = ApiGatewayV2Backend
