# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameter `before_deploy`: jobs that run before a service gets a new revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .task_overrides import override_problems
from .task_overrides import secrets as secrets_of_overrides

BEFORE_DEPLOY_ARGUMENT: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "name": {"type": "str", "required": True},
        "command": {"type": "raw"},
        "environment": {"type": "dict", "default": {}},
        "container": {"type": "str"},
        "cpu": {"type": "str"},
        "memory": {"type": "str"},
        "wait_timeout": {"type": "int"},
    },
}


def job_problems(where: str, jobs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What cannot be right about jobs, told of parameter `where`."""
    jobs = list(jobs)
    names = [job["name"] for job in jobs]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{where} has {name!r} {names.count(name)} times; give each job a name of its own."
    for job in jobs:
        spot = f"{where}[{job['name']}]"
        yield from override_problems(_overrides(job), spot)
        timeout = job.get("wait_timeout")
        if timeout is not None and not str(timeout).isdigit():
            yield f"{spot}.wait_timeout is {timeout!r}; expected seconds, 0 or more."


def _overrides(job: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "cpu": job.get("cpu"),
        "memory": job.get("memory"),
        "containers": [{"command": job.get("command"), "environment": job.get("environment") or {}}],
    }


def secrets(jobs: Iterable[Mapping[str, Any]]) -> set[str]:
    """What looks secret in the commands and environments of jobs."""
    return {value for job in jobs for value in secrets_of_overrides({"overrides": _overrides(job)})}
