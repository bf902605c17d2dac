# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task is told by its environment, checked before anything starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from web_common.settings import SettingsError, read_threads


@dataclass(frozen=True)
class Settings:
    """The monolith's host name, with a port if it is not 80."""

    monolith: str
    threads: int


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings of the like service.

    Raises:
        SettingsError: a variable is missing or wrong.
    """
    monolith = environment.get("MONOLITH_URL") or ""
    if not re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", monolith):
        raise SettingsError(
            f"MONOLITH_URL is {monolith!r}; expected the load balancer's DNS name, without http:// and slashes"
        )
    return Settings(monolith, read_threads(environment))
