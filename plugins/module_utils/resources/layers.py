# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of images on their way into an ECR repository, from this machine or from another region."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..images.platforms import open_layer
from ..kernel import absent_is_none, error_code
from ..kernel.cloud import ClientError

PART = 10 * 1024 * 1024
"""Bytes of a part of a layer. ECR takes any size from 5 MiB up, and the last part may be smaller."""


def copy_image(source: Any, target: Any, repository: str, digest: str) -> dict[str, Any]:
    """Send what an image consists of from one region's repository to that of another, unless it is there.

    Gives the image as `BatchGetImage` tells it. A list of images consists of images, which are put by their digests.
    """
    (found,) = source.batch_get_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])["images"]
    manifest = json.loads(found["imageManifest"])
    for each in manifest.get("manifests") or []:
        part = copy_image(source, target, repository, each["digest"])
        with absent_is_none("ImageAlreadyExistsException"):
            target.put_image(
                repositoryName=repository,
                imageManifest=part["imageManifest"],
                imageManifestMediaType=part["imageManifestMediaType"],
                imageDigest=each["digest"],
            )
    if "layers" in manifest:
        _copy_layers(source, target, repository, manifest)
    return dict(found)


def _copy_layers(source: Any, target: Any, repository: str, manifest: dict[str, Any]) -> None:
    # A layer with `urls` is elsewhere, and no registry has it.
    parts = [part for part in (manifest["config"], *manifest["layers"]) if not part.get("urls")]
    digests = list(dict.fromkeys(part["digest"] for part in parts))
    asked = target.batch_check_layer_availability(repositoryName=repository, layerDigests=digests)
    there = {layer["layerDigest"] for layer in asked["layers"]}
    for digest in digests:
        if digest in there:
            continue
        with open_layer(source, repository, digest) as download:
            upload(target, repository, digest, parts_of(download))


def parts_of(content: Any) -> Iterator[bytes]:
    """What a file or a download gives, in parts that ECR takes."""
    while part := content.read(PART):
        yield part


def upload(client: Any, repository: str, digest: str, parts: Iterator[bytes]) -> None:
    """Send a layer in parts, going on where the registry says after a part whose answer was lost."""
    identifier = client.initiate_layer_upload(repositoryName=repository)["uploadId"]
    first = 0
    for part in parts:
        end = first + len(part)
        while first < end:
            rest = part[first - end :]
            try:
                client.upload_layer_part(
                    repositoryName=repository,
                    uploadId=identifier,
                    partFirstByte=first,
                    partLastByte=end - 1,
                    layerPartBlob=rest,
                )
            except ClientError as error:
                received = error.response.get("lastValidByteReceived")
                if error_code(error) != "InvalidLayerPartException" or received is None or received < first:
                    raise
                first = received + 1
                continue
            first = end
    with absent_is_none("LayerAlreadyExistsException"):
        client.complete_layer_upload(repositoryName=repository, uploadId=identifier, layerDigests=[digest])
