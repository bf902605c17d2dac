# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m localcloud.mongo`: the local command of the image `mongo`. Takes mongod's own arguments.

Where `mongod` is installed, it is run instead, with the same arguments (`--stand-in` prevents that).
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path

from localcloud.mongo import log
from localcloud.mongo.commands import VERSION, Commands
from localcloud.mongo.server import Server
from localcloud.mongo.store import LOCK, DatabaseInUse, Store

DEFAULT_PATH = "/data/db"
BAD_OPTIONS, CANNOT_LISTEN, NOT_STARTED = 2, 48, 100
"""Exit codes of mongod."""

IGNORED = {"--bind_ip": 1, "--bind_ip_all": 0, "--ipv6": 0, "--quiet": 0, "--noauth": 0, "--wiredTigerCacheSizeGB": 1}
"""Options of mongod that mean nothing here, with the number of words that follow."""


def main(arguments: list[str] | None = None) -> int:
    given = parse(sys.argv[1:] if arguments is None else arguments)
    here = Path(given.mounted.get(given.dbpath, given.dbpath))
    mongod = None if given.stand_in else shutil.which("mongod")
    if mongod:
        words = [mongod, "--dbpath", str(here), "--bind_ip", given.address, "--port", str(given.port)]
        os.execv(mongod, words + given.cache)
    return serve(here, given.dbpath.rstrip("/") or "/", given.address, given.port)


def serve(path: Path, shown: str, address: str, port: int) -> int:
    """Open the data under `path`, which messages call `shown`, and answer until SIGTERM."""
    start = {"pid": os.getpid(), "port": port, "dbPath": shown, "architecture": "64-bit", "host": socket.gethostname()}
    log.write("I", "CONTROL", 4615611, "initandlisten", "MongoDB starting", **start)
    build = {"version": VERSION, "standIn": True, "python": platform.python_version()}
    log.write("I", "CONTROL", 23403, "initandlisten", "Build Info", buildInfo=build)
    if not path.is_dir():
        problem = f"NonExistentPath: Data directory {shown} not found. Create the missing directory or specify another"
        return _give_up(f"{problem} path using (1) the --dbpath command line option.")
    try:
        store = Store(path, shown)
    except DatabaseInUse as error:
        return _give_up(str(error))
    if store.was_unclean:
        message = "Detected unclean shutdown - Lock file is not empty"
        log.write("W", "STORAGE", 22271, "initandlisten", message, lockFile=f"{shown}/{LOCK}")
    if store.cut_off:
        log.write(
            "W", "STORAGE", 22302, "initandlisten", "Recovering data from the last clean point", cut=store.cut_off
        )
    try:
        server = Server(address, port, Commands(store))
    except OSError as error:
        attributes = {"code": 9001, "codeName": "SocketException", "errmsg": error.strerror}
        log.write("E", "CONTROL", 20568, "initandlisten", "Error setting up listener", error=attributes)
        store.close()
        return _shut_down(CANNOT_LISTEN)

    def on_signal(number: int, _frame: object) -> None:
        name = signal.strsignal(number)
        log.write("I", "CONTROL", 23377, "SignalHandler", "Received signal", signal=number, error=name)
        # From another thread: this one is serving, and would wait for itself.
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    log.write("I", "NETWORK", 23016, "listener", "Waiting for connections", port=port, ssl="off")
    server.serve_forever(poll_interval=0.05)
    with server.one_at_a_time:  # what is being written is finished, and nothing begins any more
        store.close()
        return _shut_down(0)


def _give_up(problem: str) -> int:
    message = "DBException in initAndListen, terminating"
    log.write("E", "CONTROL", 20557, "initandlisten", message, error=problem)
    return _shut_down(NOT_STARTED)


def _shut_down(code: int) -> int:
    log.write("I", "CONTROL", 23138, "initandlisten", "Shutting down", exitCode=code)
    return code


def parse(words: list[str]) -> argparse.Namespace:
    """mongod's arguments and our own; mongod's that mean nothing here are accepted, unknown ones refused as it does."""
    # The image's entry point is a script that takes the command `mongod …`.
    words = [word for word in words if word != "mongod"]
    parser = argparse.ArgumentParser(prog="mongod", allow_abbrev=False, add_help=False)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--mounted", action="append", default=[], metavar="PATH=DIRECTORY")
    parser.add_argument("--stand-in", action="store_true")
    parser.add_argument("--dbpath", default=DEFAULT_PATH)
    parser.add_argument("--port", type=int, default=27017)
    for option, count in IGNORED.items():
        parser.add_argument(option, **({"nargs": 1, "default": []} if count else {"action": "store_true"}))
    given, unknown = parser.parse_known_args(words)
    if unknown:
        text = (
            f"Error parsing command line: unrecognised option '{unknown[0]}'\ntry 'mongod --help' for more information"
        )
        print(text, file=sys.stderr)
        raise SystemExit(BAD_OPTIONS)
    given.mounted = dict(each.split("=", 1) for each in given.mounted)
    given.cache = ["--wiredTigerCacheSizeGB", *given.wiredTigerCacheSizeGB] if given.wiredTigerCacheSizeGB else []
    return given


if __name__ == "__main__":
    # The threads of open connections are not waited for.
    status = main()
    sys.stdout.flush()
    os._exit(status)
