# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the runs of a module's life after some of their writes to AWS, and completes each by running it again."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud as kernel_cloud
from localcloud import Cloud
from tests.contract import case as cases
from tests.contract.runs import MAKERS, filled_in, run_here, set_up

SOME = (1, 4)
"""After how many writes a run is ended; after each of them with `INTERRUPTIONS=all`, which takes half an hour."""

ENDED = "ended-"
"""How names begin here: what ended runs leave, such as revisions, must not be counted elsewhere."""


class Killed(BaseException):
    """Caught by nothing, as `kill -9`."""


class Limit:
    """How often a run may still write to AWS; after that nothing of it reaches AWS any more."""

    def __init__(self) -> None:
        self.left = float("inf")

    def before_send(self, event_name: str, **_others: Any) -> None:
        if not event_name.rsplit(".", 1)[-1].startswith(kernel_cloud.READS):
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
    variables = set_up(case)
    steps = [step for step in cases.whole_life(case) if step.expects == "does"]
    found = []
    for writes in itertools.count() if os.environ.get("INTERRUPTIONS") == "all" else SOME:
        ended = False
        if case.used_up:
            variables = set_up(case)
        for step in steps:
            params = filled_in(step.params, variables)
            ended |= _ended_after(limit, writes, module, params)
            cloud.ask("settle")  # nobody runs it again within what AWS needs to show what was made
            found += [f"{step.name}, ended after {writes} writes: {each}" for each in _completed(module, params)]
        if not ended:
            break
    assert not found, f"{module}:\n" + "\n".join(found)


def _ended_after(limit: Limit, writes: int, module: str, params: dict[str, Any]) -> bool:
    """Run it, and say whether it was ended: whether it wanted to write more often."""
    limit.left = writes
    try:
        run_here(module, params)
    except (Killed, CollectionError):
        if limit.left >= 0:
            raise
    assert limit.left < writes, "it wrote nothing, or nothing was counted"
    ended, limit.left = limit.left < 0, float("inf")
    return ended


def _completed(module: str, params: dict[str, Any]) -> Iterator[str]:
    try:
        run_here(module, params)
        left = run_here(module, params, check_mode=True)["changes"]
        if left:
            yield f"it still has {left}"
    except CollectionError as error:
        yield error.message
