# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m goals_api`; see web_common.program."""

from __future__ import annotations

import sys
from typing import Any

from web_common.program import Program

from .log import write
from .settings import Settings, read_settings


def make(settings: Settings) -> Any:
    from .app import make_app
    from .store import GoalStore

    return make_app(GoalStore(settings))


if __name__ == "__main__":
    sys.exit(Program("goals_api", 8080, write, read_settings, make).main())
