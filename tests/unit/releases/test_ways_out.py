# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways out of deployments that cannot go on, and what is the release where nothing was deployed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.encoding import to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.releases import run as release_run
from ansible_collections.multiregion.ecs.plugins.module_utils.releases.steps import service as service_step
from tests.support.aws_clients import aws_client
from tests.support.deployed_regions import World
from tests.support.release_records import BUILT, entries, is_settled, items, release, signal_cancel
from tests.support.workload_tables import Workload

A, B, C = "sa-east-1", "us-east-1", "eu-west-1"


def test_a_cancelled_deployment_does_not_wait_for_the_rollout_that_is_under_way(
    world: World, tables: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rollout would never end by itself."""
    looked = []

    def never(cloud: Cloud, *_given: Any) -> Any:
        def look() -> bool:
            looked.append(1)
            if len(looked) == 3:
                signal_cancel(tables)
            return False

        return cloud.wait_until("a rollout that does not end", look)

    monkeypatch.setattr(service_step, "move", never)
    monkeypatch.setattr(release_run, "SIGNAL_SECONDS", 0.1)
    with pytest.raises(CollectionError, match="it was cancelled from another terminal"):
        world.deploy(":v2", wait_timeout=60)
    assert len(looked) < 20 and world.versions() == {A: "v1", B: "v1"} and tables.lease()["plan"] is None


def test_a_region_that_dies_in_the_middle_is_left_out_of_going_back(world: World, tables: Workload) -> None:
    def dies(operation: str, arguments: dict[str, Any]) -> None:
        if operation == "update_service":
            world.silent.add(B)

    world.watchers.append(dies)
    with pytest.raises(CollectionError, match="going back failed too"):
        world.deploy(":v2")
    world.watchers.clear()
    for again in (lambda: world.deploy(":v2"), world.rollback):
        with pytest.raises(CollectionError, match="rollback.yml -e waves=.." + A):
            again()
    foretold = world.rollback(waves=[[A]], check=True)
    assert any(f"{B}: does not answer, and stays as it is" in line for line in foretold["sentences"])
    world.rollback(waves=[[A]])
    assert tables.lease()["plan"] is None and tables.lease()["holder"] == ""
    assert f"{B} did not answer and stayed as it was" in entries()[0]["outcome"]
    world.deploy(":v3", waves=[[A]])
    assert world.versions()[A] == "v3"
    world.silent.clear()
    world.deploy(":v3")
    assert world.versions() == {A: "v3", B: "v3"} and is_settled(world, tables)


def test_what_a_task_wrote_does_not_fill_the_lease(world: World, tables: Workload) -> None:
    with pytest.raises(CollectionError) as failure, pytest.MonkeyPatch.context() as patch:

        def fail(*_given: Any) -> Any:
            raise CollectionError("x" * 500_000)

        patch.setattr(service_step, "move", fail)
        world.deploy(":v2")
    assert "went back to what ran there before" in str(failure.value)
    assert len(entries()[0]["outcome"]) < 5000 and is_settled(world, tables)


def test_a_region_that_was_not_deployed_to_keeps_what_it_runs(world: World) -> None:
    world.deploy(":v2", waves=[[A]])
    assert release()[B] == BUILT and release()[A]["services"]["api"]["images"] == {"api": "shop/api:v2"}


def test_a_region_that_was_added_later_goes_back_with_the_others(made: Callable[..., World]) -> None:
    world = made({A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"})
    world.deploy(":v2", waves=[[B], [A]])
    table = aws_client("dynamodb", "us-east-2")
    (told,) = items("release")
    del told["regions"][C]  # as if it had been built after the deployment, by the release
    table.put_item(TableName="sales-lease", Item=to_attributes(told))
    for name in world.services:
        world.regions[C].make(name, f"shop/{name}:v2")
    world.rollback()
    assert world.versions() == {A: "v1", B: "v1", C: "v1"}
