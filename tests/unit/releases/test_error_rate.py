# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region that is watched by the error rate of its services, with what CloudWatch tells of them made up."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.releases import error_rate
from ansible_collections.multiregion.ecs.plugins.module_utils.releases.steps import bake as bake_step
from tests.support.deployed_regions import World

A, B = "sa-east-1", "us-east-1"
REQUESTS, TARGET, OWN = error_rate.REQUESTS, error_rate.TARGET_ERRORS, error_rate.OWN_ERRORS
LIMIT = {"most_percent": 1.0, "least_requests": 50, "wait": 0.2}


@pytest.fixture(autouse=True)
def _short_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_rate, "PERIOD_SECONDS", 0.05)
    monkeypatch.setattr(bake_step, "LOOK_SECONDS", 0.05)


def served(world: World, **metrics: dict[str, float]) -> None:
    """Both services are behind one load balancer everywhere; `metrics`: service, or `both`, → metric → value."""
    for region in world.regions.values():
        region.balance("api", "worker")
        region.metrics = {
            (metric, "" if name == "both" else name): value
            for name, told in metrics.items()
            for metric, value in told.items()
        }


def bake(made: dict[str, Any], region: str = B) -> str:
    return next(str(s["sentence"]) for s in made["steps"] if (s["step"], s["region"]) == ("bake", region))


def test_a_region_whose_service_fails_too_many_requests_goes_back(world: World) -> None:
    served(world, api={REQUESTS: 1000, TARGET: 11}, worker={REQUESTS: 100}, both={REQUESTS: 1100, TARGET: 11})
    with pytest.raises(CollectionError) as failure:
        world.deploy(":v2", error_rate=LIMIT)
    said = str(failure.value)
    assert f"{B} does not do well after the deployment: service api: 11 of 1000 requests" in said and "1.1 %" in said
    assert f"{A} was not begun" in said and world.versions() == {A: "v1", B: "v1"}


def test_as_many_as_are_allowed_are_no_trouble_and_are_told(world: World) -> None:
    served(world, api={REQUESTS: 1000, TARGET: 10}, worker={REQUESTS: 20, TARGET: 20}, both={REQUESTS: 4000})
    made = world.deploy(":v2", error_rate=LIMIT)
    assert world.versions() == {A: "v2", B: "v2"}
    for words in (
        "service api: 10 of 1000 requests failed",
        "service worker: 20 of 20 requests failed, too few to judge",
        "load balancer web: 0 of 4000 requests failed",
    ):
        assert words in bake(made)
    assert any("at most 1 % of its requests may fail" in line for line in made["sentences"])


def test_what_a_load_balancer_answers_itself_counts_where_it_serves_nobody_else(world: World) -> None:
    served(world, api={REQUESTS: 100}, both={REQUESTS: 100, OWN: 7})
    with pytest.raises(CollectionError, match=r"load balancer web: 7 of 100 requests were answered with 5xx"):
        world.deploy(":v2", error_rate=LIMIT)
    alone = {"services": [{"cluster": "sales", "name": "api", "images": {"api": ":v2"}}]}
    made = world.deploy(error_rate=LIMIT, **alone)
    assert bake(made).endswith("(service api: 0 of 100 requests failed): api " + bake(made)[-12:])
    for region in world.regions.values():
        region.services["worker"]["loadBalancers"] = []  # so that the load balancer is the API's alone
    alone["services"][0]["images"] = {"api": ":v3"}
    with pytest.raises(CollectionError, match=r"service api: 7 of 100 requests were answered with 5xx"):
        world.deploy(error_rate=LIMIT, **alone)


def test_nothing_measured_is_waited_for_and_said(world: World) -> None:
    served(world, worker={REQUESTS: 60})
    made = world.deploy(":v2", error_rate=LIMIT)
    assert "service api: no requests, so its error rate is unknown" in bake(made)
    assert (
        next(s["seconds"] if "seconds" in s else s["milliseconds"] / 1000 for s in made["steps"] if s["step"] == "bake")
        > 0.2
    )


def test_services_without_a_load_balancer_are_not_waited_for(world: World) -> None:
    made = world.deploy(":v2", error_rate={**LIMIT, "wait": 600.0})
    assert "error rate unknown: no service has an Application Load Balancer" in bake(made)


def test_all_services_are_asked_about_in_one_call(world: World) -> None:
    served(world, api={REQUESTS: 100}, worker={REQUESTS: 100}, both={REQUESTS: 200})
    asked: list[int] = []
    world.watchers.append(lambda operation, given: asked.append(len(given.get("MetricDataQueries", []))))
    world.deploy(":v2", error_rate=LIMIT, waves=[[B]])
    assert {number for number in asked if number} == {7}


def test_a_region_whose_metrics_may_not_be_read_is_not_deployed_to(world: World) -> None:
    served(world, api={REQUESTS: 100})

    def refuse(operation: str, _given: dict[str, Any]) -> None:
        if operation == "get_metric_data":
            raise CollectionError("AccessDenied: cloudwatch:GetMetricData")

    world.watchers.append(refuse)
    with pytest.raises(CollectionError, match="AccessDenied"):
        world.deploy(":v2", error_rate=LIMIT)
    assert world.versions() == {A: "v1", B: "v1"} and "update_service" not in world.writes


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"most_percent": 100}, "error_rate.most_percent is 100; expected 0 or more, and less than 100"),
        ({"most_percent": 1, "least_requests": 0}, "error_rate.least_requests is 0; expected 1 or more"),
        ({"most_percent": 1, "wait": -1}, "error_rate.wait is -1; expected 0 or more"),
    ],
)
def test_limits_that_cannot_be_right_are_refused(world: World, limit: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        world.deploy(":v2", error_rate=limit)
