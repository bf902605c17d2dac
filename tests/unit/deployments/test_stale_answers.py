# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DescribeServices tells once more what was, after each change: nothing may be concluded from that."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments import rollout
from tests.support.fake_ecs import FakeEcs
from tests.support.recreated_ecs import RecreatedEcs
from tests.support.services import TWO, make, update

RECREATE = {"strategy": "recreate", "desired_count": 1}


class _Stale:
    """What the class beside it tells of services, one answer late after each change."""

    lags = False
    late: tuple[dict[str, Any], ...] = ()

    def create_service(self, **request: Any) -> Any:
        return self._changed(super().create_service, request)  # type: ignore[misc]

    def update_service(self, **request: Any) -> Any:
        return self._changed(super().update_service, request)  # type: ignore[misc]

    def _changed(self, change: Any, request: dict[str, Any]) -> Any:
        if not self.lags:
            return change(**request)
        before = super().describe_services(cluster="sales", services=["api"])  # type: ignore[misc]
        answer = change(**request)
        self.late = (before,)
        return answer

    def describe_services(self, **request: Any) -> dict[str, Any]:
        if self.late:
            (answer,), self.late = self.late, ()
            return answer
        return super().describe_services(**request)  # type: ignore[misc]


class StaleEcs(_Stale, FakeEcs):
    pass


class StaleRecreatedEcs(_Stale, RecreatedEcs):
    pass


@pytest.fixture
def rolled() -> StaleEcs:
    cloud = StaleEcs()
    make(cloud, desired_count=2)
    cloud.lags = True
    return cloud


@pytest.fixture
def recreated() -> StaleRecreatedEcs:
    cloud = StaleRecreatedEcs()
    make(cloud, **RECREATE)
    cloud.lags = True
    return cloud


def test_a_service_that_is_not_told_of_yet_is_waited_for() -> None:
    cloud = StaleEcs()
    cloud.lags = True
    assert make(cloud, desired_count=2)["running_count"] == 2
    assert not cloud.late


def test_a_rolled_deployment_is_not_taken_for_one_that_was_replaced(rolled: StaleEcs) -> None:
    assert update(rolled, desired_count=2, task_definition=TWO)["task_definition"] == TWO


def test_a_forced_deployment_is_not_taken_for_the_former_one(rolled: StaleEcs) -> None:
    made = update(rolled, desired_count=2, force_new_deployment=True)
    assert (made["deployment_id"], made["rollout"]) == ("ecs-svc/2", "COMPLETED")


def test_a_forced_deployment_that_fails_is_no_success(rolled: StaleEcs) -> None:
    rolled.outcome = "fails"
    with pytest.raises(rollout.DeploymentFailed, match="tasks failed to start"):
        update(rolled, desired_count=2, force_new_deployment=True)


def test_a_count_is_not_taken_for_reached_before_ecs_tells_it(rolled: StaleEcs) -> None:
    made = update(rolled, desired_count=4)
    assert (made["desired_count"], made["running_count"]) == (4, 4)


def test_a_recreated_revision_is_not_stopped_because_the_former_one_is_still_told(recreated: StaleRecreatedEcs) -> None:
    made = update(recreated, **RECREATE, task_definition=TWO)
    assert (made["task_definition"], made["running_count"]) == (TWO, 1)
    assert [request.get("desiredCount") for request in recreated.sent[1:]] == [0, 1]


def test_a_service_that_is_recreated_by_force_is_seen_to_run(recreated: StaleRecreatedEcs) -> None:
    made = update(recreated, **RECREATE, force_new_deployment=True)
    assert (made["deployment_id"], made["desired_count"], made["running_count"]) == ("ecs-svc/2", 1, 1)


def test_the_way_back_is_not_taken_for_failed_because_the_bad_revision_is_still_told(
    recreated: StaleRecreatedEcs,
) -> None:
    recreated.bad = {TWO: "crashes"}
    with pytest.raises(rollout.DeploymentFailed, match="api:1 is back and serves again"):
        update(recreated, **RECREATE, task_definition=TWO)


def test_a_deployment_that_was_replaced_by_another_fails_in_the_end(
    rolled: StaleEcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout, "LAGS_SECONDS", 0)
    where: Any = (rolled, "sa-east-1", "sales", "api")
    with pytest.raises(rollout.DeploymentFailed, match="api:1 is deployed instead"):
        rollout.wait_until_finished(*where, "ecs-svc/none", TWO)
