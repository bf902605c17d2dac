# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hold on the lease of a run that takes long: other terminals may pause or cancel it, and it may lose its lease."""

from __future__ import annotations

from typing import Any

from ..protocol import ProtocolError
from ..toggle.control import Control
from .signals import CANCEL, PAUSE, read_signal


class SignalledControl(Control):
    """As `Control`. lost_lease: whether somebody else has the lease by now."""

    lost_lease = False

    def renew(self) -> Any:
        self.require_parent()
        try:
            return super().renew()
        except ProtocolError:
            self.lost_lease = True
            raise

    def owed(self) -> dict[str, list[str]]:
        """Region → what it is owed, by the lease as it is now."""
        return {region: list(what) for region, what in self.tenure.lease.owed.items()}

    def _still_owed(self) -> dict[str, list[str]]:
        return self.owed()

    def is_cancelled(self) -> bool:
        """Whether somebody has asked this run to go back."""
        return read_signal(self.table, self.tenure.generation) == CANCEL

    def wait_while_paused(self) -> bool:
        """Wait while somebody has asked this run to pause. Whether they asked it to go back."""
        told = False
        while (signal := read_signal(self.table, self.tenure.generation)) == PAUSE:
            if not told:
                self.cloud.tell("  paused from another terminal; playbooks/resume.yml lets it go on")
                told = True
            self.pause(1.0)
            self.renew()
        return signal == CANCEL
