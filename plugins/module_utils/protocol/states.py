# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states a region can be in."""

from __future__ import annotations

ACTIVE = "ACTIVE"  # processes sales
PASSIVE = "PASSIVE"  # does not
HELD = "HELD"  # about to change: counted when owners are chosen, acts on nothing
STATES = (ACTIVE, PASSIVE, HELD)


def copy_of(state: str) -> str:
    """What a region's parameter says, for images that know nothing else: ACTIVE, or else PASSIVE."""
    return ACTIVE if state == ACTIVE else PASSIVE
