# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the names of an inventory to the ARNs with which ECS shifts traffic."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.errors import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.traffic_shift import traffic_shift

EDGE = {
    "target_groups": {"api": "arn:api", "api-other": "arn:other"},
    "listener_rules": {"sales:80/10": "arn:rule", "sales:8080/10": "arn:test"},
}


def test_names_become_arns_and_the_role_is_the_service_s_own() -> None:
    given = {"alternate": "api-other", "rule": "sales:80/10"}
    told = {
        "alternate_target_group_arn": "arn:other",
        "production_listener_rule": "arn:rule",
        "role_arn": "arn:role",
    }
    assert traffic_shift(given, EDGE, "arn:role") == told
    tested = {**told, "test_listener_rule": "arn:test"}
    assert traffic_shift({**given, "test_rule": "sales:8080/10"}, EDGE, "arn:role") == tested


def test_arns_stay_as_they_are() -> None:
    given = {"alternate_target_group_arn": "a", "production_listener_rule": "b", "role_arn": "c"}
    assert traffic_shift(given, {}, "arn:role") == given


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rule": "sales:80/10"}, "shift has no alternate; give alternate and rule"),
        ({"alternate": "api-other", "rule": "sales:80/11"}, r"'sales:80/11'; the listener rules .* sales:80/10, sales"),
        ({"alternate": "blue", "rule": "sales:80/10"}, "the target groups of the layer edge are api, api-other"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_those_that_there_are(given: dict, words: str) -> None:
    with pytest.raises(CollectionError, match=words):
        traffic_shift(given, EDGE, "arn:role")
