# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images pushed to an embedded cloud by ECR's own API, as a build tool would: layers, configuration, manifest."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def layer_of(files: dict[str, str]) -> bytes:
    """A layer with these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def upload(ecr: Any, repository: str, content: bytes) -> str:
    """Upload a layer or a configuration; returns its digest."""
    digest = digest_of(content)
    found = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[digest])
    if not found["layers"]:
        identifier = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
        part = {"partFirstByte": 0, "partLastByte": len(content) - 1, "layerPartBlob": content}
        ecr.upload_layer_part(repositoryName=repository, uploadId=identifier, **part)
        ecr.complete_layer_upload(repositoryName=repository, uploadId=identifier, layerDigests=[digest])
    return digest


def manifest_of(config: bytes, layers: list[bytes]) -> str:
    def part(kind: str, content: bytes) -> dict[str, Any]:
        return {"mediaType": kind, "size": len(content), "digest": digest_of(content)}

    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": part(CONFIG, config),
            "layers": [part(LAYER, layer) for layer in layers],
        }
    )


def push(
    ecr: Any, repository: str, tag: str, *layers: dict[str, str], size: int = 1, config: dict[str, Any] | None = None
) -> str:
    """Push an image with such layers and configuration; returns its digest. `size` makes different images of none."""
    told = json.dumps({"architecture": "amd64", "os": "linux", "config": config or {"Labels": {"size": str(size)}}})
    packed = [layer_of(files) for files in layers or ({"nothing": "x" * size},)]
    for content in (told.encode(), *packed):
        upload(ecr, repository, content)
    manifest = manifest_of(told.encode(), packed)
    put = ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest)
    return put["image"]["imageId"]["imageDigest"]
