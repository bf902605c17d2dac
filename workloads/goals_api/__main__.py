# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m goals_api`: reads the environment, serves until SIGTERM, answers what is under way, ends."""

from __future__ import annotations

import argparse
import os
import sys

from web_common.settings import SettingsError

from .log import write
from .settings import read_settings


def main() -> int:
    """Serve until told to stop; 0 after an orderly stop, 2 when the environment or the address cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m goals_api")
    parser.add_argument("--address", default="0.0.0.0", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on (default: %(default)s)")
    where = parser.parse_args()
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        write("error", "not_started", error=str(error))
        return 2

    # Only now: a wrong environment is told before the start-up time is spent on these.
    from web_common.serve import serve

    from .app import make_app
    from .store import GoalStore

    try:
        serve(make_app(GoalStore(settings)), where.address, where.port, settings.threads, write)
    except OSError as error:
        write("error", "not_started", address=where.address, port=where.port, error=str(error))
        return 2
    write("info", "stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
