# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of AWS while some of it is dead, and for how long."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError, NotReadyInTime
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud as under_test
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import ONCE

ACCOUNT = "123456789012"


class Earth(Cloud):
    """Some of its regions are dead. asked: the region and the limits of each question for the account."""

    def __init__(self, *dead: str) -> None:
        super().__init__({"region": "sa-east-1"})
        self.dead = dead
        self.asked: list[tuple[str | None, dict[str, Any]]] = []

    def client(self, service: str, region: str | None = None, **config: Any) -> Any:
        def identity() -> dict[str, str]:
            self.asked.append((region, config))
            if region in self.dead:
                raise ConnectTimeoutError(endpoint_url=f"https://{service}.{region}.example")
            return {"Account": ACCOUNT}

        return SimpleNamespace(get_caller_identity=identity)


def test_the_account_is_told_by_the_first_region_that_answers_and_then_known():
    earth = Earth("sa-east-1")
    for _ in range(2):
        assert earth.find_account(["sa-east-1", "us-east-1", "us-east-2"]) == ACCOUNT
    assert earth.account_id == ACCOUNT
    assert earth.asked == [("sa-east-1", ONCE), ("us-east-1", ONCE)]


def test_that_no_region_tells_the_account_is_told_with_the_reasons():
    with pytest.raises(CollectionError, match=r"which account this is \(a: ConnectTimeoutError.*; b: "):
        Earth("a", "b").find_account(["a", "b"])


def test_nobody_waits_for_a_run_that_was_killed(monkeypatch):
    parents = iter([4242, 4242, 4242, 1])
    monkeypatch.setattr(under_test.os, "getppid", lambda: next(parents))
    asked = []
    with pytest.raises(
        CollectionError, match="stopped waiting for rain: the run that this process worked for has ended"
    ):
        Earth().wait_until("rain", lambda: asked.append(1), timeout=60)
    assert len(asked) == 2


def test_a_run_that_was_killed_while_it_planned_believes_no_answer_any_more(monkeypatch):
    earth = Earth()
    monkeypatch.setattr(under_test.os, "getppid", lambda: 1)
    assert not earth.has_parent()
    with pytest.raises(CollectionError, match="has ended"):
        earth.wait_until("rain", lambda: True)


def test_who_waits_long_is_told_what_for_and_how_to_go_on(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(under_test.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(under_test.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    told = []
    earth = Earth()
    earth.tell = told.append
    with pytest.raises(
        NotReadyInTime, match=r"Waited 100 s for rain\. .*network_wait_timeout.* it goes on where it was"
    ):
        earth.wait_until("rain", lambda: False, timeout=100)
    assert [line.split(": ")[0] for line in told] == ["  waits for rain"] * 3
    assert told[0].endswith("at most 100 s") and 15 <= int(told[0].split(": ")[1].split(" s")[0]) <= 20
    told.clear()
    earth.wait_until("rain", lambda: now[0] > 110, timeout=100)  # over before anybody wonders
    assert told == []
