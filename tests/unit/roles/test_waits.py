# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every wait of a layer has a variable in the inventory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.playbooks import ROOT

NO_WAIT = {"account_check", "layer_outputs", "run_lock", "switch_signal", "workload_check"}
"""Modules that wait for nothing that AWS takes time for."""

HAVE_THEIR_OWN = {"deployment", "switch"}
"""Roles whose one module has a patience for each of its steps."""

QUICK = {
    ("service", "log_groups"),
    ("service", "service_roles"),
    ("service", "ecs_taskdef_revision"),
    ("preflight", "service_linked_roles"),
}
"""What comes at once beside a deployment that takes minutes."""

AS_LONG_AS_THERE_IS_WORK = {("storage", "lake_older_objects"): "storage_copy_timeout"}
"""What does not wait for AWS but works, and the variable that ends it until the next run."""

PREFIX = "multiregion.ecs."


def tasks_in(found: Any) -> Iterator[dict[str, Any]]:
    for task in found or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_in(task.get(part))


def waiting() -> Iterator[Any]:
    for file in sorted((ROOT / "roles").glob("*/tasks/*.yml")):
        role = file.parent.parent.name
        for task in tasks_in(yaml.safe_load(file.read_text())):
            for name in task:
                module = name.removeprefix(PREFIX)
                if not name.startswith(PREFIX) or module.endswith("_info") or module in NO_WAIT:
                    continue
                if role not in HAVE_THEIR_OWN and (role, module) not in QUICK:
                    variable = AS_LONG_AS_THERE_IS_WORK.get((role, module), f"{role}_wait_timeout")
                    yield pytest.param(variable, task[name], id=f"{role}-{file.stem}-{module}")


@pytest.mark.parametrize(("variable", "given"), list(waiting()))
def test_a_layer_waits_as_long_as_the_inventory_says(variable: str, given: dict[str, Any]) -> None:
    assert variable in str(given.get("wait_timeout", "")), given


def test_what_takes_long_on_aws_is_waited_for_that_long() -> None:
    def default(role: str) -> int:
        return int(
            yaml.safe_load(Path(ROOT / "roles" / role / "defaults" / "main.yml").read_text())[f"{role}_wait_timeout"]
        )

    assert default("routing") >= 1800 and default("data") >= 3600 and default("volumes") >= 600
