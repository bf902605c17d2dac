# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which platforms an image in ECR is for: a list of images names them, an image's configuration its own."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.urls import open_url

DOWNLOAD_TIMEOUT = 60
"""How long a registry may say nothing during a download (seconds)."""

LARGEST_CONFIGURATION = 4 * 1024 * 1024
"""Bytes of an image's configuration that are read; the largest are some tens of kilobytes."""

MANIFESTS = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
]
"""The kinds of manifest that `BatchGetImage` is asked for."""


def open_layer(client: Any, repository: str, digest: str, **registry: str) -> Any:
    """A layer or a configuration of an image, to be read and closed. `registry`: `registryId`, if it is another's."""
    answer = client.get_download_url_for_layer(repositoryName=repository, layerDigest=digest, **registry)
    return open_url(answer["downloadUrl"], timeout=DOWNLOAD_TIMEOUT)


def platforms_of(client: Any, repository: str, key: dict[str, str], **registry: str) -> list[str]:
    """The platforms of an image, such as `linux/arm64`; empty where the registry does not tell."""
    answer = client.batch_get_image(repositoryName=repository, imageIds=[key], acceptedMediaTypes=MANIFESTS, **registry)
    if not answer["images"]:
        return []
    manifest = json.loads(answer["images"][0]["imageManifest"])
    if "manifests" in manifest:
        found = {_platform(each.get("platform") or {}) for each in manifest["manifests"]}
        return sorted(found - {""})
    config = (manifest.get("config") or {}).get("digest")
    if not config:
        return []
    with open_layer(client, repository, config, **registry) as download:
        told = json.loads(download.read(LARGEST_CONFIGURATION))
    return [platform] if (platform := _platform(told)) else []


def _platform(told: dict[str, Any]) -> str:
    """Of what belongs to an image and is none, such as its provenance, the platform is unknown."""
    system, architecture = told.get("os"), told.get("architecture")
    return f"{system}/{architecture}" if system and architecture and architecture != "unknown" else ""
