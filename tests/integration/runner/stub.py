# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs in the containers of the runner's tests: a small HTTP server that starts in some 30 ms.

Environment: PORT (default 8080); EXIT_AFTER and EXIT_CODE: end after so many seconds with that status; MUTE: never
listen; LAG: seconds an answer takes; FAIL_EVERY: one of so many answers is 500.
GET /healthcheck answers 200 until somebody POSTs /ill. GET /slow?<seconds> takes its time. POST /echo answers with what
was sent. Everything else answers with the environment, as NAME=value lines. SIGTERM ends it once requests under way are
answered.
"""

from __future__ import annotations

import itertools
import os
import signal
import socket
import sys
import threading
import time

address = sys.argv[1]
is_ill = threading.Event()
stopping = threading.Event()
under_way = 0
turns = itertools.count(1)
counting = threading.Lock()


def answer(connection: socket.socket) -> None:
    global under_way
    with connection, connection.makefile("rb") as reader:
        while True:
            words = reader.readline().split()
            if len(words) < 3:
                return
            with counting:
                under_way += 1
            try:
                connection.sendall(respond(reader, words[0].decode(), words[1].decode()))
            finally:
                with counting:
                    under_way -= 1


def respond(reader, method: str, target: str) -> bytes:
    length = 0
    while True:
        name, _colon, value = reader.readline().partition(b":")
        if not name.strip():
            break
        if name.lower() == b"content-length":
            length = int(value)
    sent = reader.read(length)
    time.sleep(float(os.environ.get("LAG", "0")))
    path, _mark, query = target.partition("?")
    if path == "/slow":
        time.sleep(float(query))
    if path == "/ill":
        is_ill.set()
    status = "503 Ill" if path == "/healthcheck" and is_ill.is_set() else "200 OK"
    if path != "/healthcheck" and "FAIL_EVERY" in os.environ and not next(turns) % int(os.environ["FAIL_EVERY"]):
        status = "500 Internal Server Error"
    body = sent if path == "/echo" else "\n".join(f"{k}={v}" for k, v in os.environ.items()).encode()
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + (b"" if method == "HEAD" else body)


def serve() -> None:
    listener = socket.create_server((address, int(os.environ.get("PORT", "8080"))), backlog=100)
    while True:
        connection, _peer = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


signal.signal(signal.SIGTERM, lambda *_: stopping.set())
print("stub started", flush=True)
if "MUTE" not in os.environ:
    threading.Thread(target=serve, daemon=True).start()
stopping.wait(float(os.environ["EXIT_AFTER"]) if "EXIT_AFTER" in os.environ else None)
if stopping.is_set():
    while under_way:
        time.sleep(0.01)
    print("stub stopped", flush=True)
    sys.exit(0)
print("stub ends by itself", file=sys.stderr, flush=True)
sys.stderr.flush()
os._exit(int(os.environ.get("EXIT_CODE", "1")))
