# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last step, `record`: the deployment has ended, which its entry beside the lease tells."""

from __future__ import annotations

from .step import Step


class EndRecord(Step):
    title = "record"

    def will(self, region: str) -> str:
        return "record the deployment, and let the lease go"

    def do(self) -> str:
        if self.run.goes_back:  # recorded once all of them are back
            return "what was changed went back"
        self.run.finish()
        return f"recorded as deployment {self.run.journal['id']}; {self.run.tell_what_runs()}"
