# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes `localhost` inside a task mean the task, for Python programs that stand for a container.

The containers of a task share one network, and reach each other at localhost. Here every task has an address of its own
on the machine's loopback interface, and 127.0.0.1 is everybody's. Network namespaces would be the true answer, but they
are denied to unprivileged users in many places (inside containers, on hardened desktops), and a preloaded library needs
a compiler. Python reads this file by itself when its directory is on PYTHONPATH, for any user.

* Connecting to or listening on localhost, 127.0.0.1 or ::1 means LOCALCLOUD_TASK_ADDRESS. The AWS port (LOCALCLOUD_AWS)
  is no part of the task, and stays where it is. Listening on every address means the one that the task has.
* Ports below 1024, which are root's, are others there (LOCALCLOUD_LOW_PORTS).
* The public name of a load balancer means the front door (LOCALCLOUD_DOOR), which goes by the Host of a request.
* What is mounted read-only (LOCALCLOUD_READ_ONLY, paths separated by colons) cannot be written.

Standard library only, and as little of it as possible: every process of every task reads this.
"""

from __future__ import annotations

import errno
import os
import socket
import sys

HERE = ("localhost", "127.0.0.1", "::1", "::ffff:127.0.0.1")
ANY = ("", "0.0.0.0", "::")


def give_localhost(address: str, outside: set[int], door: str, low_ports: str) -> None:
    """Redirect localhost to `address`, but for the ports `outside`, which belong to the machine.

    `door` is host:port of the front door, or empty. `low_ports`: the first free port, and by how much those below
    it are moved on the task's address.
    """
    first_free, moved_by = map(int, (low_ports or "0:0").split(":"))

    def moved(port):
        return port + moved_by if isinstance(port, int) and 0 < port < first_free else port

    def inside(where, names):
        if isinstance(where, tuple) and len(where) >= 2 and where[0] in names and where[1] not in outside:
            return (address, moved(where[1]), *where[2:])
        if isinstance(where, tuple) and len(where) >= 2 and where[0] == address:
            return (address, moved(where[1]), *where[2:])
        return where

    def redirected(original, names):
        def call(self, where):
            if self.family == socket.AF_INET:
                return original(self, inside(where, names))
            if self.family == socket.AF_INET6 and inside(where, names) != where:
                return original(self, (f"::ffff:{address}", *inside(where, names)[1:]))
            return original(self, where)

        return call

    for name, names in {"connect": HERE, "connect_ex": HERE, "bind": HERE + ANY}.items():
        setattr(socket.socket, name, redirected(getattr(socket.socket, name), names))

    look_up = socket.getaddrinfo

    def getaddrinfo(host, port, *arguments, **named):
        name = host.decode() if isinstance(host, bytes) else host
        if door and isinstance(name, str) and ".elb." in name and name.endswith(".amazonaws.com"):
            host, port = door.split(":")
            return look_up(host, int(port), *arguments, **named)
        if name in HERE and not (str(port).isdigit() and int(port) in outside):
            if (arguments[0] if arguments else named.get("family", 0)) == socket.AF_INET6:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            host = address
        return look_up(host, port, *arguments, **named)

    socket.getaddrinfo = getaddrinfo


def protect(directories: list[str]) -> None:
    """Refuse to write below some directories, as a read-only mount does."""
    roots = tuple(os.path.realpath(each) for each in directories)
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    # Which arguments of an audited event are paths that are changed.
    changed = {
        "os.mkdir": (0,), "os.rmdir": (0,), "os.remove": (0,), "os.rename": (0, 1), "os.truncate": (0,),
        "os.chmod": (0,), "os.utime": (0,), "os.symlink": (1,), "os.link": (1,),
    }  # fmt: skip

    def look(event, arguments):
        if event == "open":
            paths = arguments[:1] if isinstance(arguments[2], int) and arguments[2] & writing else ()
        elif event in changed:
            paths = [arguments[index] for index in changed[event]]
        else:
            return
        for path in paths:
            if isinstance(path, (str, bytes, os.PathLike)):
                real = os.path.realpath(os.fsdecode(path))
                if real in roots or real.startswith(tuple(root + os.sep for root in roots)):
                    raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fsdecode(path))

    sys.addaudithook(look)


def _port(url: str) -> int | None:
    """The port of a URL such as http://127.0.0.1:4566."""
    number = url.rstrip("/").rpartition(":")[2]
    return int(number) if number.isdigit() else None


if os.environ.get("LOCALCLOUD_TASK_ADDRESS"):
    DOOR = os.environ.get("LOCALCLOUD_DOOR", "")
    OUTSIDE = {_port(os.environ.get("LOCALCLOUD_AWS", "")), _port(DOOR)} - {None}
    give_localhost(os.environ["LOCALCLOUD_TASK_ADDRESS"], OUTSIDE, DOOR, os.environ.get("LOCALCLOUD_LOW_PORTS", ""))
if os.environ.get("LOCALCLOUD_READ_ONLY"):
    protect(os.environ["LOCALCLOUD_READ_ONLY"].split(":"))
