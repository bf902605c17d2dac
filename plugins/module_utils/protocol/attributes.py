# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of attributes and indexes on which those who make the tables and those who use them agree."""

from __future__ import annotations

# Of the idempotency table: when DynamoDB may remove an item, in unix seconds.
TTL_ATTRIBUTE = "expires_at"

# Of the same table: the index of what a region has done, by time. Its key is the region and one of several shards.
DONE_INDEX = "done"
DONE_IN_ATTRIBUTE = "done_in"
DONE_AT_ATTRIBUTE = "done_at"

# Of the sales table: the sparse index of sales that nobody has processed, by its hash key and then by time. An item
# leaves the index with the attribute, when the sale is processed. Its values are those of shards.py.
UNPROCESSED_INDEX = "unprocessed"
UNPROCESSED_ATTRIBUTE = "unprocessed"
UNPROCESSED = "yes"  # how the values of the attribute begin; alone, the value of items written before there were shards
