# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command is refused, as a whole or for one of its documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.mongo.query import Document
from localcloud.mongo.store import DuplicateKey


class Refused(Exception):
    """A command that fails as a whole."""

    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(message)
        self.code, self.name = code, name


def namespace_of(command: Document, name: str) -> str:
    """The namespace a command is about: database and collection.

    Raises:
        Refused: the collection has no name.
    """
    if not isinstance(name, str) or not name:
        raise Refused(73, "InvalidNamespace", f"Invalid namespace specified '{command.get('$db')}.{name}'")
    return f"{command['$db']}.{name}"


def or_refuse(change: Callable[..., Document], *given: Any) -> Document:
    """What `change` gives; a duplicate key fails the command as a whole.

    Raises:
        Refused: it is there already.
    """
    try:
        return change(*given)
    except DuplicateKey as error:
        raise Refused(11000, "DuplicateKey", str(error)) from error


def write_error(number: int, error: DuplicateKey) -> Document:
    return {
        "index": number,
        "code": 11000,
        "errmsg": str(error),
        "keyPattern": error.pattern,
        "keyValue": error.value,
    }
