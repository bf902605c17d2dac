# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed workload in moto, and the switch's logic run on it. Nothing replicates here, nor needs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_switch, region_toggle
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from tests.support.aws_clients import one_session as one_session
from tests.support.short_pauses import short_pauses as short_pauses
from tests.support.silence import silent as silent
from tests.support.switching import STATES, STEP_CLASSES, Switch, call
from tests.support.workload_tables import Workload


@pytest.fixture
def workload() -> Iterator[Workload]:
    """The sales workload, deployed: ACTIVE in sa-east-1, at epoch 1; the lease in us-east-2 alone."""
    with mock_aws():
        made = Workload()
        for region in STATES:
            made.make_table("sales-state", "region", region)
        made.make_table("sales-lease", "id", "us-east-2")
        call(region_toggle.MODULE, {"regions": STATES})
        yield made


@pytest.fixture
def deploy() -> Callable[..., dict[str, Any]]:
    return lambda **arguments: call(region_toggle.MODULE, {"regions": STATES, **arguments})


@pytest.fixture
def switch() -> Callable[..., dict[str, Any]]:
    """Runs the module's logic with the arguments given, checked and completed as Ansible would."""

    def do(check: bool = False, **arguments: Any) -> dict[str, Any]:
        given = {"regions": list(STATES), "view_ttl": 0.03, "claim_to_effect": 0.02, "reason": "test"}
        return call(region_switch.MODULE, {**given, **arguments}, check)

    return do


@pytest.fixture
def services(workload) -> dict[str, Any]:
    """A worker's service in both regions, with automatic scaling from 2 to 8 in the source; none runs in the target."""
    for region in STATES:
        ecs = workload.client("ecs", region)
        ecs.create_cluster(clusterName="sales")
        ecs.register_task_definition(
            family="worker", containerDefinitions=[{"name": "worker", "image": "worker", "memory": 64}]
        )
        count = 5 if STATES[region] == "ACTIVE" else 0
        ecs.create_service(cluster="sales", serviceName="worker", taskDefinition="worker", desiredCount=count)
        workload.client("application-autoscaling", region).register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/sales/worker",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=2 if count else 0,
            MaxCapacity=8 if count else 0,
        )
    return {"drops": [{"cluster": "sales", "name": "worker", "min": 1, "max": 3}]}


@pytest.fixture
def deployed() -> Iterator[Callable[[dict[str, str]], tuple[Workload, Switch]]]:
    """Deploys a workload with these states, and gives the means to look at it and to switch it."""
    with mock_aws():

        def deploy(wanted: dict[str, str]) -> tuple[Workload, Switch]:
            workload = Workload()
            for region in wanted:
                workload.make_table("sales-state", "region", region)
            workload.make_table("sales-lease", "id", "us-east-2")
            call(region_toggle.MODULE, {"regions": wanted})

            def switch(check: bool = False, **arguments: Any) -> dict[str, Any]:
                given = {"regions": list(wanted), "view_ttl": 0.03, "claim_to_effect": 0.02, "reason": "test"}
                return call(region_switch.MODULE, {**given, **arguments}, check)

            return workload, switch

        yield deploy


@pytest.fixture
def broken(monkeypatch) -> Callable[..., str]:
    """Makes a switch that stops before a step, and gives what it says."""

    def stop(switch: Switch, step: str, happens: Callable[[], None] = lambda: None, **arguments: Any) -> str:
        def fail(self: Step) -> str:
            happens()
            raise CollectionError("it broke")

        with monkeypatch.context() as patch:
            patch.setattr(STEP_CLASSES[step], "do", fail)
            with pytest.raises(CollectionError, match="it broke") as error:
                switch(**arguments)
        return str(error.value)

    return stop
