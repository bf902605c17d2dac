# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves what consumers gave up on from a dead-letter queue back to its queue."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.message_move import MessageMove

MOST_PER_SECOND = 500
"""Of StartMessageMoveTask."""


def problems(params: dict[str, Any]) -> list[str]:
    rate = params["max_messages_per_second"]
    if rate is not None and not 1 <= rate <= MOST_PER_SECOND:
        return [f"max_messages_per_second is {rate}; SQS moves from 1 to {MOST_PER_SECOND} messages each second."]
    return []


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    move = MessageMove(
        params["queue"],
        cloud.region,
        workload=params["workload"],
        most_per_second=params["max_messages_per_second"],
        state=params["state"],
    )

    def outputs(known: Known) -> dict[str, Any]:
        if params["state"] == "absent":
            return {}
        return {
            "moved": known.attribute(move, "moved"),
            "dead_letter_queue": known.attribute(move, "dead_letter_queue"),
        }

    return Composition([move], outputs)


MODULE = ModuleDefinition(
    arguments={
        "queue": {"type": "str", "required": True},
        "max_messages_per_second": {"type": "int"},
    },
    services=("sqs",),
    build=build,
    problems=problems,
    removal_is_asked=False,
)
