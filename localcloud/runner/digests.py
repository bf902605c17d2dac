# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of the image a container runs, as DescribeTasks tells it."""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

from moto.ecr.models import ecr_backends

from localcloud.runner.images import split

ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\."
    r"amazonaws\.(?:com(?:\.cn)?|eu)/(?P<repository>.+)"
)


class EcrName(NamedTuple):
    """An image of a private registry: by its digest, or else by its tag."""

    account: str
    region: str
    repository: str
    tag: str | None
    digest: str | None


def ecr_name(name: str) -> EcrName | None:
    """The parts of a name in a private registry of ECR; None for a name elsewhere."""
    repository, tag = split(name)
    match = ECR.fullmatch(repository)
    if match is None:
        return None
    by_digest = tag.startswith("sha256:")
    return EcrName(*match.groups(), None if by_digest else tag, tag if by_digest else None)


def image_digest(name: str) -> str:
    """`sha256:…`: the one the name states, the one that ECR has under it now, or one made from the name.

    The last is as good as any for images that have no registry here: the same name always has the same digest.
    """
    repository, tag = split(name)
    if tag.startswith("sha256:"):
        return tag
    return _pushed(name) or f"sha256:{hashlib.sha256(f'{repository}:{tag}'.encode()).hexdigest()}"


def _pushed(name: str) -> str | None:
    ecr = ecr_name(name)
    if ecr is None:
        return None
    registry: Any = ecr_backends[ecr.account][ecr.region]
    image = registry.find_image(ecr.repository, ecr.tag, ecr.digest)
    return str(image.image_digest) if image else None
