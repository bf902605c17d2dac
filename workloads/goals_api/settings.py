# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task is told by its environment, checked before anything starts. Every variable has a default that works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from web_common.settings import SettingsError, read_threads

# The containers of a task share one network.
DEFAULT_URL = "mongodb://localhost:27017"
SCHEMES = ("mongodb://", "mongodb+srv://")


@dataclass(frozen=True)
class Settings:
    """Where the goals are kept. The URL may hold a password, so it is never shown."""

    url: str = field(repr=False)
    database: str
    threads: int


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings of the API.

    Raises:
        SettingsError: a variable is wrong.
    """
    url = environment.get("MONGODB_URL") or DEFAULT_URL
    if not url.startswith(SCHEMES):
        raise SettingsError(f"MONGODB_URL must start with {' or '.join(SCHEMES)}, such as {DEFAULT_URL}")
    database = environment.get("MONGODB_NAME") or "goals"
    if not 0 < len(database) < 64 or set(database) & set('/\\. "$*<>:|?'):
        raise SettingsError(f'MONGODB_NAME is {database!r}; expected up to 63 characters without / \\ . " $ or spaces')
    return Settings(url, database, read_threads(environment))
