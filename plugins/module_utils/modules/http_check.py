# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a public name until it answers as expected: the last word on whether a workload works."""

from __future__ import annotations

import urllib.parse
from typing import Any

from ..kernel import Cloud
from ..kernel.run import ModuleDefinition
from ..status.public_name import ask_until_answered


def problems(params: dict[str, Any]) -> list[str]:
    parts = urllib.parse.urlsplit(params["url"])
    found = []
    if parts.scheme not in ("http", "https") or not parts.hostname:
        found.append(f"url is {params['url']!r}; expected http:// or https:// and a host name.")
    if params["connect_to"] and not params["connect_to"].rpartition(":")[2].isdigit():
        found.append(f"connect_to is {params['connect_to']!r}; expected host:port, such as 127.0.0.1:8000.")
    return found


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    return ask_until_answered(params)


MODULE = ModuleDefinition(
    arguments={
        "url": {"type": "str", "required": True},
        "connect_to": {"type": "str"},
        "ca_file": {"type": "path"},
        "method": {"type": "str", "choices": ["GET", "POST", "DELETE"], "default": "GET"},
        "body": {"type": "raw"},
        "status": {"type": "list", "elements": "int", "default": [200]},
        "timeout": {"type": "int", "default": 5},
        "wait_timeout": {"type": "int", "default": 60},
    },
    services=(),
    read=read,
    problems=problems,
)
