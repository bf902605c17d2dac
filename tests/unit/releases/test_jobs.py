# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs before a service gets a new revision: once, in their place, and what becomes of one that fails."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.support.deployed_regions import Killed, World
from tests.support.release_records import entries, is_settled, killed_after
from tests.support.workload_tables import Workload

A, B = "sa-east-1", "us-east-1"


def test_jobs_run_once_in_each_region_with_the_new_revision_before_its_service_has_it(
    made: Any, tables: Workload
) -> None:
    world = made(services=("api",), jobs=("migrate", "warm"))
    seen: list[str] = []
    world.watchers.append(
        lambda operation, arguments: seen.append(operation) if operation in ("run_task", "update_service") else None
    )
    foretold = world.deploy(":v2", check=True)
    assert any("api: before that, with the new revision: migrate, warm" in line for line in foretold["sentences"])
    done = world.deploy(":v2")
    assert done["changes"] == foretold["changes"] and seen == ["run_task", "run_task", "update_service"] * 2
    names = [each["name"] for each in done["changes"] if each["region"] == B]
    assert names == ["before_deploy api/migrate", "before_deploy api/warm", "sales/api", "bake"]
    assert world.started() == {A: ["api:2"] * 2, B: ["api:2"] * 2}
    told = world.regions[A].jobs[0]["overrides"]["containerOverrides"]
    assert told == [{"name": "api", "environment": [{"name": "TABLE", "value": "sales"}]}]
    # No new revision, and a way back, have no jobs.
    world.deploy(":v2")
    world.rollback()
    assert world.started() == {A: ["api:2"] * 2, B: ["api:2"] * 2}
    assert world.versions() == {A: "v1", B: "v1"} and is_settled(world, tables)


def test_a_job_that_fails_leaves_its_service_and_later_waves_alone(made: Any, tables: Workload) -> None:
    world = made(services=("api",), jobs=("migrate", "warm"))
    world.regions[B].job_exits = 3
    for number in (2, 3):
        with pytest.raises(CollectionError) as failure:
            world.deploy(":v2")
        said = str(failure.value)
        assert f"job migrate of service api, with api:{number} in {B}, failed: task 0" in said.replace(
            "task 1", "task 0"
        )
        assert "api exited with 3" in said and "Last lines of api: exits with 3" in said
        assert f"{B} went back to what ran there before. {A} was not begun" in said
        assert failure.value.details["exit_code"] == 3
        assert world.versions() == {A: "v1", B: "v1"} and is_settled(world, tables)
    assert world.started() == {A: [], B: ["api:2", "api:3"]} and "update_service" not in world.writes
    assert [each["outcome"].partition(":")[0] for each in entries()] == ["failed"] * 2
    world.regions[B].job_exits = 0
    world.deploy(":v2")
    assert world.versions() == {A: "v2", B: "v2"} and world.started()[A] == ["api:2"] * 2


@pytest.mark.filterwarnings("ignore:Exception in thread lease-heartbeat")
@pytest.mark.parametrize("exits", [0, 3])
def test_a_job_that_ended_before_its_run_was_killed_is_not_run_again(made: Any, tables: Workload, exits: int) -> None:
    world = made(services=("api",), jobs=("migrate",))
    world.regions[B].job_exits = exits

    def kill(operation: str, arguments: dict[str, Any]) -> None:
        if operation == "get_log_events" and world.regions[B].jobs:
            world.left = -1
            raise Killed

    world.watchers.append(kill)
    assert killed_after(world, 1000, wish=":v2") and world.started() == {A: [], B: ["api:2"]}
    world.watchers.clear()
    with contextlib.suppress(CollectionError) if exits else contextlib.nullcontext():
        world.deploy(":v2")
    assert world.started() == {A: [] if exits else ["api:2"], B: ["api:2"]}
    assert set(world.versions().values()) == {"v1" if exits else "v2"} and is_settled(world, tables)


def test_a_reference_of_a_job_that_leads_nowhere_is_refused_before_anything_is_changed(world: World) -> None:
    job = {"name": "migrate", "environment": {"QUEUE": {"queue": "sales"}}}
    services = [{"cluster": "sales", "name": "api", "images": {"api": ":v2"}, "before_deploy": [job]}]
    with pytest.raises(CollectionError, match="no queue called 'sales'"):
        world.deploy(services=services)
    assert world.versions() == {A: "v1", B: "v1"} and world.writes == []
