# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract test sees a broken contract: it must not pass because its comparison is blind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contract.case import FOR_ALL, Case, Way, life, whole_life
from tests.contract.comparison import broken_promises, comparable
from tests.contract.complaints import complaints, differences

CHANGE = {"action": "create", "kind": "queue", "name": "q", "region": "sa-east-1", "before": None, "after": {"days": 1}}
UNKNOWN = "(known after apply)"


def promises(predicted: Any, actual: Any) -> list[str]:
    return list(broken_promises(predicted, actual, volatile=[]))


def test_an_identifier_known_after_apply_may_become_anything_but_nothing() -> None:
    assert promises({"arn": UNKNOWN}, {"arn": "arn:aws:sqs:sa-east-1:123456789012:q"}) == []
    assert promises({"arn": f"{UNKNOWN}/x"}, {"arn": None})
    assert promises({"arn": UNKNOWN}, {"arn": UNKNOWN})


@pytest.mark.parametrize("actual", [{"days": 2}, {"days": 1, "more": True}, {}, {"days": "1"}, {"days": None}])
def test_an_output_that_was_sure_must_come_true(actual: dict[str, Any]) -> None:
    assert promises({"days": 1}, actual)


def test_lists_are_compared_item_by_item() -> None:
    assert promises([{"id": UNKNOWN}, {"id": 2}], [{"id": "a"}, {"id": 2}]) == []
    assert promises([{"id": UNKNOWN}], [{"id": "a"}, {"id": "b"}])


def test_generated_identifiers_compare_equal_and_nothing_else_does() -> None:
    def shown(identifier: str, cidr: str = "10.0.0.0/16") -> Any:
        return comparable({"id": identifier, "cidr": cidr, "aws_calls": hash(identifier)}, [], [])

    assert shown("vpc-0a1b2c3d4e5f60718") == shown("vpc-ffffffffffffffff0")
    assert shown("http://127.0.0.1:4566/123456789012/q") == shown("http://127.0.0.1:39001/123456789012/q")
    assert shown("vpc-0a1b2c3d4e5f60718") != shown("subnet-0a1b2c3d4e5f60718")
    assert shown("vpc-1", "10.0.0.0/16") != shown("vpc-1", "10.1.0.0/16")


def test_the_order_of_changes_counts_and_that_of_other_lists_does_not() -> None:
    def shown(**result: Any) -> Any:
        return comparable(result, [], [])

    assert shown(subnets=["a", "b"]) == shown(subnets=["b", "a"])
    assert shown(changes=[{"name": "a"}, {"name": "b"}]) != shown(changes=[{"name": "b"}, {"name": "a"}])


def a_life(**overrides: dict[str, Any]) -> list[str]:
    """Complaints about a module that only creates, its results as they should be but for the overrides by step."""
    case = Case(module="log_groups", params={}, keeps="a test")
    results = {
        "predicts": {"changed": True, "changes": [CHANGE], "diff": [{}], "arn": UNKNOWN},
        "does": {"changed": True, "changes": [CHANGE], "diff": [{}], "arn": "arn:q"},
        "check again": {"changed": False, "changes": [], "diff": [], "arn": "arn:q"},
        "run again": {"changed": False, "changes": [], "diff": [], "arn": "arn:q"},
    }
    for step, override in overrides.items():
        results[step.replace("_", " ")] |= override
    return list(complaints(case, whole_life(case), list(results.values())))


def test_a_module_that_keeps_the_contract_gets_no_complaint() -> None:
    assert a_life() == []


@pytest.mark.parametrize(
    "overrides",
    [
        {"predicts": {"changes": [], "changed": False, "diff": []}},
        {"predicts": {"diff": []}},
        {"does": {"changes": [{**CHANGE, "after": {"days": 2}}]}},
        {"does": {"changes": []}},
        {"does": {"changed": False}},
        {"does": {"arn": None}},
        {"check_again": {"changes": [CHANGE], "changed": True}},
        {"run_again": {"changes": [CHANGE], "changed": True}},
        {"run_again": {"changed": True}},
        {"run_again": {"arn": "arn:other"}},
    ],
)
def test_each_breach_is_seen(overrides: dict[str, dict[str, Any]]) -> None:
    assert a_life(**overrides)


def pairs(case: Case) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The results of both ways of running, as they should be."""
    shown = {"arn": "arn:aws:sqs:sa-east-1:123456789012:contract-q", "revision": 3}
    whole, short = (
        [
            {"changed": False, "changes": [], "diff": [], **shown}
            if step.expects == "nothing"
            else {"changed": True, "changes": [CHANGE], "diff": [{}], **shown}
            for step in life(case, way)
        ]
        for way in Way
    )
    for result in short:
        result["arn"] = "arn:aws:sqs:sa-east-1:123456789012:ordinary-q"
    return whole, short


UPDATED = Case(module=FOR_ALL[0], params={"days": 1}, updates=[{"days": 2}, {"more": 3}], absent={"days": 2})


def test_the_ordinary_life_is_the_short_one() -> None:
    steps = life(UPDATED, Way.ORDINARY)
    assert [(step.expects, step.check) for step in steps] == [
        ("predicts", True),
        ("does", False),
        ("nothing", False),
        ("does", False),
        ("does", False),
    ]
    assert steps[3].params == {"days": 2, "more": 3}
    assert steps[3].ends_as in [step.name for step in life(UPDATED, Way.IN_PROCESS)]
    assert len(life(UPDATED, Way.IN_PROCESS)) == 16
    others = life(replace(UPDATED, module="log_groups"), Way.ORDINARY)
    assert [(step.expects, step.check) for step in others] == [("does", False)] * 3


def test_a_module_that_is_the_same_in_both_ways_differs_in_nothing() -> None:
    whole, short = pairs(UPDATED)
    assert list(differences(UPDATED, whole, short)) == []
    assert list(complaints(UPDATED, life(UPDATED, Way.ORDINARY), short)) == []


OTHER = {**CHANGE, "after": {"days": 2}}


@pytest.mark.parametrize(
    ("position", "override"),
    [
        (0, {"arn": UNKNOWN}),
        (0, {"changes": [OTHER]}),
        (0, {"diff": []}),
        (1, {"changes": [OTHER]}),
        (1, {"arn": None}),
        (1, {"more": 1}),
        (2, {"changed": True}),
        (2, {"arn": None}),
        (3, {"arn": None}),
        (3, {"revision": 2}),
        (3, {"more": 1}),
        (4, {"changes": []}),
        (4, {"changes": [OTHER]}),
        (4, {"changed": False}),
    ],
)
@pytest.mark.parametrize("way", Way)
def test_each_difference_of_the_two_ways_is_seen(way: Way, position: int, override: dict[str, Any]) -> None:
    results = dict(zip(Way, pairs(UPDATED), strict=True))
    # Of the whole life, the steps that the short one is compared with.
    place = {Way.IN_PROCESS: (0, 1, 3, 11, 13), Way.ORDINARY: (0, 1, 2, 3, 4)}[way][position]
    results[way][place] |= override
    assert len(list(differences(UPDATED, *results.values()))) == 1


def test_what_updates_one_by_one_count_otherwise_may_differ_if_the_case_says_so() -> None:
    whole, short = pairs(UPDATED)
    short[3]["revision"] = 2
    assert list(differences(UPDATED, whole, short))
    assert list(differences(replace(UPDATED, history=["revision"]), whole, short)) == []


def test_what_the_short_life_leaves_out_is_not_compared_with_its_changes() -> None:
    whole, short = pairs(UPDATED)
    short[3] |= {"changes": [OTHER], "diff": []}
    assert list(differences(UPDATED, whole, short)) == []


@pytest.mark.parametrize("position", [3, 4])
def test_a_step_that_is_not_predicted_must_change_something(position: int) -> None:
    _, short = pairs(UPDATED)
    short[position] |= {"changes": [], "changed": False}
    assert list(complaints(UPDATED, life(UPDATED, Way.ORDINARY), short))
