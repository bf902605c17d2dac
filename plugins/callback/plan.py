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
  - On request, writes all of them to a file as JSON.
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
        self._planned = False
        self._spoke = False

    def v2_runner_on_ok(self, result: Any) -> None:
        # The result of a loop repeats those of its items.
        if "results" not in result._result:
            self._gather(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._gather(result)

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
        if self._spoke:
            self._sum_up()
        path = self.get_option("plan_file")
        if path:
            with open(path, "w", encoding="utf-8") as file:
                json.dump(self._changes, file, indent=1, ensure_ascii=False, default=str)

    def _sum_up(self) -> None:
        if self._planned:
            self._display.banner("PLAN")
            for change in self._changes:
                line = f"{SIGNS[change['action']]} {change['region']:<12} {change['kind']:<34} {change['name']}"
                self._display.display(line, color=COLOURS[change["action"]])
        count = Counter(change["action"] for change in self._changes)
        planned = ", ".join(f"{count[action]} to {action}" for action in SIGNS if count[action])
        made = ", ".join(f"{count[action]} {action}d" for action in SIGNS if count[action])
        if not self._changes:
            self._display.display("\nNothing to change.")
        elif self._planned:
            self._display.display(f"\n{len(self._changes)} changes planned: {planned}.")
        else:
            self._display.display(f"\n{len(self._changes)} changes made: {made}.")
