# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the whole site play, and what they see of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.playbooks import Run

Play = Callable[..., tuple[Run, list[dict[str, Any]]]]


def identities(changes: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """The changes without their contents, sorted; a change that is there twice is there twice."""
    return sorted((c["action"], c["region"], c["kind"], c["name"]) for c in changes)
