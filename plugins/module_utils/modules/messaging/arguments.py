# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `messaging` takes: topics and queues with their keys, times and dead-letter queues."""

from __future__ import annotations

from typing import Any

from ...protocol.limits import (
    DLQ_RETENTION_SECONDS,
    MAX_RECEIVE_COUNT,
    QUEUE_RETENTION_SECONDS,
    RECEIVE_WAIT_SECONDS,
    VISIBILITY_SECONDS,
)

DEFAULTS = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "receive_wait": RECEIVE_WAIT_SECONDS,
    "retention": QUEUE_RETENTION_SECONDS,
}
DLQ_DEFAULTS = {"max_receive_count": MAX_RECEIVE_COUNT, "retention": DLQ_RETENTION_SECONDS}


def dead_letter_queue_name(queue: dict[str, Any]) -> str:
    """The name of the dead-letter queue: as given, or the queue's with `-dlq` at its end."""
    return (queue.get("dlq") or {}).get("name") or f"{queue['name']}-dlq"


def undelivered_queue_name(queue: dict[str, Any]) -> str:
    """The name of the queue for what SNS could not deliver: as given, or the queue's with `-undelivered` at its end."""
    return (queue.get("undelivered") or {}).get("name") or f"{queue['name']}-undelivered"


def _options(defaults: dict[str, int]) -> dict[str, Any]:
    return {name: {"type": "int", "default": default} for name, default in defaults.items()}


ARGUMENTS: dict[str, Any] = {
    "topics": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"name": {"type": "str", "required": True}, "kms_key_id": {"type": "str", "no_log": False}},
    },
    "queues": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "subscribes_to": {"type": "list", "elements": "str", "default": []},
            **_options(DEFAULTS),
            "kms_key_id": {"type": "str", "no_log": False},
            "raw_delivery": {"type": "bool", "default": True},
            "filter_policy": {"type": "dict"},
            "undelivered": {
                "type": "dict",
                "options": {
                    "name": {"type": "str"},
                    "retention": {"type": "int", "default": DLQ_RETENTION_SECONDS},
                },
            },
            "dlq": {
                "type": "dict",
                "apply_defaults": True,
                "options": {
                    "name": {"type": "str"},
                    **_options(DLQ_DEFAULTS),
                },
            },
        },
    },
    "from_regions": {"type": "list", "elements": "str"},
    "fanout_to": {"type": "list", "elements": "str"},
    "scope": {"type": "str", "choices": ["all", "subscriptions"], "default": "all"},
}
