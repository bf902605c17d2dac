# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the runner's world turns.

Waits that last minutes on AWS, and prove nothing by lasting here, are capped; what a definition asks for below the cap
is honoured as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

STATE_FILE = "state.json"
"""Where the runner finds the address of the AWS port when the caller does not say it."""

SLOWED = (
    "first_container_check",
    "health_interval",
    "initial_patience",
    "deregistration_delay",
    "settle",
    "restart_delay",
    "start_delay",
    "launch_retry",
)
"""Delays that the cloud's option `slow` multiplies."""


@dataclass(frozen=True)
class RunnerOptions:
    """Settings of the task runner; durations in seconds."""

    endpoint: str = ""
    """URL of the AWS port, given to tasks as AWS_ENDPOINT_URL."""
    door: str = ""
    """host:port of the front door, which stands for the public names of load balancers."""
    tick: float = 0.2
    """Period of the scheduler."""
    image_tables: tuple[str, ...] = ()
    """Image tables asked before the built-in one (a test's, for instance)."""
    function_tables: tuple[str, ...] = ()
    """Files of commands that stand for Lambda functions (functions.py)."""
    concurrent_starts: int = 3
    """How many tasks may be starting at a time: an interpreter that imports an SDK keeps a core busy for a while."""
    start_patience: float = 6.0
    """Longest time a start may keep others waiting."""
    start_delay: float = 0.0
    """How long the images of a task are pulled before its first container starts."""
    start_timeout: float = 60.0
    """Cap on the startTimeout of containers that others depend on."""
    container_check_interval: float = 10.0
    """Cap on the interval of container health checks, and the interval until the first good answer. Each check starts a
    process."""
    first_container_check: float = 0.5
    health_interval: float = 1.0
    """Cap on the interval of target health checks."""
    initial_patience: float = 20.0
    """Cap on how long a new target may fail its checks before it counts as unhealthy (interval x threshold on AWS)."""
    grace_period: float = 20.0
    """Cap on healthCheckGracePeriodSeconds, and on the startPeriod of container health checks."""
    deregistration_delay: float = 1.0
    """Cap on a target group's deregistration delay."""
    settle: float = 1.0
    """Age at which a running task that nothing else checks counts as healthy."""
    restart_delay: float = 5.0
    """Cap on the delay between attempts of a task that keeps failing (15 minutes on AWS)."""
    launch_retry: float = 1.5
    """Delay after a launch that a role prevented (about 30 seconds on AWS)."""
    bake_minute: float = 1.0
    """How long a minute of a deployment's bake times takes."""
    stopped_retention: float = 3600.0
    """How long a stopped task stays visible."""

    @classmethod
    def build(cls, options: Any, home: Path) -> RunnerOptions:
        """Take what `options` (an object or a mapping, possibly of a wider set) says; the addresses from state.json."""
        given = options if isinstance(options, dict) else {f.name: getattr(options, f.name, None) for f in fields(cls)}
        chosen = {f.name: given[f.name] for f in fields(cls) if given.get(f.name) is not None}
        for name in {"endpoint", "door"} - chosen.keys():
            chosen[name] = json.loads((home / STATE_FILE).read_text())[name]
        for name in ("image_tables", "function_tables"):
            if isinstance(chosen.get(name), str):
                chosen[name] = tuple(filter(None, chosen[name].split(",")))
        slow = getattr(options, "slow", 1.0)
        for name in SLOWED:
            chosen[name] = chosen.get(name, getattr(cls, name)) * slow
        return cls(**chosen)
