# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two regions run the same software: images by digest, and by name where a digest is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..aws.image_names import short_digest, tell_image
from ..aws.registries import common_name

__all__ = ["common_name", "compare_images", "in_words"]

Images = Mapping[str, list[str]]


def compare_images(there: Images, here: Images) -> tuple[str, str] | None:
    """None if both are the same, else both in words. Images and the digests that tasks run of them, of each region.

    A name that only one side has is no difference if what runs under it is the same.
    """
    theirs, ours = _by_name(there), _by_name(here)
    if theirs.keys() == ours.keys():
        differ = [name for name in theirs if theirs[name] and ours[name] and theirs[name] != ours[name]]
        same = not differ
    else:
        all_theirs, all_ours = _all(theirs), _all(ours)
        known = all(theirs.values()) and all(ours.values())
        same = known and all_theirs == all_ours
    return None if same else (in_words(there), in_words(here))


def in_words(images: Images) -> str:
    """`name@digest` of each image; of a digest only its beginning."""
    return "; ".join(_image(image, digests) for image, digests in sorted(images.items())) or "no image"


def _image(image: str, digests: Iterable[str]) -> str:
    name, told = tell_image(image), " and ".join(map(short_digest, digests))
    if told and name.endswith(f"@{told}"):
        return name
    return f"{name} ({told or 'digest not known, names compared'})"


def _by_name(images: Images) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for image, digests in images.items():
        found.setdefault(common_name(image), set()).update(digests)
    return found


def _all(images: Mapping[str, set[str]]) -> set[str]:
    return set().union(*images.values())
