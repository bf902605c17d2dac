# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `global_table` takes."""

from __future__ import annotations

from typing import Any

from ..shared_arguments.dead import DEAD_ARGUMENT

REPLICATED_STREAM = "NEW_AND_OLD_IMAGES"

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "regions": {"type": "list", "elements": "str"},
    "hash_key": {"type": "str", "no_log": False},
    "range_key": {"type": "str", "no_log": False},
    "attributes": {"type": "dict", "default": {}},
    "indexes": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "hash_key": {"type": "str", "required": True, "no_log": False},
            "range_key": {"type": "str", "no_log": False},
            "projection": {"type": "str", "choices": ["ALL", "KEYS_ONLY", "INCLUDE"], "default": "ALL"},
            "include": {"type": "list", "elements": "str", "default": []},
        },
    },
    "billing_mode": {"type": "str", "choices": ["PAY_PER_REQUEST", "PROVISIONED"], "default": "PAY_PER_REQUEST"},
    "capacity": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            "read_min": {"type": "int", "default": 5},
            "read_max": {"type": "int", "default": 100},
            "write_min": {"type": "int", "default": 5},
            "write_max": {"type": "int", "default": 100},
            "target": {"type": "int", "default": 70},
        },
    },
    "consistency": {"type": "str", "choices": ["eventual", "strong"], "default": "eventual"},
    "witness": {"type": "str"},
    "stream": {"type": "str", "choices": ["none", "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]},
    "ttl_attribute": {"type": "str"},
    "point_in_time_recovery": {"type": "bool", "default": True},
    "deletion_protection": {"type": "bool", "default": True},
    "encryption": {
        "type": "str",
        "choices": ["aws_owned", "aws_managed", "customer_managed"],
        "default": "aws_owned",
    },
    "kms_keys": {"type": "dict", "default": {}, "no_log": False},
    "delete_data": {"type": "bool", "default": False},
    **DEAD_ARGUMENT,
}
