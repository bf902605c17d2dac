# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECR's requests and answers: moto's, with a token that is valid for some time, and layers that can be had again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

from moto.core.responses import TYPE_RESPONSE, ActionResult
from moto.ecr.exceptions import InvalidParameterException
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse as MotoResponse

from localcloud.ecr.scanning import PAGE
from localcloud.options import ACCOUNT_ID
from localcloud.validation import tag_complaints

TOKEN_LIFETIME = timedelta(hours=12)
LAYERS = "/_localcloud/layers"


class ECRResponse(MotoResponse):
    """Answers ECR's actions."""

    def call_action(self) -> TYPE_RESPONSE:
        backend: Any = self.ecr_backend
        backend.take_pushes()
        for complaint in tag_complaints(self._get_param("tags")):
            raise InvalidParameterException(f"Invalid parameter at 'tags': {complaint}")
        return super().call_action()

    def get_authorization_token(self) -> ActionResult:
        backend: Any = self.ecr_backend
        result = super().get_authorization_token()
        for each in result.result["authorizationData"]:  # type: ignore[index]
            each["expiresAt"] = datetime.now(UTC) + TOKEN_LIFETIME
            # What engines push to on this machine. Without one the answer is AWS's, and nothing can be pushed there.
            address = backend.docker_registry.address() if ACCOUNT_ID in each["proxyEndpoint"] else None
            each["proxyEndpoint"] = address or each["proxyEndpoint"]
        return result

    def create_pull_through_cache_rule(self) -> ActionResult:
        backend: Any = self.ecr_backend
        names = ("ecrRepositoryPrefix", "upstreamRegistryUrl", "upstreamRegistry", "upstreamRepositoryPrefix")
        given = {name: self._get_param(name) for name in (*names, "credentialArn", "customRoleArn")}
        return ActionResult(backend.pull_through.create(given))

    def describe_pull_through_cache_rules(self) -> ActionResult:
        backend: Any = self.ecr_backend
        rules = backend.pull_through.describe(self._get_param("ecrRepositoryPrefixes"))
        start, size = int(self._get_param("nextToken") or 0), int(self._get_param("maxResults") or PAGE)
        page = {"pullThroughCacheRules": rules[start : start + size]}
        return ActionResult({**page, "nextToken": str(start + size)} if len(rules) > start + size else page)

    def delete_pull_through_cache_rule(self) -> ActionResult:
        backend: Any = self.ecr_backend
        return ActionResult(backend.pull_through.delete(self._get_param("ecrRepositoryPrefix")))

    def describe_image_scan_findings(self) -> ActionResult:
        backend: Any = self.ecr_backend
        names = ("registryId", "repositoryName", "imageId")
        start, size = int(self._get_param("nextToken") or 0), int(self._get_param("maxResults") or PAGE)
        return ActionResult(backend.describe_image_scan_findings(*map(self._get_param, names), start, size))

    def describe_image_replication_status(self) -> ActionResult:
        backend: Any = self.ecr_backend
        names = ("repositoryName", "imageId", "registryId")
        return ActionResult(backend.replication_status(*map(self._get_param, names)))

    def get_download_url_for_layer(self) -> ActionResult:  # type: ignore[override]
        name, digest = self._get_param("repositoryName"), self._get_param("layerDigest")
        backend: Any = self.ecr_backend
        backend.accessible_layer(name, digest, self._get_param("registryId"))
        place = f"account={self.current_account}&region={self.region}&repository={quote(name)}&digest={digest}"
        return ActionResult({"layerDigest": digest, "downloadUrl": f"http://{self.headers['Host']}{LAYERS}?{place}"})


def stop_registries() -> None:
    """End the registries that engines push to."""
    for backend in ecr_backends[ACCOUNT_ID].values():
        registry: Any = backend
        registry.docker_registry.stop()


def layer_at(query: str) -> bytes:
    """The layer that a download URL names. The lock is held.

    Raises:
        ServiceException: it is not there (any more).
        KeyError: the URL is not one that was given out.
    """
    place = dict(parse_qsl(query))
    backend: Any = ecr_backends[place["account"]][place["region"]]
    return backend.accessible_layer(place["repository"], place["digest"])
