# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The region that takes over is given more tasks for the time of a switch, and afterwards as many as it had."""

from __future__ import annotations

from types import SimpleNamespace

from ansible_collections.multiregion.ecs.plugins.module_utils.switch import preparation
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.lost_regions import LostRegions


class Kept(dict):
    """The items beside the lease."""

    put, look_up, remove = dict.__setitem__, dict.get, dict.pop


def test_a_region_that_was_given_tasks_twice_gets_the_counts_of_before_the_first_time_back(monkeypatch):
    set_to: list[int | None] = []
    monkeypatch.setattr(
        preparation, "restore_capacity", lambda _cloud, before: set_to.extend(s["desired"] for s in before["services"])
    )
    table = Kept()

    def end(state: str, *desired: int, answers: bool = True) -> list[int | None]:
        was = [{"region": "us-east-1", "cluster": "sales", "service": "api", "desired": each} for each in desired]
        control = SimpleNamespace(
            cloud=None,
            params={"drops": [], "readiness": {"services": []}},
            work=SimpleNamespace(states={"us-east-1": state}),
            maps={"us-east-1": None} if answers else {},
            table=table,
        )
        journal = {"capacity": {"services": was}} if was else {}
        set_to.clear()
        preparation.Preparation(control, journal, LostRegions(control, journal)).put_back()
        return list(set_to)

    assert end("ACTIVE", 1) == [None], "where it processes, automatic scaling may have moved the count since"
    assert end("ACTIVE", 3) == [None], "it stays ACTIVE and more was asked of it"
    assert end("PASSIVE") == [1]
    assert not table
    assert end("PASSIVE", 2, answers=False) == [], "a region that is silent is not waited for"
    assert end("PASSIVE") == [2]
    assert not table
