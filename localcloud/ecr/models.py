# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories of one region: moto's, with ECR's own digest and its own refusal of a tag that may not move."""

from __future__ import annotations

import hashlib

from moto.ecr.models import ECRBackend as MotoBackend
from moto.ecr.models import Image, ecr_backends

from localcloud.ecr.rules import check_tag


class ECRBackend(MotoBackend):
    """The private registry of one region."""

    def put_image(
        self,
        repository_name: str,
        image_manifest: str,
        image_tag: str,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
    ) -> Image:
        repository = self._get_repository(repository_name)
        digest = digest or "sha256:" + hashlib.sha256(image_manifest.encode()).hexdigest()
        check_tag(repository, image_tag, digest)
        return super().put_image(repository_name, image_manifest, image_tag, image_manifest_mediatype, digest)


ecr_backends.backend = ECRBackend
