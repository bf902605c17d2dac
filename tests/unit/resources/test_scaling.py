# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scaling by the depth of a queue and by the clock, against moto's Application Auto Scaling."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.build import build
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.checks import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.service_scaling import (
    ScalableTarget,
    ScalingSchedules,
)
from tests.support.fake_ecs import FakeEcs
from tests.support.services import asked, make
from tests.support.services import differences as service_differences

REGION = "sa-east-1"
NIGHT = {"name": "night", "schedule": "cron(0 22 * * ? *)", "timezone": "America/Sao_Paulo", "min": 1, "max": 2}
DAY = {"name": "day", "schedule": "cron(0 7 * * ? *)", "min": 2, "max": 6}
SCALING: dict[str, Any] = {"min": 2, "max": 6, "queue": {"name": "sales", "messages_per_task": 20}}
RESTING: dict[str, Any] = {"min": 0, "max": 0, "schedules": [NIGHT, DAY], "suspend_schedules": True}


class Clients:
    """What resources need of the kernel's Cloud."""

    wait = True

    def client(self, service: str, region: str) -> Any:
        return boto3.client(service, region, aws_access_key_id="a", aws_secret_access_key="b")

    def paginate(self, service: str, operation: str, region: str, **arguments: Any) -> list[Any]:
        pages = self.client(service, region).get_paginator(operation)
        return [item for page in pages.paginate(**arguments) for item in pages.result_keys[0].search(page)]

    def wait_until(self, what: str, ready: Any, *, timeout: float) -> Any:
        answer = ready()
        assert answer, what
        return answer


def resources(scaling: dict[str, Any]) -> list[Any]:
    """The target, its schedules and the policy for the queue."""
    made = build(asked(scaling=scaling), Clients()).resources  # type: ignore[arg-type]
    kinds = (ScalableTarget, ScalingSchedules)
    return [*(r for r in made if isinstance(r, kinds)), *(r for r in made if getattr(r, "metric", "") == "queue")]


def found(some: list[Any]) -> list[Any]:
    cloud, known = Clients(), {}
    for resource in some:
        for name, actual in type(resource).find(cloud, REGION, [resource], dict(known)).items():
            known[f"{REGION}/{resource.kind}/{name}"] = actual
    return [known.get(resource.address) for resource in some]


@pytest.fixture
def made() -> Any:
    with mock_aws():
        boto3.client("ecs", REGION).create_cluster(clusterName="sales")
        ecs = boto3.client("ecs", REGION)
        container = {"name": "api", "image": "api", "memory": 128}
        ecs.register_task_definition(family="api", containerDefinitions=[container])
        ecs.create_service(cluster="sales", serviceName="api", taskDefinition="api:1", desiredCount=2)
        some = resources({**SCALING, "schedules": [NIGHT, DAY]})
        for resource in some:
            resource.create(Clients(), resource.wanted)
        yield some


@pytest.mark.usefixtures("made")
def test_what_was_made_is_found_again() -> None:
    some = resources({**SCALING, "schedules": [DAY, NIGHT]})
    for resource, actual in zip(some, found(some), strict=True):
        assert actual is not None, resource.address
        assert resource.differences(actual, resource.wanted) == {}


@pytest.mark.usefixtures("made")
def test_other_figures_are_differences_and_are_mended() -> None:
    later = {**NIGHT, "max": 3}
    queue = {"name": "sales", "messages_per_task": 5}
    some = resources({**SCALING, "queue": queue, "schedules": [later]})
    for resource, actual in zip(some, found(some), strict=True):
        differences = resource.differences(actual, resource.wanted)
        assert bool(differences) == (resource.kind != "scalable_target")
        if differences:
            resource.update(Clients(), actual, resource.wanted, differences)
    assert [item["name"] for item in found(some)[1]["schedules"]] == ["night"]
    assert found(some)[2]["target"] == 5.0


@pytest.mark.usefixtures("made")
def test_limits_that_a_schedule_set_are_left_alone() -> None:
    some = resources({**SCALING, "schedules": [NIGHT, DAY]})
    target = some[0]
    assert target.differences({"min": 1, "max": 2, "suspended": False}, target.wanted) == {}
    assert set(target.differences({"min": 1, "max": 9, "suspended": False}, target.wanted)) == {"min", "max"}


@pytest.mark.usefixtures("made")
def test_suspended_schedules_stay_and_their_limits_are_nobodys() -> None:
    some = resources(RESTING)
    target, schedules, _queue = some
    was, planned, _policy = found(some)
    differences = target.differences(was, target.wanted)
    assert differences == {"min": (2, 0), "max": (6, 0), "suspended": (False, True)}
    target.update(Clients(), was, target.wanted, differences)
    assert target.differences(found(some)[0], target.wanted) == {}
    assert schedules.differences(planned, schedules.wanted) == {}


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("stays", [(0, 0), (1, 2)])
def test_limits_of_suspended_schedules_are_mended_when_they_resume(stays: tuple[int, int]) -> None:
    """Also if one of the schedules would set the same: it did not."""
    closed = {**NIGHT, "name": "closed", "min": 0, "max": 0}
    target = resources({**SCALING, "schedules": [closed, NIGHT]})[0]
    least, most = stays
    target.create(Clients(), {"min": least, "max": most, "suspended": True})
    (was,) = found([target])
    differences = target.differences(was, target.wanted)
    assert differences == {"min": (least, 2), "max": (most, 6), "suspended": (True, False)}
    target.update(Clients(), was, target.wanted, differences)
    assert found([target])[0].items() >= {"min": 2, "max": 6, "suspended": False}.items()


def test_a_service_whose_schedules_are_suspended_is_brought_to_its_own_limits() -> None:
    cloud = FakeEcs()
    make(cloud, desired_count=3)
    assert service_differences(cloud, desired_count=0, scaling=RESTING) == {"desired_count": (3, 0)}


@pytest.mark.parametrize(
    ("scaling", "told"),
    [
        ({"queue": {"name": "sales", "messages_per_task": 0}}, "expected more than 0"),
        ({"schedules": [NIGHT, NIGHT]}, "night is there twice"),
        ({"schedules": [{**NIGHT, "schedule": "22:00"}]}, "expected cron(…), rate(…) or at(…)"),
        ({"schedules": [{**NIGHT, "min": 3}]}, "has min 3 and max 2"),
    ],
)
def test_what_cannot_be_is_told(scaling: dict[str, Any], told: str) -> None:
    assert any(told in problem for problem in problems(asked(scaling={"min": 1, "max": 2, **scaling})))
