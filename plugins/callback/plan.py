# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
name: plan
type: aggregate
short_description: Sum up the changes of a run, planned or made
version_added: 0.1.0
description:
  - Gathers the changes that the modules of this collection return, and sums them up when the run ends.
  - In check mode every planned change is listed. In a normal run their number is told.
  - Of a run that fails, the changes made before the failure count too, and it is said that this is not the whole.
  - On request, writes all of them to a file as JSON. A task that failed is an entry with the action C(fail), its kind
    C(task), and the changes that it did not make in C(not_made), so that a file without one is whole.
options:
  plan_file:
    description: File to write the changes to. Nothing is written without it.
    type: path
    env:
      - name: MULTIREGION_PLAN_FILE
    ini:
      - section: multiregion
        key: plan_file
requirements:
  - Enabled in the configuration, C(callbacks_enabled = multiregion.ecs.plan).
author:
  - multiregion.ecs contributors (@multiregion)
"""

import json
from collections import Counter
from typing import Any

from ansible.plugins.callback import CallbackBase

from ansible_collections.multiregion.ecs.plugins.plugin_utils.in_process import preload_templating

SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-"}
COLOURS = {"create": "green", "update": "yellow", "replace": "yellow", "delete": "red"}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "multiregion.ecs.plan"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._changes: list[dict[str, Any]] = []
        self._failures: list[dict[str, Any]] = []
        self._planned = False
        self._spoke = False

    def v2_playbook_on_start(self, playbook: Any) -> None:
        # Here, in the process whose forks the workers are: before the first task of this collection, each worker that
        # meets one of its filters would import them all, and the SDK with them.
        preload_templating()

    def v2_runner_on_ok(self, result: Any) -> None:
        # The result of a loop repeats those of its items.
        if "results" not in result._result:
            self._gather(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._gather(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._gather(result)

    def v2_runner_retry(self, result: Any) -> None:
        self._gather(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        if "results" not in result._result:
            self._gather(result)
        if not ignore_errors:
            self._failed(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._failed(result)

    def _failed(self, result: Any) -> None:
        told = [result._result, *(item for item in result._result.get("results", []) if isinstance(item, dict))]
        host = result._host.get_name()
        self._failures.append(
            {
                "host": host,
                "planned": result._task.check_mode,
                "action": "fail",
                "kind": "task",
                "name": result._task.get_name().rpartition(" : ")[2],
                "region": host,
                "not_made": [change for item in told for change in item.get("not_made") or []],
            }
        )

    def _gather(self, result: Any) -> None:
        changes = result._result.get("changes")
        if not isinstance(changes, list):
            return
        self._spoke = True
        if not result._result.get("changed"):
            return
        self._planned = self._planned or bool(result._task.check_mode and changes)
        for change in changes:
            if isinstance(change, dict) and "kind" in change:
                self._changes.append({"host": result._host.get_name(), "planned": result._task.check_mode, **change})

    def v2_playbook_on_stats(self, stats: Any) -> None:
        # A host ends with its failure, so the last one is it; what was rescued before is none.
        last = {each["host"]: each for each in self._failures}
        failures = [each for host, each in last.items() if host in stats.failures or host in stats.dark]
        if self._spoke:
            self._sum_up(failures)
        path = self.get_option("plan_file")
        if path:
            with open(path, "w", encoding="utf-8") as file:
                json.dump(self._changes + failures, file, indent=1, ensure_ascii=False, default=str)

    def _sum_up(self, failures: list[dict[str, Any]]) -> None:
        planned = self._planned or any(each["planned"] for each in failures)
        if planned and self._changes:
            self._display.banner("PLAN")
            for change in self._changes:
                line = f"{SIGNS[change['action']]} {change['region']:<12} {change['kind']:<34} {change['name']}"
                self._display.display(line, color=COLOURS[change["action"]])
        count = Counter(change["action"] for change in self._changes)
        verb, form = ("planned", "{n} to {action}") if planned else ("made", "{n} {action}d")
        parts = ", ".join(form.format(n=count[action], action=action) for action in SIGNS if count[action])
        if self._changes:
            self._display.display(f"\n{len(self._changes)} changes {verb}: {parts}.")
        else:
            self._display.display(f"\nNo changes were {verb}." if failures else "\nNothing to change.")
        if failures:
            where = "; ".join(f"{each['name']} ({each['host']})" for each in failures)
            left = sum(len(each["not_made"]) for each in failures)
            more = f" {left} of its changes were not made." if left else ""
            ending = "This is not the whole plan: it" if planned else "This is not the whole run: it"
            self._display.display(f"{ending} failed at {where}.{more}", color="red")
