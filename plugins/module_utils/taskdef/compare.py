# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between two canonical task definitions, for a person to read, without the secrets.

Each difference is named by its path, such as `containerDefinitions.sales-api.image`.
"""

from __future__ import annotations

import re
from typing import Any

MASK = "(masked)"
CHANGED_MASK = "(masked, changed)"

FREE_MAPS = frozenset({"environment", "options", "dockerLabels", "driverOpts", "labels", "properties"})
"""Members whose keys the user invents, and whose values may therefore be secrets."""

OWN_TEXTS = frozenset({"command", "entryPoint"})
"""Members that are the user's own words, in which a secret may stand."""

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase|code)?($|[_.-])|passw|secret|token|credential|private|api[_-]?key|access[_-]?key|_key$|^key$"
    r"|[_-]pwd$|[_-]pat$|jwt$|bearer|webhook|cookie|apikey|auth(?!or)|signature|salt$"
    r"|dsn$|(database|db|mongo|redis|postgres|mysql)[_-]?(url|uri)|connection[_-]?string",
    re.IGNORECASE,
)
_URL_WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
_WORDS = r"(?:pass(?:word|wd|phrase|code)|secret|token|credential|api[_-]?key|access[_-]?key)"
_ASSIGNED = re.compile(
    rf"{_WORDS}[\w.-]*[\"']?\s*[=:]\s*\S|--?[\w-]*{_WORDS}[\w-]*\s+[^\s&|;<>-]|\bbearer\s+\S", re.IGNORECASE
)
"""A secret given inside a command line or a document, such as `--password=x`, `--token x` or `"secret": "x"`."""
_OPTION = re.compile(rf"--?[\w-]*{_WORDS}[\w-]*", re.IGNORECASE)
"""The option of a command whose value, a secret, is the next word."""

Path = tuple[str, ...]


def looks_secret(path: Path, value: Any) -> bool:
    """True for a value that must not be shown: its name sounds secret, or the text holds one (a URL's, an option's)."""
    if isinstance(value, str) and (_URL_WITH_PASSWORD.search(value) or (_may_hold(path) and _ASSIGNED.search(value))):
        return True
    return len(path) > 1 and path[-2] in FREE_MAPS and bool(_SECRET_NAME.search(path[-1]))


def _may_hold(path: Path) -> bool:
    """Whether the text is the user's own, and no name of something in AWS."""
    return bool(path) and (path[-1] in OWN_TEXTS or (len(path) > 1 and path[-2] in FREE_MAPS))


def flat(value: Any, path: Path = ()) -> dict[Path, Any]:
    """Nested dictionaries as `{path: leaf}`. Lists are leaves; an empty dictionary is one too."""
    if not isinstance(value, dict) or not value:
        return {path: value} if path else {}
    leaves: dict[Path, Any] = {}
    for key, item in value.items():
        leaves.update(flat(item, (*path, str(key))))
    return leaves


def shown(definition: dict[str, Any]) -> dict[str, Any]:
    """A canonical definition as `{dotted path: leaf}`, secrets masked."""
    return {".".join(path): masked(path, value) for path, value in flat(definition).items()}


def masked(path: Path, value: Any) -> Any:
    """The value, or `MASK` in its place; in a list, in the place of each item that is a secret."""
    if isinstance(value, list):
        hidden = secret_items(path, value)
        return [MASK if index in hidden else item for index, item in enumerate(value)]
    return MASK if value is not None and looks_secret(path, value) else value


def secret_items(path: Path, items: list[Any]) -> set[int]:
    """Which items of a list must not be shown, by index."""
    return {
        index
        for index, item in enumerate(items)
        if looks_secret(path, item)
        or (index and _may_hold(path) and isinstance(items[index - 1], str) and _OPTION.fullmatch(items[index - 1]))
    }


def secret_values(definition: dict[str, Any]) -> set[str]:
    """The texts of a canonical definition that must not be shown."""
    found = set()
    for path, value in flat(definition).items():
        if isinstance(value, list):
            found |= {value[index] for index in secret_items(path, value) if isinstance(value[index], str)}
        elif isinstance(value, str) and looks_secret(path, value):
            found.add(value)
    return found


def without_secrets(text: str, definition: dict[str, Any]) -> str:
    """`text` with every secret of a canonical definition masked."""
    for value in sorted(secret_values(definition), key=len, reverse=True):
        text = text.replace(value, MASK) if value else text
    return text


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """`{dotted path: (before, after)}` of two canonical definitions; None stands for what one of them lacks."""
    old, new = flat(before), flat(after)
    found = {}
    for path in sorted(old.keys() | new.keys()):
        if path in old and path in new and old[path] == new[path]:
            continue
        pair = (masked(path, old.get(path)), masked(path, new.get(path)))
        if pair[0] == pair[1]:
            pair = (pair[0], CHANGED_MASK)
        found[".".join(path)] = pair
    return found
