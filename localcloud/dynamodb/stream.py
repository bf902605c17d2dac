# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stream of a table, which keeps its latest records and not all that there ever were.

DynamoDB trims what is older than 24 hours. Every table of a global one has a stream, and whoever writes a state four
times a second would fill the memory of a cloud that is up for a day.
"""

from __future__ import annotations

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamShard

KEPT_RECORDS = 1000
"""At least so many are there to be read, and at most twice as many."""


class Shard(StreamShard):
    def add(self, old: Item | None, new: Item | None) -> None:
        super().add(old, new)
        if len(self.items) > 2 * KEPT_RECORDS:
            trimmed = len(self.items) - KEPT_RECORDS
            del self.items[:trimmed]
            self.starting_sequence_number += trimmed
