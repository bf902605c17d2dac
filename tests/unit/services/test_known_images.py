# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images are known to lose what they work on, however their names are written."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.services.known_images import KNOWN_IMAGES, known_image
from localcloud.runner.images import ImageTable

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize("before", ["", "docker.io/", "localhost:5000/", "1.dkr.ecr.sa-east-1.amazonaws.com/mirror/"])
@pytest.mark.parametrize("after", ["", ":latest", f"@{DIGEST}", f":1@{DIGEST}"])
@pytest.mark.parametrize("repository", KNOWN_IMAGES)
def test_registry_tag_and_digest_do_not_matter(before: str, repository: str, after: str) -> None:
    assert known_image(f"{before}{repository}{after}") is KNOWN_IMAGES[repository]


@pytest.mark.parametrize(
    "image", ["sales-worker", "example/sales-worker:1", "fidelissauro/sales", {"repository": "sales-worker"}, None]
)
def test_nothing_is_known_of_others(image: Any) -> None:
    assert known_image(image) is None


def test_the_embedded_cloud_runs_a_stand_in_for_each() -> None:
    for repository in KNOWN_IMAGES:
        image = ImageTable().find(repository)
        assert image is not None and image.entrypoint[2].startswith("localcloud.reference_images.")
