# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image in an ECR repository, found by the tag of its content."""

from __future__ import annotations

import io
from typing import Any

from ..aws.names import repository_uri
from ..images.engine import Built
from ..images.mirroring import Mirrored
from ..images.packing import MANIFEST, Packed
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none
from ..kernel.cloud import BotoCoreError, ClientError
from .layers import copy_image, parts_of, upload

ABSENT = ("ImageNotFoundException", "RepositoryNotFoundException")


class RepositoryImage(Resource):
    """Wanted: `tag` (beside that of the content, if any). Gives `digest`, `tags` and `uri` (of the repository).

    An image's tags never go away here.

    Its name is `<repository>:<tag of the content>`. `packed` is the image itself, `built` how an engine makes it
    or where it is copied from. With neither something else pushes it: only the tag is added. What the engine does not
    have, but a repository of `peers` (regions) has, is copied from there: every region gets the same image, whoever
    built it. What ECR is replicating from the region `replicated_from` is waited for instead.
    """

    kind = "ecr_image"

    def __init__(
        self,
        name: str,
        region: str,
        *,
        packed: Packed | None = None,
        built: Built | Mirrored | None = None,
        peers: tuple[str, ...] = (),
        replicated_from: str | None = None,
        **given: Any,
    ) -> None:
        super().__init__(name, region, **given)
        self.packed, self.built, self.peers, self.replicated_from = packed, built, peers, replicated_from
        self.repository, _colon, self.content_tag = name.rpartition(":")

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[RepositoryImage], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            image = described(cloud, region, resource.repository, imageTag=resource.content_tag)
            tag = resource.wanted.get("tag")
            if tag and (image is None or tag not in image["tags"]):
                resource._refuse_taken(described(cloud, region, resource.repository, imageTag=tag))
            if image is not None:
                actual[resource.name] = {**image, "tag": tag if tag in image["tags"] else None}
        return actual

    def _refuse_taken(self, other: Attributes | None) -> None:
        if other is not None:
            raise CollectionError(
                f"repository {self.repository} in {self.region} has the tag {self.wanted['tag']} on another image, "
                f"{other['digest']}, which was made of other content. A tag does not move: commit the change, or give "
                "another tag."
            )

    @property
    def key_in_peers(self) -> dict[str, str]:
        """How the image is found in another region."""
        return {"imageTag": self.content_tag}

    def foretold(self) -> Attributes:
        return {"digest": self.packed.digest} if self.packed else {}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        if self.replicated_from and (replica := self._replica(cloud, self.replicated_from, wanted)):
            return replica
        if self.built is not None:
            if not self.built.is_there():
                copied = self._copied(cloud, wanted)
                if copied is not None:
                    return copied
            return self._push_built(cloud, self.built, wanted)
        if self.packed is None:
            raise CollectionError(f"repository {self.repository} has no image of this content; it must be pushed first")
        client = cloud.client("ecr", self.region)
        asked = {"repositoryName": self.repository, "layerDigests": list(self.packed.blobs)}
        there = {layer["layerDigest"] for layer in client.batch_check_layer_availability(**asked)["layers"]}
        for digest, content in self.packed.blobs.items():
            if digest not in there:
                upload(client, self.repository, digest, parts_of(io.BytesIO(content)))
        for tag in self._tags(wanted):
            self._put(client, self.packed.manifest, MANIFEST, tag)
        return self.find(cloud, self.region, [self], {})[self.name]

    def _replica(self, cloud: Cloud, source: str, wanted: Attributes) -> Attributes | None:
        """The image that ECR replicates from another region, once it is here.

        None if it does not come by itself, such as what was pushed before there was a rule. NotReadyInTime.
        """

        def is_settled() -> bool:
            is_here = described(cloud, self.region, self.repository, imageTag=self.content_tag) is not None
            return is_here or not self._is_on_its_way(cloud, source)

        cloud.wait_until(f"{self.name} to be replicated from {source} to {self.region}", is_settled)
        replica = self.find(cloud, self.region, [self], {}).get(self.name)
        lacks_tag = replica is not None and wanted.get("tag") not in (None, *replica["tags"])
        return self.update(cloud, replica, wanted, {}) if replica and lacks_tag else replica

    def _is_on_its_way(self, cloud: Cloud, source: str) -> bool:
        try:
            with absent_is_none(*ABSENT):
                told = cloud.client("ecr", source).describe_image_replication_status(
                    repositoryName=self.repository, imageId=self.key_in_peers
                )
                statuses = told["replicationStatuses"]
                return any((each["region"], each["status"]) == (self.region, "IN_PROGRESS") for each in statuses)
        except (BotoCoreError, ClientError):  # as for peers: a region that fails must not keep the others from images
            pass
        return False

    def _copied(self, cloud: Cloud, wanted: Attributes) -> Attributes | None:
        """Take the image of another region, through ECR; None if no region has it."""
        for peer in self.peers:
            try:
                there = described(cloud, peer, self.repository, **self.key_in_peers)
            except (BotoCoreError, ClientError):  # a region that fails must not keep the others from getting images
                continue
            if there is None:
                continue
            clients = [cloud.client("ecr", region) for region in (peer, self.region)]
            image = copy_image(*clients, self.repository, there["digest"])
            for tag in self._tags(wanted):
                self._put(clients[1], image["imageManifest"], image["imageManifestMediaType"], tag)
            return self.find(cloud, self.region, [self], {})[self.name]
        return None

    def _tags(self, wanted: Attributes) -> list[str]:
        return [self.content_tag, *([wanted["tag"]] if wanted.get("tag") else [])]

    def _push_built(self, cloud: Cloud, built: Built | Mirrored, wanted: Attributes) -> Attributes:
        """Build, push under the tag of the content, and read which digest the registry shows."""
        built.make()
        (login,) = cloud.client("ecr", self.region).get_authorization_token()["authorizationData"]
        built.push(login["proxyEndpoint"], self.repository, self.content_tag, login["authorizationToken"])
        pushed = self.find(cloud, self.region, [self], {}).get(self.name)
        if pushed is None:
            raise CollectionError(
                f"{built.engine} has pushed {self.name} to {login['proxyEndpoint']}, and ECR in {self.region} does not "
                "show it. Look for the repository, and run this again."
            )
        return self.update(cloud, pushed, wanted, {}) if wanted.get("tag") else pushed

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        """The same content under one more tag: its manifest is put again, and no layer is sent."""
        client = cloud.client("ecr", self.region)
        images = [{"imageDigest": actual["digest"]}]
        (image,) = client.batch_get_image(repositoryName=self.repository, imageIds=images)["images"]
        self._put(client, image["imageManifest"], image["imageManifestMediaType"], wanted["tag"])
        return {**actual, "tags": [*actual["tags"], wanted["tag"]], "tag": wanted["tag"]}

    def _put(self, client: Any, manifest: str, kind: str, tag: str) -> None:
        with absent_is_none("ImageAlreadyExistsException"):  # an answer was lost, or another run was faster
            client.put_image(
                repositoryName=self.repository, imageManifest=manifest, imageManifestMediaType=kind, imageTag=tag
            )

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("RepositoryNotFoundException"):
            images = [{"imageDigest": actual["digest"]}]
            cloud.client("ecr", self.region).batch_delete_image(repositoryName=self.repository, imageIds=images)


def described(cloud: Cloud, region: str, repository: str, **key: str) -> Attributes | None:
    """`digest`, `tags` and `uri` of the image with an `imageTag` or an `imageDigest`; None if there is none."""
    with absent_is_none(*ABSENT):
        answer = cloud.client("ecr", region).describe_images(repositoryName=repository, imageIds=[key])
        image = answer["imageDetails"][0]
        uri = repository_uri(image["registryId"], region, repository)
        return {"digest": image["imageDigest"], "tags": image.get("imageTags", []), "uri": uri}
    return None
