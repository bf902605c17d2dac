# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cases share a run of ansible-playbook: its start costs more than most modules take.

A batch is played by one worker of pytest-xdist. There are three, of about the same weight, and the single tests of
test_interrupted_modules.py fill up what is left.
"""

from __future__ import annotations

import re

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.contract import case as cases
from tests.contract.case import MODULES, Way

BATCHES = 3

WAITS = {
    "ecs_service": 25,
    "ecs_run_task": 4,
    "efs_with_sg": 12,
    "workload_deployment": 6,
    "region_switch": 6,
    "global_table": 6,
    "accelerator": 5,
    "region_toggle": 5,
    "region_debt": 5,
    "region_retirement": 6,
    "switch_signal": 4,
}
"""About how many seconds a case waits for AWS: deployments, file systems, replicas, leases."""


BATCHED = re.compile(r"::test_module_keeps_the_contract\[(\w+)\]")


class BatchScheduling(LoadScopeScheduling):
    """Gives the tests of a batch to one worker, and every other test to whichever is free."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        self.batch_of = {module: number for number, batch in enumerate(batches(), start=1) for module in batch}

    def _split_scope(self, nodeid: str) -> str:
        batched = BATCHED.search(nodeid)
        return f"batch {self.batch_of[batched[1]]}" if batched else nodeid


def batches() -> list[list[str]]:
    """All modules in batches of about equal weight; within a batch, what weighs most comes first."""
    found: list[list[str]] = [[] for _ in range(BATCHES)]
    for module in sorted(MODULES, key=weight, reverse=True):
        min(found, key=lambda batch: sum(map(weight, batch))).append(module)
    return found


def weight(module: str) -> float:
    """About how many seconds a case takes; without a case, which its test says, nothing."""
    if not (cases.CASES / f"{module}.yml").is_file():
        return 0
    case = cases.load(module)
    in_process = len(case.setup) * 2 + len(cases.life(case, Way.IN_PROCESS))
    return 0.3 * in_process + 1.0 * len(cases.life(case, Way.ORDINARY)) + WAITS.get(module, 0)
