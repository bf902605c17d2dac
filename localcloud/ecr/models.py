# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories of one region: moto's, with layers that are kept, and ECR's own digests and refusals."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecr import models as moto_models
from moto.ecr.exceptions import UploadNotFoundException
from moto.ecr.models import Image, ecr_backends
from moto.kms.models import kms_backends

from localcloud.ecr.docker_registry import DockerRegistry, Push
from localcloud.ecr.errors import KmsError, LayerInaccessible, LayersNotFound
from localcloud.ecr.pull_through import PullThrough
from localcloud.ecr.replication import Replicating
from localcloud.ecr.rules import blobs_of, check_completion, check_digest, check_manifest, check_part, check_tag
from localcloud.ecr.rules import read_manifest as read

log = logging.getLogger("localcloud")


class PushedImage(Image):
    """An image as large as what it consists of."""

    def get_image_size_in_bytes(self) -> int | None:
        manifest = read(self.image_manifest)
        parts = [manifest.get("config") or {}, *(manifest.get("layers") or [])]
        return sum(part.get("size", 0) for part in parts) if "layers" in manifest else None


class ECRBackend(Replicating):
    """The private registry of one region. `blobs`: every layer and configuration that was uploaded, by digest.

    `docker_registry` is where engines push to; those layers stay in its files.
    """

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.blobs: dict[str, bytes | Path] = {}
        self.docker_registry = DockerRegistry(region_name)
        self.taken: set[Push] = set()
        self.pull_through = PullThrough(account_id)

    def take_pushes(self) -> None:
        """Make images of what engines have pushed since. Once: what was deleted since then does not come back."""
        for push in self.docker_registry.pushes():
            repository: Any = self.repositories.get(push.repository)
            if push in self.taken or repository is None:
                continue
            self.taken.add(push)
            try:
                self._take(repository, push)
            except ServiceException as refusal:
                log.warning("what was pushed as %s:%s is no image: %s", push.repository, push.tag, refusal.message)

    def _take(self, repository: Any, push: Push) -> None:
        """Make an image of what was pushed; of a list of images first each of them, which has no tag."""
        text = self.docker_registry.content(push.digest).read_bytes().decode()
        manifest = read(text)
        for each in manifest.get("manifests") or []:
            if not any(image.get_image_digest() == each["digest"] for image in repository.images):
                self._take(repository, push._replace(tag=None, digest=each["digest"]))
        for digest in blobs_of(manifest):
            place = self.docker_registry.content(digest)
            if digest not in repository.layers:
                repository.layers[digest] = place.stat().st_size
                self.blobs[digest] = place
        self.put_image(push.repository, text, push.tag, digest=push.digest)

    def blob(self, digest: str) -> bytes | None:
        """The bytes of a layer or configuration, if it was uploaded."""
        found = self.blobs.get(digest)
        return found.read_bytes() if isinstance(found, Path) else found

    def create_repository(  # type: ignore[override]
        self, repository_name: str, registry_id: str | None, encryption_config: Any, *others: Any, **settings: Any
    ) -> Any:
        """As moto's; a key that is given by its id or an alias is told by its ARN."""
        if (encryption_config or {}).get("kmsKey"):
            kms: Any = kms_backends[self.account_id][self.region_name]
            try:
                arn = kms.describe_key(kms.any_id_to_key_id(encryption_config["kmsKey"])).arn
            except Exception as error:
                raise KmsError(f"The KMS key {encryption_config['kmsKey']} cannot be used: {error}") from error
            encryption_config = {**encryption_config, "kmsKey": arn}
        return super().create_repository(repository_name, registry_id, encryption_config, *others, **settings)

    def put_image(
        self,
        repository_name: str,
        image_manifest: str,
        image_tag: str | None,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
        is_replicated: bool = False,
    ) -> Image:
        repository = self._get_repository(repository_name)
        manifest = read(image_manifest)
        digest = check_digest(image_manifest, digest)
        check_manifest(repository, manifest)
        check_tag(repository, image_tag, digest)
        image = super().put_image(repository_name, image_manifest, image_tag, image_manifest_mediatype, digest)
        self.scan_pushed(repository, image)
        if not is_replicated:
            self.replicate(repository_name, image, image_tag)
        return image

    def upload_layer_part(
        self,
        repository_name: str,
        upload_id: str,
        part_first_byte: int,
        part_last_byte: int,
        layer_part_blob: bytes,
        registry_id: str | None = None,
    ) -> dict[str, Any]:
        repository, upload = self._upload(repository_name, upload_id, registry_id)
        check_part(repository, upload, part_first_byte, part_last_byte, layer_part_blob)
        return super().upload_layer_part(
            repository_name, upload_id, part_first_byte, part_last_byte, layer_part_blob, registry_id
        )

    def complete_layer_upload(
        self, repository_name: str, upload_id: str, layer_digests: list[str], registry_id: str | None = None
    ) -> dict[str, Any]:
        repository, upload = self._upload(repository_name, upload_id, registry_id)
        content = bytes(upload.layer_parts)
        digest = check_completion(repository, upload, layer_digests)
        self.blobs[digest] = content
        return super().complete_layer_upload(repository_name, upload_id, layer_digests, registry_id)

    def accessible_layer(self, repository_name: str, digest: str, registry_id: str | None = None) -> bytes:
        """The bytes of a layer or configuration that belongs to an image of a repository.

        Raises:
            LayersNotFound: the repository does not have it.
            LayerInaccessible: no image of the repository has it.
        """
        repository = self._get_repository(repository_name, registry_id)
        if digest not in repository.layers:
            raise LayersNotFound(
                f"The layer with digest '{digest}' does not exist in the repository with name '{repository_name}' in "
                f"the registry with id '{repository.registry_id}'"
            )
        if not any(digest in blobs_of(read(image.image_manifest)) for image in repository.images):
            raise LayerInaccessible(
                f"The layer with digest '{digest}' is not available because it is not associated with an image."
            )
        content = self.blob(digest)
        assert content is not None
        return content

    def find_image(self, repository_name: str, tag: str | None, digest: str | None) -> Image | None:
        """The image with a tag or a digest, if the repository exists and has it."""
        self.take_pushes()
        repository = self.repositories.get(repository_name)
        for image in repository.images if repository else []:
            if image.get_image_digest() == digest or (digest is None and tag in image.image_tags):
                return image
        return None

    def _upload(self, repository_name: str, upload_id: str, registry_id: str | None) -> tuple[Any, Any]:
        repository = self._get_repository(repository_name, registry_id)
        upload = repository.uploads.get(upload_id)
        if upload is None:
            raise UploadNotFoundException(upload_id, repository_name, repository.registry_id)
        return repository, upload


moto_models.Image = PushedImage  # type: ignore[misc]
ecr_backends.backend = ECRBackend
