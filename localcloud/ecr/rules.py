# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECR refuses of a push."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from moto.ecr.exceptions import ImageAlreadyExistsException, InvalidLayerPartException, InvalidParameterException

from localcloud.ecr.errors import (
    EmptyUpload,
    ImageDigestDoesNotMatch,
    ImageTagAlreadyExists,
    InvalidLayer,
    LayerAlreadyExists,
    LayerPartTooSmall,
    LayersNotFound,
    ReferencedImagesNotFound,
)

SMALLEST_PART = 5 * 1024 * 1024
"""Bytes of every part of a layer but the last."""


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def read_manifest(text: str) -> dict[str, Any]:
    """A manifest as data.

    Raises:
        InvalidParameterException: it is none.
    """
    try:
        manifest = json.loads(text)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict):
        raise InvalidParameterException(
            "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"
        )
    return manifest


def blobs_of(manifest: dict[str, Any]) -> list[str]:
    """The digests of what an image consists of: its configuration and its layers. A foreign layer is elsewhere."""
    parts = [manifest.get("config"), *(manifest.get("layers") or [])]
    return [part["digest"] for part in parts if part and not part.get("urls")]


def check_manifest(repository: Any, manifest: dict[str, Any]) -> None:
    """Refuse an image of which something was never uploaded.

    Raises:
        LayersNotFound: its configuration or a layer is missing.
        ReferencedImagesNotFound: it is a list, and one of its images is missing.
    """
    missing = [digest for digest in dict.fromkeys(blobs_of(manifest)) if digest not in repository.layers]
    if missing:
        raise LayersNotFound(
            f"Image push failed. The following layers do not exist in the repository with name '{repository.name}' in "
            f"the registry with id '{repository.registry_id}': {', '.join(missing)}"
        )
    known = {image.get_image_digest() for image in repository.images}
    absent = [each["digest"] for each in manifest.get("manifests") or [] if each["digest"] not in known]
    if absent:
        raise ReferencedImagesNotFound(
            f"Images with digests '{', '.join(absent)}' required for pushing image into repository with name "
            f"'{repository.name}' in the registry with id '{repository.registry_id}' do not exist"
        )


def check_digest(manifest: str, digest: str | None) -> str:
    """The digest of a manifest.

    Raises:
        ImageDigestDoesNotMatch: the sender says another.
    """
    found = digest_of(manifest.encode())
    if digest and digest != found:
        raise ImageDigestDoesNotMatch(
            f"The digest '{digest}' does not match the digest '{found}' of the image's manifest."
        )
    return found


def check_tag(repository: Any, tag: str | None, digest: str) -> None:
    """Refuse to push again what is there, and to move a tag of an immutable repository to another image.

    Raises:
        ImageAlreadyExistsException: the image is there, with the tag if one is given.
        ImageTagAlreadyExists: another image has the tag.
    """
    image: Any = next((image for image in repository.images if image.get_image_digest() == digest), None)
    if image is not None and (tag is None or tag in image.image_tags):
        raise ImageAlreadyExistsException(
            registry_id=repository.registry_id, image_tag=tag or "null", digest=digest, repository_name=repository.name
        )
    holder: Any = next((image for image in repository.images if tag in image.image_tags), None)
    if holder is not None and repository.is_tag_immutable() and holder.get_image_digest() != digest:
        raise ImageTagAlreadyExists(
            f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be "
            "overwritten because the tag is immutable."
        )


def check_part(repository: Any, upload: Any, first: int, last: int, content: bytes) -> None:
    """Refuse a part that does not go on where the one before it ended, or is not as long as it says.

    Raises:
        InvalidLayerPartException: with the last byte that ECR has, where the sender goes on.
        LayerPartTooSmall: a part came before it that only a last one may be.
    """
    if first != upload.last_byte_received + 1 or last - first + 1 != len(content):
        raise InvalidLayerPartException(
            repository.registry_id, repository.name, upload.upload_id, upload.last_byte_received
        )
    if getattr(upload, "has_small_part", False):
        raise LayerPartTooSmall(f"Layer parts must be at least {SMALLEST_PART} bytes in size, but for the last.")
    upload.has_small_part = len(content) < SMALLEST_PART


def check_completion(repository: Any, upload: Any, digests: Iterable[str]) -> str:
    """The digest of a layer that was uploaded as a whole.

    Raises:
        EmptyUpload: nothing was.
        InvalidLayer: it is not what its sender says.
        LayerAlreadyExists: the repository has it.
    """
    if not upload.layer_parts:
        raise EmptyUpload(f"The upload with id '{upload.upload_id}' has no layer parts.")
    digest = digest_of(bytes(upload.layer_parts))
    if digest not in digests:
        raise InvalidLayer(
            "The layer digest calculation performed by Amazon ECR upon receipt of the image layer does not match the "
            f"digest specified: it is '{digest}'."
        )
    if digest in repository.layers:
        raise LayerAlreadyExists(
            f"Layer with digest '{digest}' already exists in the repository with name '{repository.name}' in registry "
            f"with id '{repository.registry_id}'"
        )
    return digest
