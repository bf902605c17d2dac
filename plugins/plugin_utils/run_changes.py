# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tasks of one ansible-playbook have changed so far, or in check mode would: each notes it for later tasks.

It is noted in the folder that Ansible makes for each run and removes with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible import constants

NOTED = ("action", "kind", "name", "region")


def note_changes(workload: str | None, result: Mapping[str, Any]) -> None:
    """Note the changes of a module's result. Tasks of several hosts append side by side, each in one write."""
    changes = result.get("changes")
    if isinstance(changes, list) and changes:
        lines = [json.dumps({name: change.get(name) for name in NOTED}) for change in changes]
        with _note(workload or "").open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))


def run_changes(workload: str) -> list[str]:
    """Each change of this run in words, such as `update sqs_queue orders in us-east-1`."""
    try:
        lines = _note(workload).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return ["{action} {kind} {name} in {region}".format(**json.loads(line)) for line in lines]


def _note(workload: str) -> Path:
    return Path(constants.DEFAULT_LOCAL_TMP) / f"changes-{quote(workload, safe='')}.jsonl"
