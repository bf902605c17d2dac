# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that takes the lease: only if nothing has changed since it read it, and naming who else is at it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from ..kernel import CollectionError, error_code
from . import messages
from .errors import LeaseHeld, StalePlan
from .item import Lease, Run, lease_report
from .table import LeaseTable
from .tenure import Tenure, acquire


def take_lease(table: LeaseTable, params: dict[str, Any], found: Lease | None) -> Tenure:
    """Take the lease for a plan that was made on `found`. `params` are the module's, see `arguments`.

    Raises:
        CollectionError: another run holds it, or there is no table.
        StalePlan: another run changed it in between.
        LeaseUnreachable: no endpoint answers.
    """
    run = Run(
        run_id=uuid.uuid4().hex,
        operator=params["operator"] or "",
        reason=params["reason"] or "",
        since=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        duration=params["lease_duration"],
    )
    read = found or Lease()
    try:
        tenure = acquire(table, run, read.epoch)
    except LeaseHeld as error:
        raise CollectionError(
            messages.other_run(params["workload"], error, table.place), lease=lease_report(error.lease, table.place)
        ) from error
    except Exception as error:
        if error_code(error) == "ResourceNotFoundException":
            raise CollectionError(
                f"The lease table {table.table} does not exist in {', '.join(table.clients)}. "
                "Make it first (module global_table, in site.yml the tag toggle)."
            ) from error
        raise
    now = tenure.lease
    if (now.epoch, now.map, now.plan, now.owed) != (read.epoch, read.map, read.plan, read.owed):
        tenure.release()
        raise StalePlan(messages.changed_since_planned())
    return tenure
