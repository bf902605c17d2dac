# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions that do not answer, in moto."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ConnectTimeoutError


@pytest.fixture
def silent(monkeypatch) -> set[str]:
    """The regions that do not answer from now on, whatever client asks."""
    regions: set[str] = set()
    ask = BaseClient._make_api_call

    def perhaps(self: Any, operation: str, arguments: Any) -> Any:
        if self.meta.region_name in regions:
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        return ask(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", perhaps)
    return regions
