# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digests behind wanted images in ECR, so that every region runs the same bytes whatever happens to a tag.

A tag is looked up in the registry of every region. Where the image has not been replicated yet, it is waited for by its
digest when the region's turn comes. Images of other registries stay as they are: only the agent may ask there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..aws.image_names import tell_image
from ..kernel import Cloud, CollectionError
from ..taskdef.images import Images as EcrImages
from ..taskdef.images import ecr_image
from .record import Images


def pin(cloud: Cloud, wanted: Mapping[str, Images]) -> dict[str, Images]:
    """Region → service → container → image, those in ECR by digest.

    Raises:
        CollectionError: an image is in no registry that is asked, or one tag names different images.
    """
    registries = EcrImages(cloud)
    digests: dict[tuple[str, str, str], set[str]] = {}
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for image in _all(wanted):
        if parts := ecr_image(image):
            key = _key(parts)
            found, why = registries.digest(parts)
            digests.setdefault(key, set()).update({found} if found else ())
            reasons.setdefault(key, []).extend([why] if why else [])
    # Neither a digest nor a reason: ECR fetches it when it is first pulled.
    fetched = {key for key, known in digests.items() if not known and not reasons[key]}
    for key, found_digests in digests.items():
        if not found_digests and key not in fetched:
            raise CollectionError(f"Nothing was changed. {' '.join(dict.fromkeys(reasons[key]))}")
        if len(found_digests) > 1:
            raise CollectionError(
                f"Nothing was changed. {key[1]}:{key[2]} names different images in the regions' registries "
                f"({', '.join(sorted(found_digests))}). Deploy one of them by its digest."
            )

    def pinned(image: str) -> str:
        parts = ecr_image(image)
        if parts is None or _key(parts) in fetched:
            return image
        return parts.at(next(iter(digests[_key(parts)])))

    return {
        region: {name: {c: pinned(image) for c, image in images.items()} for name, images in services.items()}
        for region, services in wanted.items()
    }


def wait_until_pushed(cloud: Cloud, images: Mapping[str, str], region: str) -> None:
    """Wait until the registries have the images that are in ECR. NotReadyInTime."""
    for image in sorted(set(images.values())):
        parts = ecr_image(image)
        if parts is None or not parts.digest:
            continue
        found, why = EcrImages(cloud).digest(parts)
        if not found:
            cloud.tell(f"  {region} waits for {tell_image(image)} in its registry")
            cloud.wait_until(f"{tell_image(image)} to be in the registry ({why})", partial(_is_pushed, cloud, parts))


def _is_pushed(cloud: Cloud, parts: Any) -> bool:
    return bool(EcrImages(cloud).digest(parts)[0])


def _all(wanted: Mapping[str, Images]) -> list[str]:
    return [image for services in wanted.values() for images in services.values() for image in images.values()]


def _key(parts: Any) -> tuple[str, str, str]:
    return parts.account, parts.repository, parts.digest or parts.tag or "latest"
