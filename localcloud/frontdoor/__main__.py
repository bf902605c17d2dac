# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front door's process: python -m localcloud.frontdoor --server URL --port PORT --tls-folder FOLDER."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from pathlib import Path

from localcloud.frontdoor.proxy import FrontDoor


async def run(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    door = FrontDoor(options.server, options.metric_seconds, options.tls_folder)
    await door.serve(options.host, options.port, stopped)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m localcloud.frontdoor")
    parser.add_argument("--server", required=True, help="URL of the embedded cloud's AWS port")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--metric-seconds", type=float, default=60.0)
    parser.add_argument("--tls-folder", type=Path, required=True, help="where the certificate authority is kept")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
