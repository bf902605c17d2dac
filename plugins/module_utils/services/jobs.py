# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that run before a service gets a new revision: the name of such a run, and what it changes of the definition."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .wiring import Place, environment

Item = dict[str, Any]

SIZES = ("cpu", "memory")


def job_run(job: Item, place: Place, service: str, revision: str) -> Item:
    """`run_id`, which is another for each revision and for other words of the job, and `overrides`.

    Raises:
        CollectionError: a reference of its environment cannot be followed.
    """
    changes = {
        "name": job.get("container"),
        "command": job.get("command"),
        "environment": environment(job.get("environment") or {}, place),
    }
    given = {name: value for name, value in changes.items() if value}
    sizes = {name: str(job[name]) for name in SIZES if job.get(name)}
    overrides = {**sizes, "containers": [given] if given else []}
    words = hashlib.sha256(json.dumps(overrides, sort_keys=True, default=str).encode()).hexdigest()[:8]
    return {
        "run_id": f"{service}/{job['name']} before {revision.rsplit('/', 1)[-1]} as {words}",
        "overrides": overrides,
    }
