# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of one ansible-playbook tell each other of the lock that it holds.

A run can lose its lock: somebody takes it over who believes the run to be dead. Each later task looks, before it
changes something, whether the lock is still this run's. Which lock that is, is noted in the folder that Ansible makes
for each run and removes with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible import constants

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.run_lock import run_lock

NOTED = ("workload", "region", "table", "lease_regions")
SECONDS_BETWEEN_LOOKS = 2.0


def note_lock(params: dict[str, Any], holder: str | None) -> None:
    """Note that this run holds the lock of these parameters; without a holder, that it holds it no more."""
    path = _note(params["workload"])
    if holder is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(json.dumps({name: params[name] for name in NOTED}), encoding="utf-8")


def lock_check(workload: str | None) -> Callable[[Cloud], None]:
    """What to ask before each change of a module: it raises CollectionError if the run has lost the workload's lock.

    It does nothing in a run that took none, and looks every two seconds at most.
    """
    path = _note(workload or "")
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return lambda cloud: None
    looked = float("-inf")

    def check(cloud: Cloud) -> None:
        nonlocal looked
        if time.monotonic() - looked >= SECONDS_BETWEEN_LOOKS:
            looked = time.monotonic()
            run_lock({**noted, "state": "present", "take_over": False, "operator": None}, cloud).check()

    return check


def _note(workload: str) -> Path:
    return Path(constants.DEFAULT_LOCAL_TMP) / f"run-lock-{quote(workload, safe='')}.json"
