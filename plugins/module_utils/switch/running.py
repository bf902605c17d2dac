# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch while it is carried out: the lease, the journal in it, and what each step does to the world."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any

from ..kernel import Cloud, LayerError, error_code
from ..kernel.cloud import GLOBAL_ACCELERATOR_REGION
from ..layers.http_check import read as ask_public_name
from ..protocol import ACTIVE, ProtocolError, RegionMap, accept_refusal, claim_id, fence_seconds, maps_of, state_write
from ..protocol.lease import OWED_RECONCILE
from ..resources.accelerator import AcceleratorListing, wait_until_deployed
from ..resources.parameter import to_text
from ..toggle.control import SHORT, Control, lease_regions
from .goal import GRANT, Asked, Work, begin_journal, find_work, last_switch, owed_writes
from .reconcile import reconcile_region, topic_arn

ONCE = {"connect_timeout": 3, "read_timeout": 3, "retries": {"mode": "standard", "total_max_attempts": 1}}
"""What an ungraceful switch gives a region that is perhaps dead."""

COUNTDOWN_SECONDS = 5.0


class Orphaned(LayerError):
    """The process that started this one has gone."""


class SwitchRun(Control):
    """One run of a switch. `work` is None when there is nothing to do; `owed` is what stays owed at the end."""

    def __init__(self, params: dict[str, Any], cloud: Cloud) -> None:
        self.asked = Asked(params["to"], params["from"], params["target"], params["turn"])
        self.graceful = params["execution"] == "graceful"
        gaining = params["to"] or (params["target"] if params["turn"] == "on" else None)
        self.suspects = set() if self.graceful else set(params["regions"]) - {gaining}
        # A replica that is perhaps dead is asked last: every renewal would wait for it.
        replicas = sorted(lease_regions(params), key=lambda region: region in self.suspects)
        super().__init__({**params, "lease_regions": replicas}, cloud)
        self.fence = fence_seconds(params["view_ttl"], params["claim_to_effect"])
        self.parent = os.getppid()
        self.last_write = 0.0
        self.reconciled_since = 0.0
        self.work: Work | None = None
        self.journal: dict[str, Any] = {}
        self.proof: dict[str, Any] | None = None
        self.published: dict[str, int] = {}

    def client(self, region: str) -> Any:
        return self.cloud.client("dynamodb", region, **(ONCE if region in self.suspects else SHORT))

    def plan(self) -> None:
        """Read everything and say what is to be done. ProtocolError."""
        self.read(list(self.params["regions"]))
        self.work = find_work(
            self.lease,
            [each for seen in self.maps.values() for each in seen.values()],
            self.asked,
            self.params["regions"],
            self.maps,
            self.table.place,
            graceful=self.graceful,
            allow_no_active=self.params["allow_no_active"],
            supersede=self.params["supersede"],
        )

    # --- The steps. Each renews the lease before it changes anything, and can be repeated. ---

    def hold(self) -> str:
        work, tenure = self.work, self.renew()
        if work.phase is None:
            self.journal = begin_journal(work, self.asked, self._told())
            tenure.next_epoch(work.base, work.hold, self.journal, owed=list(work.states))
        written = self._write(tenure.lease.map, work.hold_order)
        return f"epoch {tenure.lease.epoch} holds {_names(work.changes)}; written in {_names(written)}"

    def wait_fence(self) -> str:
        end = self.last_write + self.fence
        while (left := end - self.table.clock()) > 0:
            self.cloud.tell(f"  fence: {left:.0f} s left until nobody can act on the old epoch")
            self.pause(min(COUNTDOWN_SECONDS, left))
        return f"waited {self.fence:g} s from the last write: nobody can still act on the old epoch"

    def grant(self) -> str:
        work, tenure = self.work, self.renew()
        if work.phase != GRANT:
            self.journal = {**self.journal, "phase": GRANT}
            tenure.next_epoch(work.grant_epoch - 1, work.states, self.journal, owed=list(work.states))
        written = self._write(tenure.lease.map, work.grant_order)
        owed = owed_writes(tenure.lease.owed, written)
        for region in work.states:
            if self.params["reconcile"] and region not in written:
                owed[region] = sorted({*owed.get(region, ()), OWED_RECONCILE})
        tenure.record(self.journal, owed)
        told = ", ".join(f"{region} {state}" for region, state in sorted(work.states.items()))
        return f"epoch {tenure.lease.epoch}: {told}; written in {_names(written)}"

    def traffic(self) -> str:
        self.renew()
        dials = self.wanted_dials()
        changed = self._set_dials(dials)
        told = ", ".join(f"{region} {dial} %" for region, dial in dials.items())
        return f"dials {told}" + ("" if changed else " (already so)")

    def reconcile(self) -> str:
        self.renew()
        self.reconciled_since = time.time()
        unread = []
        for region in self.work.states:
            ended = region in self.maps
            for what in self.params["reconcile"] if ended else []:
                ended = self._reconcile(region, what) and ended
            self._remember_read(region, ended)
            if not ended:
                unread.append(region)
        total = sum(self.published.values())
        told = f"; still owed: {_names(unread)}" if unread else ""
        return f"published {total} unprocessed again until a pass found none{told}"

    def prove(self) -> str:
        self.renew()
        proof = self.params["proof"]
        url = f"http://{self._dns_name()}{proof['path']}"
        asked = {
            "url": url,
            "connect_to": self.params["connect_to"],
            "method": "POST",
            "body": proof["body"],
            "status": [201],
            "timeout": 5,
            "wait_timeout": 60,
        }
        answer = ask_public_name(asked, self.cloud)
        identifier = json.loads(answer["body"])[proof["id"]]
        region = self._proving_region()
        self.cloud.wait_until(
            f"the synthetic sale {identifier} to be processed in {region}",
            lambda: self._item(region, proof["table"], identifier).get(proof["done_attribute"], {}).get("BOOL"),
            timeout=proof["timeout"],
        )
        actives = [each for each, state in self.work.states.items() if state == ACTIVE and each in self.maps]
        by = [
            each
            for each in actives
            if proof["claims"] and self._item(each, proof["claims"], claim_id(identifier, each))
        ]
        if proof["claims"] and not by:
            raise LayerError(f"the synthetic sale {identifier} was processed by none of the ACTIVE regions {actives}")
        self.proof = {"id": identifier, "served_by": answer["served_by"], "processed_by": by}
        return f"a synthetic sale through {url} was processed by {_names(by) or region}"

    def record(self) -> str:
        tenure = self.renew()
        self._read_back()
        entry = self.report()
        self.table.keep(f"journal#{self.work.grant_epoch:010d}#{tenure.generation:010d}", entry)
        short = {
            key: entry[key] for key in ("asked", "epoch", "operator", "reason", "execution", "outcome", "unfenced")
        }
        for region in self.maps:
            ssm = self.cloud.client("ssm", region)
            ssm.put_parameter(Name=last_switch(self.parameter), Value=to_text(short), Type="String", Overwrite=True)
        return f"recorded under the lease and in {_names(self.maps)}; lease released"

    # --- What the steps are made of. ---

    @property
    def parameter(self) -> str:
        return self.params["parameter"] or f"/{self.params['workload']}/region/state"

    def note(self, step: str, sentence: str, seconds: float) -> None:
        """Journal that a step ended, and tell it."""
        entry = {"step": step, "sentence": sentence, "milliseconds": round(seconds * 1000)}
        steps = [each for each in self.journal.get("steps", []) if each["step"] != step]
        self.journal = {**self.journal, "steps": [*steps, entry]}
        self.tenure.record(self.journal, self.tenure.lease.owed)
        self.cloud.tell(f"  {step}: {sentence} ({seconds:.1f} s)")

    def report(self) -> dict[str, Any]:
        """The switch as plain data: what was asked, by whom, why, the epochs, each step's time, and how it ended."""
        journal = self.journal
        return {
            "asked": journal["asked"],
            "changes": journal["changes"],
            "epoch": self.work.grant_epoch,
            "base_epoch": journal["base_epoch"],
            "states": journal["states"],
            "unfenced": journal["unfenced"],
            **{key: journal[key] for key in ("operator", "reason", "execution", "began", "schema")},
            "steps": journal["steps"],
            "published": self.published,
            "proof": self.proof,
            "owed": {region: list(what) for region, what in self.tenure.lease.owed.items()},
            "outcome": "done, something owed" if self.tenure.lease.owed else "done",
        }

    def begin(self) -> None:
        """Called with the lease just taken: the journal found there, or that of a run that only settles."""
        self.journal = dict(self.work.journal)
        if not self.journal and self.work.phase == GRANT:
            self.journal = begin_journal(self.work, self.asked, self._told())

    def renew(self) -> Any:
        self._require_parent()
        return super().renew()

    def pause(self, seconds: float) -> None:
        end = self.table.clock() + seconds
        while (left := end - self.table.clock()) > 0:
            self._require_parent()
            self.table.sleep(min(0.5, left))

    def _require_parent(self) -> None:
        # A worker outlives an ansible-playbook that was killed; nobody would see what it goes on to do.
        if os.getppid() != self.parent:
            raise Orphaned("the process that started this switch has ended, so it stops here")

    def _still_owed(self) -> dict[str, list[str]]:
        return {region: list(what) for region, what in self.tenure.lease.owed.items()}

    def _told(self) -> dict[str, Any]:
        return {
            "operator": self.params["operator"] or "",
            "reason": self.params["reason"] or "",
            "execution": self.params["execution"],
            "began": self.tenure.lease.since,
        }

    def _write(self, new: RegionMap, order: list[str]) -> list[str]:
        """The item and then the parameter of each region, in this order; the regions written."""
        written = []
        for region in order:
            self.renew()
            client = self.client(region)
            try:
                client.put_item(**state_write(self.state_table, region, new))
            except Exception as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                item = self._item(region, self.state_table, region, key="region")
                if not item:
                    raise ProtocolError(f"the state item of {region} vanished while it was written") from error
                accept_refusal(region, maps_of([item])[region], new)
            self._copy(region, new)
            written.append(region)
            self.last_write = self.table.clock()
        return written

    def _copy(self, region: str, new: RegionMap) -> None:
        ssm = self.cloud.client("ssm", region, **(ONCE if region in self.suspects else SHORT))
        ssm.put_parameter(Name=self.parameter, Value=new.ssm_value(region), Type="String", Overwrite=True)

    def _item(self, region: str, table: str, value: str, key: str = "id") -> dict[str, Any]:
        answer = self.client(region).get_item(TableName=table, Key={key: {"S": value}}, ConsistentRead=True)
        return answer.get("Item") or {}

    def _reconcile(self, region: str, what: Mapping[str, Any]) -> bool:
        label = f"{region}/{what['table']}"

        def advance(cursor: dict[str, Any] | None) -> None:
            self._require_parent()
            cursors = {key: value for key, value in self.journal.get("cursors", {}).items() if key != label}
            self.journal = {**self.journal, "cursors": {**cursors, **({label: cursor} if cursor else {})}}
            if cursor:
                self.tenure.record(self.journal, self.tenure.lease.owed)

        published, ended = reconcile_region(
            self.client(region),
            self.cloud.client("sns", region, **SHORT),
            what,
            topic_arn(region, self.cloud.account_id, what["topic"]),
            self.journal.get("cursors", {}).get(label),
            advance,
            self.pause,
            self.reconciled_since,
        )
        self.published[region] = self.published.get(region, 0) + published
        return ended

    def _remember_read(self, region: str, ended: bool) -> None:
        owed = {each: list(what) for each, what in self.tenure.lease.owed.items()}
        left = {*owed.pop(region, ())} - {OWED_RECONCILE} | (set() if ended else {OWED_RECONCILE})
        self.tenure.record(self.journal, {**owed, **({region: sorted(left)} if left else {})})

    def _listing(self) -> AcceleratorListing:
        listing = AcceleratorListing(self.cloud, self.params["workload"], self.params["accelerator"])
        listing.read_everything()
        return listing

    def _dns_name(self) -> str:
        accelerator = self._listing().accelerator()
        if accelerator is None:
            raise LayerError(f"there is no accelerator {self.params['accelerator']!r}; build the routing first")
        return accelerator["DnsName"]

    def wanted_dials(self) -> dict[str, int]:
        """Of the regions that change, the gaining ones first. A region that only answers again is looked after too."""
        states = self.work.states
        which = self.work.changes or states
        return {region: 100 if states[region] == ACTIVE else 0 for region in sorted(which, key=lambda r: states[r])}

    def _set_dials(self, dials: Mapping[str, int]) -> bool:
        listing = self._listing()
        client = self.cloud.client("globalaccelerator", GLOBAL_ACCELERATOR_REGION)
        groups = [group for each in listing.listeners() for group in listing.endpoint_groups(each["ListenerArn"])]
        changed = False
        for region, dial in dials.items():
            for group in groups:
                if group["EndpointGroupRegion"] == region and group["TrafficDialPercentage"] != dial:
                    self.renew()
                    client.update_endpoint_group(EndpointGroupArn=group["EndpointGroupArn"], TrafficDialPercentage=dial)
                    changed = True
        if changed:
            wait_until_deployed(self.cloud, client, listing.accelerator()["AcceleratorArn"])
        return changed

    def _read_back(self) -> None:
        """Rewrite what somebody set late: a parameter and a dial have no condition that a paused old run would meet."""
        for region in self.maps:
            ssm = self.cloud.client("ssm", region)
            value = ssm.get_parameter(Name=self.parameter)["Parameter"]["Value"]
            if value != self.tenure.lease.map.ssm_value(region):
                self.renew()
                self._copy(region, self.tenure.lease.map)
        if self.params["accelerator"]:
            self._set_dials(self.wanted_dials())

    def mend(self) -> None:
        self._read_back()

    def _proving_region(self) -> str:
        active = [region for region, state in self.work.states.items() if state == ACTIVE and region in self.maps]
        if not active:
            raise LayerError("no ACTIVE region answers, so nothing can be proved")
        return self.params["to"] if self.params["to"] in active else active[0]


def _names(regions: Any) -> str:
    return ", ".join(regions)
