# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replication of a region's registry to other regions of the account: what is pushed from then on arrives there later.

What was there before the configuration is not replicated, and neither is what came by replication. A repository that
the other region lacks is created there, with default settings. Deletions are not replicated, whatever a rule says.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecr.exceptions import ImageAlreadyExistsException, InvalidParameterException, ValidationException
from moto.ecr.models import ecr_backends

from localcloud.ecr.rules import blobs_of, read_manifest
from localcloud.ecr.scanning import Scanning
from localcloud.world import WORLD

MOST_RULES, MOST_FILTERS, MOST_DESTINATIONS = 25, 100, 100
PREFIX = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]*)*/)*[a-z0-9]*(?:[._-][a-z0-9]*)*")
IN_PROGRESS, COMPLETE, FAILED = "IN_PROGRESS", "COMPLETE", "FAILED"

Status = dict[str, dict[str, str]]
"""Region → what DescribeImageReplicationStatus says of it."""


class Replicating(Scanning):
    """The part of a region's registry that replicates. `statuses`: (repository, digest) → status."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.statuses: dict[tuple[str, str], Status] = {}

    def put_replication_configuration(self, replication_config: dict[str, Any]) -> dict[str, Any]:
        rules = replication_config["rules"]
        _check("rules", rules, MOST_RULES)
        for rule in rules:
            _check("destinations", rule["destinations"], MOST_DESTINATIONS)
            _check("repositoryFilters", rule.get("repositoryFilters", []), MOST_FILTERS)
            for each in rule.get("repositoryFilters", []):
                if not PREFIX.fullmatch(each["filter"]) or not 2 <= len(each["filter"]) <= 256:
                    raise ValidationException(f"Value '{each['filter']}' at 'filter' failed to satisfy constraint")
            for destination in rule["destinations"]:
                if (destination["region"], destination["registryId"]) == (self.region_name, self.account_id):
                    raise InvalidParameterException(
                        "Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: "
                        "'Replication destination cannot be the same as the source registry'"
                    )
                if destination["region"] not in ecr_backends[self.account_id].regions:
                    raise InvalidParameterException(
                        "Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: 'Invalid region'"
                    )
        self.replication_config = {"rules": rules}
        return {"replicationConfiguration": self.replication_config}

    def replication_status(self, repository_name: str, image_id: dict[str, str], registry_id: str) -> dict[str, Any]:
        repository, image = self._image(registry_id, repository_name, image_id)
        status = self.statuses.get((repository.name, image.get_image_digest()), {})
        return {
            "repositoryName": repository.name,
            "imageId": {"imageDigest": image.get_image_digest()},
            "replicationStatuses": [{"region": region, **told} for region, told in status.items()],
        }

    def replicate(self, repository: str, image: Any, tag: str | None) -> None:
        """Send what was pushed under a tag to where the rules say."""
        regions = {
            destination["region"]
            for rule in self.replication_config["rules"]
            if _matches(rule, repository)
            for destination in rule["destinations"]
            if destination["registryId"] == self.account_id
        }
        for region in sorted(regions):
            told = {"registryId": self.account_id, "status": IN_PROGRESS}
            self.statuses.setdefault((repository, image.get_image_digest()), {})[region] = told
            WORLD.links.send(self.region_name, region, lambda to=region: self._deliver(to, repository, image, tag))

    def _deliver(self, region: str, repository: str, image: Any, tag: str | None) -> None:
        target: Any = ecr_backends[self.account_id][region]
        status = self.statuses[repository, image.get_image_digest()][region]
        try:
            target.receive(self, repository, image, tag)
        except ServiceException as refusal:
            status.update(status=FAILED, failureCode=refusal.code)
        else:
            status["status"] = COMPLETE

    def receive(self, source: Any, name: str, image: Any, tag: str | None) -> None:
        """Take an image of another region, with its layers."""
        repository: Any = self.repositories.get(name)
        if repository is None:
            repository = self.create_repository(
                name, None, {"encryptionType": "AES256"}, {"scanOnPush": False}, "MUTABLE", []
            )
        target: Any = self
        for digest in blobs_of(read_manifest(image.image_manifest)):
            target.blobs[digest] = source.blobs[digest]
            repository.layers[digest] = source.repositories[name].layers[digest]
        told = (image.image_manifest, tag, image.image_manifest_media_type, image.get_image_digest())
        with contextlib.suppress(ImageAlreadyExistsException):
            target.put_image(name, *told, is_replicated=True)


def _check(name: str, values: list[Any], most: int) -> None:
    if len(values) > most:
        raise ValidationException(f"Value at '{name}' failed to satisfy constraint: Member must have length <= {most}")


def _matches(rule: dict[str, Any], repository: str) -> bool:
    filters = rule.get("repositoryFilters") or [{"filter": ""}]
    return any(repository.startswith(each["filter"]) for each in filters)
