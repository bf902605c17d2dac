# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One embedded cloud for each way of running, shared by all cases; and the playbook runner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud import Cloud
from tests.contract.case import WAYS

PLAY_TIMEOUT_SECONDS = 600

Runner = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Cloud]]:
    """A cloud for each way of running, so that both may use the same names."""
    with ExitStack() as stack:
        yield {way: stack.enter_context(Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0)) for way in WAYS}


@pytest.fixture(scope="session")
def run_play(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A function `(cloud, playbook) -> [result of each task]`; a task that fails fails the test."""
    home = tmp_path_factory.mktemp("ansible")

    def run(cloud: Cloud, playbook: list[dict[str, Any]]) -> list[dict[str, Any]]:
        work = tmp_path_factory.mktemp("play")
        (work / "play.yml").write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        environment |= cloud.env() | {
            "ANSIBLE_CONFIG": str(repository / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(repository / "collections"),
            "ANSIBLE_HOME": str(home),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_NOCOLOR": "true",
        }
        command = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", work / "play.yml"]
        done = subprocess.run(
            command,
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PLAY_TIMEOUT_SECONDS,
            check=False,
        )
        results, problem = _read_results(done.stdout)
        if done.returncode or problem:
            pytest.fail(f"{problem or done.stdout[-4000:]}\n{done.stderr[-4000:]}", pytrace=False)
        return results

    return run


def _read_results(output: str) -> tuple[list[dict[str, Any]], str | None]:
    """The tasks' results, and which of them failed, out of the JSON callback's output."""
    start = output.find("{")
    if start < 0:
        return [], None
    # A callback may print a line of its own after the document.
    document, _end = json.JSONDecoder().raw_decode(output[start:])
    results = []
    for task in document["plays"][0]["tasks"]:
        result = task["hosts"]["localhost"]
        if result.get("failed"):
            shown = {key: value for key, value in result.items() if key not in ("invocation", "diff")}
            return results, f"Task '{task['task']['name']}' failed:\n{json.dumps(shown, indent=2)}"
        results.append(result)
    return results, None
