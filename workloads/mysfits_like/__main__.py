# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m mysfits_like`; see web_common.program."""

from __future__ import annotations

import sys
from typing import Any

from web_common.program import Program

from .log import write
from .settings import Settings, read_settings


def make(settings: Settings) -> Any:
    from .app import make_app
    from .monolith import Monolith

    return make_app(Monolith(settings.monolith))


if __name__ == "__main__":
    sys.exit(Program("mysfits_like", 80, write, read_settings, make).main())
