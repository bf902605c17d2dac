# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks in forks of a process that has Ansible and the collection in memory: about a second less for each run.

What a fork does from then on is what `ansible-playbook` does: it reads the command line, inventory and playbook anew,
in the environment it is given. What Ansible reads from the environment while it is imported is the same for all forks,
so a run that wants another of those variables gets the real command, as do those that are killed or have a terminal.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from setproctitle import setproctitle

from harness.playbooks import ROOT, Started, playbook_environment, start_playbook

if TYPE_CHECKING:
    from tests.support.compiled_templates import CompiledTemplates

OF_A_RUN = ("AWS_", "MULTIREGION_", "PYTEST_")
"""Variables that are read while a playbook runs, and no earlier."""

REQUEST_BYTES = 1 << 20

COMMAND = """\
#!{python} -SE
import json, os, socket, sys
far = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
far.connect({path!r})
asked = {{"arguments": ["ansible-playbook", *sys.argv[1:]], "environment": dict(os.environ), "folder": os.getcwd()}}
socket.send_fds(far, [json.dumps(asked).encode()], [1])
far.recv(64)
sys.exit(int(far.recv(64) or b"250"))
"""
"""A command that asks for a run, with its own output, and ends as it does. A run says its process, then its status."""


class PreparedRun:
    """A playbook in a fork, with the part of `subprocess.Popen` that its caller needs."""

    def __init__(self, answers: socket.socket, stdout: IO[str]):
        self._answers = answers.makefile("r", encoding="ascii")
        answers.close()
        self.stdout = stdout
        self.returncode: int | None = None
        self._lock = threading.Lock()
        self.pid = int(self._answers.readline())

    def wait(self) -> int:
        """The exit status; minus the number of the signal if the process says none, as one does that was killed."""
        with self._lock:
            if self.returncode is None:
                said = self._answers.readline()
                self.returncode = int(said) if said else -signal.SIGKILL
                self._answers.close()
            return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class PreparedPlaybooks:
    """The process that is forked. It starts with the first playbook, and ends with the process that made it."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        """environment: what Ansible reads while it is imported, beside what all playbooks have."""
        self._lock = threading.Lock()
        self._requests: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = _of_ansible(playbook_environment(environment or {}))

    def start(self, playbook: str, inventory: Path, environment: dict[str, str], *arguments: str) -> Started:
        """As `harness.playbooks.start_playbook`; in a fork where that makes no difference."""
        whole = playbook_environment(environment)
        if _of_ansible(whole) != self._environment:
            return start_playbook(playbook, inventory, environment, *arguments)
        words = ["ansible-playbook", playbook, "-i", str(inventory), *arguments]
        answers, far_answers = socket.socketpair()
        reading, writing = os.pipe()
        asked = {"arguments": words, "environment": whole, "folder": str(ROOT)}
        try:
            self._ask(json.dumps(asked).encode(), writing, far_answers.fileno())
        finally:
            os.close(writing)
            far_answers.close()
        return PreparedRun(answers, os.fdopen(reading, encoding="utf-8", errors="replace"))

    @contextmanager
    def on_path(self) -> Iterator[Path]:
        """A folder for PATH, whose `ansible-playbook` has its run done by a fork: for programs that start it by name.

        Of Ansible's variables only those count that were given when this was made.
        """
        # A socket's path may have 107 characters, and a checkout's may have more.
        with tempfile.TemporaryDirectory(prefix="playbooks-") as folder, _listening(Path(folder, "socket")) as near:
            command = Path(folder, "ansible-playbook")
            command.write_text(COMMAND.format(python=sys.executable, path=near.getsockname()))
            command.chmod(0o755)
            threading.Thread(target=self._hand_on, args=[near], daemon=True).start()
            yield command.parent

    def _hand_on(self, near: socket.socket) -> None:
        """Hand on what each command asks, until nobody listens any more. The fork answers it directly."""
        while True:
            try:
                far, _address = near.accept()
            except OSError:
                return
            with far:
                asked, descriptors, _flags, _address = socket.recv_fds(far, REQUEST_BYTES, 1)
                for descriptor in descriptors:
                    self._ask(asked, descriptor, far.fileno())
                    os.close(descriptor)

    def _ask(self, asked: bytes, writing: int, answers: int) -> None:
        with self._lock:
            socket.send_fds(self._server(), [asked], [writing, answers])

    def close(self) -> None:
        if self._process is not None:
            self._requests.close()
            self._process.wait(timeout=30)

    def _server(self) -> socket.socket:
        if self._process is None:
            # Packets: a request is received whole, with its file descriptors.
            self._requests, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with far:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", __name__, str(far.fileno())],
                    cwd=ROOT,
                    env={**self._environment, "PYTHONPATH": str(ROOT)},
                    pass_fds=[far.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                )
        return self._requests


@contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as near:
        near.bind(str(path))
        near.listen()
        try:
            yield near
        finally:
            # Closing alone would not wake who waits in accept().
            near.shutdown(socket.SHUT_RDWR)


@contextmanager
def prepared_playbooks(environment: dict[str, str] | None = None) -> Iterator[PreparedPlaybooks]:
    prepared = PreparedPlaybooks(environment)
    try:
        yield prepared
    finally:
        prepared.close()


def _of_ansible(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(OF_A_RUN)}


def serve(requests: socket.socket) -> None:
    """Fork for each request until nobody can ask any more."""
    import_all()
    templates = _compiled_templates()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, lambda _number, _frame: _reap())
    while True:
        if requests not in select.select([requests, templates], [], [])[0]:
            templates.listen()
            continue
        asked, descriptors, _flags, _address = socket.recv_fds(requests, REQUEST_BYTES, 2)
        if not asked:
            return
        writing, answers = descriptors
        if os.fork() == 0:
            requests.close()
            run(json.loads(asked), writing, socket.socket(fileno=answers))
        for descriptor in descriptors:
            os.close(descriptor)


def _compiled_templates() -> CompiledTemplates:
    from tests.support.compiled_templates import CompiledTemplates

    found = CompiledTemplates()
    found.remember()
    return found


def _reap() -> None:
    """Wait for the forks that have ended, so that their processor time is counted among that of the tests."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def import_all() -> None:
    """Import what each run of a playbook of this collection imports, by the same loaders."""
    import ansible.cli
    import ansible.cli.playbook
    import ansible.executor.process.worker
    import ansible.plugins.loader as loaders

    # `ansible-playbook` does not find the repository's packages either.
    sys.path[:] = [folder for folder in sys.path if folder not in ("", str(ROOT))]
    loaders.init_plugin_loader([])
    ansible.cli.init_plugin_loader = lambda *_prefixes: None  # it complains when it is called again
    loaders.strategy_loader.get("linear", class_only=True)
    loaders.callback_loader.get("default", class_only=True)
    loaders.connection_loader.get("local", class_only=True)
    loaders.shell_loader.get("sh", class_only=True)
    for name in ("add_host", "assert", "debug", "fail", "include_role", "pause", "set_fact", "set_stats"):
        loaders.action_loader.get(f"ansible.builtin.{name}", class_only=True)
    for link in sorted((ROOT / "plugins" / "action").glob("*.py")):
        loaders.action_loader.get(f"multiregion.ecs.{link.stem}", class_only=True)


def run(asked: dict[str, Any], output: int, answers: socket.socket) -> None:
    """Be an `ansible-playbook` that was just started; never returns."""
    status = 250
    temporary = ""
    try:
        from ansible import constants
        from ansible.cli.playbook import PlaybookCLI

        os.setsid()
        # A run's lock names the process: the outermost one whose command is Ansible's.
        setproctitle("ansible-playbook")
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # A worker lives for a moment. What its collector would look at are pages that it shares with this process.
        os.register_at_fork(before=gc.freeze, after_in_child=gc.disable)
        answers.sendall(f"{os.getpid()}\n".encode())
        for descriptor in (1, 2):
            os.dup2(output, descriptor)
        os.close(output)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        # Each run clears its own away when it ends.
        folder = os.path.dirname(constants.DEFAULT_LOCAL_TMP)
        temporary = constants.DEFAULT_LOCAL_TMP = tempfile.mkdtemp(prefix=f"ansible-local-{os.getpid()}", dir=folder)
        sys.argv = asked["arguments"]
        PlaybookCLI.cli_executor(sys.argv)
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        shutil.rmtree(temporary, ignore_errors=True)
        answers.sendall(f"{status}\n".encode())
        os._exit(status)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
