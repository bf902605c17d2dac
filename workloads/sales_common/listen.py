# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a task listens: the command line that both images share."""

from __future__ import annotations

import argparse


def parse_address(program: str) -> argparse.Namespace:
    """`--address` (default: all interfaces, as in a container) and `--port` (default 8080)."""
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--address", default="0.0.0.0", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on (default: %(default)s)")
    return parser.parse_args()
