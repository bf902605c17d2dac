# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `python -m` of a web image does: reads the environment, serves until SIGTERM, ends when all is answered."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .log import Write
from .settings import SettingsError


@dataclass(frozen=True)
class Job:
    """What a program does instead of serving when its option is given."""

    help: str
    do: Callable[[Any], None]


@dataclass(frozen=True)
class Program:
    """One image. port: the one that it listens on unless told. jobs: option → what it does.

    read_settings: gives them, with `threads`, how many requests are served concurrently; raises SettingsError.
    make: gives the WSGI application, and imports what it needs only then: a wrong environment is told before the time
    is spent on that.
    """

    name: str
    port: int
    write: Write
    read_settings: Callable[[Mapping[str, str]], Any]
    make: Callable[[Any], Callable[..., Iterable[bytes]]]
    jobs: Mapping[str, Job] = field(default_factory=dict)

    def main(self) -> int:
        """Serve until told to stop; 0 after an orderly stop, 2 when the environment or the address cannot be used."""
        parser = argparse.ArgumentParser(prog=f"python -m {self.name}")
        parser.add_argument("--address", default="0.0.0.0", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=self.port, help="port to listen on (default: %(default)s)")
        for option, job in self.jobs.items():
            parser.add_argument(f"--{option}", action="store_true", help=job.help)
        given = parser.parse_args()
        try:
            settings = self.read_settings(os.environ)
        except SettingsError as error:
            self.write("error", "not_started", error=str(error))
            return 2
        for option, job in self.jobs.items():
            if getattr(given, option):
                job.do(settings)
                return 0
        return self._serve(settings, given.address, given.port)

    def _serve(self, settings: Any, address: str, port: int) -> int:
        from .serve import serve

        try:
            serve(self.make(settings), address, port, settings.threads, self.write)
        except OSError as error:
            self.write("error", "not_started", address=address, port=port, error=str(error))
            return 2
        self.write("info", "stopped")
        return 0
