# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every number of the region protocol: how long, how often, how many. Each is said here and nowhere else.

To change one, change it here: whoever acts on it takes it from here, workers and modules alike, and
tests/unit/protocol/test_limits.py names each document that then tells another. Seconds unless a name says otherwise.
"""

from __future__ import annotations

MINUTE = 60
DAY = 24 * 60 * MINUTE

# --- What a task believes. ---

# A task may claim for so long after the sending of its last read of the states. It is the first part of the fence, so
# whoever raises it makes every switch wait longer; lowering it lets fewer lost reads pass unnoticed.
VIEW_TTL_SECONDS = 10.0

# Between two reads of the states. Several fit in one ttl, so that one lost read stops nobody. A switch waits for it
# twice: until a task sees that it must let go, and until another sees that it may begin.
VIEW_REFRESH_SECONDS = 1.0

# The same while the task's region is HELD: a switch is under way, and its end is waited for.
HELD_REFRESH_SECONDS = 0.25

# From the check of the right to claim to the end of the last write for a sale. It is the second part of the fence.
CLAIM_TO_EFFECT_SECONDS = 20.0

# Between two writings of a task's item in the register. Several fit in the time for which one counts.
REGISTER_SECONDS = 20.0

# A task may claim for so long after the sending of its last writing in the register. Whoever raises it makes the items
# of vanished tasks stay longer; lowering it lets fewer lost writings pass unnoticed.
REGISTRATION_SECONDS = 60.0

# An acknowledgement names what the task wrote in so many seconds before it: longer than replication usually lags.
TOLD_SECONDS = 5.0

# How many ids it names at the most, the newest: an item has room for them many times over.
TOLD_IDS = 1_000

# What one peer gets to answer a task that joins.
PEER_READ_SECONDS = 3.0

# After so long with silent peers a task that joins goes on alone: a region must be able to start while others are dead.
JOIN_PATIENCE_SECONDS = 120.0

# --- Messages. ---

# How long a message that is not this region's to process is hidden: the first time, doubled with each receive, up to
# the last. Longer saves receives, and makes a region that takes over wait longer for what it hid.
SHADOW_FIRST_SECONDS = 20
SHADOW_LAST_SECONDS = 15 * MINUTE

# How many messages one task hides at once that are not its region's to process; then it receives no more, or hides
# them only for the first time. Twenty such tasks stay below what SQS lets a queue have in flight, 120,000: beyond that
# a long poll finds nothing, however much waits. More lets a PASSIVE region tidy up faster.
HIDDEN_MESSAGES = 5_000

# Failed attempts in one region, after which the worker moves the message to the dead-letter queue itself.
MAX_ATTEMPTS = 4

# Receives after which SQS moves a message to the dead-letter queue. It is the most that SQS allows, because whoever
# receives a message and hides it counts too.
MAX_RECEIVE_COUNT = 1000

# How long a receive waits for a message: the longest long poll that SQS accepts.
RECEIVE_WAIT_SECONDS = 20

# How long a received message stays hidden where the receiver does not say.
VISIBILITY_SECONDS = 60

# How long a queue keeps a message: an outage of some days must not expire what waits.
QUEUE_RETENTION_SECONDS = 10 * DAY

# How long its dead-letter queue does: as long as SQS can. Age counts from the first enqueue, so it exceeds the queue's.
DLQ_RETENTION_SECONDS = 14 * DAY

# Between two steady passes of a region over its own index, and how old a sale is at the least that one brings back.
# Longer than a message takes that had to be hidden a few times; what fell between waits so long.
STEADY_SECONDS = 5 * MINUTE

# --- Items of the sales table. ---

# Among how many values of its index's hash key the unprocessed sales are spread. DynamoDB writes about 1,000 items a
# second under one value, and throttles the table when its index is; a sale is written into the index and out of it.
# More may be said at any time. Fewer only once no item is left under those that go: they would be read no more.
UNPROCESSED_SHARDS = 16

# --- Items of the idempotency table. ---

# How long DONE is kept at the least: longer than any message can come back.
DONE_RETENTION_SECONDS = 60 * DAY

# Into so many keys of an index the DONEs of one region are shared out: a key of an index takes about 1,000 writes a
# second, and one that is throttled throttles its table. Whoever changes it finds nothing that was written before.
DONE_SHARDS = 16

# How long a claim is kept: longer than its message.
CLAIM_RETENTION_SECONDS = 30 * DAY

# --- The lease. ---

# Without a heartbeat for so long a run is dead, and others take its lease over. Short enough that whoever runs the
# command again does not notice.
LEASE_DURATION_SECONDS = 12.0

# Between two heartbeats: several fit in the duration, so that a lost one or two take nobody's lease away.
LEASE_HEARTBEAT_SECONDS = 3.0

# --- A switch. ---

# An item younger than this is not published again: its own publish may be on its way.
RECONCILE_AGE_SECONDS = 10.0

# So much of the last work of a region that was left behind is looked for in the lakes of the others: S3 promises most
# objects within 15 minutes, where it promises anything.
LAKE_SECONDS = 15 * MINUTE
