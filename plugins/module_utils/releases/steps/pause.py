# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `pause`: time between two waves, in which the regions before are used."""

from __future__ import annotations

from .step import Step

LOOK_SECONDS = 2.0


class Pause(Step):
    title = "pause"

    def will(self, region: str) -> str:
        return f"wait {self.run.params['wave_pause']:g} s before the next wave"

    def do(self) -> str:
        run = self.run
        clock = run.control.table.clock
        end = clock() + run.params["wave_pause"]
        run.heed()
        while (left := end - clock()) > 0:
            run.control.pause(min(LOOK_SECONDS, left))
            run.heed()
        return f"waited {run.params['wave_pause']:g} s"
