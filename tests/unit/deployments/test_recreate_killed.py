# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of strategy recreate killed anywhere: the next one completes them, and nothing of them acts any more."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.recreate import MEMORY_TAG
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.rollout import DeploymentFailed
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.support import recreated_ecs
from tests.support.recreated_ecs import RECREATE, WRONG, Killed, RecreatedEcs, recreated, serving
from tests.support.services import BEHIND, GROUP, ONE, TWO, differences, make, update


def calls_of_a_run() -> int:
    fake = RecreatedEcs()
    make(fake, **RECREATE)
    before = fake.writes
    recreated(fake)
    return fake.writes - before


@pytest.mark.parametrize("number", range(calls_of_a_run()))
@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
def test_a_run_killed_at_any_change_is_completed_by_the_next(number: int, answered: bool) -> None:
    cloud = RecreatedEcs()
    make(cloud, **RECREATE, deployment={})
    cloud.killed_at = (cloud.writes + number, answered)
    with pytest.raises(Killed):
        recreated(cloud)
    cloud.killed_at = None
    found = differences(cloud, **RECREATE, task_definition=TWO)
    if found:
        recreated(cloud)
    service = cloud.services["api"]
    assert (service["taskDefinition"], service["desiredCount"]) == (TWO, 1)
    assert [task["taskDefinitionArn"] for task in cloud.alive()] == [TWO]
    assert cloud.most_at_once == 1
    assert differences(cloud, **RECREATE, task_definition=TWO) == {}


@pytest.mark.parametrize("number", range(calls_of_a_run()))
@pytest.mark.parametrize("strategy", ["recreate", "rolling"])
def test_after_a_kill_the_former_revision_can_be_asked_for_again(number: int, strategy: str) -> None:
    """Nobody says how many tasks there were: the tag knows."""
    cloud = RecreatedEcs()
    make(cloud, **RECREATE)
    cloud.killed_at = (cloud.writes + number, True)
    with pytest.raises(Killed):
        recreated(cloud, desired_count=None)
    cloud.killed_at = None
    unfinished = MEMORY_TAG in cloud.tags()
    given = {"strategy": strategy, "task_definition": ONE}
    if differences(cloud, **given):
        update(cloud, **given)
    service = cloud.services["api"]
    assert (service["taskDefinition"], service["desiredCount"]) == (ONE, 1)
    if unfinished or strategy == "recreate":
        assert cloud.most_at_once == 1
    assert differences(cloud, **given) == {}


def test_what_the_killed_run_scaled_away_is_no_failure_of_the_next(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "hangs"}
    cloud.killed_at = (cloud.writes + 3, True)  # remembered, stopped, started, stopped to go back
    with pytest.raises(Killed):
        recreated(cloud, deployment={"healthy_within": 1})
    cloud.bad, cloud.killed_at = {}, None
    assert recreated(cloud, deployment={"failed_tasks": 1})["task_definition"] == TWO


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The process that started this one, as the kernel tells it."""
    told = {"id": 4242}
    monkeypatch.setattr(RecreatedEcs, "has_parent", lambda _self: told["id"] == 4242)
    return told


@pytest.mark.parametrize("number", range(6))  # remembered, stopped, started, stopped to go back, back, forgotten
def test_nothing_is_sent_any_more_for_a_run_that_was_killed(
    cloud: RecreatedEcs, parent: dict[str, int], number: int
) -> None:
    """Its worker lives on, and the next run may be at work already."""
    cloud.bad = {TWO: "crashes"}
    last = cloud.writes + number

    def written(write: Any, **request: Any) -> Any:
        cloud.writes += 1
        answer = write(**request)
        if cloud.writes > last:
            parent["id"] = 1
        return answer

    cloud._written = written  # type: ignore[method-assign]
    with pytest.raises(CollectionError) as failure:
        recreated(cloud)
    assert cloud.writes == last + 1
    if number < 3:
        assert "the run that this process worked for has ended" in failure.value.message
        assert not isinstance(failure.value, DeploymentFailed)


def test_a_worker_that_was_left_behind_ends_while_it_waits(cloud: RecreatedEcs, parent: dict[str, int]) -> None:
    cloud.bad = {TWO: "hangs"}
    made = cloud.describe_services

    def killed(**request: Any) -> Any:
        if cloud.services["api"]["taskDefinition"] == TWO:
            parent["id"] = 1
        return made(**request)

    cloud.describe_services = killed  # type: ignore[method-assign]
    with pytest.raises(CollectionError, match="has ended") as failure:
        recreated(cloud)
    assert not isinstance(failure.value, DeploymentFailed)
    assert MEMORY_TAG in cloud.tags()


def test_a_worker_that_was_left_behind_does_not_forget_what_the_next_run_remembers(
    cloud: RecreatedEcs, parent: dict[str, int]
) -> None:
    made = cloud.describe_services

    def killed(**request: Any) -> Any:
        now = cloud.services["api"]["deployments"][0]
        if (now["taskDefinition"], now["rolloutState"]) == (TWO, "COMPLETED"):
            parent["id"] = 1
        return made(**request)

    cloud.describe_services = killed  # type: ignore[method-assign]
    with pytest.raises(CollectionError, match="has ended"):
        recreated(cloud)
    assert MEMORY_TAG in cloud.tags()


def test_a_task_is_started_from_none_when_those_before_have_stopped(
    cloud: RecreatedEcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recreated_ecs, "LOOKS_TO_STOP", 50)
    cloud.killed_at = (cloud.writes, True)
    with pytest.raises(Killed):
        update(cloud, strategy="recreate", desired_count=0)
    cloud.killed_at = None
    assert cloud.alive() != []
    assert update(cloud, **RECREATE)["running_count"] == 1
    assert cloud.most_at_once == 1


@pytest.mark.parametrize("first", range(3))  # remembered, stopped, started
@pytest.mark.parametrize("second", range(7))
@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
def test_what_comes_back_after_kills_is_what_was_deployed(first: int, second: int, answered: bool) -> None:
    cloud = RecreatedEcs()
    make(cloud, **RECREATE, load_balancers=BEHIND)
    cloud.bad = {TWO: "crashes"}
    for number in (first, second):
        cloud.killed_at = (cloud.writes + number, answered)
        with pytest.raises((Killed, DeploymentFailed)):
            recreated(cloud, network=WRONG)
    cloud.killed_at = None
    with pytest.raises(DeploymentFailed, match="api:1 is back"):
        recreated(cloud, network=WRONG)
    now = cloud.services["api"]
    assert now["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] == ["sg-1"]
    assert now["loadBalancers"][0]["targetGroupArn"] == GROUP
    assert serving(cloud) == ["api:1"]
    assert cloud.most_at_once == 1
    assert not any(key.startswith(MEMORY_TAG) for key in cloud.tags())


def test_what_was_deployed_before_all_runs_that_were_killed_comes_back(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    cloud.killed_at = (cloud.writes + 2, True)  # remembered, stopped, started
    with pytest.raises(Killed):
        recreated(cloud, network=WRONG)
    cloud.killed_at = None
    with pytest.raises(DeploymentFailed, match="api:1 is back"):
        recreated(cloud, network={**WRONG, "security_groups": ["sg-wrong-too"]})
    network = cloud.services["api"]["networkConfiguration"]["awsvpcConfiguration"]
    assert network["securityGroups"] == ["sg-1"]
