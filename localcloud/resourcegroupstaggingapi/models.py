# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What GetResources tells of a region.

moto knows most services. Missing are repositories, groups of schedules, web ACLs, and accelerators, which only
us-west-2 tells; and moto tells every bucket in every region. What AWS deletes it goes on telling for a while; so does
this, of what it has told once. Roles it never tells, as on AWS.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.core.resource_tagging import TaggedResource, make_tag_matcher, match_resource_type
from moto.ecr.models import ecr_backends
from moto.moto_api._internal import mock_random
from moto.resourcegroupstaggingapi.exceptions import ResourceGroupsTaggingAPIError
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend as MotoBackend
from moto.resourcegroupstaggingapi.models import resourcegroupstaggingapi_backends
from moto.s3.models import s3_backends
from moto.scheduler.models import scheduler_backends

from localcloud.apigateway.lazily import backend_if_any
from localcloud.globalaccelerator.models import HOME_REGION, globalaccelerator_backends
from localcloud.wafv2.models import wafv2_backends

LINGERS = 3.0
"""How long a deleted thing is still told (seconds; minutes on AWS, and days for some services)."""

TOKEN_SECONDS = 900
"""How long the token of a page is good for: "a PaginationToken is valid for a maximum of 15 minutes"."""


class TaggingBackend(MotoBackend):
    """The tags of one region."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self._told: dict[str, tuple[float, TaggedResource]] = {}
        self._tokens: dict[str, tuple[list[TaggedResource], float]] = {}

    def get_resources(
        self,
        pagination_token: str | None = None,
        resources_per_page: int = 50,
        tags_per_page: int = 100,
        **filters: Any,
    ) -> tuple[str | None, list[TaggedResource]]:
        """One page. Its token may be used again, as after an answer that was lost: moto forgets it at its first use."""
        if not pagination_token:
            left = list(self._get_resources_generator(**filters))
        elif time.monotonic() - self._tokens.get(pagination_token, ([], -TOKEN_SECONDS))[1] < TOKEN_SECONDS:
            left = self._tokens[pagination_token][0]
        else:
            raise ResourceGroupsTaggingAPIError("PaginationTokenExpiredException", "Token does not exist")
        end = next(
            (
                number
                for number in range(1, len(left))
                if number >= resources_per_page or sum(len(each.tags) for each in left[: number + 1]) > tags_per_page
            ),
            len(left),
        )
        if end == len(left):
            return None, left
        token = str(mock_random.uuid4())
        self._tokens[token] = (left[end:], time.monotonic())
        return token, left[:end]

    def _get_resources_generator(
        self,
        tag_filters: list[dict[str, Any]] | None = None,
        resource_type_filters: list[str] | None = None,
        resource_arn_list: list[str] | None = None,
    ) -> Iterator[TaggedResource]:
        now, matches = time.monotonic(), make_tag_matcher(tag_filters)
        for resource in [*super()._get_resources_generator(), *self._further()]:
            if resource.tags and self._is_here(resource):
                self._told[resource.arn] = (now, resource)
        self._told = {arn: told for arn, told in self._told.items() if now - told[0] < LINGERS}
        for _when, resource in self._told.values():
            asked = not resource_arn_list or resource.arn in resource_arn_list
            if asked and match_resource_type(resource.resource_type, resource_type_filters) and matches(resource.tags):
                yield resource

    def _is_here(self, resource: TaggedResource) -> bool:
        if resource.resource_type != "s3:bucket":
            return True
        bucket = s3_backends[self.account_id][self.partition].buckets.get(resource.arn.rpartition(":")[2])
        return bucket is not None and bucket.region_name == self.region_name

    def _further(self) -> Iterator[TaggedResource]:
        ecr = ecr_backends[self.account_id][self.region_name]
        for repository in ecr.repositories.values():
            yield _tagged(repository.arn, ecr.tagger, "ecr:repository")
        scheduler = scheduler_backends[self.account_id][self.region_name]
        for group in scheduler.schedule_groups.values():
            yield _tagged(group.arn, scheduler.tagger, "scheduler:schedule-group")
        place = (self.account_id, self.region_name)
        gateways: list[Any] = [apigatewayv2_backends[place[0]][place[1]], backend_if_any(*place)]
        for gateway in filter(None, gateways):
            for arn, tags in gateway.tagged():
                yield TaggedResource(arn, dict(tags), "apigateway")
        for arn, tags in wafv2_backends[place[0]][place[1]].tagged():
            yield TaggedResource(arn, dict(tags), "wafv2")
        if self.region_name == HOME_REGION:
            for accelerator in globalaccelerator_backends[self.account_id]["global"].accelerators.values():
                yield TaggedResource(accelerator.arn, dict(accelerator.tags), "globalaccelerator:accelerator")


def _tagged(arn: str, tagger: Any, kind: str) -> TaggedResource:
    return TaggedResource(arn, tagger.get_tag_dict_for_resource(arn), kind)


resourcegroupstaggingapi_backends.backend = TaggingBackend
