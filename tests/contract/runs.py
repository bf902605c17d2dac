# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of modules in the test's own process, for tests that do something to the calls of a module."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

from jinja2.nativetypes import NativeEnvironment

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from tests.contract import case as cases
from tests.contract.batches import WAITS
from tests.contract.case import MODULES
from tests.support.modules import checked, module_named

MAKERS = sorted((module for module in MODULES if not cases.load(module).reads), key=lambda each: -WAITS.get(each, 0))
"""What waits for AWS comes first, beside what works."""

SHORT_LEASE = {"lease_duration": 2.0, "lease_heartbeat": 0.4}
"""Seconds; nothing takes over the lease of a run that was ended before it is seen dead."""


def run_here(module: str, params: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    """One run of a module in this process. CollectionError as the module raises it."""
    logic = module_named(module)
    params = {**params, **{name: value for name, value in SHORT_LEASE.items() if name in logic.arguments}}
    return run(logic, checked(logic, **params), check_mode=check_mode, diff_mode=True)


def set_up(case: cases.Case) -> dict[str, Any]:
    """Make what the case's module needs; the results by the names under which the case knows them."""
    variables: dict[str, Any] = {"ansible_playbook_python": sys.executable, "repository": str(cases.REPOSITORY)}
    for item in case.setup:
        params = filled_in(item["params"], variables)
        if item["module"] == "ansible.builtin.command":
            subprocess.run(params["argv"], check=True)
        else:
            variables[item.get("register", item["module"])] = run_here(item["module"], params)
    return variables


def filled_in(value: Any, variables: dict[str, Any]) -> Any:
    """A value of a case with its templates filled in."""
    if isinstance(value, dict):
        return {key: filled_in(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [filled_in(item, variables) for item in value]
    if isinstance(value, str) and "{{" in value:
        return NativeEnvironment().from_string(value).render(**variables)
    return value


def left_behind(case: Any, before: set[str], after: set[str]) -> list[str]:
    """What a module that has an end leaves of what it made, but for what its case says that AWS keeps."""
    lines = sorted(after - before) if case.absent else []
    kept = [line for line in lines if any(re.search(pattern, line) for pattern in case.left_behind)]
    return [f"after `state: absent` there is still {line}" for line in lines if line not in kept]
