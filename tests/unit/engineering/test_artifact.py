# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact holds what runs against AWS, once, and nothing of the workshop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

LARGEST_BYTES = 1_000_000
SHIPPED = {"plugins", "roles", "playbooks", "meta", "changelogs", "docs", "README.md", "COPYING", "requirements.yml"}
KEPT_BACK = {
    "awx",
    "collections",
    "localcloud",
    "workloads",
    "tests",
    "demos",
    "drills",
    "harness",
    "pipelines",
    "scripts",
    "build",
    "Makefile",
    "requirements",
}


COLLECTION = Path("ansible_collections") / "multiregion" / "ecs"


def run_ansible(command: str, *arguments: str | Path, folder: Path) -> str:
    """Run an Ansible command as somebody who has nothing but what is installed in `folder`; return what it prints."""
    own = {"ANSIBLE_COLLECTIONS_PATH": str(folder), "ANSIBLE_HOME": str(folder / "home"), "ANSIBLE_NOCOLOR": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    program = Path(sys.executable).with_name(command)
    done = subprocess.run(
        [program, *arguments], cwd=folder, env={**kept, **own}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def archive(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact")
    run_ansible("ansible-galaxy", "collection", "build", "--output-path", folder, repository, folder=folder)
    (archive,) = folder.glob("multiregion-ecs-*.tar.gz")
    assert archive.stat().st_size < LARGEST_BYTES
    return archive


@pytest.fixture(scope="module")
def names(archive: Path) -> set[str]:
    with tarfile.open(archive) as content:
        return set(content.getnames())


@pytest.fixture(scope="module")
def installed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the artifact was installed as from Galaxy. amazon.aws comes with the package `ansible`."""
    folder = tmp_path_factory.mktemp("installed")
    options = ("--offline", "--no-deps", "--collections-path", folder)
    run_ansible("ansible-galaxy", "collection", "install", *options, archive, folder=folder)
    return folder


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server on this machine that answers every GET."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: Any) -> None:
            pass

    http = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


def test_what_runs_is_shipped(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} >= SHIPPED


def test_the_workshop_stays_at_home(names: set[str]) -> None:
    first = {name.split("/")[0] for name in names}
    assert not first & KEPT_BACK
    assert not {name for name in names if name.startswith(".") or name.endswith((".pyc", ".tar.gz"))}


def test_each_module_is_installed_with_its_action_plugin(installed: Path) -> None:
    plugins = installed / COLLECTION / "plugins"
    modules = sorted(path.name for path in (plugins / "modules").glob("[a-z]*.py"))
    actions = sorted((plugins / "action").glob("*.py"))
    assert [path.name for path in actions] == modules
    shared = (plugins / "plugin_utils" / "module_action.py").read_text(encoding="utf-8")
    assert {path.read_text(encoding="utf-8") for path in actions} == {shared}


def test_installed_modules_run_in_process_and_as_ordinary_modules(installed: Path, server: str) -> None:
    """What runs in the controller's own process needs no interpreter, an ordinary module does."""

    def tasks(in_process: bool, interpreter: str, failed_when: str | None = None) -> list[dict[str, Any]]:
        told = {
            "vars": {"multiregion_in_process": in_process, "ansible_python_interpreter": interpreter},
            "register": "answer",
        }
        ask = {"workload": "w", "url": f"http://{server}/", "wait_timeout": 5}
        answered = failed_when or "answer.status != 200 or answer.body != 'hello'"
        # Another module, so that the name of the link is what decides; refused before any call to AWS.
        keep = {"workload": "w", "names": ["g"], "retention_in_days": 2}
        refused = failed_when or "'retention_in_days is 2; CloudWatch Logs accepts' not in answer.msg"
        return [
            {"multiregion.ecs.http_check": ask, "failed_when": answered, **told},
            {"multiregion.ecs.log_groups": keep, "failed_when": refused, **told},
        ]

    nowhere = str(installed / "no-python-here")
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "tasks": [
            *tasks(True, nowhere),
            *tasks(False, sys.executable),
            *tasks(False, nowhere, failed_when="'no-python-here' not in answer.msg ~ answer.module_stderr"),
        ],
    }
    playbook = installed / "play.yml"
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    shown = run_ansible("ansible-playbook", "-i", "localhost,", playbook, folder=installed)
    assert "ok=6" in shown and "failed=0" in shown

    compiled = installed / COLLECTION / "plugins" / "module_utils" / "kernel" / "__pycache__"
    assert list(compiled.glob("run.*.pyc")), "the next run compiles the collection again"
