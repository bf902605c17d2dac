# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that a plan is made of: references between resources, and identifiers that do not exist yet.

A resource's wanted attributes may hold a `Ref` to an attribute of another resource. While a plan is made, a reference
to something that is still to be created resolves to `KNOWN_AFTER_APPLY`. The marker is an ordinary string, because it
leaves one task as a fact and enters the next one as a parameter, through JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

KNOWN_AFTER_APPLY = "(known after apply)"


class Ref:
    """The value of `attribute` of another resource, wherever it stands in a wanted attribute.

    `through` turns the known value into the wanted one, for instance an ARN into the last part of it. It is not called
    while the value is unknown.
    """

    def __init__(self, resource: Any, attribute: str, through: Callable[[Any], Any] | None = None) -> None:
        self.resource = resource
        self.attribute = attribute
        self.through = through

    def __repr__(self) -> str:
        return f"Ref({self.resource.address}.{self.attribute})"


def references(value: Any) -> Iterator[Ref]:
    """Every `Ref` inside nested dicts, lists and tuples."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from references(item)


def resolve(value: Any, look_up: Callable[[Ref], Any]) -> Any:
    """A copy of `value` with every reference replaced by what `look_up` says of it."""
    if isinstance(value, Ref):
        found = look_up(value)
        return value.through(found) if value.through and not is_unknown(found) else found
    if isinstance(value, dict):
        return {key: resolve(item, look_up) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve(item, look_up) for item in value]
    return value


def is_unknown(value: Any) -> bool:
    """True for the marker, and for text, lists and dicts that contain it."""
    if isinstance(value, str):
        return KNOWN_AFTER_APPLY in value
    if isinstance(value, dict):
        return any(is_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(is_unknown(item) for item in value)
    return False
