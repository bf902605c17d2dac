# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a definition in place of a name, an ARN or an id that was never filled in, or cannot be one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..kernel.values import is_unknown
from .compare import OWN_TEXTS, Path, is_arn, masked
from .model import called, item_path, request_shape

_PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|[$#]\{.*?\}|<\+?[\w .-]+>|%\w+%|\$\$+\w+\$\$+|(?<![A-Za-z0-9])__[A-Z][A-Z0-9_]*__|YOUR[_-]\w+|X{4,}"
)
_ACCOUNT = re.compile(r"\d{12}|aws")
_REGION = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")
_ECR_HOST = re.compile(
    r"(?P<account>[^./@:]+)\.dkr[.-]ecr(?:-fips)?\.(?P<region>[^./]+)\.(?:amazonaws\.com|amazonaws\.eu|on\.aws)"
)

_FORMS = {
    "fileSystemId": (re.compile(r"fs-[0-9a-f]{8,40}|arn:.+:file-system/fs-[0-9a-f]{8,40}"), "fs-0123456789abcdef0"),
    "accessPointId": (re.compile(r"fsap-[0-9a-f]{8,40}|arn:.+:access-point/fsap-[0-9a-f]{8,40}"), "fsap-0123456789abc"),
}
"""Members that are ids: their form, and an example."""

_FREE = frozenset({*OWN_TEXTS, "expression", "dockerSecurityOptions", "value"})
"""Members that are the user's own words, or in a language of their own, or judged elsewhere."""

_TOLD_ELSEWHERE = frozenset({"family", "executionRoleArn", "taskRoleArn", "image", "valueFrom"})


def unfilled(where: str, text: str, path: Path = ()) -> list[str]:
    """Why a text cannot be what it should name: a placeholder, an account without 12 digits, no region.

    `path` says what the text is, where it may be a secret.
    """
    told = masked(path, text)
    match = _PLACEHOLDER.search(text)
    if match is not None:
        what = repr(match[0]) if told == text else "a part of it"
        return [f"{where} is {told!r}; {what} looks like a placeholder that was never filled in."]
    account, region = _place(text)
    found = []
    if account and not _ACCOUNT.fullmatch(account):
        found.append(f"{where} is {told!r}; {account!r} is no account id, which has 12 digits.")
    if region and not _REGION.fullmatch(region):
        found.append(f"{where} is {told!r}; {region!r} is no region.")
    return found


def _place(text: str) -> tuple[str, str]:
    """The account and the region that an ARN or an image in ECR names; empty if none."""
    if is_arn(text):
        _arn, _partition, _service, region, account, _rest = text.split(":", 5)
        return account, region
    match = _ECR_HOST.match(text)
    return (match["account"], match["region"]) if match else ("", "")


def unfilled_names(definition: dict[str, Any]) -> Iterator[str]:
    """What is wrong with every text that names something, and of which nothing else is said."""
    shape = request_shape()
    for name, value in definition.items():
        if name == "containerDefinitions":
            for container in value or []:
                where = f"{called(container)}: "
                yield from _texts(shape.members[name].member, container, "", (), where)
        elif name in shape.members and name != "tags":
            yield from _texts(shape.members[name], value, name, (name,), "")


def _texts(shape: Any, value: Any, place: str, path: Path, where: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, item in value.items():
            if name in shape.members and not (name in _FREE and shape.name != "EnvironmentFile"):
                inner = f"{place}.{name}" if place else name
                yield from _texts(shape.members[name], item, inner, (*path, name), where)
    elif shape.type_name == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(shape.member, item, item_path(place, index, item), path, where)
    elif isinstance(value, str) and value and not is_unknown(value) and path[-1] not in _TOLD_ELSEWHERE:
        yield from unfilled(f"{where}{place}", value, path) or _malformed(f"{where}{place}", value, path)


def _malformed(where: str, text: str, path: Path) -> list[str]:
    form = _FORMS.get(path[-1])
    if form is None or form[0].fullmatch(text):
        return []
    return [f"{where} is {masked(path, text)!r}; expected an id such as {form[1]}."]
