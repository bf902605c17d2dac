# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Public images that are known to lose what they work on in a failover, unless the inventory declares how they behave.

The one list of them. What each does is told in docs/switch.md, "The reference images".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KnownImage:
    """What an image does that a switch has to know."""

    drops: bool = False
    """It deletes the messages that it receives in a region that is not ACTIVE."""

    unindexed: str = ""
    """The variable with the table into which it writes items without the attribute of the unprocessed index."""

    done: str = ""
    """The variable with the table in which it records what it has done, without a claim."""


KNOWN_IMAGES = {
    "fidelissauro/sales-rest-api": KnownImage(unindexed="DYNAMO_SALES_TABLE"),
    "fidelissauro/sales-worker": KnownImage(drops=True, done="DYNAMO_SALES_IDEMPOTENCY_TABLE"),
}
"""Repository → what its images do, whatever their registry, tag or digest."""


def known_image(image: Any) -> KnownImage | None:
    """What is known of an image as an inventory names it; None if nothing is."""
    if not isinstance(image, str):
        return None
    path, _at, _digest = image.partition("@")
    head, _slash, last = path.rpartition("/")
    parts = [*filter(None, head.split("/")), last.partition(":")[0]]
    return KNOWN_IMAGES.get("/".join(parts[-2:]))
