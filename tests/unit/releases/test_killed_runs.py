# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs killed after any write: the same command leads to the same end, and so does a switch that comes first."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_switch
from tests.support.release_records import Moment, entries, killed_after
from tests.support.switching import call
from tests.support.workload_tables import Workload

A, B = "sa-east-1", "us-east-1"

STRIDE = int(os.environ.get("KILL_STRIDE", "7"))
"""Runs are killed after every so many writes; with 1, after each of them, which takes a minute or two."""

SHORT = {"lease_duration": 0.06, "lease_heartbeat": 0.02}
"""Nobody else asks for the lease, so a beat that is late is no harm, and a dead run's lease is taken over at once."""

SWITCH = {"regions": [A, B], "reason": "drill", "operator": "Rui", "view_ttl": 0.02, "claim_to_effect": 0.02}


@pytest.mark.filterwarnings("ignore:Exception in thread lease-heartbeat")
@pytest.mark.parametrize(
    ("asked", "versions", "outcome", "stride"),
    [
        ({"wish": ":v2"}, {A: "v2", B: "v2"}, "done", STRIDE),
        ({"wish": ":v2", "exits": 3}, {A: "v1", B: "v1"}, "failed", STRIDE),
        ({"wish": ":sick", "bake_time": 0.02}, {A: "v1", B: "v1"}, "failed", STRIDE),
        ({"rollback": True}, {A: "v1", B: "v1"}, "done", 1),
    ],
    ids=["forward", "failing job", "failing", "back"],
)
def test_a_run_killed_after_any_write_is_resumed_to_the_same_end(
    made: Any, asked: dict[str, Any], versions: dict[str, str], outcome: str, stride: int
) -> None:
    world, writes = made(services=("api",), jobs=("migrate",)), 0
    tables = Workload()
    asked = {**asked, **SHORT}
    for region in world.regions.values():
        region.job_exits = asked.get("exits", 0)
    asked.pop("exits", None)
    if "rollback" in asked:
        world.deploy(":v2")
    before, count = Moment(world), len(entries())
    while True:
        before.restore()
        killed = killed_after(world, writes, **asked)
        try:
            # A rollback that had ended already would go back further.
            if tables.lease()["plan"] or not killed or "rollback" not in asked or len(entries()) == count:
                ended = killed and world.deploy(**asked)
                assert not ended or ended["ends"]
        except CollectionError as error:
            assert "went back to what ran there before" in str(error), (writes, str(error))
        assert world.versions() == versions, writes
        lease = tables.lease()
        assert lease["plan"] is None and lease["epoch"] == 1, writes
        assert all(runs == latest for runs, latest in world.latest()), writes
        assert entries()[-1]["outcome"].partition(":")[0] == outcome, writes
        # Each job once for its revision, also in a region that was killed in its midst.
        assert all(len(started) == len(set(started)) for started in world.started().values()), (writes, world.started())
        if not killed:
            break
        writes += stride
    assert writes > 14


@pytest.mark.filterwarnings("ignore:Exception in thread lease-heartbeat")
@pytest.mark.parametrize("exits", [0, 3], ids=["forward", "failing job"])
def test_a_switch_goes_on_wherever_a_run_was_killed_and_then_the_same_command_has_the_same_end(
    made: Any, exits: int
) -> None:
    world, tables, writes, version = made(services=("api",), jobs=("migrate",)), Workload(), 1, 2
    world.regions[A].job_exits = exits
    waves = [[B], [A]]
    while True:
        target = B if tables.states()[A] == "ACTIVE" else A
        before = world.versions()
        if not killed_after(world, writes, wish=f":v{version}", waves=waves):
            break
        unfinished = tables.lease()["plan"]
        call(region_switch.MODULE, {**SWITCH, "to": target})
        assert tables.states()[target] == "ACTIVE" and tables.lease()["plan"] is None, writes
        if unfinished:
            assert entries()[-1]["outcome"].startswith(f"interrupted: Rui asked for a switch, -e to={target}"), writes
        with pytest.raises(CollectionError, match="exited with 3") if exits else contextlib.nullcontext():
            world.deploy(f":v{version}", waves=waves)
        assert world.versions() == {B: f"v{version}", A: before[A] if exits else f"v{version}"}, writes
        assert tables.lease()["plan"] is None and all(runs == latest for runs, latest in world.latest()), writes
        writes, version = writes + 2 * STRIDE, version + 1
    assert writes > 14


def test_a_switch_asked_for_while_a_deployment_lives_is_told_who_does_what_and_what_ends_it(made: Any) -> None:
    world, refused = made(jobs=("migrate",)), {}

    def ask(operation: str, arguments: dict[str, Any]) -> None:
        if operation in ("run_task", "register_task_definition", "update_service") and operation not in refused:
            refused[operation] = ""
            with pytest.raises(CollectionError) as error:
                call(region_switch.MODULE, {**SWITCH, "to": B})
            refused[operation] = str(error.value)

    world.watchers.append(ask)
    world.deploy(":v2", lease_duration=5, lease_heartbeat=0.2)
    assert len(refused) == 3
    for said in refused.values():
        assert "held by Ana" in said and f"a deployment (api, worker :v2; {B} deploying, {A} waiting)" in said
        assert "playbooks/cancel.yml ends it at its next step" in said and "Nothing was changed" in said
    assert set(world.versions().values()) == {"v2"}
