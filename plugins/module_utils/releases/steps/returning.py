# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `return`: a region that an unfinished deployment changed goes back to what ran there before."""

from __future__ import annotations

from ...deployments import rollout
from ...kernel import Attributes, Cloud
from ..going_back import go_back
from .step import Step


class ReturnRegion(Step):
    title = "return"

    def will(self, region: str) -> str:
        services = self.run.found["regions"][region]["services"].values()
        return f"return {region} to {', '.join(sorted(rollout.revision(each['before']) for each in services))}"

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        go_back(self.run, [self.region])  # which notes it
        return wanted
