# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How moto finds the members of an answer, without trying every name each time.

For each member that a shape may have, moto makes up the names under which an object may hold it, anew in every answer:
more than half of the work of an answer. The names depend only on the member and on the object's class, so they are
kept with the member's shape. The names of the operations that a class answers are kept too: moto lists them anew in
each call.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.model import Shape
from moto.core import responses
from moto.core.serialize import AttributePicker, AttributePickerContext, ResponseSerializer
from moto.core.utils import MISSING, get_value

_KEPT = "_localcloud_names"
_value_of = ResponseSerializer.get_value
_names_of_methods = responses.method_names_from_class


def install() -> None:
    """Make moto's serializers find members this way from now on."""
    ResponseSerializer.get_value = _member  # type: ignore[method-assign]
    responses.method_names_from_class = _method_names


@cache
def _method_names(responding: type) -> list[str]:
    return _names_of_methods(responding)


def _member(self: ResponseSerializer, value: Any, key: str, shape: Shape) -> Any:
    """The member `key` of `value`, or None: what moto's own method returns."""
    picker = self._value_picker
    if not isinstance(picker, AttributePicker):
        return _value_of(self, value, key, shape)
    found = _found(value, _names(picker, value, key, shape))
    for path, transform in picker.response_transformers.items():
        if key.endswith(path.rpartition(".")[2]) and f"{'.'.join(self.path)}.{key}".endswith(path):
            return transform(found)
    return found


def _found(value: Any, names: tuple[str, ...]) -> Any:
    is_plain = type(value) is dict
    for name in names:
        if is_plain and "." not in name:
            if name in value:
                return value[name]
            continue
        found = get_value(value, name, MISSING)
        if found is not MISSING:
            return found
    return None


def _names(picker: AttributePicker, value: Any, key: str, shape: Shape) -> tuple[str, ...]:
    """The names under which objects of the class of `value` may hold a member."""
    kept: dict[Any, tuple[str, ...]] = shape.__dict__.setdefault(_KEPT, {})
    # A class may name other members than its base, and an instance no others than its class.
    which = (type(picker), key, type(value), *picker.alias_providers)
    names = kept.get(which)
    if names is None:
        context = AttributePickerContext(obj=value, key=key, shape=shape)
        names = kept[which] = tuple(dict.fromkeys(picker.get_possible_keys(context)))
    return names
