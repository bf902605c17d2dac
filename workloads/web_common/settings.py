# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task is told by its environment, checked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping


class SettingsError(Exception):
    """The environment cannot be used. The message names the variable, and what would be valid."""


def read_threads(environment: Mapping[str, str], default: str = "8") -> int:
    """How many requests are served concurrently: API_THREADS, 1 to 64.

    Raises:
        SettingsError: it is no such number.
    """
    threads = environment.get("API_THREADS") or default
    if not threads.isdecimal() or not 1 <= int(threads) <= 64:
        raise SettingsError(f"API_THREADS is {threads!r}; expected a number from 1 to 64")
    return int(threads)
