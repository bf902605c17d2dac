# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workers that drop, when switches are superseded, gone back from or resumed and regions come back."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import workers
from tests.support.switching import A, B, C, counts


@pytest.mark.parametrize("killed", ["hold", "start"])
@pytest.mark.parametrize("region", [A, B])
def test_workers_run_in_every_region_that_a_superseding_switch_leaves_active(
    workload, switch, services, broken, killed, region
):
    broken(switch, killed, to=B, **services)
    switch(target=region, turn="on", supersede=True, **services)
    for each, state in workload.states().items():
        assert bool(counts(workload, each)[0]) is (state == "ACTIVE")


@pytest.mark.parametrize("killed", ["fence", "start"])
def test_workers_of_a_source_that_came_back_stop_in_a_resumed_switch_too(
    workload, switch, services, broken, silent, killed
):
    silent.add(A)
    broken(switch, killed, to=B, execution="ungraceful", **services)
    silent.clear()
    switch(to=B, **services)
    assert counts(workload, A) == (0, 0, 0) and counts(workload, B)[0]


def test_workers_whose_range_alone_was_taken_are_started_as_before(workload, switch, services, monkeypatch):
    with monkeypatch.context() as patch:
        put = workers.set_counts

        def set_the_range(cloud: Any, entry: dict[str, Any]) -> None:
            put(cloud, {**entry, "desired": None})
            raise CollectionError("it broke")

        patch.setattr(workers, "set_counts", set_the_range)
        with pytest.raises(CollectionError):
            switch(to=B, **services)
    assert counts(workload, A) == (5, 0, 0)
    switch(rollback=True, **services)
    assert counts(workload, A) == (5, 2, 8)


def test_workers_that_were_owed_run_as_many_where_the_work_goes_next(workload, switch, services, broken, silent):
    broken(switch, "hold", to=B, **services)
    silent.add(A)
    switch(rollback=True, **services)
    silent.clear()
    switch(to=B, **services)
    assert counts(workload, B) == (5, 2, 8)


def test_workers_of_a_silent_region_are_owed_to_it(workload, switch, services, broken, silent):
    broken(switch, "hold", to=B, **services)
    silent.add(A)
    assert switch(rollback=True, **services)["owed"] == {A: ["workers"]}
    silent.clear()
    assert counts(workload, A)[0] == 0
    assert switch(to=A, **services)["owed"] == {}
    assert counts(workload, A) == (5, 2, 8)
    assert not switch(to=A, **services)["changed"]


def test_workers_of_a_region_that_came_back_stop_in_whatever_switch_comes_first(deployed, silent):
    workload, switch = deployed({A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"})
    for region in (A, B, C):
        ecs = workload.client("ecs", region)
        ecs.create_cluster(clusterName="sales")
        ecs.register_task_definition(
            family="worker", containerDefinitions=[{"name": "worker", "image": "worker", "memory": 64}]
        )
        count = 5 if region == A else 0
        ecs.create_service(cluster="sales", serviceName="worker", taskDefinition="worker", desiredCount=count)
    drops = {"drops": [{"cluster": "sales", "name": "worker", "min": 1, "max": 3}]}
    silent.add(A)
    switch(to=B, execution="ungraceful", **drops)
    silent.clear()
    switch(to=C, **drops)
    (service,) = workload.client("ecs", A).describe_services(cluster="sales", services=["worker"])["services"]
    assert service["desiredCount"] == 0
