# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `bake`: a region is watched for the bake time; then what it runs is proven, recorded, and in force there."""

from __future__ import annotations

from typing import Any

from ...aws.image_names import short_digest, tell_image
from ...kernel import CollectionError
from ...lease.deployment_plan import DONE
from ...readiness.images import common_name
from ..record import in_record
from ..service_revision import withdraw
from ..watch import Watch, alarms_of, running_digests
from .step import Step

LOOK_SECONDS = 5.0
"""Between two looks."""


class NotWell(CollectionError):
    """What a region runs now does not do well there."""


class Bake(Step):
    title = "bake"

    def will(self, region: str) -> str:
        params = self.run.params
        names = alarms_of(region, params["alarms"])
        alarms = f", with the alarms {', '.join(names)}" if names else ""
        rate = f" and at most {params['error_rate']['most_percent']:g} % errors" if params["error_rate"] else ""
        return f"watch {region} for {params['bake_time']:g} s{alarms}{rate}, see which digests run, and record them"

    def do(self) -> str:
        run, region = self.run, self.region
        run.heed()
        run.begin_region(region)
        self._settle_unchanged()
        well = self._watch()
        run.control.renew()
        told = self._prove()
        now = run.journal["regions"][region]
        run.record.put(region, now["becomes"], in_record(now))
        for each in now["services"].values():
            withdraw(run.cloud, region, each["leaves"], each["after"])
        run.journal.enter(DONE, region)
        return f"{region} did well for {well}: {told}"

    def _settle_unchanged(self) -> None:
        """A service that ran what is wanted already has the revision that it was found with."""
        for name, each in self.run.journal["regions"][self.region]["services"].items():
            if each["after"] is None:
                self.run.journal.put_service(self.region, name, after=self.run.present[self.region][name].revision)

    def _watch(self) -> str:
        """For how long it did well, and what was counted meanwhile."""
        run = self.run
        clock, bake = run.control.table.clock, float(run.params["bake_time"])
        services = run.journal["regions"][self.region]["services"]
        names = alarms_of(self.region, run.params["alarms"])
        watch = Watch(run.cloud, self.region, services, names, run.params["failed_tasks"])
        rate = run.error_rate(self.region)
        if rate:
            rate.begin(bake)
        end = None
        while True:
            if trouble := watch.trouble() or (rate.trouble() if rate else ""):
                raise NotWell(f"{self.region} does not do well after the deployment: {trouble}")
            # From the first look on, with which later ones are compared: there is a second, however slow it was.
            end = end or clock() + bake
            left = end - clock()
            if left <= 0 and (rate is None or rate.is_complete):
                return f"{clock() - end + bake:.0f} s ({rate.tell()})" if rate else f"{bake:g} s"
            run.control.pause(min(LOOK_SECONDS, left) if left > 0 else LOOK_SECONDS)
            run.heed()

    def _prove(self) -> str:
        """What the running tasks run, which must be the same as in the regions before. NotWell: it is not."""
        run, region, told = self.run, self.region, []
        for name, each in run.journal["regions"][region]["services"].items():
            found = running_digests(run.cloud, region, each["cluster"], name, each["after"])
            digests = {}
            for container, image in each["images"].items():
                running = found.get(container, set())
                if len(running) > 1:
                    digests_told = ", ".join(map(short_digest, sorted(running)))
                    raise NotWell(
                        f"the tasks of {name} in {region} run several images as {tell_image(image)}: {digests_told}"
                    )
                if running:
                    digests[container] = next(iter(running))
                    told.append(f"{name} {short_digest(digests[container])}")
                    self._compare(name, container, image, digests[container])
            run.journal.put_service(region, name, digests=digests)
        return ", ".join(told) or "no task runs, so no digest is known"

    def _compare(self, service: str, container: str, image: str, digest: str) -> None:
        for other, each in self.run.journal["regions"].items():
            there: dict[str, Any] = each["services"].get(service, {})
            known = there.get("digests", {}).get(container) if other != self.region else None
            same = common_name(there["images"].get(container, "")) == common_name(image)
            if known and same and known != digest:
                raise NotWell(
                    f"{service} runs {short_digest(digest)} in {self.region} and {short_digest(known)} in {other}, "
                    f"both as {tell_image(image)}: the tag was moved in between. Deploy it by its digest"
                )
