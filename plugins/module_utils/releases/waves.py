# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which regions a deployment reaches first: the PASSIVE ones, then each ACTIVE one by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ..protocol import ACTIVE


def plan_waves(
    regions: Sequence[str], states: Mapping[str, str], told: Sequence[Sequence[str]] | None = None
) -> list[list[str]]:
    """The waves, in order. `told` is what the user said of them; without it every region takes part."""
    if told:
        return [list(wave) for wave in told]
    active = [region for region in regions if states.get(region) == ACTIVE]
    others = [region for region in regions if region not in active]
    return [wave for wave in (others, *([region] for region in active)) if wave]


def wave_problems(waves: Sequence[Sequence[str]], regions: Collection[str]) -> list[str]:
    """What cannot be right about waves that somebody gave."""
    found = []
    named = [region for wave in waves for region in wave]
    if any(not wave for wave in waves):
        found.append("waves has an empty wave; each names one region or more.")
    for region in dict.fromkeys(named):
        if region not in regions:
            found.append(f"waves names {region!r}, which is no region of this workload ({', '.join(regions)}).")
        elif named.count(region) > 1:
            found.append(f"waves names {region} more than once; each region takes part once.")
    return found
