# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be asked: the commands that drivers and simple applications send, answered as mongod answers them.

Sessions are accepted and mean nothing; transactions, replication and users are refused as unknown commands or options.
https://www.mongodb.com/docs/manual/reference/command/
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Any

import bson
from bson import Int64

from localcloud.mongo import update
from localcloud.mongo.catalog_commands import CatalogCommands
from localcloud.mongo.document_commands import DocumentCommands
from localcloud.mongo.query import BadQuery, Document
from localcloud.mongo.refusals import Refused
from localcloud.mongo.store import Store
from localcloud.mongo.wire import MAX_DOCUMENT, MAX_MESSAGE

VERSION = "7.0.14"
WIRE_VERSION = 21
"""The protocol of that release."""


class Commands(DocumentCommands, CatalogCommands):
    """The commands of one instance. One caller at a time."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._started = time.monotonic()

    def answer(self, command: Document, connection: int) -> Document:
        """The answer to a command, which may be a refusal; never an exception."""
        name = next(iter(command), "")
        act = getattr(self, f"_do_{name.lower()}", None) if name.isalpha() else None
        try:
            if act is None:
                raise Refused(59, "CommandNotFound", f"no such command: '{name}'")
            if command.get("txnNumber") is not None and "autocommit" in command:
                raise Refused(20, "IllegalOperation", "Transactions are only for replica sets; this is a single mongod")
            return {**act(command, command[name], connection), "ok": 1.0}
        except Refused as refusal:
            return {"ok": 0.0, "errmsg": str(refusal), "code": refusal.code, "codeName": refusal.name}
        except (BadQuery, update.BadUpdate) as error:
            return {"ok": 0.0, "errmsg": str(error), "code": 2, "codeName": "BadValue"}
        except (KeyError, TypeError, ValueError, AttributeError, bson.errors.BSONError) as error:
            message = f"{name}: {type(error).__name__}: {error}"
            return {"ok": 0.0, "errmsg": message, "code": 9, "codeName": "FailedToParse"}
        except OSError as error:
            return {"ok": 0.0, "errmsg": f"cannot write: {error}", "code": 14031, "codeName": "OutOfDiskSpace"}

    # Who is there

    def _do_hello(self, command: Document, _value: Any, connection: int) -> Document:
        return {
            "isWritablePrimary": True,
            "helloOk": True,
            "maxBsonObjectSize": MAX_DOCUMENT,
            "maxMessageSizeBytes": MAX_MESSAGE,
            "maxWriteBatchSize": 100_000,
            "localTime": datetime.now(UTC),
            "logicalSessionTimeoutMinutes": 30,
            "connectionId": connection,
            "minWireVersion": 0,
            "maxWireVersion": WIRE_VERSION,
            "readOnly": False,
        }

    def _do_ismaster(self, command: Document, value: Any, connection: int) -> Document:
        return {**self._do_hello(command, value, connection), "ismaster": True}

    def _do_ping(self, _command: Document, _value: Any, _connection: int) -> Document:
        return {}

    def _do_buildinfo(self, _command: Document, _value: Any, _connection: int) -> Document:
        return {
            "version": VERSION,
            "versionArray": [*map(int, VERSION.split(".")), 0],
            "modules": [],
            "bits": 64,
            "maxBsonObjectSize": MAX_DOCUMENT,
            "storageEngines": ["journal"],
        }

    def _do_serverstatus(self, _command: Document, _value: Any, _connection: int) -> Document:
        uptime = time.monotonic() - self._started
        return {"version": VERSION, "process": "mongod", "pid": Int64(os.getpid()), "uptime": uptime}

    def _do_endsessions(self, _command: Document, _value: Any, _connection: int) -> Document:
        return {}
