# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m mysfits_monolith`; see web_common.program."""

from __future__ import annotations

import sys
from typing import Any

from web_common.program import Job, Program

from .log import write
from .settings import Settings, read_settings


def make(settings: Settings) -> Any:
    from .app import make_app
    from .store import MysfitStore

    return make_app(MysfitStore(settings), settings.routes)


def seed(settings: Settings) -> None:
    from .store import MysfitStore

    write("info", "seeded", mysfits=MysfitStore(settings).seed())


JOBS = {"seed": Job("put the mysfits that are not in the table, and end", seed)}

if __name__ == "__main__":
    sys.exit(Program("mysfits_monolith", 80, write, read_settings, make, JOBS).main())
