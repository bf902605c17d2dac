# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Target health as load balancers see it: real requests to registered targets, and the states they lead to.

A new target is `initial` and becomes `healthy` with its first good answer; then it takes the group's thresholds in a
row to change the opinion. A deregistered target is `draining` until its delay is over.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup, elbv2_backends

from localcloud.lock import LOCK
from localcloud.ports import on_this_machine
from localcloud.runner.options import RunnerOptions

FIRST_INTERVAL = 0.25
"""How often a target is asked until it has answered once."""

PERIOD = 0.1
CHECKERS = 6

REASONS = {
    "initial": ("Elb.RegistrationInProgress", "Target registration is in progress"),
    "unhealthy": ("Target.FailedHealthChecks", "Health checks failed"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
}


@dataclass
class Check:
    """What is known of one target of one group."""

    address: str
    port: int
    since: float
    state: str = "initial"
    in_a_row: int = 0
    next_at: float = 0.0
    running: bool = False
    gone_at: float = 0.0
    description: str = ""

    def note(self, good: bool, why: str, group: Any, options: RunnerOptions) -> None:
        """Take in one answer."""
        now = time.monotonic()
        self.running = False
        interval = min(float(group.health_check_interval_seconds), options.health_interval)
        self.next_at = now + (FIRST_INTERVAL if self.state == "initial" and not good else interval)
        if self.state == "draining":
            return
        self.description = "" if good else why
        if self.state == "initial":
            limit = min(
                int(group.unhealthy_threshold_count) * float(group.health_check_interval_seconds),
                options.initial_patience,
            )
            if good:
                self.state, self.in_a_row = "healthy", 0
            elif now - self.since > limit:
                self.state, self.in_a_row = "unhealthy", 0
            return
        if good == (self.state == "healthy"):
            self.in_a_row = 0
            return
        self.in_a_row += 1
        threshold = group.healthy_threshold_count if good else group.unhealthy_threshold_count
        if self.in_a_row >= int(threshold):
            self.state, self.in_a_row = ("healthy" if good else "unhealthy"), 0


def checks_of(group: Any) -> dict[str, Check]:
    """The checks of a target group, by target id."""
    return group.__dict__.setdefault("checks", {})


def state_of(group: Any, target: str) -> str:
    check = checks_of(group).get(target)
    return check.state if check else "unused"


def all_groups() -> Iterator[Any]:
    for account in list(elbv2_backends.values()):
        for backend in list(account.values()):
            yield from list(backend.target_groups.values())


_moto_register, _moto_deregister = FakeTargetGroup.register, FakeTargetGroup.deregister
_moto_health = FakeTargetGroup.health_for


def _register(group: Any, targets: list[dict[str, Any]]) -> None:
    _moto_register(group, targets)
    for target in targets:
        if group.target_type == "ip":
            port = int(target.get("Port") or group.port)
            known = checks_of(group).get(target["Id"])
            if known is None or known.state == "draining":
                checks_of(group)[target["Id"]] = Check(target["Id"], port, time.monotonic())


def _deregister(group: Any, targets: list[dict[str, Any]]) -> None:
    _moto_deregister(group, targets)
    for target in targets:
        check = checks_of(group).get(target["Id"])
        if check:
            check.state = "draining"
            check.gone_at = time.monotonic() + delay_of(group)


def _health_for(group: Any, target: dict[str, Any], ec2_backend: Any) -> FakeHealthStatus:
    check = checks_of(group).get(target["Id"])
    if check is None:
        return _moto_health(group, target, ec2_backend)
    reason, description = REASONS.get(check.state, (None, None))
    return FakeHealthStatus(
        check.address, str(check.port), group.health_check_port, check.state, reason, check.description or description
    )


LONGEST_DELAY = [300.0]
"""The longest deregistration delay; set from the options when the runner starts."""


def delay_of(group: Any) -> float:
    """Seconds a deregistered target of the group goes on with what it has."""
    return min(float(group.attributes.get("deregistration_delay.timeout_seconds", 300)), LONGEST_DELAY[0])


def extend_moto() -> None:
    """Give moto's target groups targets that are asked how they are."""
    FakeTargetGroup.register = _register
    FakeTargetGroup.deregister = _deregister
    FakeTargetGroup.health_for = _health_for


class HealthChecker:
    """Asks the targets of all groups, each in its interval, a few at a time."""

    def __init__(self, options: RunnerOptions) -> None:
        LONGEST_DELAY[0] = options.deregistration_delay
        self._options = options
        self._pool = ThreadPoolExecutor(CHECKERS, thread_name_prefix="health")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(2)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD):
            now = time.monotonic()
            with LOCK:
                due = [pair for group in all_groups() for pair in self._due(group, now)]
            for group, check in due:
                self._pool.submit(self._ask, group, check)

    def _due(self, group: Any, now: float) -> list[tuple[Any, Check]]:
        checks = checks_of(group)
        for target in [t for t, check in checks.items() if check.gone_at and now >= check.gone_at]:
            del checks[target]
        due = [c for c in checks.values() if now >= c.next_at and not c.running and c.state != "draining"]
        for check in due:
            check.running = True
        return [(group, check) for check in due]

    def _ask(self, group: Any, check: Check) -> None:
        good, why = False, "Health checks failed"
        with contextlib.suppress(Exception):
            good, why = ask(group, check)
        with LOCK:
            check.note(good, why, group, self._options)


def ask(group: Any, check: Check) -> tuple[bool, str]:
    """One health check: (whether it was good, what to say if not)."""
    port = check.port if group.health_check_port in (None, "traffic-port") else int(group.health_check_port)
    port, timeout = on_this_machine(port), float(group.health_check_timeout_seconds)
    if group.health_check_protocol not in ("HTTP", "HTTPS"):
        with socket.socket() as probe:
            probe.settimeout(timeout)
            return probe.connect_ex((check.address, port)) == 0, "Health checks failed"
    connection = http.client.HTTPConnection(check.address, port, timeout=timeout)
    try:
        connection.request("GET", group.health_check_path or "/", headers={"User-Agent": "ELB-HealthChecker/2.0"})
        answer = connection.getresponse()
        answer.read()
    except TimeoutError:
        return False, "Request timed out"
    except (OSError, http.client.HTTPException):
        return False, "Health checks failed"
    finally:
        connection.close()
    matcher = (group.matcher or {}).get("HttpCode") or "200"
    return matches(matcher, answer.status), f"Health checks failed with these codes: [{answer.status}]"


def matches(matcher: str, status: int) -> bool:
    """Whether a status is among a matcher's codes and ranges, such as `200,301-304`."""
    for part in matcher.split(","):
        first, _dash, last = part.strip().partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
