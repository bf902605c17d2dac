# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the words of a command line that asks for a deployment. Nothing of it is asked of AWS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..kernel.errors import CollectionError
from .service_images import DIGEST, service_wishes

APPROVAL = "approval"
"""What `wave_pause` may be instead of a number of seconds."""

_LIKE_A_DIGEST = re.compile(r"^@?sha256:")


def request_problems(definitions: Iterable[Mapping[str, Any]], request: Mapping[str, Any]) -> list[str]:
    """Sentences, none if all is well.

    request: `image_tag`, `images`, `rollback`, `target`, `waves`, `wave_pause`, as the command line says them. What
    is missing or empty was not said.
    """
    tag, images = str(request.get("image_tag") or ""), request.get("images") or {}
    if not isinstance(images, Mapping):
        return [f'images is {images!r}; expected JSON: -e \'{{"images": {{"<service>": ":<tag>"}}}}\'.']
    return [
        *_clashes(request, tag, images),
        *_short_digests({"image_tag": tag, **{f"images: {name}": wish for name, wish in images.items()}}),
        *_unknown(definitions, tag, images),
        *_pause(request.get("wave_pause")),
    ]


def _clashes(request: Mapping[str, Any], tag: str, images: Mapping[str, Any]) -> list[str]:
    found = []
    if request.get("rollback"):
        given = [word for word, value in (("image_tag", tag), ("images", images)) if value]
        if given:
            found.append(
                f"{' and '.join(given)}: a rollback returns to the release before, whatever that was; leave it out, or "
                "run playbooks/deploy.yml."
            )
    elif tag and images:
        found.append(
            f"image_tag is {tag} and images names {', '.join(sorted(images))}; expected one of the two. image_tag is "
            "for the image of every service, images for those that it names."
        )
    if request.get("target") and request.get("waves"):
        found.append(
            f"target is {request['target']} and waves is {request['waves']}; expected one of the two. target is a "
            "single wave of one region."
        )
    return found


def _short_digests(wishes: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} is {wish}, a short digest; expected sha256: and all of its 64 hexadecimal digits."
        for name, wish in wishes.items()
        if _LIKE_A_DIGEST.match(str(wish)) and not DIGEST.match(str(wish).removeprefix("@"))
    ]


def _unknown(definitions: Iterable[Mapping[str, Any]], tag: str, images: Mapping[str, Any]) -> list[str]:
    try:
        service_wishes(definitions, "", tag, images)
    except CollectionError as error:
        return [error.message]
    return []


def _pause(pause: Any) -> list[str]:
    if not pause or pause == APPROVAL:
        return []
    try:
        seconds = float(pause)
    except (TypeError, ValueError):
        seconds = -1.0
    return [] if seconds >= 0 else [f"wave_pause is {pause!r}; expected seconds, such as 60, or {APPROVAL}."]
