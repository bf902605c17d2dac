# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The REST APIs of a region for who is not asked for one: importing their backend takes a second.

The first request for REST APIs imports it (responses.py); before that there is none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any


def backend_if_any(account: str, region: str) -> Any:
    """The backend of a region, or None."""
    models = sys.modules.get("localcloud.apigateway.models")
    return None if models is None else models.apigateway_backends[account][region]


def every_backend() -> Iterator[tuple[str, str, Any]]:
    """(account, region, backend) of all that there are."""
    models = sys.modules.get("localcloud.apigateway.models")
    for account, regions in list(models.apigateway_backends.items()) if models else ():
        for region, backend in list(regions.items()):
            yield account, region, backend
