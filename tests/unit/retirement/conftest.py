# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A workload in three regions in moto, and the module's logic run on it. Nothing replicates here, nor needs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_retirement, region_toggle
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement import steps
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.reconcile_pass import reconcile_region
from tests.support.aws_clients import one_session as one_session
from tests.support.short_pauses import PAUSE_SECONDS
from tests.support.silence import silent as silent
from tests.support.switching import A, B, C, call
from tests.support.workload_tables import Workload, make_indexed_table

RECONCILE = [{"table": "sales", "topic": "sales", "minimum_age": 0, "timeout": 5}]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch) -> None:
    monkeypatch.setitem(reconcile_region.__kwdefaults__, "pause_seconds", PAUSE_SECONDS)


@pytest.fixture
def markers(monkeypatch) -> list[tuple[str, str, str]]:
    """The markers that were looked for: table, source and target. Nothing replicates, and yet each arrives."""
    seen: list[tuple[str, str, str]] = []

    def arrive(_cloud: Any, source: str, target: str, spec: dict[str, Any], **_others: Any) -> float:
        seen.append((spec["lag"]["table"], source, target))
        return 0.1

    monkeypatch.setattr(steps, "measure_lag", arrive)
    return seen


@pytest.fixture
def workload(markers) -> Iterator[Workload]:
    """ACTIVE in the first of three regions, with one service and a table of sales in each."""
    with mock_aws():
        made = Workload()
        for region in (A, B, C):
            made.make_table("sales-state", "region", region)
            make_indexed_table(made.client("dynamodb", region), "sales", "unprocessed")
            made.client("sns", region).create_topic(Name="sales")
            ecs = made.client("ecs", region)
            ecs.create_cluster(clusterName="sales")
            ecs.register_task_definition(
                family="api", containerDefinitions=[{"name": "api", "image": "x", "memory": 64}]
            )
            ecs.create_service(cluster="sales", serviceName="api", taskDefinition="api", desiredCount=2)
        made.make_table("sales-lease", "id", "us-east-2")
        call(region_toggle.MODULE, {"regions": {A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"}})
        yield made


@pytest.fixture
def retire() -> Callable[..., dict[str, Any]]:
    """Runs the module's logic; C leaves unless it is said otherwise."""

    def do(check: bool = False, **arguments: Any) -> dict[str, Any]:
        given = {"regions": [A, B], "retire": [C], "cluster": "sales", "services": ["api"], "reconcile": RECONCILE}
        return call(region_retirement.MODULE, {**given, "operator": "Ana", "reason": "test", **arguments}, check)

    return do
