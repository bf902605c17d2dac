# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about a rule of a listener, as an inventory or a module's parameters give it. Pure.

Every problem is the end of a sentence that begins with the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

Rule = dict[str, Any]

LAST_PRIORITY = 50000

VALUES_IN_A_RULE, WILDCARDS_IN_A_RULE = 5, 6
"""What the conditions of one rule may have together: AWS quotas that cannot be raised."""

GROUPS_IN_A_RULE = 5
"""How many target groups may share the requests of one rule: an AWS quota that cannot be raised."""

WEIGHTS = range(1000)
LENGTH = 128

ACTIONS = ("target_group", "weights", "fixed_response", "redirect")

CONDITIONS = ("paths", "hosts", "methods", "headers", "query", "source_cidrs")

WORDS = ("priority", *CONDITIONS, *ACTIONS, "shifts_to")

PATH = re.compile(r"[/*?][A-Za-z0-9_.$/~\"'@:+&*?-]*")
HOST = re.compile(r"[A-Za-z0-9.*?-]*\.[A-Za-z]+")
METHOD = re.compile(r"[A-Z_-]{1,40}")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,40}")


def rule_problems(rule: Rule, groups: list[str]) -> Iterator[str]:
    """Every reason why AWS would refuse this rule of an Application Load Balancer with these target groups."""
    for word in sorted(set(rule) - set(WORDS)):
        yield f"has {word}, which no rule has; valid are {', '.join(WORDS)}."
    priority = _whole(rule.get("priority"))
    if priority is None or not 1 <= priority <= LAST_PRIORITY:
        yield f"has priority {rule.get('priority')!r}; a number from 1 to {LAST_PRIORITY} is valid."
    yield from _condition_problems(rule)
    yield from action_problems(rule, groups)
    other = rule.get("shifts_to")
    if other and (other not in groups or other == rule.get("target_group") or not rule.get("target_group")):
        yield f"has shifts_to {other!r}; it goes with target_group, and names another one of {', '.join(groups)}."


def _condition_problems(rule: Rule) -> Iterator[str]:
    for key in ("headers", "query"):
        if not isinstance(rule.get(key) or {}, dict):
            yield f"has {key} {rule[key]!r}; give patterns by name, such as {{version: [beta]}}."
            return
    values = [(key, value) for key in CONDITIONS for value in _values(rule.get(key))]
    if not 1 <= len(values) <= VALUES_IN_A_RULE:
        yield (
            f"has conditions with {len(values)} values; 1 to {VALUES_IN_A_RULE} together are valid. Use several rules "
            "for more."
        )
    wildcards = sum(_wildcards(key, value) for key, value in values) + sum(map(_of_query, rule.get("query") or {}))
    if wildcards > WILDCARDS_IN_A_RULE:
        yield (
            f"has conditions with {wildcards} wildcards (* and ?); at most {WILDCARDS_IN_A_RULE} together are valid. "
            "Use several rules for more."
        )
    for key, value in values:
        if not 1 <= len(value) <= LENGTH:
            yield f"has {key} with a value of {len(value)} characters; 1 to {LENGTH} are valid."
    for key, pattern, valid in (
        ("paths", PATH, "patterns such as /sales/* are valid; none of spaces, and of the query"),
        ("hosts", HOST, "patterns with a dot, and letters alone after the last one, are valid"),
        ("methods", METHOD, "capitals, hyphens and underscores are valid"),
    ):
        for value in _values(rule.get(key)):
            if not pattern.fullmatch(value):
                yield f"has {key} {value!r}; {valid}."
    for name in rule.get("headers") or {}:
        if not HEADER.fullmatch(str(name)) or str(name).lower() == "host":
            yield f"has headers of {name!r}; a header's name has at most 40 characters, and for Host there is hosts."


def action_problems(action: Rule, groups: list[str]) -> Iterator[str]:
    """Every reason why AWS would refuse what a rule does with requests, or a listener with those of no rule."""
    given = [key for key in ACTIONS if action.get(key)]
    if len(given) != 1:
        yield f"has {' and '.join(given) or 'no action'}; give exactly one of {', '.join(ACTIONS)}."
    for group in [*_values(action.get("target_group")), *_weights(action)]:
        if group not in groups:
            yield f"forwards to {group!r}; the target_groups are {', '.join(groups) or 'none'}."
    yield from weight_problems(action)
    response = action.get("fixed_response")
    if response:
        if response["status_code"] // 100 not in (2, 4, 5):
            yield f"has status_code {response['status_code']}; 2XX, 4XX and 5XX are valid."
        if len((response.get("body") or "").encode()) > 1024:
            yield "has a body of more than 1024 bytes."
    redirect = action.get("redirect")
    if redirect and not any(redirect.get(key) for key in ("protocol", "host", "port", "path", "query")):
        yield "has a redirect to where the request came from; change the protocol, host, port, path or query."
    if redirect and redirect.get("path") and not redirect["path"].startswith("/"):
        yield f"has a redirect to path {redirect['path']!r}, which must begin with a slash."


def weight_problems(action: Rule) -> Iterator[str]:
    """Why requests cannot be shared out by these weights."""
    weights = _weights(action)
    for name, weight in weights.items():
        if _whole(weight) not in WEIGHTS:
            yield f"has weight {weight!r} for {name}; 0 to {WEIGHTS[-1]} are valid."
    if weights and not any(_whole(weight) for weight in weights.values()):
        yield f"has weight 0 for {' and '.join(weights)}; somebody has to get the requests."
    if len(weights) > GROUPS_IN_A_RULE:
        yield f"has weights for {len(weights)} target groups; at most {GROUPS_IN_A_RULE} share the requests of a rule."


def repeated_priorities(rules: Iterable[Rule]) -> list[int]:
    """The priorities that more than one of these rules has."""
    priorities = [_whole(rule.get("priority")) for rule in rules]
    return sorted({each for each in priorities if each is not None and priorities.count(each) > 1})


def as_list(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _weights(action: Rule) -> dict[str, Any]:
    weights = action.get("weights")
    return weights if isinstance(weights, dict) else {}


def _values(value: Any) -> list[str]:
    """The values of a condition, of every name if it has some."""
    if isinstance(value, dict):
        return [each for values in value.values() for each in as_list(values)]
    return [] if value is None else as_list(value)


def _whole(value: Any) -> int | None:
    """A whole number; an inventory may write it as text."""
    return int(value) if not isinstance(value, bool) and str(value).isdecimal() else None


def _wildcards(key: str, value: str) -> int:
    if key == "query":
        return _of_query(value)
    return sum(map(value.count, "*?")) if key in ("paths", "hosts", "headers") else 0


def _of_query(text: Any) -> int:
    """How many wildcards are in a pattern of the query, where a backslash makes one an ordinary character."""
    return len(re.findall(r"(?<!\\)[*?]", str(text)))
