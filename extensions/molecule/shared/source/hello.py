# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job that greets, or migrates or fails as it is told."""

from __future__ import annotations

import os
import sys

match sys.argv[1:]:
    case ["migrate"]:
        print("migrated to", os.environ["COLOUR"])
        sys.exit(int(os.environ.get("MIGRATION", "0")))
    case ["fail"]:
        print("cannot go on")
        sys.exit(3)
    case _:
        print(os.environ["WORD"], "from", os.environ["AWS_REGION"])
