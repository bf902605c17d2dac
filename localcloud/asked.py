# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request asks for, read off the wire whatever its protocol: operation, and the text of its members."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from localcloud.http_server import Request
from localcloud.wire_errors import is_form

NO_USES = frozenset({"Filter", "Filters", "filters", "Tag", "Tags", "tags", "TagSpecification"})
"""Members whose text names nothing: what to look for, and what things carry."""

SETTING = "PutSetting"
"""What every setting of a bucket is called here, its removal too."""


@dataclass(frozen=True)
class Asked:
    """One request to a service (its signing name)."""

    service: str
    region: str
    request: Request

    @cached_property
    def operation(self) -> str:
        """Its operation, such as `CreateVpc`; of a REST service other than S3 the method."""
        request = self.request
        if "x-amz-target" in request.headers:
            return request.headers["x-amz-target"].rpartition(".")[2]
        if self.service == "s3":
            return s3_operation(request)
        return dict(self._form).get("Action", "") if is_form(request) else request.method

    @property
    def reads(self) -> bool:
        return self.operation.startswith(("Describe", "Get", "List")) or self.operation == "GET"

    @cached_property
    def members(self) -> list[tuple[str, str]]:
        """Text, each with the name of the member that it stands in."""
        request = self.request
        if self.service == "s3":
            return [("Bucket", bucket_of(request))]
        if is_form(request):
            return [
                (names[-1], value)
                for key, value in self._form
                for names in [[each for each in key.split(".") if not each.isdigit() and each != "member"]]
                if names and names[0] not in NO_USES
            ]
        path = [("", unquote(each)) for each in request.path.split("/") if each]
        return path + list(texts(json.loads(request.body or b"{}")))

    def value(self, member: str) -> str:
        """The text of the first member of that name, or none."""
        return next((value for name, value in self.members if name == member), "")

    @cached_property
    def _form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.request.body.decode())


def bucket_of(request: Request) -> str:
    return unquote(request.path.lstrip("/").partition("/")[0])


def s3_operation(request: Request) -> str:
    """As far as it matters what S3 is asked for: buckets and their settings."""
    bucket, _slash, key = request.path.lstrip("/").partition("/")
    if not bucket:
        return "ListBuckets"
    if key or request.method not in ("PUT", "DELETE"):
        return "Read"
    if request.query:
        return SETTING
    return "CreateBucket" if request.method == "PUT" else "DeleteBucket"


def texts(value: Any, member: str = "") -> Iterator[tuple[str, str]]:
    """All text in JSON, each with the name of the member it stands in."""
    if isinstance(value, str):
        yield member, value
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, member)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in NO_USES:
                yield from texts(each, name)
