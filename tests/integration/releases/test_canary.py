# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments that shift traffic by weights, counted by those who ask: a canary that its alarm sends back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from localcloud import Cloud
from tests.support.two_regions import A, B, TwoRegions, Visitors
from tests.support.waiting import eventually

IMAGES = Path(__file__).with_name("images.yml")
ALARM = "web-errors"
ASKED = 400
SHARE = (0.05, 0.16)
"""Of 10 %: four standard deviations of 400 requests, each of which is sent by chance, are 6 %."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRegions]:
    deployment = {
        "strategy": "canary",
        "wait_timeout": 9000,  # of real minutes
        "deployment": {
            "canary": {"percent": 10, "bake_minutes": 120},
            "bake_minutes": 1,
            "alarms": {"names": [ALARM], "enable": True, "rollback": True},
        },
    }
    home = tmp_path_factory.mktemp("cloud")
    with Cloud(home, port=0, door_port=0, tick=0.1, bake_minute=0.5, image_tables=str(IMAGES)) as cloud:
        for region in (A, B):
            cloud.client("cloudwatch", region).put_metric_alarm(
                AlarmName=ALARM, Namespace="AWS/ApplicationELB", MetricName="HTTPCode_Target_5XX_Count", Period=60,
                EvaluationPeriods=1, Statistic="Sum", Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
            )  # fmt: skip
        yield TwoRegions(cloud, deployment)


def weights(web: TwoRegions, region: str) -> list[int]:
    (action,) = web.rule(region)["Actions"]
    return sorted(each["Weight"] for each in action["ForwardConfig"]["TargetGroups"])


def share(visitors: Visitors, revision: int) -> float:
    """How much of the traffic this revision got."""
    total = sum(visitors.served_by.values())
    return sum(n for by, n in visitors.served_by.items() if by.endswith(f"revision={revision}")) / max(total, 1)


def in_thread(web: TwoRegions, wish: str, **given: Any) -> tuple[threading.Thread, list[Any]]:
    result: list[Any] = []

    def deploy() -> None:
        try:
            result.append(web.deploy(wish, **given))
        except CollectionError as error:
            result.append(str(error))

    thread = threading.Thread(target=deploy)
    thread.start()
    return thread, result


def test_a_canary_gets_a_tenth_of_the_traffic_and_goes_back_when_its_alarm_goes_off(web: TwoRegions) -> None:
    alarms = web.cloud.client("cloudwatch", B)
    thread, result = in_thread(web, ":v2")
    eventually(lambda: weights(web, B) == [10, 90], 60)
    with Visitors(web, (B,), pause=0.005) as before:
        eventually(lambda: share(before, 2) > 0)  # the front door has heard
        with Visitors(web, (B,), pause=0.005) as visitors:
            eventually(lambda: visitors.answered >= ASKED, 60)
        assert SHARE[0] < share(visitors, 2) < SHARE[1], visitors.served_by
        alarms.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="too many errors")
        thread.join(60)
        assert weights(web, B) == [0, 100]
    assert before.failed == visitors.failed == []
    (said,) = result
    for words in (f"alarm detected: {ALARM}", "ECS went back to web:1", f"{B} went back", f"{A} was not begun"):
        assert words in said, said
    assert web.running() == {A: {"shop/web:v1"}, B: {"shop/web:v1"}}
    alarms.set_alarm_state(AlarmName=ALARM, StateValue="OK", StateReason="over")


def test_one_that_does_well_gets_everything_and_the_next_comes_from_the_other_side(web: TwoRegions) -> None:
    for region in (A, B):
        web.cloud.client("ecs", region).update_service(
            cluster="web", service="web",
            deploymentConfiguration={"canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 2}},
        )  # fmt: skip
    before = web.rule(B)["Actions"]
    with Visitors(web) as visitors:
        web.deploy(":v3")
    assert visitors.failed == [] and visitors.answered > 100
    assert web.running() == {A: {"shop/web:v3"}, B: {"shop/web:v3"}}
    assert weights(web, B) == [0, 100] and web.rule(B)["Actions"] != before
    assert web.ask("load_balancer", B, check_mode=True, **web.balancers[B])["changes"] == [], "the weights are ECS's"
