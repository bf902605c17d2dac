# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease of a workload: who may change the states of its regions, and the epochs that are handed out with it.

Only modules need it; what workers and modules share is in `protocol`.

    item       what the lease says         table      the calls that read and write it
    rules      who may do what with it     tenure     a run that takes it, keeps it, lets it go
    watch      whether its holder lives    taking     a module that takes it
    arguments  how a module is told of it  messages   every message about another holder
    errors     why it was not taken, or was lost
    deployment_plan  what everybody must know of a deployment that is unfinished
"""

from __future__ import annotations

from .errors import LeaseHeld, LeaseLost, LeaseUnreachable, StalePlan
from .item import OWED_RECONCILE, OWED_SITE, OWED_WRITE, Lease, Run, lease_report, owed_by_switches
from .table import LeaseTable
from .tenure import Tenure, acquire

__all__ = [
    "OWED_RECONCILE",
    "OWED_SITE",
    "OWED_WRITE",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "LeaseTable",
    "LeaseUnreachable",
    "Run",
    "StalePlan",
    "Tenure",
    "acquire",
    "lease_report",
    "owed_by_switches",
]
