# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backlog in an index that is spread, and partly not yet, is published again whole, and once."""

from __future__ import annotations

from pathlib import Path

from harness.evidence import count_unprocessed
from localcloud import Cloud
from tests.support.backlog import REGION, TABLE, BackloggedTable


def test_a_backlog_is_published_once_and_ends_with_nothing_left(tmp_path: Path) -> None:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as cloud:
        table = BackloggedTable(cloud, 2000)
        assert count_unprocessed(cloud.client, TABLE, [REGION]) == 2000
        outcome = table.reconcile(timeout=300)
        assert outcome.ended and outcome.published == 2000
        assert table.published == dict.fromkeys(table.sales, 1)
        assert count_unprocessed(cloud.client, TABLE, [REGION]) == 0
