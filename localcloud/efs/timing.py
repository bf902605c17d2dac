# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When things of EFS are there: all of it in shares of the time a file system takes (`Options.efs_delay`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.world import WORLD


def after(share: float, act: Callable[[], None]) -> None:
    """Have `act` called in a share of the time that a file system takes to come."""
    WORLD.links.after(WORLD.options.delayed(share * WORLD.options.efs_delay), act)


def settle(thing: Any, meanwhile: str, share: float) -> None:
    """Let a file system or mount target be `meanwhile` for a moment, then available."""
    thing.life_cycle_state = meanwhile

    def settled() -> None:
        if thing.life_cycle_state == meanwhile:
            thing.life_cycle_state = "available"

    after(share, settled)
