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
from tests.support.aws_clients import aws_client
from tests.support.deployment_records import A, B, entries, items, killed_after
from tests.support.switching import call
from tests.support.workload_tables import Workload

STRIDE = int(os.environ.get("KILL_STRIDE", "7"))
"""Runs are killed after every so many writes; with 1, after each of them, which takes a few minutes."""


@pytest.mark.filterwarnings("ignore:Exception in thread lease-heartbeat")
@pytest.mark.parametrize(
    ("asked", "versions", "outcome"),
    [
        ({"wish": ":v2"}, {A: "v2", B: "v2"}, "done"),
        ({"wish": ":v2", "exits": 3}, {A: "v1", B: "v1"}, "failed"),
        ({"wish": ":sick", "bake_time": 0.02}, {A: "v1", B: "v1"}, "failed"),
        ({"rollback": True}, {A: "v1", B: "v1"}, "done"),
    ],
    ids=["forward", "failing job", "failing", "back"],
)
def test_a_run_killed_after_any_write_is_resumed_to_the_same_end(
    made: Any, asked: dict[str, Any], versions: dict[str, str], outcome: str
) -> None:
    world, writes = made(services=("api",), jobs=("migrate",)), 0
    tables, exits = Workload(), asked.get("exits", 0)
    asked = {name: value for name, value in asked.items() if name != "exits"}
    while True:
        for region in world.regions.values():
            region.job_exits = exits
            for made_there in (region.services, region.definitions, region.jobs):
                made_there.clear()
            for name in world.services:
                region.make(name, f"shop/{name}:v1")
        for item in items("deployment#") + items("release"):
            key = {"id": {"S": item["id"]}}
            aws_client("dynamodb", "us-east-2").delete_item(TableName="sales-lease", Key=key)
        if "rollback" in asked:
            world.deploy(":v2")
        count = len(entries())
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
        writes += STRIDE
    assert writes > 14


@pytest.mark.filterwarnings("ignore:Exception in thread lease-heartbeat")
@pytest.mark.parametrize("on_the_way_back", [False, True], ids=["forward", "failing"])
def test_a_switch_asked_for_after_a_run_was_killed_anywhere_goes_on_or_tells_the_way_out(
    made: Any, on_the_way_back: bool
) -> None:
    world, writes, answers = made(services=("api",), jobs=("migrate",)), 1, set()
    tables = Workload()
    world.regions[A].job_exits = 3 if on_the_way_back else 0
    switch = {"regions": [A, B], "reason": "drill", "operator": "Rui", "view_ttl": 0.02, "claim_to_effect": 0.02}
    version = 1
    while True:
        version += 1
        target = B if tables.states()[A] == "ACTIVE" else A
        before = world.versions()
        if not killed_after(world, writes, wish=f":v{version}", waves=[[B], [A]]):
            break
        unfinished = tables.lease()["plan"]
        try:
            call(region_switch.MODULE, {**switch, "to": target})
            answers.add("goes on")
            assert tables.states()[target] == "ACTIVE"
        except CollectionError as error:
            # Who does what, and the command that leads out.
            said = str(error)
            answers.add("refused")
            assert unfinished and "Ana" in said and f"api :v{version}" in said and "playbooks/" in said, (writes, said)
            assert tables.states()[target] == "PASSIVE"
        lease = tables.lease()
        assert lease["plan"] is None or answers == {"refused"}
        # The same command leads to the same end whatever the switch did, or says that it fails for the same reason.
        with contextlib.suppress(CollectionError) if on_the_way_back else contextlib.nullcontext():
            world.deploy(f":v{version}", waves=[[B], [A]])
        wanted = {B: f"v{version}", A: before[A] if on_the_way_back else f"v{version}"}
        assert world.versions() == wanted and tables.lease()["plan"] is None, writes
        writes += 2 * STRIDE
    print(writes, answers)
    assert writes > 14
