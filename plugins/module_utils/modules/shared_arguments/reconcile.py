# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is published again until it has been processed, as every module takes it that sees to that.

It is documented in plugins/doc_fragments/reconcile.py.
"""

from __future__ import annotations

from typing import Any

from ...protocol.attributes import UNPROCESSED, UNPROCESSED_ATTRIBUTE, UNPROCESSED_INDEX
from ...protocol.limits import RECONCILE_AGE_SECONDS, UNPROCESSED_SHARDS

RECONCILE: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "table": {"type": "str", "required": True},
        "topic": {"type": "str", "required": True},
        "index": {"type": "str", "default": UNPROCESSED_INDEX},
        "hash_attribute": {"type": "str", "default": UNPROCESSED_ATTRIBUTE},
        "hash_value": {"type": "str", "default": UNPROCESSED},
        "shards": {"type": "int", "default": UNPROCESSED_SHARDS},
        "range_attribute": {"type": "str", "default": "timestamp"},
        "done_attribute": {"type": "str", "default": "sale_processed"},
        "scan": {"type": "bool", "default": False},
        "done_table": {"type": "str"},
        "minimum_age": {"type": "float", "default": RECONCILE_AGE_SECONDS},
        "timeout": {"type": "float", "default": 600.0},
    },
}
