# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers that drop are stopped before the hold, and start where the region is ACTIVE."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import maps_of
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import workers
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps import start
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from tests.support.switching import STATES, STEP_CLASSES, counts, names


def test_workers_that_drop_stop_before_the_hold_and_start_where_it_is_active(workload, switch, services, monkeypatch):
    at_hold = {}
    hold = STEP_CLASSES["hold"].do

    def look(self: Step) -> str:
        at_hold.update({region: counts(workload, region) for region in STATES})
        return hold(self)

    monkeypatch.setattr(STEP_CLASSES["hold"], "do", look)
    made = switch(to="us-east-1", **services)
    assert names(made) == ["lease", "drain", "hold", "fence", "grant", "start", "record"]
    assert at_hold == {"sa-east-1": (0, 0, 0), "us-east-1": (0, 0, 0)}
    assert {r: counts(workload, r) for r in STATES} == {"sa-east-1": (0, 0, 0), "us-east-1": (5, 2, 8)}


def test_workers_start_only_where_the_parameter_already_says_active(workload, switch, services, monkeypatch):
    seen = []
    put = start.set_counts

    def remember(cloud: Any, entry: dict[str, Any]) -> None:
        assert entry["desired"]
        seen.append((entry["region"], workload.parameter(entry["region"])))
        put(cloud, entry)

    monkeypatch.setattr(start, "set_counts", remember)
    switch(to="us-east-1", **services)
    assert seen == [("us-east-1", "ACTIVE")]


def test_a_run_killed_after_it_stopped_workers_remembers_how_many_there_were(workload, switch, services, monkeypatch):
    def die(self: Step) -> str:
        raise CollectionError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES["hold"], "do", die)
        with pytest.raises(CollectionError, match="killed"):
            switch(to="us-east-1", **services)
    assert counts(workload, "sa-east-1")[0] == 0
    switch(to="us-east-1", **services)
    assert counts(workload, "us-east-1") == (5, 2, 8)


def test_going_back_starts_them_where_they_ran(workload, switch, services, monkeypatch):
    def die(self: Step) -> str:
        raise CollectionError("it broke")

    monkeypatch.setattr(STEP_CLASSES["fence"], "do", die)
    with pytest.raises(CollectionError, match="it went back"):
        switch(to="us-east-1", on_failure="rollback", **services)
    assert {r: counts(workload, r) for r in STATES} == {"sa-east-1": (5, 2, 8), "us-east-1": (0, 0, 0)}


def test_counts_that_a_superseded_switch_changed_come_back(workload, switch, services, monkeypatch):
    def die(self: Step) -> str:
        raise CollectionError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES["hold"], "do", die)
        with pytest.raises(CollectionError, match="killed"):
            switch(to="us-east-1", **services)
    switch(to="sa-east-1", supersede=True, **services)
    assert {r: counts(workload, r) for r in STATES} == {"sa-east-1": (5, 2, 8), "us-east-1": (0, 0, 0)}


def test_workers_of_a_region_that_comes_back_stop_before_it_learns_of_the_switch(workload, switch, services, silent):
    silent.add("sa-east-1")
    switch(to="us-east-1", execution="ungraceful", **services)
    silent.clear()
    assert counts(workload, "sa-east-1")[0] == 5
    made = switch(to="us-east-1", **services)
    assert names(made)[1:3] == ["drain", "grant"] and counts(workload, "sa-east-1") == (0, 0, 0)


@pytest.mark.parametrize("step", ["preflight", "drain"])
@pytest.mark.parametrize("told", [True, False])
def test_a_source_that_dies_before_the_hold_is_left_behind_only_when_told(
    workload, switch, services, silent, monkeypatch, step, told
):
    method = STEP_CLASSES[step].do

    def die_first(self: Step) -> str:
        silent.add("sa-east-1")
        return method(self)

    monkeypatch.setattr(STEP_CLASSES[step], "do", die_first)
    lag = {"lag": {"table": "sales-state", "key": "region"}, "quotas": False}
    asked = {"to": "us-east-1", "readiness": lag if step == "preflight" else None, **services}
    if not told:
        with pytest.raises(CollectionError, match=r"sa-east-1 does not answer.*add -e may_turn_ungraceful=true"):
            switch(**asked)
        assert maps_of([workload.state_item("us-east-1")])["us-east-1"].epoch == 1
        return
    made = switch(may_turn_ungraceful=True, **asked)
    assert (made["epoch"], made["unfenced"], made["findings"]) == (3, ["sa-east-1"], [])
    assert workload.journal()[-1]["execution"] == "ungraceful"
    assert counts(workload, "us-east-1") == (1, 1, 3), "as declared: nobody knows how many ran in the source"


def test_drained_tasks_are_waited_for_until_each_is_seen_stopped():
    statuses = iter(["RUNNING", "RUNNING", "DEACTIVATING", "STOPPED"])
    asked = []

    class Ecs:
        def update_service(self, **wanted: Any) -> None:
            asked.append(wanted["desiredCount"])

        def describe_tasks(self, **wanted: Any) -> dict[str, Any]:
            asked.append(status := next(statuses))
            return {"tasks": [{"taskArn": "task/1", "lastStatus": status}]}

    class Cloud:
        def client(self, *_which: Any, **_config: Any) -> Ecs:
            return Ecs()

        def paginate(self, *_which: Any, desiredStatus: str, **_wanted: Any) -> list[str]:
            return ["task/1"] if desiredStatus == "STOPPED" else []

        def tell(self, line: str) -> None:
            """Nobody listens."""

        def wait_until(self, _what: str, stopped: Any) -> None:
            while not stopped():
                pass

    entry = {"region": "us-east-1", "cluster": "sales", "service": "worker", "desired": 5, "scaling": None}
    workers.stop(Cloud(), {"worker": entry})
    assert asked == ["RUNNING", 0, "RUNNING", "DEACTIVATING", "STOPPED"]
