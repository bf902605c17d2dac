# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `messaging`. Pure: no call is made."""

from __future__ import annotations

import re
from typing import Any

from ...aws.regions import fanout_problems, region_problems
from .arguments import dead_letter_queue_name, undelivered_queue_name

# What SQS accepts.
LIMITS = {"visibility_timeout": (0, 43200), "receive_wait": (0, 20), "retention": (60, 1209600)}
DLQ_LIMITS = {"max_receive_count": (1, 1000), "retention": (60, 1209600)}


def queue_problems(variable: str, queue: dict[str, Any], topics: list[str]) -> list[str]:
    """What cannot be right about one queue. `topics` are the names it may subscribe to."""
    found = _name_problems(variable, queue["name"]) + _name_problems(variable, dead_letter_queue_name(queue))
    if queue.get("undelivered") is not None:
        found += _name_problems(f"{variable}.undelivered", undelivered_queue_name(queue))
        kept = queue["undelivered"].get("retention")
        least, most = DLQ_LIMITS["retention"]
        if kept is not None and not (isinstance(kept, int) and least <= kept <= most):
            found.append(f"{variable}.undelivered.retention is {kept!r}; SQS accepts {least} to {most}.")
        names = [queue["name"], dead_letter_queue_name(queue)]
        if undelivered_queue_name(queue) in names:
            found.append(
                f"{variable}.undelivered.name is {undelivered_queue_name(queue)!r}, which is the queue or its "
                "dead-letter queue. Give it a name of its own: what was not delivered must not be read as what was."
            )
    dlq = queue.get("dlq") or {}
    for place, values, limits in ((variable, queue, LIMITS), (f"{variable}.dlq", dlq, DLQ_LIMITS)):
        for key, (least, most) in limits.items():
            value = values.get(key)
            if value is not None and not (isinstance(value, int) and least <= value <= most):
                found.append(f"{place}.{key} is {value!r}; SQS accepts {least} to {most}.")
    kept, kept_dead = queue.get("retention"), dlq.get("retention")
    if isinstance(kept, int) and isinstance(kept_dead, int) and kept_dead <= kept:
        found.append(
            f"{variable}.dlq.retention is {kept_dead} s; it must exceed the queue's {kept} s, because a message's age "
            "counts from its first enqueue and it would expire on arrival."
        )
    for topic in queue.get("subscribes_to") or []:
        if topic not in topics:
            found.append(
                f"{variable}.subscribes_to names {topic!r}, which is not a topic of this workload. "
                f"Known: {', '.join(topics) or 'none'}."
            )
    return found


def _name_problems(variable: str, name: str) -> list[str]:
    if re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name):
        return []
    return [f"{variable}.name is {name!r}; SQS takes 1 to 80 letters, digits, hyphens and underscores."]


def topic_problems(variable: str, name: str) -> list[str]:
    """What cannot be right about a topic's name."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,256}", name):
        return []
    return [f"{variable}.name is {name!r}; SNS takes 1 to 256 letters, digits, hyphens and underscores."]


def problems(params: dict[str, Any]) -> list[str]:
    found: list[str] = []
    topics = [topic["name"] for topic in params["topics"]]
    for name in topics:
        found += topic_problems(f"topics[{name}]", name)
    if params["state"] == "absent":
        return found
    for queue in params["queues"]:
        found += queue_problems(f"queues[{queue['name']}]", queue, topics)
    for variable in ("from_regions", "fanout_to"):
        for region in params[variable] or []:
            found += region_problems(variable, region)
        if params["region"]:
            found += fanout_problems(variable, params[variable] or [], params["region"])
    return found
