# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy of an image of another registry in an ECR repository, found by a tag made of its digest."""

from __future__ import annotations

from typing import Any

from ..images.mirroring import Mirrored
from ..kernel import Attributes, Cloud, CollectionError
from .repository_image import RepositoryImage, described


class MirroredImage(RepositoryImage):
    """Gives `digest`, which is that of the source, `tags` and `uri` (of the repository).

    What a region of `peers` has is copied from there, and only otherwise from the other registry.
    """

    def __init__(
        self,
        repository: str,
        region: str,
        source: Mirrored,
        *,
        peers: tuple[str, ...] = (),
        replicated_from: str | None = None,
        **given: Any,
    ) -> None:
        # If it is there without its tag, it only gets that.
        told = {"built": source, "peers": (region, *peers), "replicated_from": replicated_from}
        super().__init__(f"{repository}:{source.tag}", region, **told, **given)
        self.source = source

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Any], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            image = described(cloud, region, resource.repository, imageTag=resource.content_tag)
            if image is not None:
                resource._require_same(image["digest"])
                actual[resource.name] = image
        return actual

    def _require_same(self, digest: str) -> None:
        if digest != self.source.digest:
            raise CollectionError(
                f"repository {self.repository} in {self.region} has the tag {self.content_tag} on {digest}; expected "
                f"{self.source.digest}, the digest of {self.source.name}. Somebody else has pushed that: remove it "
                "there (mirrored_image, state absent, or BatchDeleteImage), and run this again."
            )

    @property
    def key_in_peers(self) -> dict[str, str]:
        return {"imageDigest": self.source.digest}

    def foretold(self) -> Attributes:
        return {"digest": self.source.digest}
