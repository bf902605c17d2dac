# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a deployment: planned, carried out under the lease, paused or cancelled from elsewhere, gone back from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ..kernel import Cloud, CollectionError, Resource
from ..lease.deployment_plan import DEPLOYING, DONE, RETURNED, RETURNING, WAITING, tell_images, tell_regions, tell_ways
from ..protocol import ProtocolError
from ..services.wiring import Place
from ..taskdef.image_scan import Scan, read_scans, refusals
from ..taskdef.images import Images as EcrImages
from ..taskdef.images import ecr_image
from ..toggle.judgement import require_unchanged
from . import digests, goal
from .asked import Asked, require_answers, require_free, require_states
from .control import ReleaseControl
from .error_rate import ErrorRate, Limit, measured
from .going_back import go_back
from .jobs import Jobs, jobs_left
from .journal import Journal
from .present import Present, read_present
from .record import DONE_OUTCOME, Record, in_record
from .scans import new_images, rule_of, to_be_scanned
from .service_revision import move
from .watch import ALARM, alarm_states, alarms_of
from .waves import plan_waves

MOST_WORDS = 4000
"""Characters of a failure that are kept in the lease: an item of DynamoDB has 400 KB for the whole journal."""


SIGNAL_SECONDS = 2.0
"""Between two looks for a signal while something is waited for."""


class Cancelled(CollectionError):
    """Somebody asked this deployment to end, and to return what it changed."""


class DeploymentRun:
    """One run of a deployment, and what its steps share.

    found:   the journal that it begins or goes on with; empty when there is nothing to do. While it is carried out,
             `journal` is the one that counts.
    present: region → service → what it was when this run was planned.
    jobs:    region and service → what runs before it is given its new revision.  places: where, by region.
    rule:    which findings of ECR's scans stop an image.  scans: what they said when this run was planned.
    slow_alarms: alarms that go off after more seconds of trouble than a region is watched for, with those.
    """

    def __init__(
        self, params: dict[str, Any], cloud: Cloud, steps_of: Callable[[DeploymentRun], list[Resource]]
    ) -> None:
        self.params, self.cloud, self.steps_of = params, cloud, steps_of
        self.asked = Asked.of(params)
        self.control = ReleaseControl(params, cloud)
        self.journal = Journal(self.control)
        self.record = Record(self.control.table)
        self.services = {each["name"]: each for each in params["services"]}
        self.found: dict[str, Any] = {}
        self.present: dict[str, dict[str, Present]] = {}
        self.jobs: Jobs = {}
        self.places: dict[str, Place] = {}
        self.rule = rule_of(params)
        self.scans: list[Scan] = []
        self.slow_alarms: dict[str, int] = {}
        self.is_resumed = False
        self.cancelled = False
        self._beginning = threading.Lock()
        self._looking = threading.Lock()
        self._looked = -SIGNAL_SECONDS

    # Planning.

    def plan(self) -> None:
        """Read everything and say what is to be done. ProtocolError, CollectionError: it cannot be, or must not be."""
        control, params = self.control, self.params
        control.read(list(params["regions"]))
        lease = control.lease
        require_unchanged(lease, control.table.place, None, params["lease_token"])
        self.found = require_free(lease, self.asked, params["continues"])
        self.is_resumed = bool(self.found)
        states = dict(lease.map.states) if lease and lease.map else {}
        waves = self.found.get("waves") or plan_waves(params["regions"], states, self.asked.waves)
        regions = [region for wave in waves for region in wave]
        require_states(lease, regions)
        if self.found and self.asked.ends(self.found):
            self._turn_back()
        require_answers(self._needed(regions), control.unreachable, params["regions"], self.is_resumed)
        self.record.read()
        if self.found:
            self._resume()
        else:
            self._begin(waves, regions)
        if self.found:
            self.jobs, self.places = jobs_left(self)
            self._require_alarms()
            self._require_metrics()
            self._require_platforms()
            self._require_clean_images()

    def _turn_back(self) -> None:
        """The unfinished deployment is to go back, but for regions that do not answer and are not named by `waves`."""
        if not self.goes_back:
            begun = [r for wave in self.found["waves"] for r in wave if self._phase(r) != WAITING]
            self.found = {**self.found, "returns": begun, "failed": "playbooks/rollback.yml was run", "cancelled": True}
        if self.asked.waves is not None:
            named = {region for wave in self.asked.waves for region in wave}
            silent = self.control.unreachable.keys() - named
            left = [r for r in self.found["returns"] if r in silent and self._phase(r) != RETURNED]
            returns = [r for r in self.found["returns"] if r not in left]
            self.found = {**self.found, "returns": returns, "left": [*self.found.get("left", []), *left]}

    def _needed(self, regions: list[str]) -> list[str]:
        """Those of the regions in which something is left to be done."""
        if not self.found:
            return regions
        if self.goes_back:
            return [region for region in self.found["returns"] if self._phase(region) != RETURNED]
        return [region for region in regions if self._phase(region) != DONE]

    @property
    def goes_back(self) -> bool:
        """Whether regions are being returned, or all that is left of that is to say which were not."""
        journal = self.journal or self.found
        return bool(journal["returns"] or journal.get("left"))

    def _resume(self) -> None:
        names = {name for each in self.found["regions"].values() for name in each["services"]}
        self._require_services(names)
        regions = self._needed([region for wave in self.found["waves"] for region in wave])
        self.present = read_present(self.cloud, regions, {name: self.services[name]["cluster"] for name in names})

    def _begin(self, waves: list[list[str]], regions: list[str]) -> None:
        if self.asked.rollback:
            entry = self.record.newest(regions)
            names = {name for each in entry["regions"].values() for name in each["good"]["images"]}
        else:
            entry = {}
            names = set(self.asked.images)
        self._require_services(names)
        clusters = {name: self.services[name]["cluster"] for name in sorted(names)}
        self.present = read_present(self.cloud, regions, clusters)
        if self.asked.rollback:
            self.found = goal.begin_back(self.asked, waves, entry, self.present, self.record)
            return
        self._assume_unrecorded(clusters)
        wished = {r: goal.wished_images(self.asked.images, self.present[r], r) for r in regions}
        wanted = digests.pin(self.cloud, wished)
        self.found = goal.begin_forward(self.asked, waves, wanted, self.present, self.record)

    def _assume_unrecorded(self, clusters: dict[str, str]) -> None:
        """Of regions that nothing was ever deployed to, what runs there is the release: a later one is not theirs."""
        lease, known = self.control.lease, self.control.unreachable
        regions = lease.map.states if lease and lease.map else {}
        for region in (r for r in regions if r not in known and not self.record.in_force(r)):
            present = self.present.get(region)
            if present is None:
                try:
                    present = read_present(self.cloud, [region], clusters)[region]
                except CollectionError:  # a service is not there yet, and this deployment is not about this region
                    continue
            images = {
                name: {container: now for container, now in present[name].images.items() if container in wishes}
                for name, wishes in self.asked.images.items()
            }
            self.record.assume(region, images)

    def _require_services(self, names: set[str]) -> None:
        if missing := sorted(names - self.services.keys()):
            raise ProtocolError(
                f"service {', '.join(missing)} takes part and is not among the services that this inventory names "
                f"({', '.join(sorted(self.services))})"
            )

    def _require_alarms(self) -> None:
        """The alarms exist where a region is still to be watched, and are quiet there. ProtocolError."""
        for region in [] if self.goes_back else self.left():
            wanted = alarms_of(region, self.params["alarms"])
            states = alarm_states(self.cloud, region, wanted)
            if missing := sorted(set(wanted) - states.keys()):
                raise ProtocolError(
                    f"there is no alarm {', '.join(missing)} in {region}; make it (those of the inventory: site.yml), "
                    "or leave it out of deployment_alarms"
                )
            loud = [name for name, each in states.items() if each.state == ALARM and self._phase(region) == WAITING]
            if loud:
                raise ProtocolError(
                    f"alarm {', '.join(loud)} is in state ALARM in {region} before anything is deployed there; a "
                    "deployment could not tell whether it was the reason. If it is what the deployment is to end, "
                    "leave it out of deployment_alarms for this once"
                )
            bake = self.params["bake_time"]
            self.slow_alarms |= {name: each.seconds for name, each in states.items() if each.seconds > bake}

    def _require_metrics(self) -> None:
        """The metrics of load balancers can be read where a region is still to be watched; if not, AWS says why."""
        for region in [] if self.goes_back else self.left():
            if rate := self.error_rate(region):
                rate.begin(0.0)
                rate.read(rate.first, rate.end)

    def error_rate(self, region: str) -> ErrorRate | None:
        """That of a region's services, None if nobody asks for it."""
        if not self.params["error_rate"]:
            return None
        groups = {name: present.target_groups for name, present in self.present[region].items()}
        return measured(self.cloud, region, groups, Limit(**self.params["error_rate"]))

    def _require_clean_images(self) -> None:
        """ECR's scans have found nothing in the new images that stops them, as far as they have ended. ProtocolError.

        What was begun already is not stopped here: the step of its wave ends it, as a failure that is recorded.
        """
        if self.rule is None:
            return
        for region in [] if self.goes_back else filter(self.is_scanned, self.left()):
            services = self.found["regions"][region]["services"]
            self.scans += read_scans(self.cloud, to_be_scanned(services, self.present[region]))
        if (reasons := refusals(self.scans, self.rule)) and not self.is_resumed:
            raise ProtocolError(" ".join(reasons).rstrip("."))

    def _require_platforms(self) -> None:
        """The new images are for the platforms that the services run on, where ECR tells. ProtocolError."""
        registries, reasons = EcrImages(self.cloud), []
        for region in [] if self.goes_back or self.is_resumed else self.left():
            for image, names in new_images(self.found["regions"][region]["services"]).items():
                parts = ecr_image(image)
                for name in names if parts else []:
                    definition = self.present[region][name].definition["definition"]
                    if parts and (why := registries.misfit(parts, definition)):
                        reasons.append(f"service {name} in {region}: {why}")
        if reasons:
            raise ProtocolError(" ".join(reasons).rstrip("."))

    def is_scanned(self, region: str) -> bool:
        """Whether a region gets images of which the scans count: not when it goes back."""
        gets = new_images(self.found["regions"][region]["services"])
        return self.rule is not None and not self.asked.rollback and any(map(ecr_image, gets))

    def _phase(self, region: str) -> str:
        return str(self.found["regions"][region]["phase"])

    def waves_now(self) -> list[tuple[int, list[str]]]:
        """The waves of which something is left and that are part of this run, by number from 1."""
        through = self.params["through_wave"] or len(self.found["waves"])
        numbered = enumerate(self.found["waves"][:through], start=1)
        left = [(number, [r for r in wave if self._phase(r) != DONE]) for number, wave in numbered]
        return [(number, wave) for number, wave in left if wave]

    def left(self) -> list[str]:
        """The regions that are still to be deployed to in this run."""
        return [region for _number, wave in self.waves_now() for region in wave]

    @property
    def ends_here(self) -> bool:
        """Whether no wave is left after this run."""
        through = self.params["through_wave"]
        return not through or all(self._phase(r) == DONE for wave in self.found["waves"][through:] for r in wave)

    # Carrying out.

    @contextmanager
    def carrying_out(self) -> Iterator[None]:
        """Hold the lease while the steps are taken; return what has to be returned, and say so."""
        failure: CollectionError | None = None
        with self.control.holding(self._mend):
            self._start()
            self.cloud.heed = self.heed_in_wait
            try:
                yield
            except Exception as error:
                cause = error.__cause__ or error
                if self.control.lost_lease or not self.cloud.has_parent() or not isinstance(cause, Exception):
                    raise
                failure = self._failed(cause)
            finally:
                self.cloud.heed = lambda: None
            if self.goes_back:
                failure = self._returned(failure)
            self.control.keeps_plan = failure is None and not self.ends_here
        if failure is not None:
            raise failure

    def _start(self) -> None:
        tenure = self.control.tenure
        if self.is_resumed:
            self.journal.begin(self.found)
            return
        told = {
            "id": f"{tenure.generation:010d}",
            "operator": self.params["operator"] or "",
            "reason": self.params["reason"] or "",
            "began": tenure.lease.since,
        }
        regions = {
            region: {**each, "becomes": each["becomes"] if self.asked.rollback else told["id"]}
            for region, each in self.found["regions"].items()
        }
        self.found = {**self.found, **told, "regions": regions}
        self.journal.begin(self.found)
        self.record.write_assumed()

    def begin_region(self, region: str) -> None:
        """The region is about to be changed."""
        with self._beginning:
            if self.journal.phase(region) == WAITING:
                self.journal.enter(DEPLOYING, region)

    def heed(self) -> None:
        """Wait while somebody has asked this run to pause. Cancelled when they asked it to go back."""
        self.control.renew()
        if self.control.wait_while_paused():
            self._cancel()

    def heed_in_wait(self) -> None:
        """While something is waited for, now and then: Cancelled when they asked this run to go back."""
        with self._looking:  # regions and services wait side by side
            now = self.control.table.clock()
            if not self.cancelled and now - self._looked < SIGNAL_SECONDS:
                return
            self._looked = now
        if self.cancelled or self.control.is_cancelled():
            self._cancel()

    def _cancel(self) -> NoReturn:
        self.cancelled = True
        raise Cancelled("it was cancelled from another terminal")

    def _failed(self, cause: Exception) -> CollectionError:
        """Write down that regions are to be returned, and which."""
        begun = self.journal.begun()
        everything = self.cancelled or self.params["on_failure"] == "rollback"
        returns = begun if everything else [r for r in begun if self.journal.phase(r) != DONE]
        self.journal.remember(returns=returns, failed=str(cause)[:MOST_WORDS].rstrip("."), cancelled=self.cancelled)
        details = cause.details if isinstance(cause, CollectionError) else {}
        if not returns:  # nothing has begun
            self._end("failed")
            return CollectionError(f"{str(cause).rstrip('.')}.{self._tell_outcome()}", **details)
        return CollectionError(str(cause), **details)

    def _returned(self, failure: CollectionError | None) -> CollectionError | None:
        """Return the regions, end the deployment, and say what runs where; None if this is what was asked for."""
        why = self.journal["failed"]
        details = failure.details if failure else {}
        try:
            go_back(self, [r for r in self.journal["returns"] if self.journal.phase(r) != RETURNED])
        except Exception as error:
            raise CollectionError(
                f"{why} — and going back failed too: {error}. {self.tell_what_runs()}. {tell_ways(self.journal)}",
                **details,
            ) from error
        self._end("cancelled" if self.journal["cancelled"] else "failed")
        if failure is None and self.asked.ends(self.journal):
            return None
        back = ", ".join(self.journal["returns"]) or "Nothing"
        told = f"{why}. {back} went back to what ran there before.{self._tell_outcome()}"
        return CollectionError(told, **details)

    def _tell_outcome(self) -> str:
        """After a failure: what was not begun, what runs, and what can be done."""
        waiting = [r for wave in self.journal["waves"] for r in wave if self.journal.phase(r) == WAITING]
        not_begun = f" {', '.join(waiting)} {'was' if len(waiting) == 1 else 'were'} not begun." if waiting else ""
        return (
            f"{not_begun} {self.tell_what_runs()}. To deploy something else, run playbooks/deploy.yml; to return all "
            "regions to the release before, playbooks/rollback.yml."
        )

    def finish(self) -> None:
        """All waves are done, so all their regions are at one release."""
        for region, told in self.journal["regions"].items():
            if self.record.in_force(region).get("deployment") != told["becomes"]:
                self.control.renew()
                self.record.put(region, told["becomes"], in_record(told))
        self._end(DONE_OUTCOME)

    def _mend(self) -> None:
        """Set back what the run that this one took over from may have set late: it may have been only paused."""
        for region, told in self.journal["regions"].items():
            key = {DONE: "after", RETURNED: "before"}.get(told["phase"], "")
            for name, each in told["services"].items() if key else ():
                if each[key]:
                    self.control.renew()
                    move(self.cloud, region, each["cluster"], name, each[key], self.services[name])

    def _end(self, outcome: str) -> None:
        journal = self.journal
        told = outcome if outcome == DONE_OUTCOME else f"{outcome}: {journal['failed']}; {tell_regions(journal)}"
        if left := journal.get("left"):
            told += f"; {', '.join(left)} did not answer and stayed as it was"
        self.control.renew()
        self.record.end(journal, told)

    def tell_what_runs(self) -> str:
        """Each region with the images that its services run by this journal."""
        told = []
        for region in [region for wave in self.journal["waves"] for region in wave]:
            each = self.journal["regions"][region]
            phase = each["phase"]
            key = "images" if phase == DONE else "images_before"
            asked = self.journal if phase == DONE else {"asked": {"images": {}}}
            images = ", ".join(tell_images(asked, name, one[key]) for name, one in each["services"].items())
            unsure = " (on its way)" if phase in (DEPLOYING, RETURNING) else ""
            told.append(f"{region} runs {images}{unsure}")
        return "; ".join(told)
