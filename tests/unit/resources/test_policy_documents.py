# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever holds a policy compares it by what it means: services tell one in other words than it was put in."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Resource
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.bucket import Bucket
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.file_system import FileSystem
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.queue import Queue
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.role import Role

STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["a:Read", "a:Write"], "Resource": "there"}
PUT = {"Version": "2012-10-17", "Statement": [STATEMENT]}
TOLD = {
    "Id": "one that the service gave it",
    "Version": "2012-10-17",
    "Statement": {**STATEMENT, "Principal": "*", "Action": ["a:Write", "a:Read"]},
}
OTHER = {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Action": ["a:Read"]}]}

HOLDERS: list[tuple[Resource, str, dict[str, Any]]] = [
    (Bucket("one", "sa-east-1"), "policy", {}),
    (Queue("one", "sa-east-1", account="123456789012"), "policy", {}),
    (FileSystem("one", "sa-east-1", listing=None), "policy", {}),
    (Role("one", "sa-east-1"), "trust", {"policies": {"own": PUT}}),
]


@pytest.mark.parametrize(("holder", "attribute", "others"), HOLDERS, ids=lambda each: getattr(each, "kind", None))
def test_a_policy_told_in_other_words_is_no_difference(
    holder: Resource, attribute: str, others: dict[str, Any]
) -> None:
    assert holder.differences({attribute: TOLD, **others}, {attribute: PUT, **others}) == {}
    for actual in (OTHER, None):
        told = holder.differences({attribute: actual, **others}, {attribute: PUT, **others})
        assert told == {attribute: (actual, PUT)}


def test_a_policy_of_a_role_told_in_other_words_is_no_difference() -> None:
    role = Role("one", "sa-east-1")
    wanted = {"trust": PUT, "policies": {"own": PUT}}
    assert role.differences({"trust": PUT, "policies": {"own": TOLD}}, wanted) == {}
    assert role.differences({"trust": PUT, "policies": {"own": OTHER}}, wanted) == {"policies.own": (OTHER, PUT)}
