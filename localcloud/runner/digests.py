# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of the image a container runs, as DescribeTasks tells it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from moto.ecr.models import ecr_backends

from localcloud.runner.images import split

ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>.+)")


def image_digest(name: str) -> str:
    """`sha256:…`: the one the name states, the one that ECR has under it now, or one made from the name.

    The last is as good as any for images that have no registry here: the same name always has the same digest.
    """
    repository, tag = split(name)
    if tag.startswith("sha256:"):
        return tag
    return _pushed(repository, tag) or f"sha256:{hashlib.sha256(f'{repository}:{tag}'.encode()).hexdigest()}"


def _pushed(repository: str, tag: str) -> str | None:
    match = ECR.fullmatch(repository)
    if match is None:
        return None
    backend: Any = ecr_backends[match["account"]][match["region"]]
    known = backend.repositories.get(match["repository"])
    image = next((each for each in known.images if tag in each.image_tags), None) if known else None
    return str(image.image_digest) if image else None
