# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which port of this machine stands for the port of a container.

A task has an address of its own, so its ports stay as they are; but below 1024 only root may listen.
"""

from __future__ import annotations

FIRST_FREE = 1024
MOVED_BY = 20000


def on_this_machine(port: int) -> int:
    """The port of a task's address where a container listens that means `port`."""
    return port + MOVED_BY if port < FIRST_FREE else port
