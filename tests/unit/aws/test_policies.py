# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies are equal when they mean the same."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.aws import policies

READ = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["b", "a"]}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


SAME = [
    (document(READ), {"Version": "2012-10-17", "Statement": READ}),
    (document(READ), document({**READ, "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": ["a", "b"]})),
    (document({**READ, "Action": "s3:getobject"}), document({**READ, "Action": ["s3:GetObject"]})),
    (document(READ, {**READ, "Effect": "Deny"}), document({**READ, "Effect": "Deny"}, READ)),
    (document(READ), {"Id": "one that the service gave it", **document(READ)}),
    (document({**READ, "Principal": "*"}), document({**READ, "Principal": {"AWS": "*"}})),
    (
        document({**READ, "Condition": {"Bool": {"aws:SecureTransport": True}}}),
        document({**READ, "Condition": {"Bool": {"aws:SecureTransport": ["true"]}}}),
    ),
]

OTHER = [
    {**READ, "Effect": "Deny"},
    {**READ, "Resource": "a"},
    {**READ, "Resource": ["A", "b"]},
    {**READ, "Action": "s3:GetObject"},
    {**READ, "NotAction": "s3:*"},
    {**READ, "Sid": "Read"},
    {**READ, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}},
    {**READ, "Principal": {"Service": "sns.amazonaws.com"}},
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same_meaning(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert policies.canonical(one) == policies.canonical(other)


@pytest.mark.parametrize("statement", OTHER)
def test_other_meaning(statement: dict[str, Any]) -> None:
    assert policies.canonical(document(statement)) != policies.canonical(document(READ))


def test_documents_are_read_in_every_form() -> None:
    text = json.dumps(document(READ))
    assert policies.parse(text) == policies.parse(quote(text)) == policies.parse(document(READ)) == document(READ)


@pytest.mark.parametrize("text", ["", "[]", "{", "nonsense"])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        policies.parse(text)
