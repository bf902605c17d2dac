# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One embedded cloud for all tests of a worker, and the lives of the cases that it plays on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from xdist.remote import Producer

from localcloud import Cloud
from tests.contract import case as cases
from tests.contract.batches import BatchScheduling, batches
from tests.contract.case import Way
from tests.contract.plays import Lives, Played, Runner, inventory_task, life_tasks, play, read_plays, setup_tasks

PLAYBOOK_TIMEOUT_SECONDS = 1800


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BatchScheduling | None:
    """What `-n` alone means here; another `--dist` is heeded."""
    return BatchScheduling(config, log) if config.getvalue("dist") == "load" else None


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One cloud: whatever shares it uses names of its own."""
    options = {"eventual": 0.2, "network_quota": 100}
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0, **options) as running:
        yield running


@pytest.fixture(scope="session")
def run_plays(cloud: Cloud, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A function `(plays) -> {host: what became of its play}`, which runs ansible-playbook once."""
    home = tmp_path_factory.mktemp("ansible")

    def run(plays: list[dict[str, Any]]) -> dict[str, Played]:
        work = tmp_path_factory.mktemp("play")
        (work / "play.yml").write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        environment |= cloud.env() | {
            "ANSIBLE_CONFIG": str(repository / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(repository / "collections"),
            "ANSIBLE_HOME": str(home),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
            "ANSIBLE_NOCOLOR": "true",
        }
        hosts = [each["hosts"] for each in plays]
        inventory = "".join(f"{host}," for host in hosts)
        command = [Path(sys.executable).with_name("ansible-playbook"), "-i", inventory, work / "play.yml"]
        done = subprocess.run(
            command,
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PLAYBOOK_TIMEOUT_SECONDS,
            check=False,
        )
        never_played = Played([], f"It was not played:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        played = read_plays(done.stdout)
        return {host: played.get(host, never_played) for host in hosts}

    return run


@pytest.fixture(scope="session")
def lives(request: pytest.FixtureRequest, cloud: Cloud, run_plays: Runner) -> Lives:
    """A function `(module) -> {way: what became of its life}`, which plays a batch when its first module is asked for.

    The results of a life begin after the setup, with an inventory; and they end with one.
    """
    selected = {item.callspec.params.get("module") for item in request.session.items if hasattr(item, "callspec")}
    done: dict[tuple[str, Way], Played] = {}

    def lives_of(module: str) -> dict[Way, Played]:
        if (module, Way.ORDINARY) not in done:
            batch = next(each for each in batches() if module in each)
            done.update(_played(cloud, run_plays, [each for each in batch if each in selected]))
        return {way: done[module, way] for way in Way}

    return lives_of


def _played(cloud: Cloud, run_plays: Runner, modules: list[str]) -> dict[tuple[str, Way], Played]:
    hosts = {}
    plays = []
    for module in modules:
        for way in Way:
            case = cases.load(module, way.value)
            inventory = inventory_task(cloud.endpoint)
            setup = setup_tasks(case)
            tasks = [*setup, inventory, *life_tasks(case, cases.life(case, way)), inventory]
            host = f"{way.value}{module}"
            plays.append(play(host, tasks, way))
            hosts[host] = (module, way, len(setup))
    return {
        (module, way): Played(played.results[skipped:], played.problem)
        for host, played in run_plays(plays).items()
        for module, way, skipped in [hosts[host]]
    }
