# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hundred thousand unprocessed sales are published again and processed on the embedded cloud."""

from __future__ import annotations

import os
import time
from pathlib import Path

from harness.evidence import count_unprocessed
from localcloud import Cloud
from tests.support.backlog import REGION, TABLE, BackloggedTable

SALES = int(os.environ.get("BACKLOG", "200000"))


def test_a_backlog_of_two_hundred_thousand_is_reconciled(tmp_path: Path) -> None:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as cloud:
        began = time.monotonic()
        table = BackloggedTable(cloud, SALES)
        print(f"{SALES} sales written in {time.monotonic() - began:.0f} s")
        began, pages = time.monotonic(), []
        outcome = table.reconcile(timeout=3600, advance=lambda cursors: pages.append(time.monotonic()))
        seconds = time.monotonic() - began
        print(f"published {outcome.published} and ended after {seconds:.0f} s; {SALES / seconds:.0f} sales a second")
        print("\n".join(table.told))
        assert outcome.ended and outcome.published == SALES and table.published == dict.fromkeys(table.sales, 1)
        assert count_unprocessed(cloud.client, TABLE, [REGION]) == 0
        assert any(f"of about {SALES:,}" in line and "s to go" in line for line in table.told)
        waits = [later - earlier for earlier, later in zip(pages, pages[1:], strict=False)]
        print(f"the longest time between two moments at which pause and cancel are heeded: {max(waits):.1f} s")
