# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook in a fork of a prepared process is what the command makes of it: same output, same status, its own words.

The rest of the integration tests run their playbooks that way.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from harness.playbooks import start_playbook
from tests.support.prepared_playbooks import PreparedPlaybooks, PreparedRun, prepared_playbooks

TOLD = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "MULTIREGION_PLAN_FILE": ""}


@pytest.fixture(scope="module")
def prepared() -> Iterator[PreparedPlaybooks]:
    with prepared_playbooks() as process:
        yield process


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.yml"
    here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    path.write_text(yaml.safe_dump({"all": {"hosts": {"control": here}}}))
    return path


def write(folder: Path, *tasks: dict[str, object]) -> str:
    path = folder / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": list(tasks)}]))
    return str(path)


TIMES = ("delta", "start", "end")

TELLING = {
    "ansible.builtin.debug": {
        "msg": "{{ lookup('env', 'AWS_ENDPOINT_URL') }} {{ word }} {{ lookup('pipe', 'pwd') }} {{ ansible_check_mode }}"
    }
}
MODULE = {"ansible.builtin.command": {"cmd": "echo from a module"}, "check_mode": False}
REGIONS = {"ansible.builtin.debug": {"msg": "{{ [] | multiregion.ecs.inventory_regions({}) }}"}}
OWN_MODULE = {"multiregion.ecs.caller_info": {"region": "mars-1"}}


@pytest.mark.parametrize("tasks", [[TELLING, MODULE], [TELLING, REGIONS, OWN_MODULE]], ids=["passes", "fails"])
def test_a_fork_prints_what_the_command_prints(
    prepared: PreparedPlaybooks, inventory: Path, tmp_path: Path, tasks: list[dict[str, object]]
) -> None:
    playbook = write(tmp_path, *tasks)
    words = ("--check", "-v", "-e", "word=heard")
    here = prepared.start(playbook, inventory, TOLD, *words)
    assert isinstance(here, PreparedRun)
    printed = here.stdout.read()
    there = start_playbook(playbook, inventory, TOLD, *words)
    expected, _none = there.communicate()

    def timeless(output: str) -> list[str]:
        return [line for line in output.splitlines() if line.split(":")[0].strip() not in TIMES]

    assert timeless(printed) == timeless(expected)
    assert "http://127.0.0.1:9 heard" in printed
    assert here.wait() == there.returncode
    assert here.wait() == (2 if OWN_MODULE in tasks else 0)


def test_one_run_knows_nothing_of_another(prepared: PreparedPlaybooks, inventory: Path, tmp_path: Path) -> None:
    playbook = write(tmp_path, TELLING)
    runs = [
        prepared.start(playbook, inventory, {"AWS_ENDPOINT_URL": f"http://{word}"}, "-e", f"word={word}")
        for word in ("first", "second")
    ]
    first, second = (run.stdout.read() for run in runs)
    assert "http://first first" in first and "second" not in first
    assert "http://second second" in second and "first" not in second
    assert [run.wait() for run in runs] == [0, 0]


def test_each_run_is_an_ansible_of_its_own(prepared: PreparedPlaybooks, inventory: Path, tmp_path: Path) -> None:
    """By its name and its process id a lock knows whether the run that took it still lives."""
    telling = {"ansible.builtin.debug": {"msg": "{{ lookup('pipe', 'cat /proc/$PPID/cmdline | tr -d \\0') }}"}}
    run = prepared.start(write(tmp_path, telling), inventory, TOLD)
    assert "ansible-playbook" in run.stdout.read()
    assert run.wait() == 0


def test_a_run_can_be_killed_and_says_so(prepared: PreparedPlaybooks, inventory: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    run = prepared.start(write(tmp_path, {"ansible.builtin.pause": {"seconds": 60}}), inventory, TOLD)
    run.stdout.readline()
    run.kill()
    assert run.wait() == -9
    assert time.monotonic() - began < 30


def test_what_ansible_reads_at_its_start_gets_a_process_of_its_own(
    prepared: PreparedPlaybooks, inventory: Path, tmp_path: Path
) -> None:
    playbook = write(tmp_path, TELLING)
    run = prepared.start(playbook, inventory, {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal"}, "-e", "word=x1")
    printed = run.stdout.read()
    assert not isinstance(run, PreparedRun)
    assert run.wait() == 0
    assert "PLAY RECAP" not in printed and "x1" in printed


def test_a_fork_leaves_no_files(prepared: PreparedPlaybooks, inventory: Path, tmp_path: Path) -> None:
    run = prepared.start(write(tmp_path, TELLING, MODULE), inventory, {"HOME": os.environ["HOME"]}, "-e", "word=y")
    run.stdout.read()
    assert run.wait() == 0
    assert not list((Path.home() / ".ansible" / "tmp").glob(f"ansible-local-{run.pid}*"))
