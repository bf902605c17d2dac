# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words, numbers and errors of the region protocol, each said once.

Everything that two parties must agree on without talking to each other is here: the names of the states, how long
things are kept, and how long a reader may act on what it has read. docs/protocol.md explains them.
"""

from __future__ import annotations

ACTIVE = "ACTIVE"  # processes sales
PASSIVE = "PASSIVE"  # does not
HELD = "HELD"  # about to change: counted when owners are chosen, acts on nothing
STATES = (ACTIVE, PASSIVE, HELD)

SCHEMA = 1  # of state items and of the lease; a reader refuses anything newer

DAY = 24 * 60 * 60

# Readers, seconds.
VIEW_TTL_SECONDS = 10.0  # right to claim, counted from the moment the read was sent
VIEW_REFRESH_SECONDS = 2.0  # several reads fit in one ttl, so that one lost read stops nobody
PEER_READ_SECONDS = 3.0  # given to one peer while joining
JOIN_PATIENCE_SECONDS = 120.0  # then a task with silent peers goes on alone
CLAIM_TO_EFFECT_SECONDS = 20.0  # from the check of the right to the end of the last write

# Messages.
SHADOW_FIRST_SECONDS = 20
SHADOW_LAST_SECONDS = 15 * 60
MAX_ATTEMPTS = 4  # failed attempts of one region, then the worker moves the message to the DLQ itself
MAX_RECEIVE_COUNT = 1000  # of the queue's redrive policy: shadows receive and put back, which SQS counts
QUEUE_RETENTION_SECONDS = 10 * DAY
DLQ_RETENTION_SECONDS = 14 * DAY  # SQS's maximum; age counts from the first enqueue, so it exceeds the queue's
VISIBILITY_SECONDS = 60

# Items of the idempotency table; its TTL attribute must be TTL_ATTRIBUTE.
TTL_ATTRIBUTE = "expires_at"
DONE_RETENTION_SECONDS = 60 * DAY  # at the least; longer than any message can come back
CLAIM_RETENTION_SECONDS = 30 * DAY

# The sparse index of sales that nobody has processed.
UNPROCESSED_INDEX = "unprocessed"
UNPROCESSED = "yes"  # the value of its hash attribute; the attribute goes away when the sale is processed

# The lease, seconds.
LEASE_DURATION_SECONDS = 12.0
LEASE_HEARTBEAT_SECONDS = 3.0


class ProtocolError(Exception):
    """Something that the protocol forbids was found or asked for."""


class NewerSchema(ProtocolError):
    """An item was written by a newer version of this software than the one reading it."""


class MalformedItem(ProtocolError):
    """An item lacks what its schema promises."""


class MapConflict(ProtocolError):
    """Two items show the same epoch with different content: somebody wrote without the lease."""


def check_schema(what: str, found: object) -> None:
    """Refuse an item whose schema version this code does not know. `what` names the item in the error."""
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise MalformedItem(f"{what}: expected a schema version (a number from 1 to {SCHEMA}), found {found!r}")
    if found > SCHEMA:
        raise NewerSchema(
            f"{what}: written under schema version {found}, and this reader knows versions up to {SCHEMA}. "
            "Nothing was changed; update this image or collection first."
        )
