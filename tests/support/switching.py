# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch of the sales workload in moto, asked for as Ansible asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition, run
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.drain import Drain
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.order import ORDER
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from tests.support.modules import checked

A, B, C = "sa-east-1", "us-east-1", "eu-west-1"
STATES = {A: "ACTIVE", B: "PASSIVE"}
"""Those of the workload that the fixture `workload` deploys."""

STEP_CLASSES: dict[str, type[Step]] = {**{each.title: each for each in ORDER}, "drain": Drain}
"""The steps of a switch by name. A test that lets one break, or looks at it, replaces its method `do`."""

Switch = Callable[..., dict[str, Any]]
"""The module's logic with the arguments given, as the fixture `switch` runs it."""


def call(module: ModuleDefinition, arguments: dict[str, Any], check: bool = False) -> dict[str, Any]:
    """Run a module on the workload, with a lease short enough for tests."""
    lease = {"lease_regions": ["us-east-2"], "lease_duration": 0.3, "lease_heartbeat": 0.1}
    given = {"workload": "sales", "region": "us-east-1", **lease, **arguments}
    return run(module, checked(module, **given), check_mode=check)


def counts(workload: Any, region: str) -> tuple[int, int, int]:
    """The worker's desired count, and the range within which it scales."""
    client = workload.client("ecs", region)
    desired = client.describe_services(cluster="sales", services=["worker"])["services"][0]["desiredCount"]
    scaling = workload.client("application-autoscaling", region)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    return desired, target["MinCapacity"], target["MaxCapacity"]


def names(result: dict[str, Any]) -> list[str]:
    """The steps among a result's changes."""
    return [change["name"] for change in result["changes"]]
