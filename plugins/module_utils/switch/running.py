# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch while it is carried out: the lease, the journal in it, and what each step does to the world."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from ..kernel import Cloud, CollectionError, error_code
from ..kernel.cloud import ONCE, SHORT, BotoCoreError, ClientError
from ..kernel.errors import NotReadyInTime
from ..lease import OWED_RECONCILE, OWED_WRITE, messages
from ..lease.arguments import lease_regions
from ..protocol import ACTIVE, ProtocolError, RegionMap, accept_refusal, fence_seconds, maps_of, state_write
from ..protocol.limits import VIEW_REFRESH_SECONDS
from ..protocol.service_errors import is_ill
from ..resources.parameter import to_text
from ..toggle.control import Control
from .goal import (
    GRANT,
    HOLD,
    OWED_TRAFFIC,
    Asked,
    Work,
    begin_journal,
    find_rollback,
    find_work,
    last_switch,
    owed_writes,
)
from .notices import publish
from .preparation import Preparation
from .proof import post, see_processed
from .reconcile import reconcile_region, topic_arn
from .signals import CANCEL, PAUSE, read_signal
from .traffic import AcceleratorDials, RecordWeights

COUNTDOWN_SECONDS = 5.0

SHIFT_SECONDS = 10.0
"""What the traffic is waited for while nobody processes; it is moved again after the grant."""

SCAN_MARGIN_SECONDS = 3600
"""How much further back than the last completed reconcile a scan looks: clocks differ, and regions lag."""


class Orphaned(CollectionError):
    """The process that started this one has gone."""


class Cancelled(CollectionError):
    """Somebody asked this switch to go back."""


class SwitchRun(Control):
    """One run of a switch. `work` is None when there is nothing to do; `owed` is what stays owed at the end."""

    def __init__(self, params: dict[str, Any], cloud: Cloud) -> None:
        self.asked = Asked(params["to"], params["from"], params["target"], params["turn"])
        self.graceful = params["execution"] == "graceful"
        self.may_skip = not self.graceful or params["may_turn_ungraceful"]
        gaining = params["to"] or (params["target"] if params["turn"] == "on" else None)
        self.suspects = set() if self.graceful else set(params["regions"])
        # A replica that is perhaps dead is asked last: every renewal would wait for it.
        replicas = sorted(lease_regions(params), key=lambda region: region in self.suspects - {gaining})
        super().__init__({**params, "lease_regions": replicas}, cloud)
        self.fence = fence_seconds(params["view_ttl"], params["claim_to_effect"])
        self.last_write = 0.0
        self.reconciled_since = 0.0
        self.work: Work | None = None
        self.journal: dict[str, Any] = {}
        self.preparation = Preparation(self)
        self.proof: dict[str, Any] | None = None
        self.published: dict[str, int] = {}
        self.sent: dict[str, float] = {}
        self.moved: dict[str, int] | None = None
        self.lost_lease = self.cancelled = False
        self.lease_asked, self.lease_seconds = 0.0, 0.0
        self.granted: set[str] = set()

    def client(self, region: str) -> Any:
        return self.quick("dynamodb", region)

    def quick(self, service: str, region: str) -> Any:
        return self.cloud.client(service, region, **(ONCE if region in self.suspects else SHORT))

    def plan(self) -> None:
        """Read everything and say what is to be done. ProtocolError."""
        self.read(list(self.params["regions"]))
        self.suspects -= self.maps.keys()
        seen = [each for found in self.maps.values() for each in found.values()]
        if self.params["rollback"]:
            self.work = find_rollback(self.lease, seen, self.params["regions"], self.maps, self.table.place)
            if self.work is not None:
                self.asked = Asked(**self.lease.plan["asked"])
        else:
            self.work = find_work(
                self.lease,
                seen,
                self.asked,
                self.params["regions"],
                self.maps,
                self.table.place,
                graceful=not self.may_skip,
                allow_no_active=self.params["allow_no_active"],
                supersede=self.params["supersede"],
            )
        if self.work is not None and self.preparation.spec is not None and not self.work.rolls_back:
            self.preparation.look()

    @contextmanager
    def carrying_out(self) -> Iterator[None]:
        """Hold the lease while the steps are taken; go back if one fails and that was asked for."""
        began, self.lease_asked = time.monotonic(), time.time()
        with self.holding(self.mend):
            self.lease_seconds = time.monotonic() - began
            try:
                yield
            except Exception as error:
                if self.lost_lease or not self.journal:
                    raise
                self.notify("failed", {"error": str(error)})
                if self.work.rolls_back or not (self.cancelled or self.params["on_failure"] == "rollback"):
                    raise
                try:
                    told = f"then it went back, as asked: {self.roll_back()}"
                except CollectionError as worse:
                    told = f"and {worse}"
                raise CollectionError(f"{error} — {told}") from error

    def roll_back(self) -> str:
        """Undo what this run did, under the same lease. What it did is the answer; CollectionError when it cannot."""
        from .steps import steps_of  # they are made of this class

        reason = f"the rollback of {self.asked.arguments()}"
        try:
            self._look_again()
            self.granted.clear()
            self.renew()  # an answer may have been lost: what the lease says counts
            self.work = find_rollback(self.tenure.lease, [], self.params["regions"], self.maps, self.table.place)
            if self.work is None:
                return "nothing had been written down yet"
            for step in steps_of(self):
                step.create(self.cloud, step.wanted)
        except (ProtocolError, ClientError, BotoCoreError) as error:
            raise CollectionError(f"{reason} cannot be done: {error}") from error
        if self.tenure.taken_from is not None:
            self._outwait(self.tenure.taken_from.duration)
            self.mend()
        self.tenure.finish(self._still_owed())
        states = ", ".join(f"{region} {state}" for region, state in sorted(self.work.states.items()))
        return f"epoch {self.tenure.lease.epoch} is {states}"

    def _look_again(self) -> None:
        """Who answers now, and not when the switch was planned. Going back does without those that do not."""
        self.maps.clear()
        self.unreachable.clear()
        self.suspects, self.may_skip = set(self.params["regions"]), True
        self.read(list(self.params["regions"]))
        self.suspects -= self.maps.keys()

    # --- The steps. Each renews the lease before it changes anything, and can be repeated. ---

    def tell_lease(self) -> str:
        """The lease is there before any step; how long that took is told as the first one."""
        lease, dead = self.tenure.lease, self.tenure.taken_from
        told = f"took the lease {self.table.place}, generation {lease.generation}, at epoch {lease.epoch}"
        return f"{told}, {messages.taken_over(dead)}" if dead else told

    def preflight(self) -> str:
        self.renew()
        return self.preparation.check()

    def drain(self) -> str:
        self.renew()
        return self.preparation.drain()

    def rest(self) -> str:
        self.renew()
        return self.preparation.rest()

    def hold(self) -> str:
        work, tenure = self.work, self.renew()
        if work.phase not in (HOLD, GRANT):
            self.journal = {**self.journal, "phase": HOLD}
            tenure.next_epoch(work.base, work.hold, self.journal, owed=list(work.states))
        self._stamp("held_at")
        written = self._write(tenure.lease.map, work.hold_order)
        return f"epoch {tenure.lease.epoch} holds {_names(work.changes)}; written in {_names(written)}"

    def shift(self) -> str:
        """Move the traffic away before the fence: what the source still acknowledges is then seen in time by all.

        A region's API accepts sales whatever its state, and until the grant nobody processes them here or there.
        """
        try:
            return self._move(self.early_shares(), SHIFT_SECONDS)
        except (ClientError, BotoCoreError, NotReadyInTime) as error:
            # The states move without it, and the traffic is moved again after the grant.
            return f"the traffic did not move yet ({error})"

    def wait_fence(self) -> str:
        end = self.last_write + self.fence
        began = self.table.clock()
        while (left := end - self.table.clock()) > 0:
            self.cloud.tell(f"  fence: {left:.0f} s left until nobody can act on the old epoch")
            self.pause(min(COUNTDOWN_SECONDS, left))
            self.heed()
        self.journal = {**self.journal, "fenced_ms": round((self.table.clock() - began) * 1000)}
        return f"waited {self.fence:g} s from the last write: nobody can still act on the old epoch"

    def grant(self) -> str:
        work, tenure = self.work, self.renew()
        if work.phase != GRANT:
            self.journal = {**self.journal, "phase": GRANT}
            tenure.next_epoch(work.grant_epoch - 1, work.states, self.journal, owed=list(work.states))
        self._stamp("granted_at")
        written = self._write(tenure.lease.map, work.grant_order)
        self.granted.update(written)
        owed = owed_writes(tenure.lease.owed, written)
        for region in work.states:
            if self.params["reconcile"] and region not in written:
                owed[region] = sorted({*owed.get(region, ()), OWED_RECONCILE})
        tenure.record(self.journal, owed)
        told = ", ".join(f"{region} {state}" for region, state in sorted(work.states.items()))
        return f"epoch {tenure.lease.epoch}: {told}; written in {_names(written)}"

    def start(self) -> str:
        self.renew()
        return self.preparation.start()

    def traffic(self) -> str:
        shares = self.wanted_shares()
        if self.moved == shares:  # a moment ago, by this run; it is read back before the record
            told = f"{', '.join(f'{region} {share} %' for region, share in shares.items())}: already so"
        else:
            try:
                told = self._move(shares)
            except Exception as error:
                if not is_ill(error):
                    raise
                # What directs the traffic has a control plane of its own. Sales are processed without it.
                self.owe(shares, OWED_TRAFFIC)
                return f"the traffic was NOT moved, and is owed: {error}. Ask for the same again when that answers"
        if self.owes_traffic:
            self.settle(shares, OWED_TRAFFIC)
        self._stamp("traffic_at")
        return told

    @property
    def owes_traffic(self) -> bool:
        return any(OWED_TRAFFIC in what for what in self.tenure.lease.owed.values())

    def reconcile(self) -> str:
        self.renew()
        self.reconciled_since = time.time()
        # Until its workers have seen the grant, a region hides what it receives.
        self.pause(VIEW_REFRESH_SECONDS + 1)
        if not self.work.rolls_back:
            self._post_early()
        unread = []
        for region in self.work.states:
            ended = region in self.maps
            for what in self.params["reconcile"] if ended else []:
                with self.doing_without(region):
                    ended = self._reconcile(region, what) and ended
                if region not in self.maps:
                    ended = False
                    break
            if ended:
                self.settle([region], OWED_RECONCILE)
            else:
                self.owe([region], OWED_RECONCILE)
                unread.append(region)
        total = sum(self.published.values())
        told = f"; still owed: {_names(unread)}" if unread else ""
        return f"published {total} unprocessed again until a pass found none{told}"

    def prove(self) -> str:
        self.renew()
        if self.owes_traffic:
            return "nothing is proven: the public name may still lead to where the traffic was"
        try:
            self.proof = see_processed(self, self.journal.get("posted") or post(self, self.public_name))
        except NotReadyInTime:
            if "posted" not in self.journal:
                raise
            # It may have been cancelled, or hidden for long by a worker that had not seen the grant.
            self.proof = see_processed(self, post(self, self.public_name))
        by = _names(self.proof["processed_by"])
        sentence = (
            f"a synthetic sale through http://{self.public_name}{self.params['proof']['path']} was processed by {by}"
        )
        if "held_at" not in self.journal:
            return sentence
        measured = max(0, self.proof["done_at"] * 1000 - self.journal["held_at"])
        declared = self.params["rto"]
        rto = {"declared_ms": declared and round(declared * 1000), "measured_ms": measured}
        self.journal = {**self.journal, "rto": rto}
        if declared is None:
            return f"{sentence}; nobody processed for {measured / 1000:.0f} s at most"
        verdict = "kept" if measured <= declared * 1000 else "MISSED"
        return f"{sentence}; the declared RTO of {declared:g} s was {verdict}: {measured / 1000:.0f} s"

    def _post_early(self) -> None:
        """Post the synthetic sale as soon as sales are processed again, so that its end tells the recovery time."""
        wanted = self.params["proof"] and ACTIVE in self.work.states.values() and not self.owes_traffic
        if wanted and "posted" not in self.journal:
            try:
                posted = post(self, self.public_name, patience=5)
            except (CollectionError, ClientError, BotoCoreError) as error:
                self.cloud.tell(f"  the synthetic sale was not taken yet: {error}")
            else:
                self.remember(posted=posted)

    @cached_property
    def public_name(self) -> str:
        """The name that the synthetic sale asks; looked up once."""
        return self.params["public_name"] or self._dials().public_name()

    def record(self) -> str:
        self.renew()
        self._read_back()
        self.preparation.put_back()
        keys = ("asked", "epoch", "operator", "reason", "execution", "outcome", "unfenced")
        for region in list(self.maps):
            entry = self.report()
            with self.doing_without(region):
                short = to_text({key: entry[key] for key in keys})
                name = last_switch(self.parameter)
                self.quick("ssm", region).put_parameter(Name=name, Value=short, Type="String", Overwrite=True)
        entry = self.report()
        # One switch has one entry, whichever run of it wrote it.
        self.table.keep(f"journal#{self.work.grant_epoch:010d}#{self.journal['began']}", entry)
        self.notify("ended", {key: entry[key] for key in ("outcome", "epoch", "states", "rto", "owed")})
        return f"recorded under the lease and in {_names(self.maps)}; lease released"

    # --- What the steps are made of. ---

    @property
    def parameter(self) -> str:
        return self.params["parameter"] or f"/{self.params['workload']}/region/state"

    def note(self, step: str, sentence: str, began: float, seconds: float) -> None:
        """Journal that a step ended, and tell it. `began` is in unix seconds."""
        entry = {"step": step, "sentence": sentence, "at": round(began * 1000), "milliseconds": round(seconds * 1000)}
        steps = [each for each in self.journal.get("steps", []) if each["step"] != step]
        self.remember(steps=[*steps, entry])
        self.cloud.tell(f"  {step}: {sentence} ({seconds:.1f} s)")

    def remember(self, **entries: Any) -> None:
        """Write these entries into the journal."""
        self.journal = {**self.journal, **entries}
        self.tenure.record(self.journal, self.tenure.lease.owed)

    def report(self) -> dict[str, Any]:
        """The switch as plain data: what was asked, by whom, why, the epochs, each step's time, and how it ended."""
        journal = self.journal
        return {
            "asked": journal["asked"],
            "changes": dict(self.work.changes),
            "epoch": self.work.grant_epoch,
            "base_epoch": journal["base_epoch"],
            "before": journal["before"],
            "states": dict(self.work.states),
            "unfenced": journal["unfenced"],
            **{key: journal[key] for key in ("operator", "reason", "execution", "began", "schema")},
            **{key: journal.get(key) for key in ("taken_at", "held_at", "granted_at", "traffic_at", "rto")},
            **{key: journal.get(key, []) for key in ("evidence", "skipped")},
            "controller_ms": controller_milliseconds(journal),
            "fence_ms": journal.get("fenced_ms"),
            "steps": journal["steps"],
            "published": self.published,
            "proof": self.proof,
            "owed": {region: list(what) for region, what in self.tenure.lease.owed.items()},
            "outcome": self._outcome(),
        }

    def _outcome(self) -> str:
        done = "rolled back" if self.work.rolls_back else "done"
        return f"{done}, something owed" if self.tenure.lease.owed else done

    def begin(self) -> None:
        """Called with the lease just taken: go on with the journal found there, or begin one."""
        work = self.work
        if work.journal and work.rolls_back and work.phase == HOLD:
            changed = {"states": dict(work.states), "changes": dict(work.changes), "rolls_back": True}
            self.journal = {**work.journal, **changed}
        elif work.journal:
            self.journal = dict(work.journal)
            if set(work.unfenced) - set(self.journal["unfenced"]):
                self.journal.update(unfenced=work.unfenced, execution="ungraceful")
        else:
            self.journal = begin_journal(work, self.asked, self._told())
            self._stamp("taken_at")
        self.remember()
        self.notify("begun", {"states": dict(work.states)})

    def heed(self) -> None:
        """Wait while somebody has asked this switch to pause. Cancelled when they asked it to go back."""
        told = False
        while (signal := read_signal(self.table, self.tenure.generation)) == PAUSE:
            if not told:
                self.cloud.tell("  paused from another terminal; playbooks/resume.yml lets it go on")
                told = True
            self.pause(1.0)
            self.renew()
        if signal == CANCEL and not self.work.rolls_back:
            self.cancelled = True
            raise Cancelled("cancelled from another terminal")

    def notify(self, what: str, details: Mapping[str, Any]) -> None:
        topic = self.params["notify_topic"]
        if not topic:
            return
        workload, journal = self.params["workload"], self.journal
        message = {
            "workload": workload,
            "event": what,
            "asked": self.asked.to_dict(),
            **{key: journal.get(key) for key in ("operator", "reason", "execution")},
            **details,
        }
        regions = sorted(self.maps, key=lambda region: (region in self.suspects, region not in self.work.takers))
        trouble = publish(self.cloud, topic, regions, f"{workload}: switch {self.asked.arguments()} {what}", message)
        if trouble:
            self.cloud.tell(f"  {trouble}")

    def renew(self) -> Any:
        self._require_parent()
        try:
            return super().renew()
        except ProtocolError:
            self.lost_lease = True
            raise

    def told_states(self) -> dict[str, dict[str, Any]]:
        """Each region's state and epoch as its own item tells them."""
        own = {region: self.own_map(region) for region in self.params["regions"]}
        return {r: {"state": m.state_of(r), "epoch": m.epoch} for r, m in own.items() if m is not None}

    def pause(self, seconds: float) -> None:
        end = self.table.clock() + seconds
        while (left := end - self.table.clock()) > 0:
            self._require_parent()
            self.table.sleep(min(0.5, left))

    def _require_parent(self) -> None:
        # A worker outlives an ansible-playbook that was killed; nobody would see what it goes on to do.
        if not self.cloud.has_parent():
            raise Orphaned("the process that started this switch has ended, so it stops here")

    def _still_owed(self) -> dict[str, list[str]]:
        return {region: list(what) for region, what in self.tenure.lease.owed.items()}

    def _told(self) -> dict[str, Any]:
        return {
            "operator": self.params["operator"] or "",
            "reason": self.params["reason"] or "",
            "execution": "ungraceful" if self.work.unfenced else self.params["execution"],
            "began": self.tenure.lease.since,
        }

    def _write(self, new: RegionMap, order: list[str]) -> list[str]:
        """The item and then the parameter of each region, in this order; the regions written."""
        written = []
        for region in [each for each in order if each in self.maps]:
            self.renew()
            with self.doing_without(region):
                self._write_one(region, new)
                written.append(region)
                self.last_write = self.table.clock()
        return written

    @contextmanager
    def doing_without(self, region: str) -> Iterator[None]:
        """Go on when a region that may be left behind stops answering. CollectionError: it may not be."""
        try:
            yield
        except Exception as error:
            if not is_ill(error) or region in self.work.gaining or self._alone_untold(region):
                raise
            if not self.may_skip and self._matters(region):
                raise CollectionError(
                    f"{region} does not answer any more ({error}); to go on without it, unfenced, add "
                    "-e may_turn_ungraceful=true"
                ) from error
            self._lose(region, error)

    def _write_one(self, region: str, new: RegionMap) -> None:
        try:
            self.client(region).put_item(**state_write(self.state_table, region, new))
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            item = self._item(region, self.state_table, region, key="region")
            if not item:
                raise ProtocolError(f"the state item of {region} vanished while it was written") from error
            accept_refusal(region, maps_of([item])[region], new)
        self._copy(region, new)

    def _copy(self, region: str, new: RegionMap) -> None:
        ssm = self.quick("ssm", region)
        ssm.put_parameter(Name=self.parameter, Value=new.ssm_value(region), Type="String", Overwrite=True)

    def _lose(self, region: str, error: Exception) -> None:
        """Go on without a region that has stopped answering: owed what it misses, and unfenced if it may still act."""
        self.suspects.add(region)
        self.maps.pop(region, None)
        self.unreachable[region] = f"{type(error).__name__}: {error}"
        told = f"  {region} does not answer any more; going on without it"
        if self._matters(region) and region not in self.granted:
            self.remember(unfenced=sorted({*self.journal["unfenced"], region}), execution="ungraceful")
            told += ", unfenced"
        self.cloud.tell(told)

    def _alone_untold(self, region: str) -> bool:
        """Whether nothing changes, and nobody else that answers is ACTIVE, and this one may not know that it is."""
        untold = not self.work.changes and OWED_WRITE in self.tenure.lease.owed.get(region, ())
        active = {each for each, state in self.work.states.items() if state == ACTIVE}
        return untold and region in active and not active & self.maps.keys() - {region}

    def _matters(self, region: str) -> bool:
        """Whether a region changes, or goes on acting: one that stays PASSIVE was not needed from the start."""
        return region in self.work.changes or self.work.states[region] == ACTIVE

    def _item(self, region: str, table: str, value: str, key: str = "id") -> dict[str, Any]:
        answer = self.client(region).get_item(TableName=table, Key={key: {"S": value}}, ConsistentRead=True)
        return answer.get("Item") or {}

    def _reconcile(self, region: str, what: Mapping[str, Any]) -> bool:
        label = f"{region}/{what['table']}"
        identifier = f"reconciled#{label}"
        if what["scan"]:
            last = self.table.look_up(identifier)
            what = {**what, "since": int(last["at"]) - SCAN_MARGIN_SECONDS if last else 0}

        def advance(cursor: dict[str, Any] | None) -> None:
            self._require_parent()
            cursors = {key: value for key, value in self.journal.get("cursors", {}).items() if key != label}
            self.journal = {**self.journal, "cursors": {**cursors, **({label: cursor} if cursor else {})}}
            if cursor:
                self.tenure.record(self.journal, self.tenure.lease.owed)

        published, ended = reconcile_region(
            self.client(region),
            self.quick("sns", region),
            what,
            topic_arn(region, self.cloud.find_account(self.maps), what["topic"]),
            self.journal.get("cursors", {}).get(label),
            advance,
            self.pause,
            self.reconciled_since,
            self.sent,
        )
        self.published[region] = self.published.get(region, 0) + published
        if ended and what["scan"]:
            self.renew()
            self.table.put(identifier, {"at": int(self.reconciled_since)})
        return ended

    def owe(self, regions: Iterable[str], what: str) -> None:
        owed = self._still_owed()
        self.tenure.record(self.journal, {**owed, **{r: sorted({*owed.get(r, ()), what}) for r in regions}})

    def settle(self, regions: Iterable[str], what: str) -> None:
        owed = self._still_owed()
        left = {r: [each for each in owed.get(r, ()) if each != what] for r in regions}
        self.tenure.record(self.journal, {r: each for r, each in {**owed, **left}.items() if each})

    def wanted_shares(self) -> dict[str, int]:
        """Of the regions that change, the gaining ones first. A region that only answers again is looked after too."""
        states = self.work.states
        lease = self.tenure.lease if self.tenure else self.lease
        owed = {region for region, what in lease.owed.items() if OWED_TRAFFIC in what}
        which = [region for region in states if region in (self.work.changes or states) or region in owed]
        return {region: 100 if states[region] == ACTIVE else 0 for region in sorted(which, key=lambda r: states[r])}

    def _move(self, shares: Mapping[str, int], patience: float | None = None) -> str:
        self.renew()
        changed = [str(each) for each in self._ways() if each.set(shares, self.renew, patience)]
        told = ", ".join(f"{region} {share} %" for region, share in shares.items())
        self.moved = dict(shares)
        return f"{told}: {' and '.join(changed)} moved" if changed else f"{told}: already so"

    def early_shares(self) -> dict[str, int]:
        """The shares that move before the fence. Where none loses, nothing is sent yet to a new one."""
        work = self.work
        if not work.losing:
            return {}
        return {**dict.fromkeys(work.gaining, 100), **dict.fromkeys(work.losing, 0)}

    def _dials(self) -> AcceleratorDials:
        return AcceleratorDials(self.cloud, self.params["workload"], self.params["accelerator"])

    def _ways(self) -> list[AcceleratorDials | RecordWeights]:
        """Every way by which traffic arrives."""
        dns = self.params["dns"]
        return [
            *([self._dials()] if self.params["accelerator"] else []),
            *([RecordWeights(self.cloud, dns["zone"], dns["names"])] if dns else []),
        ]

    def _read_back(self) -> None:
        """Rewrite what somebody set late: a parameter or a share has no condition that a paused old run would meet."""
        for region in list(self.maps):
            with self.doing_without(region):
                value = self.quick("ssm", region).get_parameter(Name=self.parameter)["Parameter"]["Value"]
                if value != self.tenure.lease.map.ssm_value(region):
                    self.renew()
                    self._copy(region, self.tenure.lease.map)
        if not self.owes_traffic:
            self._move(self.wanted_shares())

    def mend(self) -> None:
        self._read_back()

    def _stamp(self, name: str) -> None:
        """Remember the first time, in unix milliseconds; it is written with the journal's next entry."""
        self.journal = {name: round(time.time() * 1000), **self.journal}


def controller_milliseconds(journal: Mapping[str, Any]) -> int | None:
    """Lease taken → last traffic write, less the fence; None where one of them is not known."""
    if not all(journal.get(key) for key in ("taken_at", "traffic_at")):
        return None
    return journal["traffic_at"] - journal["taken_at"] - journal.get("fenced_ms", 0)


def _names(regions: Any) -> str:
    return ", ".join(regions)
