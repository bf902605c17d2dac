# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do with one received message: the whole of the worker's judgement, as one pure function.

The worker gathers facts (in batches), asks, and obeys. Nothing here knows AWS.
"""

from __future__ import annotations

from dataclasses import dataclass

from .claim import BUSY, SPENT, Claim, judge_claim
from .limits import HIDDEN_MESSAGES, MAX_ATTEMPTS, SHADOW_FIRST_SECONDS, SHADOW_LAST_SECONDS
from .owners import owner
from .region_map import RegionMap
from .sale import Sale
from .states import ACTIVE

PROCESS = "process"
DELETE = "delete"
HIDE = "hide"
DEAD_LETTER = "dead_letter"


@dataclass(frozen=True)
class Decision:
    """action: PROCESS, DELETE, HIDE (for `seconds`) or DEAD_LETTER. repair: first write the sale item whole again."""

    action: str
    reason: str
    seconds: int = 0
    repair: bool = False


def shadow_seconds(receive_count: int) -> int:
    """How long a message stays hidden after its n-th receive, in seconds: doubled each time, up to the last."""
    doublings = min(max(receive_count, 1) - 1, 10)
    return min(SHADOW_FIRST_SECONDS << doublings, SHADOW_LAST_SECONDS)


def may_receive(state: str, hidden: int) -> bool:
    """Whether a task may receive in a region of this state while so many messages are hidden by it.

    Hidden messages count as in flight. A queue that is full of them brings nothing any more, not even to a region that
    becomes ACTIVE, so one that may process nothing leaves the rest where they are.
    """
    return state == ACTIVE or hidden < HIDDEN_MESSAGES


def seconds_hidden(wanted: int, hidden: int) -> int:
    """How long a message is hidden, in seconds, by a task that hides so many already: briefly, where they are many."""
    return wanted if hidden < HIDDEN_MESSAGES else min(wanted, SHADOW_FIRST_SECONDS)


def decide(
    sale: Sale | None,
    *,
    region: str,
    region_map: RegionMap | None,
    may_claim: bool,
    done: bool,
    cancelled: bool,
    unprocessed: bool,
    claim: Claim | None,
    receive_count: int,
    now: int,
) -> Decision:
    """Decide about one message.

    sale:          what the message says; None when it is no sale (MalformedSale).
    region_map:    the reader's view; may_claim: its right to claim at this moment.
    done:          an item exists under the plain sale id in the idempotency table (ours or the reference worker's).
    cancelled:     the item `cancelled#<id>` exists in the sales table.
    unprocessed:   the sale item exists here and still says `sale_processed: false`.
    claim:         this region's claim, if any. receive_count: SQS's ApproximateReceiveCount. now: unix seconds.
    """
    if sale is None:
        return Decision(DEAD_LETTER, "the message is no sale")
    if done:
        # Whoever finds it does it: the worker that wrote DONE may have died before it wrote the item.
        return Decision(DELETE, "already done", repair=unprocessed)
    if cancelled:
        return Decision(DELETE, "cancelled")

    hidden = shadow_seconds(receive_count)
    if region_map is None or not may_claim:
        return Decision(HIDE, "no right to claim: joining, or the view is too old", hidden)
    owning = owner(sale, region_map)
    if owning != region:
        return Decision(HIDE, f"owned by {owning}" if owning else "no region is ACTIVE", hidden)
    state = region_map.state_of(region)
    if state != ACTIVE:
        return Decision(HIDE, f"owned by {region}, which is {state}", hidden)

    judgement = judge_claim(claim, now)
    if claim is not None and judgement == BUSY:
        return Decision(HIDE, f"claimed by {claim.worker}", max(1, claim.until - now))
    if judgement == SPENT:
        return Decision(DEAD_LETTER, f"failed {MAX_ATTEMPTS} times in {region}")
    return Decision(PROCESS, f"owned by {region}")


def after_failure(attempts: int, receive_count: int) -> Decision:
    """Decide about a message whose processing failed; `attempts` as the claim counted them, this one included."""
    if attempts >= MAX_ATTEMPTS:
        return Decision(DEAD_LETTER, f"failed {attempts} times")
    return Decision(HIDE, f"attempt {attempts} of {MAX_ATTEMPTS} failed", shadow_seconds(receive_count))
