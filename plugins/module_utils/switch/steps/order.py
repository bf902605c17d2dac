# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the steps of a switch, and which of them are left."""

from __future__ import annotations

from ...kernel import Resource
from ..run import SwitchRun
from .drain import Drain, DrainAgain
from .fence import Fence
from .gate import Gate
from .grant import Grant
from .hold import Hold
from .lake import PutAgain
from .lease import TakeLease
from .preflight import Preflight
from .prove import Prove
from .reconcile import Reconcile
from .record import Record
from .schedules import SchedulesOff, SchedulesOn
from .shift import Shift
from .start import Start
from .step import Step
from .traffic import MoveTraffic

ORDER: tuple[type[Step], ...] = (
    TakeLease,
    Preflight,
    SchedulesOff,
    Drain,
    DrainAgain,
    Hold,
    Shift,
    Fence,
    Grant,
    Start,
    MoveTraffic,
    SchedulesOn,
    Reconcile,
    Gate,
    Prove,
    PutAgain,
    Record,
)


def steps_of(run: SwitchRun) -> list[Resource]:
    """The steps that are left of the run's work, each of which needs the one before it."""
    steps: list[Resource] = []
    for each in ORDER:
        if each.is_due(run):
            steps.append(each(run, steps[-1:]))
    return steps
