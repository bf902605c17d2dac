# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `localhost` and read-only directories are to a Python program in a task."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import localcloud.runner
from localcloud.ports import FIRST_FREE, MOVED_BY, on_this_machine

INSIDE = Path(localcloud.runner.__file__).with_name("inside")

NETWORK = """
import asyncio, socket
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
print(listener.getsockname()[0])
outside = socket.create_server(("127.0.0.1", 4566))
print(outside.getsockname()[0])
for name in ("localhost", "127.0.0.1", "::1", "127.44.3.2"):
    with socket.create_connection((name, port)) as connection:
        print(connection.getpeername()[0])
with socket.socket() as plain:
    print(plain.connect_ex(("127.0.0.1", port)), plain.getpeername()[0])
with socket.socket(socket.AF_INET6) as six:
    print(six.connect_ex(("::1", port)), six.getpeername()[0])
with socket.create_connection(("localhost", 4566)) as connection:
    print(connection.getpeername()[0])
async def ask():
    _reader, writer = await asyncio.open_connection("localhost", port)
    print(writer.get_extra_info("peername")[0])
    writer.close()
asyncio.run(ask())
"""

FILES = """
import os, pathlib, shutil
kept = pathlib.Path(os.environ["KEPT"])
attempts = {
    "open": lambda: open(kept / "a", "w"),
    "append": lambda: open(kept / "a", "a"),
    "os.open": lambda: os.open(kept / "a", os.O_RDWR),
    "mkdir": lambda: (kept / "d").mkdir(),
    "unlink": lambda: (kept / "a").unlink(),
    "rename": lambda: (kept / "a").rename(kept.parent / "b"),
    "into": lambda: shutil.move(kept.parent / "c", kept / "c"),
    "link": lambda: (kept.parent / "link" / "a").write_text("x"),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except OSError as error:
        print(name, error.errno == 30)
print((kept / "a").read_text())
(kept.parent / "free").write_text("x")
"""


def python(code: str, **environment: str) -> list[str]:
    process = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(INSIDE), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.splitlines()


def test_localhost_is_the_task_and_the_aws_port_is_not() -> None:
    own = "127.44.3.2"
    said = python(
        NETWORK.replace("4566", str(4566 + os.getpid() % 1000)),
        LOCALCLOUD_TASK_ADDRESS=own,
        LOCALCLOUD_AWS=f"http://127.0.0.1:{4566 + os.getpid() % 1000}",
    )
    assert said == [own, "127.0.0.1", own, own, own, own, f"0 {own}", f"0 ::ffff:{own}", "127.0.0.1", own]


def test_a_low_port_is_another_and_a_public_name_is_the_front_door() -> None:
    own = "127.44.3.3"
    with socket.create_server(("127.0.0.1", 0)) as door:
        here = f"127.0.0.1:{door.getsockname()[1]}"
        code = """
import os, socket
listener = socket.create_server(("0.0.0.0", 80))
print(listener.getsockname())
for name in ("localhost", os.environ["LOCALCLOUD_TASK_ADDRESS"], "shop-1.sa-east-1.elb.amazonaws.com"):
    with socket.create_connection((name, 80)) as connection:
        print(*connection.getpeername(), sep=":")
"""
        said = python(
            code, LOCALCLOUD_TASK_ADDRESS=own, LOCALCLOUD_DOOR=here, LOCALCLOUD_LOW_PORTS=f"{FIRST_FREE}:{MOVED_BY}"
        )
    assert said == [str((own, on_this_machine(80))), *[f"{own}:{on_this_machine(80)}"] * 2, here]


def test_a_read_only_mount_is_not_written_and_all_else_is(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "a").write_text("as it was")
    (tmp_path / "c").write_text("c")
    (tmp_path / "link").symlink_to(kept)
    said = python(FILES, LOCALCLOUD_READ_ONLY=str(kept), KEPT=str(kept))
    refused = [f"{name} True" for name in ("open", "append", "os.open", "mkdir", "unlink", "rename", "into", "link")]
    assert said == [*refused, "as it was"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "free", "kept", "link"]


def test_outside_a_task_it_changes_nothing() -> None:
    code = "import socket, sys; print(socket.socket.connect.__qualname__, socket.getaddrinfo.__module__)"
    assert python(code) == ["socket.connect socket"]
