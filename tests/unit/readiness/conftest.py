# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the readiness tests share: an empty account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud
from tests.unit.readiness.evidence import TARGET
from tests.unit.toggle.conftest import _one_session as _one_session


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """An empty account in moto."""
    with mock_aws():
        yield Cloud({"region": TARGET})
