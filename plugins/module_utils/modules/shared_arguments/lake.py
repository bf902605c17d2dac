# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lakes whose objects S3 replicates, as every module takes them that sees how far that has come.

It is documented in plugins/doc_fragments/lake.py.
"""

from __future__ import annotations

from typing import Any

from ...protocol.attributes import DONE_INDEX
from ...protocol.limits import LAKE_SECONDS

LAKE: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "table": {"type": "str", "required": True},
        "done_table": {"type": "str", "required": True},
        "index": {"type": "str", "default": DONE_INDEX},
        "bucket": {"type": "str", "required": True},
        "seconds": {"type": "int", "default": LAKE_SECONDS},
        "timeout": {"type": "float", "default": 600.0},
    },
}
