# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments that shift traffic by weights, counted by those who ask: alarms, hooks and test traffic come first."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from harness.playbooks import PlaybookFailed, run_playbook
from localcloud import Cloud
from tests.support.two_regions import HOOKED, TEST_RULE, A, B, TwoRegions, Visitors
from tests.support.waiting import eventually

IMAGES = Path(__file__).with_name("images.yml")
ALARM = "web-errors"
ASKED = 400
SHARE = (0.05, 0.16)
"""Of 10 %: four standard deviations of 400 requests, each of which is sent by chance, are 6 %."""


class Function:
    """The hook: it answers with what it is told to, and keeps the events that it got."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.answers("SUCCEEDED")
        self.table = folder / "functions.yml"
        # One write for an event: two regions may call at the same time.
        told = "event=$(cat); printf '%s\\n' \"$event\" >> events; cat answer"
        command = ["/bin/sh", "-c", f"cd {folder}; {told}"]
        self.table.write_text(json.dumps({"functions": [{"match": [HOOKED], "command": command}]}))

    def answers(self, status: str) -> None:
        (self._folder / "next").write_text(json.dumps({"hookStatus": status, "callBackDelay": 30}))
        (self._folder / "next").replace(self._folder / "answer")

    def stages(self, region: str) -> list[str]:
        events = [json.loads(line) for line in (self._folder / "events").read_text().splitlines()]
        return [each["lifecycleStage"] for each in events if f":{region}:" in each["resourceArn"]]


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Function:
    return Function(tmp_path_factory.mktemp("function"))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, function: Function) -> Iterator[TwoRegions]:
    deployment = {
        "strategy": "canary",
        "wait_timeout": 9000,  # of real minutes
        "deployment": {
            "canary": {"percent": 10, "bake_minutes": 120},
            "bake_minutes": 1,
            "alarms": {"names": [ALARM], "enable": True, "rollback": True},
            "lifecycle_hooks": [{"lifecycle_stages": ["POST_TEST_TRAFFIC_SHIFT"]}],
        },
    }
    home = tmp_path_factory.mktemp("cloud")
    tables = {"image_tables": str(IMAGES), "function_tables": str(function.table)}
    with Cloud(home, port=0, door_port=0, tick=0.1, bake_minute=0.5, **tables) as cloud:
        for region in (A, B):
            cloud.client("cloudwatch", region).put_metric_alarm(
                AlarmName=ALARM, Namespace="AWS/ApplicationELB", MetricName="HTTPCode_Target_5XX_Count", Period=60,
                EvaluationPeriods=1, Statistic="Sum", Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
            )  # fmt: skip
        yield TwoRegions(cloud, deployment)


def weights(web: TwoRegions, region: str, **which: Any) -> list[int]:
    (action,) = web.rule(region, **which)["Actions"]
    return sorted(each["Weight"] for each in action["ForwardConfig"]["TargetGroups"])


def share(visitors: Visitors, revision: int) -> float:
    """How much of the traffic this revision got."""
    total = sum(visitors.served_by.values())
    return sum(n for by, n in visitors.served_by.items() if by.endswith(f"revision={revision}")) / max(total, 1)


def in_thread(deploy: Any) -> tuple[threading.Thread, list[str]]:
    """What is deployed meanwhile, and what is said of it in the end."""
    result: list[str] = []

    def work() -> None:
        try:
            result.append(str(deploy()))
        except (CollectionError, PlaybookFailed) as error:
            result.append(" ".join(str(error).split()))

    thread = threading.Thread(target=work)
    thread.start()
    return thread, result


def stage_of(web: TwoRegions, region: str) -> tuple[str, list[dict[str, Any]]]:
    """The lifecycle stage of the service's deployment, and its hooks."""
    ecs = web.cloud.client("ecs", region)
    (told,) = ecs.list_service_deployments(cluster="web", service="web", maxResults=1)["serviceDeployments"]
    (found,) = ecs.describe_service_deployments(serviceDeploymentArns=[told["serviceDeploymentArn"]])[
        "serviceDeployments"
    ]
    return found.get("lifecycleStage", ""), found["lifecycleHookDetails"]


def test_a_canary_gets_a_tenth_of_the_traffic_and_goes_back_when_its_alarm_goes_off(
    web: TwoRegions, tmp_path: Path
) -> None:
    inventory, alarms = web.inventory(tmp_path / "web"), web.cloud.client("cloudwatch", B)
    asked = ("-e", "image_tag=v2", "-e", "approve=true", "-e", "reason=test")
    thread, result = in_thread(
        lambda: run_playbook("playbooks/deploy.yml", inventory, web.cloud.env(), tmp_path / "deploy", *asked)
    )
    eventually(lambda: result or weights(web, B) == [10, 90], 90)
    with Visitors(web, (B,), pause=0.005) as before:
        eventually(lambda: share(before, 2) > 0)  # the front door has heard
        with Visitors(web, (B,), pause=0.005) as visitors:
            eventually(lambda: visitors.answered >= ASKED, 60)
        assert SHARE[0] < share(visitors, 2) < SHARE[1], visitors.served_by
        alarms.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="too many errors")
        thread.join(60)
        assert weights(web, B) == [0, 100]
    assert before.failed == visitors.failed == []
    said = " ".join([*(tmp_path / "deploy").read_text().split(), *result])
    for words in (
        f"web in {B}: lifecycle stage PRODUCTION_TRAFFIC_SHIFT",
        f"alarm detected: {ALARM}",
        "ECS went back to web:1",
        f"{B} went back",
        f"{A} was not begun",
    ):
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


def test_test_traffic_comes_first_and_a_hook_that_fails_sends_the_version_back(
    web: TwoRegions, function: Function
) -> None:
    former = int(web.revision(B).partition(":")[2])
    function.answers("IN_PROGRESS")
    asked = len(function.stages(B))
    thread, result = in_thread(lambda: web.deploy(":v4"))
    eventually(lambda: result or len(function.stages(B)) >= asked + 2, 60)
    stage, (hook,) = stage_of(web, B)
    assert (stage, hook["status"]) == ("POST_TEST_TRAFFIC_SHIFT", "IN_PROGRESS")
    new = int(web.revision(B).partition(":")[2])
    with Visitors(web, (B,), path="/test/1") as testers, Visitors(web, (B,)) as visitors:
        eventually(lambda: testers.answered > 20 and visitors.answered > 20)
        assert new != former and share(testers, new) == share(visitors, former) == 1.0
        function.answers("FAILED")
        thread.join(60)
    function.answers("SUCCEEDED")
    assert testers.failed == visitors.failed == [] and set(function.stages(B)) == {"POST_TEST_TRAFFIC_SHIFT"}
    (said,) = result
    why = "hook execution failure(s) detected"
    for words in (why, "(hook smoke failed at POST_TEST_TRAFFIC_SHIFT)", f"{B} went back"):
        assert words in said, said
    with Visitors(web, (B,), path="/test/1") as testers:
        eventually(lambda: testers.answered > 5)
    assert weights(web, B, which=TEST_RULE) == [0, 100] and share(testers, former) == 1.0
    assert web.running() == {A: {"shop/web:v3"}, B: {"shop/web:v3"}}


def test_a_pause_holds_each_step_of_the_traffic_until_somebody_lets_it_go_on(web: TwoRegions) -> None:
    ecs = web.cloud.client("ecs", B)
    hook = {"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"]}
    ecs.update_service(cluster="web", service="web", deploymentConfiguration={"lifecycleHooks": [hook]})
    thread, result = in_thread(lambda: web.deploy(":v4", waves=[[B]]))

    def waiting() -> list[dict[str, Any]]:
        return [each for each in stage_of(web, B)[1] if each["status"] == "AWAITING_ACTION"]

    for before in ([0, 100], [10, 90]):
        eventually(lambda now=before: result or (waiting() and weights(web, B) == now), 60)
        (paused,) = waiting()
        assert paused["timeoutAction"] == "ROLLBACK"
        (service,) = ecs.describe_services(cluster="web", services=["web"])["services"]
        deployment = service["currentServiceDeployment"]
        ecs.continue_service_deployment(serviceDeploymentArn=deployment, hookId=paused["hookId"], action="CONTINUE")
    thread.join(60)
    assert "went back" not in result[0] and web.running()[B] == {"shop/web:v4"}
    (told,) = ecs.describe_service_deployments(serviceDeploymentArns=[deployment])["serviceDeployments"]
    assert (told["status"], told["lifecycleStage"]) == ("SUCCESSFUL", "CLEAN_UP")
