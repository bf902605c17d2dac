# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module returns of a plan that was not carried out to its end, so that a summary of the run can be true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, Known, Resource
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import Composition, ModuleDefinition, run

PARAMS = {"region": "us-east-1", "state": "present"}


class Step(Resource):
    kind = "step"
    made = False

    @classmethod
    def find(cls, cloud: Any, region: str, resources: list[Any], found: Any) -> dict[str, Any]:
        return {each.name: dict(each.wanted) for each in resources if each.made}

    def create(self, cloud: Any, wanted: dict[str, Any]) -> dict[str, Any]:
        if wanted.get("refused"):
            raise CollectionError("not today", hint="details stay")
        self.made = True
        return wanted


def module(outputs: Callable[[Known], dict[str, Any]] = lambda known: {}, **options: Any) -> ModuleDefinition:
    """One that makes a, then fails to make b, and so never c; nothing fails with `refused` false."""

    def build(params: dict[str, Any], cloud: Any) -> Composition:
        first = Step("a", "us-east-1")
        second = Step("b", "us-east-1", needs=[first], refused=options.pop("refused", False))
        return Composition([first, second, Step("c", "us-east-1", needs=[second])], outputs, **options)

    return ModuleDefinition({}, ("sts",), build=build)


def names(changes: list[dict[str, Any]]) -> list[str]:
    return [change["name"] for change in changes]


def test_a_run_that_fails_midway_tells_what_it_made_and_what_not() -> None:
    with pytest.raises(CollectionError, match="1 of 3 changes were made") as failure:
        run(module(refused=True), PARAMS)
    told = failure.value.details
    assert (told["changed"], names(told["changes"]), names(told["not_made"])) == (True, ["a"], ["b", "c"])
    assert told["hint"] == "details stay"


def test_a_run_whose_results_cannot_be_told_made_its_changes_all_the_same() -> None:
    def unreadable(known: Known) -> dict[str, Any]:
        raise EndpointConnectionError(endpoint_url="http://region")

    with pytest.raises(CollectionError, match="AWS could not be asked") as failure:
        run(module(unreadable), PARAMS)
    assert (names(failure.value.details["changes"]), failure.value.details["not_made"]) == (["a", "b", "c"], [])


def test_what_is_left_badly_after_the_changes_does_not_hide_them() -> None:
    @contextmanager
    def lost() -> Iterator[None]:
        yield
        raise CollectionError("the lease is lost")

    with pytest.raises(CollectionError, match="the lease is lost") as failure:
        run(module(around=lost), PARAMS)
    assert names(failure.value.details["changes"]) == ["a", "b", "c"]


def test_a_check_that_fails_tells_what_it_had_planned() -> None:
    def refused(known: Known) -> dict[str, Any]:
        raise CollectionError("no")

    with pytest.raises(CollectionError) as failure:
        run(module(refused), PARAMS, check_mode=True)
    assert names(failure.value.details["changes"]) == ["a", "b", "c"] and "not_made" not in failure.value.details
