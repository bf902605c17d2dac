# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes items whose time to live has ended, a little later than promised, as AWS does."""

from __future__ import annotations

import threading
import time

from moto.dynamodb.models import dynamodb_backends

from localcloud.dynamodb.table import Table
from localcloud.lock import LOCK
from localcloud.world import WORLD

EXPIRY_DELAY = 5.0
"""Expired items go this long after their time, as on AWS later than promised rather than sooner."""

EXPIRY_PERIOD = 2.0


def start_expiry() -> None:
    """Delete expired items in the background, region by region; replication carries the deletes like any other."""

    def expire_for_ever() -> None:
        while True:
            time.sleep(EXPIRY_PERIOD)
            with LOCK:
                for _, region, backend in dynamodb_backends.iter_backends():
                    if WORLD.faults.is_dead(region):
                        continue  # what a dead region holds is frozen
                    for table in list(backend.tables.values()):
                        if isinstance(table, Table):
                            table.expire(time.time() - EXPIRY_DELAY)

    threading.Thread(target=expire_for_ever, name="expiry", daemon=True).start()
