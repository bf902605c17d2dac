# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategy recreate while ECS refuses, answers late, or its answers are lost."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments import rollout
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.recreate import MEMORY_TAG, Memory
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.rollout import DeploymentFailed
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import retrying as patience
from tests.support.fake_ecs import refusal
from tests.support.recreated_ecs import RECREATE, Killed, RecreatedEcs, recreated, serving
from tests.support.services import ONE, TWO, Late, make, update


def test_looks_that_fail_take_no_new_revision_down(cloud: RecreatedEcs) -> None:
    refusals = iter([True] * 5)
    cloud.refused = {"list_tasks": lambda: TWO in serving(cloud) and next(refusals, False)}
    assert recreated(cloud)["task_definition"] == TWO
    assert next(refusals, None) is None
    assert [request.get("desiredCount") for request in cloud.sent[1:]] == [0, 1]


def test_what_cannot_be_seen_at_the_deadline_is_left_as_it_is(cloud: RecreatedEcs) -> None:
    cloud.refused = {"list_tasks": lambda: TWO in serving(cloud)}
    with pytest.raises(CollectionError, match="may serve: .*Rate exceeded") as failure:
        recreated(cloud, deployment={"healthy_within": 1})
    assert not isinstance(failure.value, DeploymentFailed)
    assert serving(cloud) == [TWO]
    cloud.refused = {}
    assert recreated(cloud)["task_definition"] == TWO
    assert MEMORY_TAG not in cloud.tags()


def test_a_start_that_is_refused_goes_back(cloud: RecreatedEcs) -> None:
    refusals = iter([True])
    cloud.refused = {"update_service": lambda: not cloud.services["api"]["desiredCount"] and next(refusals, False)}
    with pytest.raises(DeploymentFailed, match=r"Rate exceeded.* api:1 is back and serves again"):
        recreated(cloud)
    assert serving(cloud) == ["api:1"]


def test_a_change_that_is_refused_while_the_new_revision_runs_takes_nothing_down(cloud: RecreatedEcs) -> None:
    cloud.killed_at = (cloud.writes + 2, True)  # remembered, stopped, started
    with pytest.raises(Killed):
        recreated(cloud)
    cloud.killed_at = None
    cloud.refused = {"update_service": lambda: True}
    with pytest.raises(ClientError, match="Rate exceeded"):
        recreated(cloud, enable_execute_command=True)
    assert cloud.services["api"]["desiredCount"] == 1
    assert MEMORY_TAG in cloud.tags()


def test_a_stop_that_is_refused_leaves_nothing_behind(cloud: RecreatedEcs) -> None:
    cloud.refused = {"update_service": lambda: True}
    with pytest.raises(ClientError, match="Rate exceeded"):
        recreated(cloud)
    assert MEMORY_TAG not in cloud.tags()
    assert cloud.services["api"]["desiredCount"] == 1


def test_a_stop_that_is_refused_keeps_what_a_killed_run_remembered(cloud: RecreatedEcs) -> None:
    """Without it nobody would know that there was a task: no count is asked for."""
    cloud.killed_at = (cloud.writes + 1, True)  # remembered, stopped
    with pytest.raises(Killed):
        recreated(cloud, desired_count=None)
    cloud.killed_at = None
    cloud.refused = {"update_service": lambda: True}
    with pytest.raises(ClientError, match="Rate exceeded"):
        recreated(cloud, desired_count=None)
    cloud.refused = {}
    assert recreated(cloud, desired_count=None)["running_count"] == 1
    assert serving(cloud) == [TWO]


def test_a_stop_that_is_refused_keeps_the_revision_that_is_known_to_work(cloud: RecreatedEcs) -> None:
    cloud.killed_at = (cloud.writes + 2, True)  # remembered, stopped, started
    with pytest.raises(Killed):
        recreated(cloud)
    cloud.killed_at = None
    cloud.refused = {"update_service": lambda: True}
    with pytest.raises(ClientError, match="Rate exceeded"):
        recreated(cloud, force_new_deployment=True, definition=ONE)
    assert Memory.read(cloud.tags()[MEMORY_TAG]).revision == "api:1"


def test_a_stop_that_was_made_and_answered_with_an_error_is_remembered(
    cloud: RecreatedEcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cloud.update_service

    def answered_badly(**request: Any) -> None:
        made(**request)
        raise refusal("ServerException", "Internal error", "UpdateService")

    with monkeypatch.context() as patched:
        patched.setattr(cloud, "update_service", answered_badly)
        with pytest.raises(ClientError, match="Internal error"):
            recreated(cloud, desired_count=None)
    assert recreated(cloud, desired_count=None)["running_count"] == 1


class LateRecreatedEcs(Late, RecreatedEcs):
    """As ECS is: its answers lag behind."""


@pytest.mark.parametrize("given", [{"task_definition": TWO}, {"force_new_deployment": True}])
def test_an_answer_from_before_the_start_says_nothing_of_it(given: dict[str, Any]) -> None:
    cloud = LateRecreatedEcs()
    make(cloud, **RECREATE)
    made = update(cloud, **RECREATE, **given)
    assert (made["desired_count"], made["running_count"], made["deployment_id"]) == (1, 1, "ecs-svc/2")
    assert made["task_definition"] == given.get("task_definition", ONE)
    assert MEMORY_TAG not in cloud.tags()


def test_an_answer_from_before_the_count_came_back_says_nothing_of_it() -> None:
    cloud = LateRecreatedEcs()
    make(cloud, **RECREATE)
    cloud.killed_at = (cloud.writes + 1, True)  # remembered, stopped
    with pytest.raises(Killed):
        recreated(cloud)
    cloud.killed_at = None
    assert update(cloud, **RECREATE)["running_count"] == 1


def loses_once(cloud: RecreatedEcs, count: int) -> None:
    """The answer to the first request for so many tasks is lost."""
    lost = iter([True])
    cloud.loses = lambda request: request.get("desiredCount") == count and next(lost, False)


@pytest.mark.parametrize("given", [{"task_definition": TWO}, {"force_new_deployment": True}])
def test_a_start_whose_answer_is_lost_deploys_once(
    cloud: RecreatedEcs, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)
    loses_once(cloud, 1)
    assert update(cloud, **RECREATE, **given)["deployment_id"] == "ecs-svc/2"
    assert cloud.most_at_once == 1


def test_a_new_revision_need_not_be_forced(cloud: RecreatedEcs) -> None:
    recreated(cloud)
    assert "forceNewDeployment" not in cloud.sent[-1]


def test_going_back_whose_answer_is_lost_deploys_once(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    lost = iter([True])
    cloud.loses = lambda request: request.get("taskDefinition") == "api:1" and next(lost, False)
    with pytest.raises(DeploymentFailed, match="api:1 is back"):
        recreated(cloud)
    assert next(lost, None) is None
    assert cloud.most_at_once == 1


@pytest.fixture
def quick_to_send_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "LAGS_SECONDS", 0.01)
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)


def refused_start(cloud: RecreatedEcs) -> None:
    """The first start gets no further than ECS's door."""
    refusals = iter([True])
    cloud.refused = {"update_service": lambda: not cloud.services["api"]["desiredCount"] and next(refusals, False)}


@pytest.mark.usefixtures("quick_to_send_again")
def test_a_forced_start_that_did_not_arrive_is_sent_again(cloud: RecreatedEcs) -> None:
    refused_start(cloud)
    assert update(cloud, **RECREATE, force_new_deployment=True)["deployment_id"] == "ecs-svc/2"
    assert cloud.most_at_once == 1


@pytest.mark.usefixtures("quick_to_send_again")
def test_a_forced_start_of_which_nothing_can_be_seen_is_not_sent_again(cloud: RecreatedEcs) -> None:
    refused_start(cloud)
    made, start = cloud.describe_services, cloud.refused["update_service"]

    def refused() -> bool:
        if not start():
            return False
        cloud.refused["describe_services"] = lambda: True
        return True

    def seen(**request: Any) -> Any:
        cloud._admit("describe_services")
        return made(**request)

    cloud.refused["update_service"] = refused
    cloud.describe_services = seen  # type: ignore[method-assign]
    with pytest.raises(CollectionError, match="could not be seen, so none was sent again"):
        update(cloud, **RECREATE, force_new_deployment=True, deployment={"healthy_within": 1})
    assert MEMORY_TAG in cloud.tags()
