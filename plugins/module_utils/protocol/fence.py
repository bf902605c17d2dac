# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fence: how long a switch waits between its two epochs, and what a worker keeps to so that this is long enough.

After the last write of the hold a task may go on for one ttl on what it read before (`view` sees to that), and ends
within `claim_to_effect` what it began by then (`may_send_effect` does). When both have passed, nobody can still act on
the old epoch, whatever was slow, paused or blind.
"""

from __future__ import annotations

from .limits import CLAIM_TO_EFFECT_SECONDS, VIEW_TTL_SECONDS


def fence_seconds(ttl: float = VIEW_TTL_SECONDS, claim_to_effect: float = CLAIM_TO_EFFECT_SECONDS) -> float:
    """How long nobody may act on the new epoch: the last right given under the old one, and its last write."""
    return ttl + claim_to_effect


def may_send_effect(checked_at: float, now: float, timeout: float, bound: float = CLAIM_TO_EFFECT_SECONDS) -> bool:
    """Whether one more write, given `timeout` seconds, still ends within the bound that the fence counts on.

    checked_at: monotonic seconds at which the right to claim was checked, before the claim was sent.
    """
    return now + timeout <= checked_at + bound
