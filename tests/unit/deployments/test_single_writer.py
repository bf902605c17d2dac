# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service of a single writer is not rolled, and runs once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.support.recreated_ecs import RECREATE, RecreatedEcs
from tests.support.services import ONE, TWO, actual, make, service_of


def definition(**mount: Any) -> dict[str, Any]:
    return {
        "volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}, {"name": "scratch"}],
        "containerDefinitions": [
            {
                "name": "mongo",
                "dockerLabels": {"multiregion.ecs.single-writer": "true"},
                "mountPoints": [{"sourceVolume": "data", "containerPath": "/data/db", **mount}],
            }
        ],
    }


def test_a_single_writer_is_not_rolled(cloud: RecreatedEcs) -> None:
    cloud.definitions[TWO] = definition()
    service = service_of(cloud, task_definition=TWO, desired_count=1)
    with pytest.raises(
        CollectionError, match=r"container mongo of api:2 is the single writer .* Use strategy: recreate"
    ):
        actual(cloud, service)
    assert actual(cloud, service_of(cloud, **RECREATE, task_definition=TWO)) is not None
    cloud.definitions[TWO] = definition(readOnly=True)
    assert actual(cloud, service) is not None
    cloud.definitions[TWO] = definition(sourceVolume="scratch")
    assert actual(cloud, service) is not None


def test_a_single_writer_runs_once(cloud: RecreatedEcs) -> None:
    cloud.definitions[TWO] = definition()
    two = service_of(cloud, strategy="recreate", task_definition=TWO, desired_count=2)
    with pytest.raises(
        CollectionError, match=r"must not run 2 tasks: container mongo of api:2 .* Use desired_count: 1"
    ):
        actual(cloud, two)
    cloud.definitions[TWO] = definition(readOnly=True)
    assert actual(cloud, two) is not None


@pytest.mark.parametrize("given", [{}, {"desired_count": 2}, {"deployment": {"maximum_percent": 150}}])
def test_a_single_writer_that_is_recreated_does_not_become_a_rolled_one(
    cloud: RecreatedEcs, given: dict[str, Any]
) -> None:
    """Its revision may stay as it is: what is rolled from now on, or scaled, meets."""
    cloud.definitions[ONE] = definition()
    with pytest.raises(CollectionError, match="must not be rolled"):
        actual(cloud, service_of(cloud, **given))


def test_a_single_writer_whose_rolling_failed_is_not_rolled_again() -> None:
    cloud = RecreatedEcs()
    make(cloud, desired_count=1)
    cloud.definitions[ONE] = definition()
    now = cloud.services["api"]["deployments"][0]
    now["rolloutState"] = "FAILED"
    cloud.wait = False
    assert actual(cloud, service_of(cloud, desired_count=1)) is not None  # nothing would be changed
    now["rolloutState"] = "FAILED"
    cloud.wait = True
    with pytest.raises(CollectionError, match="must not be rolled"):
        actual(cloud, service_of(cloud, desired_count=1))


def test_a_rolled_service_that_stays_as_it_is_costs_no_look_at_its_definition() -> None:
    cloud = RecreatedEcs()
    make(cloud, desired_count=1)
    cloud.calls.clear()
    actual(cloud, service_of(cloud, desired_count=1))
    assert dict(cloud.calls) == {"describe_services": 1}
