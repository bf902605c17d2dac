# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the containers of tasks write with awslogs: as it comes, and the last lines of it."""

from __future__ import annotations

from collections import deque
from typing import Any

from ..kernel import Cloud, absent_is_none

PAGES_AT_ONCE = 20
"""How many pages of one stream are read before the tasks are looked at again."""

Options = dict[str, str]
Task = dict[str, Any]


def logged(definition: dict[str, Any]) -> dict[str, Options]:
    """The options of the containers whose streams can be named: awslogs with a prefix."""
    found = {}
    for container in definition["containerDefinitions"]:
        logging = container.get("logConfiguration") or {}
        options = logging.get("options") or {}
        if logging.get("logDriver") == "awslogs" and "awslogs-stream-prefix" in options:
            found[container["name"]] = options
    return found


def stream(options: Options, container: str, task: str) -> dict[str, str]:
    """The group and the stream of one container of a task, as awslogs names them."""
    return {
        "logGroupName": options["awslogs-group"],
        "logStreamName": f"{options['awslogs-stream-prefix']}/{container}/{task}",
    }


def tail(cloud: Cloud, region: str, options: Options, container: str, task: str, lines: int) -> list[str]:
    """The last lines of one container; none if it has not written any."""
    client = cloud.client("logs", options.get("awslogs-region", region))
    with absent_is_none("ResourceNotFoundException"):
        events = client.get_log_events(**stream(options, container, task), limit=lines, startFromHead=False)["events"]
        return [event["message"].rstrip() for event in events]
    return []


class TaskLogs:
    """Reads on where it stopped reading. `lines` of each container are kept.

    Each stream is asked for itself: a call for several is refused as long as one of them is not there.
    """

    def __init__(self, cloud: Cloud, region: str, definition: dict[str, Any], lines: int) -> None:
        self._cloud, self._region, self._lines = cloud, region, lines
        self._logged = logged(definition)
        self._tokens: dict[tuple[str, str], str] = {}
        self._kept: dict[str, dict[str, deque[str]]] = {}

    def read(self, tasks: list[Task]) -> int:
        """Tell what these tasks have written since; returns how many lines that was."""
        new = 0
        for task in tasks:
            key = task["taskArn"].rsplit("/", 1)[-1]
            for container, options in self._logged.items():
                told = f"{container} {key[:8]}" if len(tasks) > 1 else container
                for line in self._read_on(options, container, key):
                    self._cloud.tell(f"  {told} | {line}")
                    self._kept.setdefault(key, {}).setdefault(container, deque(maxlen=self._lines)).append(line)
                    new += 1
        return new

    def _read_on(self, options: Options, container: str, task: str) -> list[str]:
        client = self._cloud.client("logs", options.get("awslogs-region", self._region))
        found: list[str] = []
        for _page in range(PAGES_AT_ONCE):
            before = self._tokens.get((container, task))
            more = {"nextToken": before} if before else {}
            answer: dict[str, Any] = {}
            with absent_is_none("ResourceNotFoundException"):  # it has not started yet
                answer = client.get_log_events(**stream(options, container, task), startFromHead=True, **more)
            found += [event["message"].rstrip() for event in answer.get("events", [])]
            after = answer.get("nextForwardToken")
            if after:
                self._tokens[container, task] = after
            # At the end of the stream the token stays as it is; a page may be empty before.
            if not after or after == before:
                break
        return found

    def last(self, task: str) -> dict[str, list[str]]:
        """The last lines of each container of a task that wrote any, as far as they were read."""
        return {container: list(lines) for container, lines in self._kept.get(task, {}).items()}

    def tails(self, task: str) -> dict[str, list[str]]:
        """The last lines of each container of a task that wrote any, whatever was read before."""
        found = {c: tail(self._cloud, self._region, o, c, task, self._lines) for c, o in self._logged.items()}
        return {container: lines for container, lines in found.items() if lines}
