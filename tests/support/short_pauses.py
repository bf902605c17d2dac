# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pauses that a switch makes for workers, short, for tests in which no worker runs."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.switch import reconciliation
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps import reconcile

PAUSE_SECONDS = 0.05


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two passes, and before the first. To be imported by a conftest."""
    monkeypatch.setattr(reconcile, "VIEW_REFRESH_SECONDS", PAUSE_SECONDS - 1)
    monkeypatch.setattr(reconcile, "HELD_REFRESH_SECONDS", PAUSE_SECONDS)
    monkeypatch.setattr(reconciliation, "PAUSE_SECONDS", PAUSE_SECONDS)
    monkeypatch.setattr(reconciliation, "LEAST_PAUSE_SECONDS", PAUSE_SECONDS)
