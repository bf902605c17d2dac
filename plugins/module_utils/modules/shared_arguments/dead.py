# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameter `dead`: regions of which nothing is asked.

It is documented in plugins/doc_fragments/dead.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

DEAD_ARGUMENT: dict[str, Any] = {"dead": {"type": "list", "elements": "str", "default": []}}


def dead_problems(params: dict[str, Any], regions: Iterable[str]) -> list[str]:
    """What cannot be right about it, in a module that is about these regions."""
    dead, regions = params["dead"], list(regions)
    if not dead:
        return []
    if params["state"] == "absent":
        return [f"dead is {', '.join(dead)}; what is there could not be removed, so state must be present."]
    if regions and set(regions) <= set(dead):
        return [f"dead names every region ({', '.join(regions)}); one must answer."]
    return []
