# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One JSON object per line on standard output: where ECS's log driver, and `grep`, can find a sale by its id.

Every line has `time`, `level`, `service`, `region` and `event`; a line about a sale has `sale`. Libraries that log
through the standard `logging` (waitress, botocore) come out in the same shape. Credentials are never arguments of a log
call.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

_ROOT = "sales"


class Log:
    """Writes events: a short fixed name, and fields that a machine can filter on."""

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger(_ROOT)

    def info(self, event: str, **fields: Any) -> None:
        self._logger.info(event, extra={"fields": fields})

    def warning(self, event: str, **fields: Any) -> None:
        self._logger.warning(event, extra={"fields": fields})

    def error(self, event: str, **fields: Any) -> None:
        self._logger.error(event, extra={"fields": fields})

    def crash(self, event: str, **fields: Any) -> None:
        """An error nobody foresaw, with the traceback of the exception being handled."""
        self._logger.error(event, extra={"fields": fields}, exc_info=True)


class _JsonLine(logging.Formatter):
    def __init__(self, service: str, region: str) -> None:
        super().__init__()
        self._always = {"service": service, "region": region}

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            **self._always,
        }
        if record.name == _ROOT:
            line["event"] = record.getMessage()
        else:
            line |= {"event": "library", "logger": record.name, "message": record.getMessage()}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def start_logging(service: str, region: str) -> Log:
    """Send every log record of this process to standard output as JSON, and return the log of our own events."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLine(service, region))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_ROOT).setLevel(logging.INFO)
    return Log()


def describe(error: BaseException) -> str:
    """One line about an error: its class and message (an AWS error's message names the operation and the code)."""
    return f"{type(error).__name__}: {error}"
