# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task is told by its environment, checked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from web_common.settings import SettingsError, read_threads

ROUTES = ("like", "fulfill-like", "adopt", "fulfill-adopt")
"""The routes that an image may have, as a monolith is taken apart."""


@dataclass(frozen=True)
class Settings:
    """Where the mysfits are kept, and which routes of `ROUTES` this image has."""

    region: str
    table: str
    routes: frozenset[str]
    threads: int


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings of the monolith.

    Raises:
        SettingsError: a variable is missing or wrong.
    """
    for name in ("AWS_REGION", "MYSFITS_TABLE"):
        if not environment.get(name):
            raise SettingsError(f"{name} is not set")
    routes = frozenset((environment.get("MYSFITS_ROUTES") or "like,adopt").split(","))
    if not routes <= set(ROUTES):
        raise SettingsError(f"MYSFITS_ROUTES is {environment['MYSFITS_ROUTES']!r}; expected some of {','.join(ROUTES)}")
    return Settings(environment["AWS_REGION"], environment["MYSFITS_TABLE"], routes, read_threads(environment))
