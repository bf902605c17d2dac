# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of AWS's answers that the installed botocore does not know and therefore drops without a word.

An answer that a new request is made from must be whole: what was dropped would be lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

ANSWER_MEMBER = "UnknownMembers"
"""Where an answer tells of them: a list of paths, absent if there are none."""

WATCHED = {"ecs": ("DescribeTaskDefinition",)}
"""Answers from which requests are made, by service."""


def watch(client: Any, service: str) -> None:
    """Let the watched answers of a botocore client tell what botocore dropped."""
    for operation in WATCHED.get(service, ()):
        model = client.meta.service_model.operation_model(operation)

        def tell(response_dict: Any, parsed_response: Any, shape: Any = model.output_shape, **_others: Any) -> None:
            if response_dict is None or parsed_response is None:
                return
            try:
                raw = json.loads(response_dict["body"])
            except (TypeError, ValueError):  # no JSON, so another protocol
                return
            found = list(unknown_members(shape, raw))
            if found:
                parsed_response[ANSWER_MEMBER] = found

        client.meta.events.register(f"response-received.{service}.{operation}", tell)


def unknown_members(shape: Any, raw: Any, path: str = "") -> Iterator[str]:
    """The paths of all members that hold something and that the shape does not have."""
    if shape.type_name == "structure" and isinstance(raw, dict):
        for name, value in raw.items():
            where = f"{path}.{name}" if path else name
            if name in shape.members:
                yield from unknown_members(shape.members[name], value, where)
            elif value not in (None, False, "", [], {}):
                yield where
    elif shape.type_name == "list" and isinstance(raw, list):
        for index, item in enumerate(raw):
            yield from unknown_members(shape.member, item, f"{path}[{index}]")
