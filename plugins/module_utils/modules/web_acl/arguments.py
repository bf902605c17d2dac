# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `web_acl` takes."""

from __future__ import annotations

from typing import Any

ALLOW, BLOCK, COUNT = "allow", "block", "count"
ACTIONS = (ALLOW, BLOCK, COUNT, "captcha", "challenge")
"""What a rule of a managed group may do instead of what its group says."""

WINDOWS = (60, 120, 300, 600)
"""Seconds over which a rate is counted."""

ADDRESSES = ("allowed", "blocked")

SETTINGS: dict[str, Any] = {
    "default": {"type": "str", "choices": [ALLOW, BLOCK], "default": ALLOW},
    "allowed": {"type": "list", "elements": "str", "default": []},
    "blocked": {"type": "list", "elements": "str", "default": []},
    "largest_body": {"type": "int"},
    "rate_limit": {
        "type": "dict",
        "options": {
            "requests": {"type": "int", "required": True},
            "window": {"type": "int", "choices": list(WINDOWS), "default": 300},
            "count": {"type": "bool", "default": False},
        },
    },
    "managed": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "vendor": {"type": "str", "default": "AWS"},
            "version": {"type": "str"},
            "count": {"type": "bool", "default": False},
            "rules": {"type": "dict", "default": {}},
        },
    },
}
"""What a web ACL does."""

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    **SETTINGS,
    "guards": {"type": "dict", "default": {}},
}
