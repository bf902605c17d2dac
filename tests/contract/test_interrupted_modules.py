# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the runs of a module's life after some of their writes to AWS, and completes each by running it again."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud as kernel_cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from localcloud import Cloud
from tests.contract import case as cases
from tests.contract.batches import WAITS
from tests.contract.case import MODULES
from tests.support.modules import checked, module_named

MAKERS = sorted((module for module in MODULES if not cases.load(module).reads), key=lambda each: -WAITS.get(each, 0))
"""What waits for AWS comes first, beside what works."""

READS = ("BatchGet", "Describe", "Get", "Head", "List", "Query", "Scan")
"""How the operations begin that change nothing."""

SOME = (1, 4)
"""After how many writes a run is ended; after each of them with `INTERRUPTIONS=all`, which takes half an hour."""

ENDED = "ended-"
"""How names begin here: what ended runs leave, such as revisions, must not be counted elsewhere."""

SHORT_LEASE = {"lease_duration": 2.0, "lease_heartbeat": 0.4}
"""Seconds; nothing takes over the lease of a run that was ended before it is seen dead."""


class Killed(BaseException):
    """Caught by nothing, as `kill -9`."""


class Limit:
    """How often a run may still write to AWS; after that nothing of it reaches AWS any more."""

    def __init__(self) -> None:
        self.left = float("inf")

    def before_send(self, event_name: str, **_others: Any) -> None:
        if not event_name.rsplit(".", 1)[-1].startswith(READS):
            self.left -= 1
        if self.left < 0:
            raise Killed


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """The limit of every run from now on."""
    made = Limit()
    new_session = kernel_cloud._new_session

    def watched(profile: str | None) -> Any:
        session = new_session(profile)
        session.register("before-send", made.before_send)
        return session

    monkeypatch.setattr(kernel_cloud, "_session", watched)
    return made


@pytest.mark.filterwarnings("ignore:Exception in thread lease-heartbeat")
@pytest.mark.parametrize("module", MAKERS)
def test_a_run_ended_after_any_write_is_completed_by_running_again(
    module: str, cloud: Cloud, limit: Limit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)
    case = cases.load(module, ENDED)
    variables = _set_up(case)
    steps = [step for step in cases.whole_life(case) if step.expects == "does"]
    found = []
    for writes in itertools.count() if os.environ.get("INTERRUPTIONS") == "all" else SOME:
        ended = False
        for step in steps:
            params = _filled_in(step.params, variables)
            ended |= _ended_after(limit, writes, module, params)
            found += [f"{step.name}, ended after {writes} writes: {each}" for each in _completed(module, params)]
        if not ended:
            break
    assert not found, f"{module}:\n" + "\n".join(found)


def _ended_after(limit: Limit, writes: int, module: str, params: dict[str, Any]) -> bool:
    """Run it, and say whether it was ended: whether it wanted to write more often."""
    limit.left = writes
    try:
        _run(module, params)
    except (Killed, CollectionError):
        if limit.left >= 0:
            raise
    assert limit.left < writes, "it wrote nothing, or nothing was counted"
    ended, limit.left = limit.left < 0, float("inf")
    return ended


def _completed(module: str, params: dict[str, Any]) -> Iterator[str]:
    try:
        _run(module, params)
        left = _run(module, params, check_mode=True)["changes"]
        if left:
            yield f"it still has {left}"
    except CollectionError as error:
        yield error.message


def _run(module: str, params: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    logic = module_named(module)
    params = {**params, **{name: value for name, value in SHORT_LEASE.items() if name in logic.arguments}}
    return run(logic, checked(logic, **params), check_mode=check_mode)


def _set_up(case: cases.Case) -> dict[str, Any]:
    """Make what the case's module needs; the results by the names under which the case knows them."""
    variables: dict[str, Any] = {"ansible_playbook_python": sys.executable, "repository": str(cases.REPOSITORY)}
    for item in case.setup:
        params = _filled_in(item["params"], variables)
        if item["module"] == "ansible.builtin.command":
            subprocess.run(params["argv"], check=True)
        else:
            variables[item.get("register", item["module"])] = _run(item["module"], params)
    return variables


def _filled_in(value: Any, variables: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled_in(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled_in(item, variables) for item in value]
    if isinstance(value, str) and "{{" in value:
        return NativeEnvironment().from_string(value).render(**variables)
    return value
