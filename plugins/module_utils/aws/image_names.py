# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an image is told to people: without the registry of the account, and with the beginning of its digest."""

from __future__ import annotations

from .registries import without_registry

SHORT = 12
"""Characters of a digest that are told."""


def short_digest(digest: str) -> str:
    """As much of a digest as tells it from others."""
    return digest.removeprefix("sha256:")[:SHORT]


def tell_image(image: str, wish: str = "") -> str:
    """An image in words. `wish` is what it was asked for by: if that is a tag, the tag is told as well."""
    name, _at, digest = without_registry(image).partition("@")
    if not digest:
        return name
    tag = wish.rpartition(":")[2] if ":" in wish and "@" not in wish else ""
    known_tag = tag if tag and "/" not in tag else ""
    return f"{name}:{known_tag} ({short_digest(digest)})" if known_tag else f"{name}@{short_digest(digest)}"
