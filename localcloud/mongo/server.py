# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections: each in a thread of its own, one command at a time among all of them."""

from __future__ import annotations

import itertools
import socket
import socketserver
import threading
from collections.abc import Callable

from localcloud.mongo import log, wire
from localcloud.mongo.commands import Commands


class Server(socketserver.ThreadingTCPServer):
    """Listens at once; `serve_forever` answers. `shutdown` from another thread ends it."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, port: int, commands: Commands) -> None:
        self.commands = commands
        self.one_at_a_time = threading.Lock()
        self.connection_numbers = itertools.count(1)
        super().__init__((address, port), Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks off is everyday; drivers come back by themselves."""


class Connection(socketserver.BaseRequestHandler):
    server: Server
    request: socket.socket

    def handle(self) -> None:
        number = next(self.server.connection_numbers)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        receive = receiver(self.request)
        while True:
            try:
                message = wire.read(receive)
            except wire.ProtocolError as error:
                log.write("W", "NETWORK", 22988, f"conn{number}", "Error receiving request", attributes=str(error))
                return
            if message is None:
                return
            with self.server.one_at_a_time:
                answer = self.server.commands.answer(message.command, number)
            if message.wants_answer:
                self.request.sendall(wire.answer(message, answer))


def receiver(connection: socket.socket) -> Callable[[int], bytes]:
    """Reads exactly so many bytes from a connection, or fewer at its end."""
    return connection.makefile("rb").read
