# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be ready for a switch: the options of one parameter, and why a value of it cannot be right."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from ..services.service_names import SERVICE_NAMES, repeated_names

SPEC: dict[str, Any] = {
    "services": SERVICE_NAMES,
    "target_groups": {"type": "list", "elements": "str", "default": []},
    "queues": {"type": "list", "elements": "str", "default": []},
    "topics": {"type": "list", "elements": "str", "default": []},
    "tables": {"type": "list", "elements": "str", "default": []},
    "buckets": {"type": "list", "elements": "str", "default": []},
    "capacity_percentage": {"type": "int", "default": 100},
    "capacity_wait": {"type": "float", "default": 300.0},
    "lag": {
        "type": "dict",
        "options": {
            "table": {"type": "str", "required": True},
            "key": {"type": "str", "default": "id", "no_log": False},
            "ttl_attribute": {"type": "str"},
            "threshold": {"type": "float", "default": 5.0},
            "timeout": {"type": "float", "default": 15.0},
        },
    },
    "alarms": {"type": "list", "elements": "str", "default": []},
    "alarms_prefix": {"type": "str"},
    "quotas": {"type": "bool", "default": True},
    "fargate_fallback": {"type": "bool", "default": False},
}
"""Options of `readiness`, which says what a region needs to take over. Times are in seconds."""

ALARMS_AT_ONCE = 100
"""That many names one DescribeAlarms takes. A switch waits for one answer of each region, not for several."""
REGION = "{region}"
"""Stands in the name of an alarm for the region that is asked."""

PLACEHOLDERS = frozenset({"account", "region"})
MOST_PERCENT = 1000


def spec_problems(spec: Mapping[str, Any] | None, variable: str = "readiness") -> list[str]:
    """Every reason why `spec` cannot be right. Nothing is asked of AWS."""
    if not spec:
        return []
    found = repeated_names(f"{variable}.services", spec["services"])
    if not 1 <= spec["capacity_percentage"] <= MOST_PERCENT:
        found.append(
            f"{variable}.capacity_percentage is {spec['capacity_percentage']}; expected 1 to {MOST_PERCENT}: how much "
            "of what the other region runs the target must run, in percent."
        )
    if spec["capacity_wait"] <= 0:
        found.append(f"{variable}.capacity_wait is {spec['capacity_wait']:g}; expected more than 0 seconds.")
    for template in spec["buckets"]:
        found += _bucket_problems(f"{variable}.buckets", template)
    if len(spec["alarms"]) > ALARMS_AT_ONCE:
        found.append(f"{variable}.alarms are {len(spec['alarms'])}; at most {ALARMS_AT_ONCE} are looked at.")
    lag = spec.get("lag")
    if lag:
        found += [
            f"{variable}.lag.{name} is {lag[name]:g}; expected more than 0 seconds."
            for name in ("threshold", "timeout")
            if lag[name] <= 0
        ]
        if lag["timeout"] < lag["threshold"]:
            found.append(
                f"{variable}.lag.timeout is {lag['timeout']:g}, less than the threshold of {lag['threshold']:g} s; a "
                "lag within the threshold would not be waited for."
            )
        if lag.get("ttl_attribute") == lag["key"]:
            found.append(f"{variable}.lag.ttl_attribute is {lag['key']!r}, the key of the table; name another one.")
    return found


def _bucket_problems(variable: str, template: str) -> list[str]:
    try:
        fields = {field for _text, field, _format, _conversion in Formatter().parse(template) if field is not None}
    except ValueError as error:
        return [f"{variable} has {template!r}, which cannot be read: {error}."]
    return [
        f"{variable} has {template!r} with the placeholder {{{field}}}; expected {{account}} and {{region}} only."
        for field in sorted(fields - PLACEHOLDERS)
    ]
