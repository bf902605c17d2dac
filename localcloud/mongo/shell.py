# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`mongosh --eval`, as far as container health checks use it: a ping.

    mongosh --quiet --eval "db.adminCommand('ping')"
    mongosh localhost:27017/test --eval 'db.runCommand({ping: 1}).ok'

Works with the stand-in and with a real mongod. Ends with 0 when it was answered, else with 1.
"""

from __future__ import annotations

import re
import socket
import sys
from urllib.parse import urlsplit

PING = re.compile(
    r"""db\.(?:adminCommand|runCommand)\(\s*(?:\{\s*['"]?ping['"]?\s*:\s*1\s*\}|['"]ping['"])\s*\)(\.ok)?"""
)
TIMEOUT = 5.0
QUESTION = (
    b"\x33\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\xdd\x07\x00\x00\x00\x00\x00\x00\x00"
    b"\x1e\x00\x00\x00\x10ping\x00\x01\x00\x00\x00\x02$db\x00\x06\x00\x00\x00admin\x00\x00"
)
"""OP_MSG with {ping: 1, $db: "admin"}: fixed bytes, because a health check should not spend its time on imports."""

OK = b"\x01ok\x00" + b"\x00\x00\x00\x00\x00\x00\xf0\x3f"


def main(words: list[str]) -> int:
    host, port, expression = "localhost", 27017, ""
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("--quiet", "--norc"):
            continue
        if word in ("--host", "--port", "--eval") and words:
            value = words.pop(0)
            if word == "--host":
                host = value
            elif word == "--port":
                port = int(value)
            else:
                expression = value
        elif not word.startswith("-"):
            url = urlsplit(word if "://" in word else f"mongodb://{word}" if ":" in word else f"mongodb:///{word}")
            host, port = url.hostname or host, url.port or port
        else:
            return _fail(f"option {word} is not known here")
    asked = PING.search(expression)
    if asked is None:
        return _fail(f"only a ping can be evaluated here, such as db.adminCommand('ping'); found {expression!r}")
    try:
        answered = ping(host, port)
    except OSError as error:
        return _fail(f"MongoNetworkError: connect {host}:{port}: {error.strerror or error}")
    if not answered:
        return _fail(f"{host}:{port} answered a ping with something else than ok")
    print("1" if asked[1] else "{ ok: 1 }")
    return 0


def ping(host: str, port: int) -> bool:
    """Whether the instance answers a ping with ok."""
    with socket.create_connection((host, port), TIMEOUT) as connection, connection.makefile("rb") as answer:
        connection.sendall(QUESTION)
        length = int.from_bytes(answer.read(4), "little")
        return OK in answer.read(min(length, 65536) - 4) if length > 4 else False


def _fail(why: str) -> int:
    print(f"mongosh: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
