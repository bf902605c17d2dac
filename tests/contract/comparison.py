# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares results of two runs that made the same things under different generated identifiers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.case import WRITTEN, Way

KNOWN_AFTER_APPLY = "(known after apply)"

# Of Ansible and of the way of running, not of the module.
FRAMEWORK_KEYS = {"invocation", "aws_calls", "action", "_ansible_no_log", "warnings", "deprecations"}

GENERATED = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>"),
    (r"\b([a-z]{2,12})-[0-9a-f]{8,17}\b", r"\1-<id>"),
    (r"\b[0-9a-f]{16,64}\b", "<hex>"),
    (r"\b(AROA|AIDA|ANPA|AKIA)[A-Z0-9]{12,17}\b", r"\1<id>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.0-9]*(Z|[+-]\d\d:?\d\d)?", "<time>"),
    (r"\b127\.0\.0\.1:\d+", "<endpoint>"),
    (r"\b127(\.\d{1,3}){3}\b", "<address>"),
]


def changes(result: dict[str, Any]) -> list[dict[str, Any]]:
    return result["changes"]


def outputs(result: dict[str, Any]) -> dict[str, Any]:
    """What the module returned beyond what every module does."""
    return {k: v for k, v in result.items() if k not in FRAMEWORK_KEYS | {"changed", "changes", "diff"}}


def broken_promises(predicted: Any, actual: Any, volatile: list[str], path: str = "") -> Iterator[str]:
    """Where an output of check mode turned out otherwise. What was to be known after apply may be anything but null."""
    if isinstance(predicted, str) and KNOWN_AFTER_APPLY in predicted:
        if actual is None or KNOWN_AFTER_APPLY in str(actual):
            yield f"{path}: to be known after apply, and then it was {actual!r}"
    elif isinstance(predicted, dict) and isinstance(actual, dict):
        for key in predicted.keys() | actual.keys():
            if key not in volatile:
                yield from broken_promises(predicted.get(key), actual.get(key), volatile, f"{path}.{key}".lstrip("."))
    elif isinstance(predicted, list) and isinstance(actual, list) and len(predicted) == len(actual):
        for number, (one, other) in enumerate(zip(predicted, actual, strict=True)):
            yield from broken_promises(one, other, volatile, f"{path}[{number}]")
    elif predicted != actual:
        yield f"{path}: predicted {predicted!r}, and then it was {actual!r}"


def comparable(result: dict[str, Any], generated: list[str], volatile: list[str]) -> Any:
    """`result` with generated identifiers replaced and unordered lists in one order, so that two lives compare."""
    # Names begin differently in each way of running, and differ in nothing else.
    patterns = [(re.compile(re.escape(Way.ORDINARY.value)), WRITTEN)]
    patterns += [(re.compile(pattern), "<generated>") for pattern in generated]
    patterns += [(re.compile(pattern), name) for pattern, name in GENERATED]

    def normal(value: Any) -> Any:
        if isinstance(value, dict):
            return {normal(k): normal(v) for k, v in value.items() if k not in FRAMEWORK_KEYS and k not in volatile}
        if isinstance(value, list):
            return sorted((normal(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        if isinstance(value, str):
            for pattern, name in patterns:
                value = pattern.sub(name, value)
        return value

    kept = {key: normal(value) for key, value in result.items() if key not in FRAMEWORK_KEYS and key not in volatile}
    # The order of a plan is part of what is promised.
    if "changes" in result:
        kept["changes"] = [normal(change) for change in changes(result)]
    return kept
