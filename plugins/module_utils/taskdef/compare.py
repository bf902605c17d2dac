# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between two canonical task definitions, for a person to read, without the secrets.

Each difference is named by its path, such as `containerDefinitions.sales-api.image`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from ..kernel.values import is_unknown

MASK = "(masked)"
CHANGED_MASK = "(masked, changed)"

FREE_MAPS = frozenset({"environment", "options", "dockerLabels", "driverOpts", "labels", "properties"})
"""Members whose keys the user invents, and whose values may therefore be secrets."""

OWN_TEXTS = frozenset({"command", "entryPoint"})
"""Members that are the user's own words, in which a secret may stand."""

SECRET_SOURCE = re.compile(r"arn:[a-z-]+:(secretsmanager|ssm):\S+|[A-Za-z0-9_./:-]+")
"""What can name a secret or a parameter: an ARN or a name."""

_SECRET_NAME = re.compile(
    r"(?<!by)(?<!com)pass(word|wd|phrase|code)?($|[_.-])|passw|secret|token|credential|private|api[_-]?key|access[_-]?key"
    # Whatever ends with "key", but for the words and products that do.
    r"|^(?!.*(^|[_.-])(mon|don|tur|whis|hoc|joc|hot|val)key$).*key$"
    r"|key[_.-](base|b64|base64|pem|hex|old|new|previous|current|v?\d+)$"
    r"|(encryption|encrypt|signing|master|account|license)[_.-]?keys"
    r"|pw$|(^|[_.-])pw[_.-]|[_.-]pwd[_.-]|(?<=[a-z0-9_.-])(?<!old)pwd$|[_.-]sk$"
    r"|[_-]pat$|jwt$|bearer|webhook|cookie|auth(?!or)|signature|salt$"
    r"|dsn$|(database|db|mongo|redis|postgres|mysql)[_-]?(url|uri)|connection[_.-]?string|conn[_.-]?str($|[_.-])"
    r"|(azure.*|storage[_.-]?)connection$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    # Keys of Stripe, AWS, GitHub, GitLab, Slack, npm, Google and others begin so that they can be told.
    r"(?<![A-Za-z0-9])(?:[rs]k_(?:live|test)_\w{10,}|whsec_\w{16,}|A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|npm_[A-Za-z0-9]{30,}"
    r"|AIza[\w-]{35}|SG\.[\w-]{16,}\.[\w-]{16,}|sk-(?:ant|proj|svcacct)-[\w-]{20,}|sk-[A-Za-z0-9]{32,}"
    # A JSON web token.
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.)"
    r"|-----BEGIN [A-Z0-9 ]*PRIVATE KEY"
)
# A slash in a password should be escaped and often is not; after a port it begins the path.
_URL_WITH_PASSWORD = re.compile(
    r"(?<![a-z0-9+.-])[a-z0-9+.-]+://[^/\s:@]*:(?:[^/\s@]+|(?!\d+[^\w@])[^\s@]+)@", re.IGNORECASE
)
_WORDS = (
    r"(?:pass(?:word|wd|phrase|code)|(?:require|store|key|db|root|user|admin|auth|[_-])pass(?![a-z])|masterauth"
    r"|[_-]pwd?(?![a-z])|secret|token|credential"
    r"|(?:api|access|account|encryption|signing|master|private|license|stripe)[_-]?key)"
)
_ASSIGNED = re.compile(
    rf"{_WORDS}[\w.-]*[\"']?\s*[=:]\s*\S|(?<![\w-])--?[\w-]*{_WORDS}[\w-]*\s+[^\s&|;<>-]|\b(?:bearer|authorization:\s*basic)\s+\S",
    re.IGNORECASE,
)
"""A secret given inside a command line or a document, such as `--password=x`, `--token x` or `"secret": "x"`."""
_OPTION = re.compile(rf"--?[\w-]*{_WORDS}[\w-]*", re.IGNORECASE)
"""The option of a command whose value, a secret, is the next word."""
_CLIENT = re.compile(
    # Where a command begins, so that a host called mysql is none.
    r"(?:^|[/|;&(\"'`!]\s*|\b(?:exec|sudo|until|while|if|then|do|CMD|CMD-SHELL|timeout\s+\S+)\s+|\s-c\s+)"
    r"(?:(?:mysql|mariadb)-?(?:admin|dump|check|import|show|slap|pump|binlog)?\s(?:[^|;&]*\s)?-p"
    r"|(?:redis|valkey|keydb)-cli\s(?:[^|;&]*\s)?-a\s+"
    r"|(?:mongo(?:sh|dump|restore|export|import|stat|top|files)?|cypher-shell|rabbitmqadmin|sshpass)"
    r"\s(?:[^|;&]*\s)?-p\s*(?!-)"
    r"|(?:sqlcmd|mosquitto_(?:pub|sub|rr))\s(?:[^|;&]*\s)?-P\s*(?!-)"
    r"|curl\s(?:[^|;&]*\s)?(?:-[A-Za-z]*[uU]\s*|--(?:proxy-)?user[\s=]\s*)[\"']?[^\s:\"']*:)"
    # A variable is no secret, it only holds one.
    r"(?![\"']?\$)[^\s|;&<>]"
)
"""A client whose short option is or holds a password: `mysql -psecret`, `redis-cli -a secret`, `curl -u me:secret`."""

Path = tuple[str, ...]


def looks_secret(path: Path, value: Any) -> bool:
    """True for a value that is taken for a secret: its name sounds secret, or the text is or holds one.

    So is what stands in place of the name of a secret and cannot be one.
    """
    if isinstance(value, str) and _tells(path, value):
        return True
    if _is_name(path, value) and not SECRET_SOURCE.fullmatch(value):
        return True
    return len(path) > 1 and path[-2] in FREE_MAPS and bool(_SECRET_NAME.search(path[-1]))


def is_hidden(path: Path, value: Any) -> bool:
    """True for a value that must not be shown. In place of the name of a secret the secret may have been typed."""
    return looks_secret(path, value) or _is_name(path, value)


def _is_name(path: Path, value: Any) -> bool:
    """Whether it is the name of a secret or parameter: what stands there, and is no ARN."""
    if not isinstance(value, str) or is_arn(value) or is_unknown(value):
        return False
    # A container or a volume may be called secrets.
    of_container = len(path) == 4 and path[2] == "secrets"
    return of_container or "secretOptions" in path[-2:-1] or "credentialsParameter" in path[-1:]


def is_arn(source: str) -> bool:
    """Whether the name of a secret or parameter is an ARN, which is no secret itself."""
    return source.startswith("arn:") and source.count(":") >= 5


def _tells(path: Path, text: str) -> bool:
    """Whether a secret stands in the text: a key, the password of a URL, or that of a command's option."""
    if _URL_WITH_PASSWORD.search(text) or _SECRET_VALUE.search(text):
        return True
    return _may_hold(path) and bool(_ASSIGNED.search(text) or _CLIENT.search(text))


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
    """The value, or `MASK` in its place; in a list or dictionary, in the place of each item that is a secret."""
    if isinstance(value, dict):
        return {key: masked((*path, str(key)), item) for key, item in value.items()}
    if isinstance(value, list):
        hidden = secret_items(path, value)
        return [
            MASK if index in hidden else masked(path, item) if isinstance(item, dict) else item
            for index, item in enumerate(value)
        ]
    return MASK if value is not None and is_hidden(path, value) else value


def secret_items(path: Path, items: list[Any], is_secret: Callable[[Path, Any], bool] = is_hidden) -> set[int]:
    """Which items of a list must not be shown, by index."""
    hidden = {index for index, item in enumerate(items) if is_secret(path, item)}
    words = [str(item) for item in items] if _may_hold(path) else []
    for index in range(1, len(words)):
        before = " ".join(words[:index])
        is_of_client = _CLIENT.search(f"{before} {words[index]}") and not _CLIENT.search(before)
        if is_of_client or _OPTION.fullmatch(words[index - 1]):
            hidden.add(index)
    return hidden


def secret_values(definition: dict[str, Any]) -> set[str]:
    """The texts of a canonical definition that are taken for secrets."""
    return set(_secrets(definition, looks_secret))


def _secrets(value: Any, is_secret: Callable[[Path, Any], bool], path: Path = ()) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _secrets(item, is_secret, (*path, str(key)))
    elif isinstance(value, list):
        hidden = secret_items(path, value, is_secret)
        for index, item in enumerate(value):
            if index in hidden and isinstance(item, str):
                yield item
            elif isinstance(item, dict):  # of those that have one name
                yield from _secrets(item, is_secret, path)
    elif isinstance(value, str) and is_secret(path, value):
        yield value


def without_secrets(text: str, definition: dict[str, Any]) -> str:
    """`text` with everything of a canonical definition masked that must not be shown, as it is or quoted."""
    secret = secret_values(definition)
    hidden = {value for value in _secrets(definition, is_hidden) if value}
    spellings = {
        spelling: value in secret
        for value in hidden
        for spelling in (value, repr(value)[1:-1], json.dumps(value)[1:-1])
    }
    for spelling, is_secret in sorted(spellings.items(), key=lambda each: len(each[0]), reverse=True):
        # A mere name may be a part of other words, which a person must be able to read.
        pattern = re.escape(spelling) if is_secret else rf"(?<![\w.-]){re.escape(spelling)}(?![\w.-])"
        text = re.sub(pattern, lambda _found: MASK, text)
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
