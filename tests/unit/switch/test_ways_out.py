# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is unfinished and whichever region is dead: one documented command moves the workload to a healthy region.

docs/runbook.md tells that command. It is the same for every combination: nobody has to find out which one it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Tenure
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import (
    region_debt,
    region_retirement,
    region_toggle,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes, to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement.giving_up import Outwaited, SeenTo
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement.steps import Reconciled
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.state_writes import StateWrites
from ansible_collections.multiregion.ecs.plugins.module_utils.toggle.records import RegionState
from tests.support.switching import A, B, C, Switch, call
from tests.support.workload_tables import Workload

D = "eu-central-1"
RECORDED = {A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"}
WAY_OUT = {"execution": "ungraceful", "supersede": True}
"""Of playbooks/failover.yml -e to=<a region that is well>, whatever happened."""

DEPLOYMENT = {
    "kind": "deployment",
    "id": "20260101T000000Z",
    "asked": {"rollback": False, "images": {"api": {"api": "shop/api:v2"}}, "waves": None, "whole": False},
    "waves": [[A], [B], [C]],
    "regions": {region: {"phase": "waiting"} for region in RECORDED},
    "operator": "Ana",
    "reason": "test",
}


class Scene:
    """A workload in three regions, ACTIVE in A; `regions` is its inventory."""

    def __init__(self, workload: Workload, switch: Switch, broken: Any, silent: set[str], patch: Any) -> None:
        self.workload, self.switch, self.broken, self.silent, self.patch = workload, switch, broken, silent, patch
        self.regions = list(RECORDED)

    def deploy(self, regions: list[str] | None = None) -> None:
        call(region_toggle.MODULE, {"regions": {each: RECORDED.get(each, "PASSIVE") for each in regions or RECORDED}})

    def deploy_and_die(self, writes: int, beats: bool = False) -> None:
        """site.yml dies while it adds a region, after so many regions were written. beats: its lease stays taken."""
        self.workload.make_table("sales-state", "region", D)
        self.regions.append(D)
        self._die_after(RegionState, writes, lambda: self.deploy(self.regions), beats)
        assert self.workload.lease()["plan"] == {"kind": "write"} and bool(self.workload.lease()["holder"]) == beats

    def retire(self) -> None:
        stays = [region for region in self.regions if region != C]
        call(region_retirement.MODULE, {"regions": stays, "retire": [C]})

    def retire_and_die(self, kind: Any, times: int, beats: bool = False) -> None:
        """A retirement dies after so many things of this kind. beats: its lease stays taken."""
        self._die_after(kind, times, self.retire, beats)
        assert bool(self.workload.lease()["holder"]) == beats

    def _die_after(self, kind: Any, times: int, do: Callable[[], None], beats: bool) -> None:
        create, left = kind.create, [times]

        def die(made: Any, *given: Any) -> Any:
            if not left[0]:
                raise CollectionError("it was killed")
            left[0] -= 1
            return create(made, *given)

        with self.patch.context() as patch:
            patch.setattr(kind, "create", die)
            if beats:
                patch.setattr(Tenure, "release", lambda tenure: tenure.lease)
            with pytest.raises(CollectionError, match="it was killed"):
                do()

    def give_up(self) -> None:
        """C is dead, and taken out of the map."""
        self.silent.add(C)
        gone = {"regions": [each for each in self.regions if each != C], "retire": [C], "dead": [C], "give_up": [C]}
        call(region_retirement.MODULE, {**gone, "view_ttl": 0.03, "claim_to_effect": 0.02})
        self.silent.clear()

    def give_up_and_die(self, kind: Any, times: int) -> None:
        """The same, and that dies after so many things of this kind."""
        self._die_after(kind, times, self.give_up, beats=False)
        self.silent.clear()

    def leave(self, plan: dict[str, Any]) -> None:
        self.workload.client("dynamodb", "us-east-2").put_item(
            TableName="sales-lease", Item=to_attributes({**self.workload.lease(), "plan": plan})
        )

    def die_in_grant(self) -> None:
        write = StateWrites._write_one

        def die(writes: StateWrites, region: str, new: Any) -> None:
            if new.epoch == 3:
                raise CollectionError("it broke")
            write(writes, region, new)

        with self.patch.context() as patch:
            patch.setattr(StateWrites, "_write_one", die)
            with pytest.raises(CollectionError, match="it broke"):
                self.switch(to=B)

    def owe(self) -> None:
        self.silent.add(C)
        self.switch(to=B)
        self.silent.clear()

    def leave_alone(self, region: str) -> None:
        """site.yml builds the others, as far as the lease and the states are concerned."""
        call(region_debt.MODULE, {"regions": [region], "dead": [region]})
        recorded = self.workload.states()
        call(region_toggle.MODULE, {"regions": {r: recorded.get(r, "PASSIVE") for r in self.regions}, "dead": [region]})

    def pay(self) -> None:
        """A whole site.yml has built all of them."""
        owed = sorted(self.workload.lease()["owed"])
        call(region_debt.MODULE, {"regions": owed, "state": "absent"})

    def lose_table(self) -> None:
        self.workload.client("dynamodb", C).delete_table(TableName="sales-state")

    def supersede(self) -> None:
        self.broken(self.switch, "fence", to=B)
        self.broken(self.switch, "fence", to=C, supersede=True)

    def go_back(self) -> None:
        self.broken(self.switch, "record", to=B)
        self.broken(self.switch, "fence", rollback=True)


UNFINISHED: dict[str, Callable[[Scene], Any]] = {
    "nothing": lambda scene: None,
    "a deployment of states that wrote nothing": lambda scene: scene.deploy_and_die(0),
    "a deployment of states that wrote two regions": lambda scene: scene.deploy_and_die(2),
    "a deployment of states whose lease is still taken": lambda scene: scene.deploy_and_die(1, beats=True),
    "a deployment of images": lambda scene: scene.leave(DEPLOYMENT),
    "a retirement before its epoch": lambda scene: scene.retire_and_die(Reconciled, 0),
    "a retirement that wrote no region": lambda scene: scene.retire_and_die(RegionState, 0),
    "a retirement that wrote one region": lambda scene: scene.retire_and_die(RegionState, 1),
    "a retirement whose lease is still taken": lambda scene: scene.retire_and_die(RegionState, 2, beats=True),
    "a retirement that left the map": Scene.retire,
    "a retirement of a dead region": Scene.give_up,
    "a retirement of a dead region before its epoch": lambda scene: scene.give_up_and_die(SeenTo, 0),
    "a retirement of a dead region that wrote one region": lambda scene: scene.give_up_and_die(RegionState, 1),
    "a retirement of a dead region in its fence": lambda scene: scene.give_up_and_die(Outwaited, 0),
    "a region that is new in the inventory": lambda scene: scene.regions.append(D),
    "a region that is gone from the inventory": lambda scene: scene.regions.remove(C),
    "a region whose table is gone": Scene.lose_table,
    "a region that is owed a write": Scene.owe,
    "a site that left a region alone": lambda scene: scene.leave_alone(C),
    "a switch before its hold": lambda scene: scene.broken(scene.switch, "hold", to=B),
    "a switch in its fence": lambda scene: scene.broken(scene.switch, "fence", to=B),
    "a switch in its grant": Scene.die_in_grant,
    "a switch before its record": lambda scene: scene.broken(scene.switch, "record", to=B),
    "a switch over a switch": Scene.supersede,
    "a way back": Scene.go_back,
}


@pytest.mark.parametrize("dead", [None, A, B, C])
@pytest.mark.parametrize("what", UNFINISHED)
def test_one_command_leads_out(deployed, broken, silent, monkeypatch, what, dead):
    workload, switch = deployed(RECORDED)
    scene = Scene(workload, switch, broken, silent, monkeypatch)
    UNFINISHED[what](scene)
    fit = [region for region in RECORDED if region != dead and region in scene.regions]
    retires = what.startswith("a retirement")
    if C in fit and (retires or what == "a region whose table is gone"):
        fit.remove(C)
    to = fit[sum(map(ord, what)) % len(fit)]
    if dead:
        silent.add(dead)
    made = switch(to=to, regions=scene.regions, **WAY_OUT)
    states = workload.states()
    assert made["states"] == states and states[to] == "ACTIVE" and "HELD" not in states.values()
    assert workload.lease()["plan"] is None and workload.parameter(to) == "ACTIVE"
    assert dead is None or states.get(dead, "PASSIVE") == "PASSIVE"

    # Then site.yml builds the others while it is dead, unless it is to add or to complete a region.
    if dead in scene.regions and D not in scene.regions and not retires and what != "a region whose table is gone":
        before = workload.lease()["map"]
        scene.leave_alone(dead)
        assert workload.lease()["map"] == before and "site" in workload.lease()["owed"][dead]
    if what == "a site that left a region alone":
        assert "site" in workload.lease()["owed"][C]

    # Once the dead region is back, site.yml writes what is owed, and completes what was to be retired.
    silent.clear()
    if retires:
        scene.retire()
        scene.regions.remove(C)
        states = workload.states()
        assert C not in states
    if what == "a region whose table is gone":
        workload.make_table("sales-state", "region", C)
    if D in scene.regions and D not in states:
        workload.make_table("sales-state", "region", D)
    scene.deploy(scene.regions)
    scene.pay()
    for region in workload.states():
        assert from_attributes(workload.state_item(region))["states"] == workload.states()
        assert workload.parameter(region) == ("ACTIVE" if region == to else "PASSIVE")
    assert (workload.lease()["plan"], workload.lease()["owed"]) == (None, {})


def test_no_switch_settles_what_site_yml_owes(deployed, broken, silent, monkeypatch):
    workload, switch = deployed(RECORDED)
    scene = Scene(workload, switch, broken, silent, monkeypatch)
    switch(to=B)
    scene.leave_alone(A)
    assert not switch(to=B)["changed"]
    made = switch(to=C)
    assert made["owed"] == workload.lease()["owed"] == {A: ["site"]}
    assert workload.journal()[-1]["outcome"] == "done"
    scene.pay()
    assert workload.lease()["owed"] == {}


@pytest.mark.parametrize("what", ["a deployment of states that wrote nothing", "a switch in its fence"])
def test_declaring_it_dead_is_enough(deployed, broken, silent, monkeypatch, what):
    workload, switch = deployed(RECORDED)
    scene = Scene(workload, switch, broken, silent, monkeypatch)
    UNFINISHED[what](scene)
    switch(to=C, regions=scene.regions, dead=[A], supersede=True)
    assert workload.states()[C] == "ACTIVE" and workload.lease()["plan"] is None


def test_what_takes_no_part_is_told_and_owed_nothing(deployed, broken, silent, monkeypatch):
    workload, switch = deployed(RECORDED)
    scene = Scene(workload, switch, broken, silent, monkeypatch)
    scene.regions = [A, B, D]
    made = switch(to=B, regions=scene.regions)
    assert made["owed"] == {} and made["states"] == {A: "PASSIVE", B: "ACTIVE", C: "PASSIVE"}
    assert made["warnings"] == [
        f"{D} is in the inventory and not in the recorded map: it takes no part. site.yml adds it.",
        f"{C} is PASSIVE in the recorded map and gone from the inventory: it takes no part.",
    ]
    assert not switch(to=B, regions=scene.regions)["changed"]
    with pytest.raises(CollectionError, match=f"to is '{D}', which is not in the recorded map"):
        switch(to=D, regions=scene.regions)


def test_a_region_that_acts_takes_part_though_it_is_gone_from_the_inventory(deployed):
    workload, switch = deployed(RECORDED)
    made = switch(to=B, regions=[B, C])
    assert made["states"] == workload.states() == {A: "PASSIVE", B: "ACTIVE", C: "PASSIVE"}
    assert workload.parameter(A) == "PASSIVE"


def test_a_deployment_of_states_is_not_gone_back_from(deployed, broken, silent, monkeypatch):
    workload, switch = deployed(RECORDED)
    Scene(workload, switch, broken, silent, monkeypatch).deploy_and_die(1)
    with pytest.raises(CollectionError, match="site.yml finishes it, and so does any switch"):
        switch(rollback=True)
    made = switch(to=B)
    assert "site.yml had not written its states everywhere" in made["warnings"][-1]
    # An epoch that is new to a region needs no fence of its own: the switch holds it first.
    assert [step["step"] for step in made["steps"]][:4] == ["lease", "hold", "fence", "grant"]
