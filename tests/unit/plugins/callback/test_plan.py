# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a run, and its plan file, say what was made and what was not, also after a failure."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.callback.plan import CallbackModule


def change(name: str, action: str = "create") -> dict[str, Any]:
    return {"action": action, "kind": "ec2_vpc", "name": name, "region": "us-east-1", "before": None, "after": {}}


def result(*changes: dict[str, Any], host: str = "us-east-1", check: bool = False, **more: Any) -> Any:
    return SimpleNamespace(
        _result={"changed": bool(changes), "changes": list(changes), **more},
        _host=SimpleNamespace(get_name=lambda: host),
        _task=SimpleNamespace(check_mode=check, get_name=lambda: "multiregion.ecs.network : Create the network"),
    )


class Summary:
    """A run as the callback sees it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "plan.json"
        self.plugin = CallbackModule()
        self.lines: list[str] = []
        self.plugin._display = SimpleNamespace(
            display=lambda line, color=None: self.lines.append(line.strip()), banner=self.lines.append
        )
        self.plugin.get_option = lambda name: str(self.path)

    def end(self, failed: tuple[str, ...] = (), dark: tuple[str, ...] = ()) -> str:
        self.plugin.v2_playbook_on_stats(SimpleNamespace(failures=dict.fromkeys(failed, 1), dark=dict.fromkeys(dark)))
        return "\n".join(self.lines)

    def written(self) -> list[tuple[str, str]]:
        return [(entry["action"], entry["name"]) for entry in json.loads(self.path.read_text())]


@pytest.fixture
def summary(tmp_path: Path) -> Summary:
    return Summary(tmp_path)


FAILED = ("us-east-1",)


def test_without_a_failure_all_is_told_and_the_file_is_whole(summary: Summary) -> None:
    summary.plugin.v2_runner_on_ok(result(change("a"), change("b", "update")))
    assert summary.end() == "2 changes made: 1 created, 1 updated."
    assert summary.written() == [("create", "a"), ("update", "b")]


def test_nothing_to_change_is_said_of_runs_that_ended_well_only(summary: Summary) -> None:
    summary.plugin.v2_runner_on_ok(result(host="sa-east-1"))
    summary.plugin.v2_runner_on_failed(result(failed=True))
    assert summary.end(FAILED).splitlines() == [
        "No changes were made.",
        "This is not the whole run: it failed at Create the network (us-east-1).",
    ]
    assert summary.written() == [("fail", "Create the network")]


def test_what_a_task_made_before_it_failed_counts(summary: Summary) -> None:
    failed = result(*[change(f"vpc-{n}") for n in range(8)], not_made=[change("x"), change("y", "delete")])
    summary.plugin.v2_runner_on_failed(failed)
    assert summary.end(FAILED).splitlines() == [
        "8 changes made: 8 created.",
        "This is not the whole run: it failed at Create the network (us-east-1). 2 of its changes were not made.",
    ]
    (entry,) = [each for each in json.loads(summary.path.read_text()) if each["action"] == "fail"]
    assert [each["name"] for each in entry["not_made"]] == ["x", "y"]


def test_of_a_loop_each_item_counts_once_and_what_its_items_did_not_make_too(summary: Summary) -> None:
    summary.plugin.v2_runner_item_on_ok(result(change("a")))
    failed = result(change("b"), not_made=[change("c")])
    summary.plugin.v2_runner_item_on_failed(failed)
    whole = result(results=[result(change("a"))._result, failed._result], changed=True)
    summary.plugin.v2_runner_on_failed(whole)
    assert "2 changes made" in summary.end(FAILED) and "1 of its changes were not made" in summary.lines[-1]


def test_a_retried_task_made_the_changes_of_every_attempt(summary: Summary) -> None:
    summary.plugin.v2_runner_retry(result(change("a")))
    summary.plugin.v2_runner_on_ok(result(change("b")))
    assert summary.end() == "2 changes made: 2 created."


@pytest.mark.parametrize("planned", [(), (change("a"),)])
def test_a_check_that_fails_midway_is_no_whole_plan(summary: Summary, planned: tuple[dict[str, Any], ...]) -> None:
    summary.plugin.v2_runner_on_ok(result(*planned, check=True))
    summary.plugin.v2_runner_on_failed(result(check=True))
    text = summary.end(FAILED)
    assert ("1 changes planned: 1 to create." if planned else "No changes were planned.") in text
    assert text.endswith("This is not the whole plan: it failed at Create the network (us-east-1).")
    assert "Nothing to change" not in text


def test_what_was_rescued_or_ignored_is_no_failure_but_its_changes_count(summary: Summary) -> None:
    summary.plugin.v2_runner_on_failed(result(change("a")))
    summary.plugin.v2_runner_on_failed(result(change("b")), ignore_errors=True)
    assert summary.end() == "2 changes made: 2 created."
    assert summary.written() == [("create", "a"), ("create", "b")]


def test_a_host_that_cannot_be_reached_is_a_failure(summary: Summary) -> None:
    summary.plugin.v2_runner_on_ok(result(host="sa-east-1"))
    summary.plugin.v2_runner_on_unreachable(SimpleNamespace(**{**vars(result()), "_result": {"unreachable": True}}))
    assert "(us-east-1)" in summary.end(dark=("us-east-1",))
