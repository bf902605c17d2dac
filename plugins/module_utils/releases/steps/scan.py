# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `scan`: before a wave changes anything, ECR has scanned the new images of a region and found nothing bad."""

from __future__ import annotations

from ...aws.image_names import short_digest
from ...taskdef.image_scan import wait_for_scans
from ..digests import wait_until_pushed
from ..scans import new_images, to_be_scanned
from .step import Step


class Scan(Step):
    title = "scan"

    def will(self, region: str) -> str:
        return f"see that no finding of {self.run.params['scan_stops_at']} or worse is in the new images of {region}"

    def do(self) -> str:
        run, region = self.run, self.region
        rule = run.rule
        if rule is None:
            raise TypeError("a deployment without a rule about scans has no step that looks at them")
        run.heed()
        services = run.journal["regions"][region]["services"]
        wait_until_pushed(run.cloud, {image: image for image in new_images(services)}, region)
        wanted = to_be_scanned(services, run.present[region])
        scans = wait_for_scans(run.cloud, wanted, rule, run.params["scan_timeout"])
        run.control.renew()
        proven = [f"{each.image.repository} {short_digest(str(each.image.digest))}" for each in scans if each.is_proof]
        told = ", ".join(proven) or "no image has a result"
        return f"no finding of {rule.stops_at} or worse stops {region}: {told}"
