# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MongoDB's wire protocol, as far as drivers of today use it: OP_MSG, and OP_QUERY for a connection's first greeting.

https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bson
from bson.codec_options import CodecOptions, DatetimeConversion

HEADER = struct.Struct("<iiii")
OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
CHECKSUM_PRESENT, MORE_TO_COME = 1, 2
MAX_DOCUMENT = 16 * 1024 * 1024
MAX_MESSAGE = 48_000_000
CODEC: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
"""Dates beyond what Python can hold stay as they are."""

Document = dict[str, Any]


class ProtocolError(Exception):
    """What came is no message of this protocol; the connection cannot go on."""


@dataclass(frozen=True)
class Message:
    """A command that came. `wants_answer` is False for unacknowledged writes."""

    request_id: int
    operation: int
    command: Document
    wants_answer: bool = True


def read(receive: Callable[[int], bytes]) -> Message | None:
    """The next message of a connection; None at its orderly end.

    `receive` returns exactly so many bytes, or fewer at the end.

    Raises:
        ProtocolError: it is no message.
    """
    start = receive(HEADER.size)
    if len(start) < HEADER.size:
        return None
    length, request_id, _to, operation = HEADER.unpack(start)
    if not HEADER.size < length <= MAX_MESSAGE:
        raise ProtocolError(f"a message of {length} bytes; {HEADER.size + 1} to {MAX_MESSAGE} are possible")
    body = receive(length - HEADER.size)
    if len(body) < length - HEADER.size:
        return None
    try:
        if operation == OP_MSG:
            return _read_message(request_id, body)
        if operation == OP_QUERY:
            return _read_query(request_id, body)
    except (struct.error, IndexError, ValueError, bson.errors.InvalidBSON) as error:
        raise ProtocolError(f"a message that cannot be read: {error}") from error
    raise ProtocolError(f"opcode {operation}; known are OP_MSG {OP_MSG} and OP_QUERY {OP_QUERY}")


def _read_message(request_id: int, body: bytes) -> Message:
    (flags,) = struct.unpack_from("<I", body)
    end = len(body) - (4 if flags & CHECKSUM_PRESENT else 0)
    position, command, sequences = 4, {}, {}
    while position < end:
        kind, position = body[position], position + 1
        (size,) = struct.unpack_from("<i", body, position)
        if size < 5 or position + size > end:
            raise ValueError(f"a section of {size} bytes at {position} of {end}")
        if kind == 0:
            command = bson.decode(body[position : position + size], CODEC)
        elif kind == 1:
            name_end = body.index(b"\0", position + 4)
            documents = bson.decode_all(body[name_end + 1 : position + size], CODEC)
            sequences[body[position + 4 : name_end].decode()] = documents
        else:
            raise ValueError(f"section of kind {kind}")
        position += size
    return Message(request_id, OP_MSG, {**command, **sequences}, not flags & MORE_TO_COME)


def _read_query(request_id: int, body: bytes) -> Message:
    """The greeting of a driver that does not know yet to whom it talks: a query on `<database>.$cmd`."""
    name_end = body.index(b"\0", 4)
    database = body[4:name_end].decode().partition(".")[0]
    position = name_end + 9
    (size,) = struct.unpack_from("<i", body, position)
    command = bson.decode(body[position : position + size], CODEC)
    return Message(request_id, OP_QUERY, {**command, "$db": database})


def answer(message: Message, document: Document) -> bytes:
    """The bytes that answer a message."""
    content = bson.encode(document, codec_options=CODEC)
    if message.operation == OP_QUERY:
        body = struct.pack("<iqii", 8, 0, 0, 1) + content
        operation = OP_REPLY
    else:
        body = struct.pack("<IB", 0, 0) + content
        operation = OP_MSG
    return HEADER.pack(HEADER.size + len(body), 0, message.request_id, operation) + body


def question(document: Document, request_id: int = 1) -> bytes:
    """The bytes that ask a command, as a driver does."""
    body = struct.pack("<IB", 0, 0) + bson.encode(document, codec_options=CODEC)
    return HEADER.pack(HEADER.size + len(body), request_id, 0, OP_MSG) + body
