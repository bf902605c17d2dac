# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments without their pauses, and a service in memory that strategy recreate deploys."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments import post_mortem, recreate
from tests.support.recreated_ecs import RECREATE, RecreatedEcs
from tests.support.services import make


@pytest.fixture
def cloud() -> RecreatedEcs:
    """A service of one task that runs revision 1."""
    fake = RecreatedEcs()
    make(fake, **RECREATE)
    return fake


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recreate, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(post_mortem, "LOG_PATIENCE_SECONDS", 0.0)
