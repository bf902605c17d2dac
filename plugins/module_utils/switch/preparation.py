# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to services around a switch: the taker is checked and given tasks, workers that drop stop and start.

What a service was like is journalled before it is changed, so that a killed run can still put it back. More tasks stay
for as long as the region processes; the range of automatic scaling is put back at once, so that a deployment finds what
it made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from ..kernel import CollectionError, is_throttled
from ..protocol import ACTIVE
from ..protocol.service_errors import is_ill
from ..readiness import (
    LagUnknown,
    evidence_sentences,
    gather,
    judge,
    measure_lag,
    missing_capacity,
    raise_capacity,
    read_counts,
    restore_capacity,
    set_counts,
    wait_until_ready,
)
from . import workers
from .goal import CAPACITY, DRAINED, GRANT, OWED_WORKERS

if TYPE_CHECKING:
    from .running import SwitchRun

FRESH_SECONDS = 5.0
"""Evidence that was gathered for the plan is good enough for so long."""


class Preparation:
    """The readiness of the regions that take over, and the workers that drop, of one run of a switch."""

    def __init__(self, run: SwitchRun) -> None:
        self.run = run
        self.drops: list[dict[str, Any]] = run.params["drops"]
        self.drop_names = [each["name"] for each in self.drops]
        self.spec: dict[str, Any] | None = None
        if run.params["readiness"] is not None:
            spec = run.params["readiness"]
            # Workers that drop are at zero where they are not needed; that is no lack.
            services = [each for each in spec["services"] if each["name"] not in self.drop_names]
            self.spec = {**spec, "services": services}
        self.evidence: dict[str, Any] = {}
        self.findings: list[dict[str, Any]] = []
        self.gathered_at = -FRESH_SECONDS

    # --- Before the hold. ---

    def look(self, lag: Mapping[str, float | None] | None = None) -> None:
        """Gather the evidence, and every check that fails in the regions that are to take over."""
        run = self.run
        # A region that did not answer a moment ago is not waited for again.
        silent = {r: {"region": r, "reachable": False, "why": why} for r, why in run.unreachable.items()}
        answering = [region for region in run.params["regions"] if region not in silent]
        self.evidence = {**gather(run.cloud, answering, self.spec), **silent}
        self.gathered_at = run.table.clock()
        self._judge(lag)

    def _judge(self, lag: Mapping[str, float | None] | None = None) -> None:
        run, work = self.run, self.run.work
        found = judge(self.evidence, work.givers, work.takers, self.spec, run.params["skip_checks"], lag=lag)
        self.findings = [{**each.to_dict(), "sentence": each.sentence()} for each in found]

    def check(self) -> str:
        """Every check of the regions that take over; more tasks for them first, where that is all they lack."""
        run = self.run
        lag = self._measure_lag()
        if run.table.clock() - self.gathered_at < FRESH_SECONDS:
            self._judge(lag)
        else:  # it waited for the lease in between
            self.look(lag)
        raised = self._raise_capacity()
        if raised:
            wait_until_ready(run.cloud, run.work.takers, self.spec, self.spec["capacity_wait"], sleep=run.pause)
            self.look(lag)
        run.remember(
            evidence=evidence_sentences(self.evidence, run.told_states(), lag),
            skipped=[each for each in self.findings if each["skipped"]],
        )
        takers = ", ".join(run.work.takers)
        standing = [each for each in self.findings if not each["skipped"]]
        if standing:
            checks = ",".join(sorted({each["check"] for each in standing}))
            told = "".join(f"\n  * {each['sentence']}" for each in standing)
            raise CollectionError(
                f"{takers} cannot take over yet:{told}\nMend that, or go on in spite of it with "
                f"-e skip_checks={checks}, which is recorded"
            )
        sentence = f"{takers} can take over"
        for region, seconds in lag.items():
            sentence += f", {region} lags " + ("unknown" if seconds is None else f"{seconds * 1000:.0f} ms")
        if raised:
            sentence += f"; more tasks for {', '.join(raised)}"
        if self.findings:
            sentence += f"; not heeded: {', '.join(sorted({each['check'] for each in self.findings}))}"
        return sentence

    def drain(self) -> str:
        """Stop the workers that drop, in the regions that change and answer; see `rest` for the others."""
        run = self.run
        counts = self._where_it_answers(run.work.changes, self._drop_counts)
        for region in counts:  # at zero only because they were not started yet
            if OWED_WORKERS in run.tenure.lease.owed.get(region, ()) and (kept := run.table.look_up(_kept(region))):
                counts[region] = kept["services"]
        # A resumed run finds the zeros that it made itself.
        drained = {**counts, **run.journal.get(DRAINED, {})}
        run.remember(**{DRAINED: drained})
        stopped = self._where_it_answers(counts, lambda region: workers.stop(run.cloud, drained[region]))
        return self._told_stopped([*stopped, *self._stop_idle()])

    def rest(self) -> str:
        """Stop the workers that drop in regions that came back, before these learn that they are not ACTIVE."""
        return self._told_stopped(self._stop_idle())

    def _stop_idle(self) -> list[str]:
        """Stop the workers where the region stays PASSIVE, and should run none: it may have come back with them."""
        run = self.run
        idle = [
            region
            for region, state in run.work.states.items()
            if state != ACTIVE and (run.work.phase == GRANT or region not in run.work.changes)
        ]
        busy = {}
        for region, counts in self._where_it_answers(idle, self._drop_counts).items():
            # Where the range allows any, a schedule may start them later.
            if some := {n: was for n, was in counts.items() if was["desired"] or (was["scaling"] or {}).get("max")}:
                busy[region] = some
        return list(self._where_it_answers(busy, lambda region: workers.stop(run.cloud, busy[region])))

    def _told_stopped(self, regions: list[str]) -> str:
        names = ", ".join(self.drop_names)
        return f"{names} stopped in {', '.join(regions)}, and seen STOPPED" if regions else f"{names} run nowhere else"

    # --- After the grant. ---

    def start(self) -> str:
        """Start the workers that drop where the region is ACTIVE, as many as ran before, here or where they ran."""
        run, states = self.run, self.run.work.states
        drained = run.journal.get(DRAINED, {})
        owed = {region for region, what in run.tenure.lease.owed.items() if OWED_WORKERS in what}
        concerned = {*(run.work.changes or states), *drained, *owed}
        active = [region for region in states if region in concerned and states[region] == ACTIVE]
        started = self._where_it_answers(active, self._start)
        for region in [each for each in active if each not in run.maps and each in drained]:
            run.table.put(_kept(region), {"services": drained[region]})
            run.owe([region], OWED_WORKERS)
        if settled := sorted(owed & run.maps.keys()):
            run.settle(settled, OWED_WORKERS)
            for region in settled:
                run.table.remove(_kept(region))
        told = ", ".join(region for region in active if started.get(region))
        return f"{', '.join(self.drop_names)} started in {told}" if told else "they run already"

    def put_back(self) -> None:
        """Undo what was only meant for the switch itself, and counts that a region no longer needs."""
        run = self.run
        states = run.work.states
        scaled = run.journal.get(CAPACITY, {}).get("services", [])
        for was in [each for each in scaled if each["region"] in run.maps]:
            # Where the region processes, the count is automatic scaling's by now.
            stays = {"desired": None} if states.get(was["region"]) == ACTIVE else {}
            restore_capacity(run.cloud, {"services": [{**was, **stays}]})
        for region, state in states.items():
            mine = [was for was in scaled if was["region"] == region]
            # Beside the lease, because the region may stay ACTIVE, or silent, for weeks.
            identifier = f"{CAPACITY}#{region}"
            if mine and (state == ACTIVE or region not in run.maps):
                first = (run.table.look_up(identifier) or {}).get("services", [])
                mine = list({(was["cluster"], was["service"]): was for was in [*mine, *first]}.values())
                run.table.put(identifier, {"services": mine})
            elif state == ACTIVE or self.spec is None or region not in run.maps:
                continue
            elif before := run.table.look_up(identifier):
                restore_capacity(run.cloud, before)
                run.table.remove(identifier)

    # --- Of what these are made. ---

    def _measure_lag(self) -> dict[str, float | None]:
        """Seconds until a marker written in a region that processes is read in one that takes over; None: never."""
        run = self.run
        sources = [region for region in run.work.givers if region in run.maps]
        targets = [region for region in run.work.takers if region not in sources]
        for source in sources if self.spec["lag"] else []:
            with run.doing_without(source):
                return every(targets, partial(self._lag, source))
        return {}

    def _lag(self, source: str, target: str) -> float | None:
        try:
            return _twice(lambda: self._measure(source, target))
        except LagUnknown as error:
            self.run.cloud.tell(f"  {error}")
            return None

    def _measure(self, source: str, target: str) -> float:
        """As `measure_lag`. A source that does not answer is an error of its own."""
        try:
            return measure_lag(self.run.cloud, source, target, self.spec)
        except LagUnknown as error:
            if error.__cause__ is not None and _is_silent(error.__cause__):
                raise error.__cause__ from error  # pylint: disable=raising-non-exception
            raise

    def _where_it_answers(self, regions: Iterable[str], do: Callable[[str], Any]) -> dict[str, Any]:
        """As `every`, of the regions that answer: one that falls silent is left behind, if it may be."""
        run, answers = self.run, {}

        def attempt(region: str) -> tuple[Any, Exception | None]:
            try:
                return _twice(lambda: do(region)), None
            except Exception as error:
                return None, error

        for region, (answer, error) in every([each for each in regions if each in run.maps], attempt).items():
            with run.doing_without(region):
                if error is not None:
                    raise error
                answers[region] = answer
        return answers

    def _raise_capacity(self) -> list[str]:
        """Give the regions that take over the tasks they lack. A failing check of theirs does not stop it."""
        run = self.run
        wanted = missing_capacity(self.evidence, run.work.givers, run.work.takers, self.spec)
        if not wanted:
            return []
        run.renew()
        raise_capacity(
            run.cloud,
            wanted,
            lambda before: run.remember(**{CAPACITY: before}),
            earlier=run.journal.get(CAPACITY),
        )
        return [f"{each['service']} in {each['region']} ({each['desired']} → {each['wanted']})" for each in wanted]

    def _drop_counts(self, region: str) -> dict[str, dict[str, Any]]:
        return read_counts(self.run.cloud, region, self.drops[0]["cluster"], self.drop_names)

    def _start(self, region: str) -> bool:
        """Whether there was anything to start."""
        run = self.run
        drained = dict(run.journal.get(DRAINED, {}))
        if region not in drained and (kept := run.table.look_up(_kept(region))):
            drained[region] = kept["services"]
        # As many as ran where they ran, or here before; else as many as is declared.
        order = dict.fromkeys((*run.work.losing, region, *drained))
        places = [drained[place] for place in order if place in drained]
        now = self._drop_counts(region)
        idle = [each for each in self.drops if _is_stopped(now[each["name"]])]
        for each in idle:
            name = each["name"]
            ran = (place[name] for place in places if place[name]["desired"])
            like = next(ran, {"desired": each["min"], "scaling": {"min": each["min"], "max": each["max"]}})
            here = now[name]["scaling"]
            scales = here and like["scaling"] and {**like["scaling"], "suspended_state": here["suspended_state"]}
            set_counts(run.cloud, {**now[name], "desired": like["desired"], "scaling": scales})
        return bool(idle)


def _kept(region: str) -> str:
    """Where the counts of a region's workers are kept beside the lease, when it does not answer."""
    return f"{DRAINED}#{region}"


def _is_stopped(now: Mapping[str, Any]) -> bool:
    """A run that was killed while it stopped them may have set the range and not the count."""
    return not now["desired"] or bool(now["scaling"] and not now["scaling"]["max"])


def _is_silent(error: BaseException) -> bool:
    return is_ill(error) and not is_throttled(error)


def _twice(do: Callable[[], Any]) -> Any:
    """Do it again if nobody answered: one lost packet is no region that is dead."""
    try:
        return do()
    except Exception as error:
        if not _is_silent(error):
            raise
    return do()


def every(regions: list[str], do: Callable[[str], Any]) -> dict[str, Any]:
    """What `do` answers for each region, asked side by side."""
    if not regions:
        return {}
    with ThreadPoolExecutor(max_workers=len(regions)) as pool:
        return dict(zip(regions, pool.map(do, regions), strict=True))
