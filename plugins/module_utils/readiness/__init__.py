# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a region can take over: what is read of every region, what is wrong with it, and the capacity it needs.

spec       what is to be ready: the options of the parameter `readiness`
gather     the evidence: every region read side by side, as plain data
quotas     how much more Fargate the account may run in a region
judge      every check that the evidence fails, as findings
lag        how long a write in one region takes to be read in another
capacity   services scaled to what the others run, and restored
waiting    until they run what they shall, or why they do not
troubles   what is wrong with a service or a target group, in words
sentences  the evidence told to a person
"""

from __future__ import annotations

from .capacity import (
    missing_capacity,
    raise_capacity,
    read_counts,
    restore_capacity,
    set_counts,
)
from .gather import gather
from .judge import CHECKS, Finding, judge
from .lag import LagUnknown, measure_lag
from .sentences import alarms_on, evidence_sentences
from .spec import SPEC, spec_problems
from .waiting import wait_until_ready

__all__ = [
    "CHECKS",
    "SPEC",
    "Finding",
    "LagUnknown",
    "alarms_on",
    "evidence_sentences",
    "gather",
    "judge",
    "measure_lag",
    "missing_capacity",
    "raise_capacity",
    "read_counts",
    "restore_capacity",
    "set_counts",
    "spec_problems",
    "wait_until_ready",
]
