# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run's hold on the lease: what it read of it and of the states, which it never changes."""

from __future__ import annotations

from typing import Any

from ..lease import Lease
from ..protocol import ProtocolError
from ..toggle.control import Control


class ReleaseControl(Control):
    """As `Control`, for a run that writes no state. lost_lease: whether somebody else has the lease by now."""

    what = "deployment"
    subject = "The deployment"

    lost_lease = False
    keeps_plan = False
    """Whether what is left stays in the lease, for the next run of the same request."""

    def renew(self) -> Any:
        self.require_parent()
        try:
            return super().renew()
        except ProtocolError:
            self.lost_lease = True
            raise

    def owed(self) -> dict[str, list[str]]:
        """What regions are owed by others' runs: it stays so."""
        return {region: list(what) for region, what in self.tenure.lease.owed.items()}

    def _end(self) -> Lease:
        return self.tenure.release() if self.keeps_plan else super()._end()

    def _still_owed(self) -> dict[str, list[str]]:
        return self.owed()
