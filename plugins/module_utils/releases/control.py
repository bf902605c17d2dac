# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run's hold on the lease: what it read of it and of the states, which it never changes."""

from __future__ import annotations

from ..lease import Lease
from ..switch.signalled_control import SignalledControl


class ReleaseControl(SignalledControl):
    """As `SignalledControl`, for a run that writes no state: what regions are owed by others' runs stays so."""

    what = "deployment"
    subject = "The deployment"

    keeps_plan = False
    """Whether what is left stays in the lease, for the next run of the same request."""

    def _end(self) -> Lease:
        return self.tenure.release() if self.keeps_plan else super()._end()
