# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody wishes to run, and the image that this means where another one runs: whole, by tag, or by digest."""

from __future__ import annotations

import re

from ..taskdef.images import ecr_image

DIGEST = re.compile(r"@sha256:[0-9a-f]{64}")
TAG = re.compile(r":[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


def wish_problem(wish: str) -> str | None:
    """Why a wish cannot be right; None if it can."""
    if not wish:
        return "is empty; give a whole image, :<tag> or @sha256:<digest>"
    if any(letter.isspace() for letter in wish):
        return f"is {wish!r}; an image has no spaces"
    if wish.startswith(":") and not TAG.fullmatch(wish):
        return f"is {wish!r}; a tag has 1 to 128 letters, digits, dots, dashes and underscores"
    if wish.startswith("@") and not DIGEST.fullmatch(wish):
        return f"is {wish!r}; a digest is @sha256: and 64 hexadecimal digits"
    return None


def repository_of(image: str) -> str:
    """An image's name without tag and digest."""
    head = image.partition("@")[0]
    name, colon, tag = head.rpartition(":")
    return name if colon and "/" not in tag else head


def apply_wish(wish: str, present: str) -> str:
    """The image that a wish means for a container that runs `present`.

    A wish of a tag or a digest keeps the repository. A whole one in ECR keeps the registry that the region uses, if
    only that differs: each region has its own.
    """
    if wish.startswith((":", "@")):
        return f"{repository_of(present)}{wish}"
    wanted, now = ecr_image(wish), ecr_image(present)
    if wanted and now and (wanted.account, wanted.repository) == (now.account, now.repository):
        return f"{repository_of(present)}{wish.removeprefix(repository_of(wish))}"
    return wish
