# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pull-through cache rules: under which prefixes a registry fetches images from another one, and their first pull.

The repository is made when an image is first pulled, by whoever pulls: that takes `ecr:CreateRepository` and
`ecr:BatchImportUpstreamImage`. https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from localcloud.ecr.errors import PullThroughCacheRuleAlreadyExists, PullThroughCacheRuleNotFound

ROOT = "ROOT"
"""The prefix of a rule that holds for every repository without another one."""

CREATE, BATCH_IMPORT = "ecr:CreateRepository", "ecr:BatchImportUpstreamImage"

UPSTREAM = {
    "public.ecr.aws": "ecr-public",
    "quay.io": "quay",
    "registry.k8s.io": "k8s",
    "registry-1.docker.io": "docker-hub",
    "ghcr.io": "github-container-registry",
    "registry.gitlab.com": "gitlab-container-registry",
    "cgr.dev": "chainguard",
}

CONFIGURATION = b"{}"
OCI = "application/vnd.oci.image"

Rule = dict[str, Any]


class PullThrough:
    """The rules of one region's registry."""

    def __init__(self, account: str):
        self.account = account
        self.rules: dict[str, Rule] = {}

    def create(self, given: dict[str, Any]) -> Rule:
        prefix, url = given["ecrRepositoryPrefix"].rstrip("/"), given["upstreamRegistryUrl"]
        if prefix in self.rules:
            raise PullThroughCacheRuleAlreadyExists(
                f"A pull through cache rule with prefix '{prefix}' already exists in the registry with id "
                f"'{self.account}'"
            )
        rule = {
            "ecrRepositoryPrefix": prefix,
            "upstreamRegistryUrl": url,
            "registryId": self.account,
            "createdAt": datetime.now(UTC),
            "upstreamRegistry": given.get("upstreamRegistry") or UPSTREAM.get(url, "ecr"),
            "upstreamRepositoryPrefix": given.get("upstreamRepositoryPrefix") or ROOT,
        }
        rule |= {name: given[name] for name in ("credentialArn", "customRoleArn") if given.get(name)}
        self.rules[prefix] = rule
        return rule

    def describe(self, prefixes: list[str] | None) -> list[Rule]:
        return [self._known(prefix) for prefix in prefixes] if prefixes else list(self.rules.values())

    def delete(self, prefix: str) -> Rule:
        return self.rules.pop(self._known(prefix)["ecrRepositoryPrefix"])

    def _known(self, prefix: str) -> Rule:
        rule = self.rules.get(prefix.rstrip("/"))
        if rule is None:
            raise PullThroughCacheRuleNotFound(
                f"The pull through cache rule with prefix '{prefix}' does not exist in the registry with id "
                f"'{self.account}'"
            )
        return rule

    def upstream(self, repository: str) -> str | None:
        """What a repository is a copy of, with its registry; None if no rule covers it."""
        covering = [rule for prefix, rule in self.rules.items() if repository.startswith(f"{prefix}/")]
        rule = max(covering, key=lambda each: len(each["ecrRepositoryPrefix"]), default=self.rules.get(ROOT))
        if rule is None:
            return None
        prefix, under = rule["ecrRepositoryPrefix"], rule["upstreamRepositoryPrefix"]
        name = repository if prefix == ROOT else repository.removeprefix(f"{prefix}/")
        host = "docker.io" if rule["upstreamRegistry"] == "docker-hub" else rule["upstreamRegistryUrl"]
        return "/".join([host, *([] if under == ROOT else [under]), name])


def copy_of(backend: Any, repository: str, tag: str) -> Any:
    """Put an image into a registry as one that was fetched: what it is made of stays with the local command."""
    if repository not in backend.repositories:
        backend.create_repository(repository, None, None, None, "MUTABLE", [])
    digest = f"sha256:{hashlib.sha256(CONFIGURATION).hexdigest()}"
    place = backend.repositories[repository]
    place.layers[digest] = len(CONFIGURATION)
    backend.blobs[digest] = CONFIGURATION
    part = {"digest": digest, "size": len(CONFIGURATION)}
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{OCI}.manifest.v1+json",
        "config": {"mediaType": f"{OCI}.config.v1+json", **part},
        "layers": [{"mediaType": f"{OCI}.layer.v1.tar+gzip", **part}],
        "annotations": {"org.opencontainers.image.ref.name": f"{repository}:{tag}"},
    }
    return backend.put_image(repository, json.dumps(manifest), tag, manifest["mediaType"])
