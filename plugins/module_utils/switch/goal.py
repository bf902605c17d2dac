# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has to do, from what was asked and what is recorded: begin a switch, resume one, settle what is owed.

Pure functions. The journal is the unfinished plan in the lease, so every answer here follows from one read of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..lease import OWED_WRITE, Lease, messages
from ..lease.rules import check_place
from ..protocol import ACTIVE, HELD, PASSIVE, SCHEMA, ProtocolError, RegionMap, Switch, highest, plan_switch
from ..protocol.schema import check_schema

OWED_WORKERS = "workers"
"""Owed to an ACTIVE region whose workers were stopped, and which did not answer when they were to be started."""

OWED_TRAFFIC = "traffic"
"""Owed to a region whose share of the traffic could not be set: what directs it did not answer."""

KIND = "switch"
"""Kind of the unfinished plan that a switch leaves in the lease; a deployment refuses to go on over it."""

PREPARE, HOLD, GRANT = "prepare", "hold", "grant"
"""Phases of the journal: no epoch was handed out yet, or which of the two was last. Each one's writes can be repeated.

In the first only services may have changed: the target was given more tasks, or workers that drop were stopped.
"""


UNSETTLED = "unsettled"
"""Key of the journal: what it superseded had handed out its grant, and had not ended."""

CAPACITY, DRAINED = UNDONE = "capacity", "drained"
"""Keys of the journal under which it remembers how services were before it changed them."""


@dataclass(frozen=True)
class Asked:
    """What the user asked for: `to` (and maybe `source`), or `target` turned `on` or `off`."""

    to: str | None = None
    source: str | None = None
    target: str | None = None
    turn: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"to": self.to, "source": self.source, "target": self.target, "turn": self.turn}

    def continues(self, journal: Mapping[str, Any]) -> bool:
        """Whether this is the request that the journal was begun with; a source may be left out the second time."""
        before = journal["asked"]
        same = all(before[key] == self.to_dict()[key] for key in ("to", "target", "turn"))
        return same and self.source in (None, before["source"], journal["changes_source"])

    def command(self, reason: str) -> str:
        """The playbook that makes this request, with its arguments. `reason` is the one given the first time."""
        playbook = "toggle.yml" if self.target else "failover.yml"
        plain = reason if reason and not set(reason) & set("\"\\$`!\n'{") else "…"
        # The inner quotes are for Ansible, which splits at spaces what the shell keeps together.
        return f"playbooks/{playbook} {self.arguments()} -e 'reason=\"{plain}\"'"

    def arguments(self) -> str:
        """The request as it is written on a command line."""
        given = {"to": self.to, "from": self.source, "turn": self.turn, "target": self.target}
        return " ".join(f"-e {name}={value}" for name, value in given.items() if value)


@dataclass(frozen=True)
class Work:
    """What is to be done.

    phase:   None to begin, else the phase of the journal that is resumed; GRANT too when only something is owed.
    states:  the final states of all regions.  changes: region → state, of those that change.
    before:  the states that a rollback goes back to: the last ones under which regions acted.
    hold:    the states of the first epoch, None when it needs none any more.
    unfenced: regions that change and do not answer.
    base:    the epoch that the work was planned on.  journal: the one found, {} for none.
    carried: what a superseded switch had changed in services and not put back.
    rolls_back: whether it goes back to where an unfinished switch began.
    """

    phase: str | None
    states: dict[str, str]
    changes: dict[str, str]
    hold: dict[str, str] | None = None
    hold_order: list[str] = field(default_factory=list)
    grant_order: list[str] = field(default_factory=list)
    unfenced: list[str] = field(default_factory=list)
    base: int = 0
    before: dict[str, str] = field(default_factory=dict)
    journal: dict[str, Any] = field(default_factory=dict)
    carried: dict[str, Any] = field(default_factory=dict)
    rolls_back: bool = False

    @property
    def grant_epoch(self) -> int:
        if self.phase is None:
            return self.base + 2
        if not self.journal or self.only_undoes:
            return self.base
        return self.journal["hold_epoch"] + 1

    @property
    def only_undoes(self) -> bool:
        """Whether it goes back from a switch that had handed out no epoch: then it hands out none either."""
        return self.rolls_back and self.phase == PREPARE and not self.changes

    @property
    def gaining(self) -> list[str]:
        return [region for region, state in self.changes.items() if state == ACTIVE]

    @property
    def losing(self) -> list[str]:
        return [region for region, state in self.changes.items() if state == PASSIVE]

    @property
    def takers(self) -> list[str]:
        """The regions that process afterwards what others did before: the gaining ones, else whoever stays ACTIVE."""
        return self.gaining or [region for region, state in self.states.items() if state == ACTIVE]

    @property
    def givers(self) -> list[str]:
        """The regions that process now, and that the takers are measured by."""
        return self.losing or [region for region, state in self.before.items() if state == ACTIVE]


def find_work(
    lease: Lease | None,
    seen: Collection[RegionMap],
    asked: Asked,
    inventory: Collection[str],
    reachable: Collection[str],
    place: str,
    graceful: bool = True,
    allow_no_active: bool = False,
    supersede: bool = False,
) -> Work | None:
    """Say what is to be done; None when it is already so, with nothing unfinished and nothing that can be settled.

    Raises:
        ProtocolError: it cannot be, or must not be, done. Nothing was changed.
    """
    current = _recorded(lease, seen, place)
    _check_inventory(current, inventory)
    journal = dict(lease.plan or {})
    if journal:
        _check_kind(journal)
        if asked.continues(journal) and not (supersede and journal["rolls_back"]):
            return _resume(journal, reachable, graceful)
        if not supersede:
            raise ProtocolError(_told_unfinished(lease))
    changes = {**_let_go(current, asked, journal, reachable), **_changes(current, asked)}
    switch = plan_switch(current, changes, reachable, allow_no_active=allow_no_active)
    if switch is None:
        return _settle(lease, reachable, journal, graceful)
    changes = {region: state for region, state in changes.items() if state != current.state_of(region)}
    _require_target(switch, reachable)
    _require_answers(switch.unfenced, changes, graceful)
    return Work(
        None,
        dict(switch.grant),
        changes,
        dict(switch.hold),
        switch.hold_order,
        switch.grant_order,
        switch.unfenced,
        base=lease.epoch,
        before=_before(current, journal),
        carried=_carried(journal),
    )


def find_rollback(
    lease: Lease | None,
    seen: Collection[RegionMap],
    inventory: Collection[str],
    reachable: Collection[str],
    place: str,
) -> Work | None:
    """Say how to go back from a switch that is unfinished; None when there is none. ProtocolError: it cannot be."""
    current = _recorded(lease, seen, place)
    _check_inventory(current, inventory)
    if not lease.plan:
        return None
    _check_kind(lease.plan)
    if lease.plan["rolls_back"]:  # it was on its way back already
        return _resume(dict(lease.plan), reachable, graceful=False)
    return plan_rollback(lease.plan, current, reachable)


def _recorded(lease: Lease | None, seen: Collection[RegionMap], place: str) -> RegionMap:
    """The map that the lease handed out last, which what the regions show must not contradict. ProtocolError."""
    newest = highest(seen)
    check_place(newest, place)
    if lease is None or lease.map is None:
        raise ProtocolError("no states are recorded yet; deploy the workload first (site.yml)")
    if newest is not None and newest.epoch > lease.epoch:
        raise ProtocolError(
            f"the regions hold epoch {newest.epoch} and the lease in {place} has handed out only {lease.epoch}: "
            "somebody wrote states without it, or it was restored from an old backup"
        )
    highest([lease.map, *(each for each in seen if each.epoch == lease.epoch)])
    return lease.map


def _check_kind(journal: Mapping[str, Any]) -> None:
    if journal.get("kind") != KIND:
        raise ProtocolError(f"a plan of kind {journal.get('kind')!r} is unfinished; run site.yml, which finishes it")
    check_schema("journal", journal.get("schema"))


def plan_rollback(journal: Mapping[str, Any], current: RegionMap, reachable: Collection[str]) -> Work:
    """The work that goes back to the states before an unfinished switch. ProtocolError.

    While none of its epochs was handed out, only services are to be put back. While its grant was not handed out,
    whoever acted before it is all that may act after the rollback, so that takes no hold and no fence. After the grant,
    going back is a whole switch of its own; and so it is while regions are HELD by a switch that this one superseded.
    """
    before, phase = dict(journal["before"]), journal["phase"]
    undone = {"base": current.epoch, "before": before, "journal": dict(journal), "rolls_back": True}
    superseded = phase == PREPARE and HELD in current.states.values()
    if phase == PREPARE and not superseded:
        if journal.get(UNSETTLED):  # the grant before it is written, and reconciled, first
            active = current.in_state(ACTIVE)
            _require_gaining([] if set(active) & set(reachable) else active, reachable)
            order = _answering(before, reachable)
            work = {**undone, "journal": {}, "carried": _carried(journal)}
            return Work(GRANT, before, {}, grant_order=order, **work)
        return Work(PREPARE, before, {}, **undone)
    if phase == HOLD:
        changes = {region: before[region] for region in journal["changes"]}
        _require_gaining([region for region, state in changes.items() if state == ACTIVE], reachable)
        order = sorted(_answering(before, reachable), key=lambda region: before[region])
        return Work(HOLD, before, changes, grant_order=order, **undone)
    switch = plan_switch(
        current,
        changes := {region: state for region, state in before.items() if state != current.state_of(region)},
        reachable,
        allow_no_active=True,
    )
    if switch is None:
        active = current.in_state(ACTIVE)
        _require_gaining([] if set(active) & set(reachable) else active, reachable)
        return Work(GRANT, before, {}, grant_order=_answering(before, reachable), **undone)
    _require_target(switch, reachable)
    return Work(
        None,
        dict(switch.grant),
        changes,
        dict(switch.hold),
        switch.hold_order,
        switch.grant_order,
        switch.unfenced,
        carried=_carried(journal),
        **{**undone, "before": before if superseded else dict(current.states), "journal": {}},
    )


def _carried(journal: Mapping[str, Any]) -> dict[str, Any]:
    carried = {key: journal[key] for key in UNDONE if journal.get(key)}
    unsettled = journal.get("phase") == GRANT or journal.get(UNSETTLED)
    return {**carried, UNSETTLED: True} if unsettled else carried


def _before(current: RegionMap, superseded: Mapping[str, Any]) -> dict[str, str]:
    if not superseded:  # nobody acts in a region that is HELD
        return {region: PASSIVE if state == HELD else state for region, state in current.states.items()}
    return dict(superseded["states"] if superseded["phase"] == GRANT else superseded["before"])


def begin_journal(work: Work, asked: Asked, told: Mapping[str, Any]) -> dict[str, Any]:
    """The journal of a switch that begins. `told` is who, why and how, for people and for the record."""
    losing = [region for region, state in work.changes.items() if state == PASSIVE]
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "asked": asked.to_dict(),
        "changes": dict(work.changes),
        "changes_source": losing[0] if len(losing) == 1 else None,
        "base_epoch": work.base,
        "hold_epoch": work.grant_epoch - 1,
        "before": dict(work.before),
        "rolls_back": work.rolls_back,
        "states": dict(work.states),
        "unfenced": list(work.unfenced),
        "phase": work.phase or PREPARE,
        "cursors": {},
        "steps": [],
        **work.carried,
        **told,
    }


def _changes(current: RegionMap, asked: Asked) -> dict[str, str]:
    if asked.target:
        _require_known(current, asked.target, "target")
        return {asked.target: ACTIVE if asked.turn == "on" else PASSIVE}
    _require_known(current, asked.to, "to")
    if asked.source:
        _require_known(current, asked.source, "from")
        return {asked.to: ACTIVE, asked.source: PASSIVE}
    if current.state_of(asked.to) == ACTIVE:
        return {asked.to: ACTIVE}
    others = [region for region in current.in_state(ACTIVE) if region != asked.to]
    if len(others) > 1:
        raise ProtocolError(f"{' and '.join(others)} are ACTIVE; say which one to leave, with -e from=…")
    return {asked.to: ACTIVE, **dict.fromkeys(others, PASSIVE)}


def _let_go(
    current: RegionMap, asked: Asked, superseded: Mapping[str, Any], reachable: Collection[str]
) -> dict[str, str]:
    """What becomes of regions that a superseded switch left HELD. None may stay so: it owns sales and acts on none.

    A workload that moves leaves them. Where one region is turned on or off, the others go back to what they were.
    """
    before = superseded.get("before", {}) if asked.target else {}
    held = current.in_state(HELD)
    return {region: before.get(region, PASSIVE) if region in reachable else PASSIVE for region in held}


def tell_ways(journal: Mapping[str, Any]) -> str:
    """The commands that go on, back or elsewhere from an unfinished switch, as a sentence."""
    command = Asked(**journal["asked"]).command(journal.get("reason", ""))
    if journal["rolls_back"]:
        return f"It is on its way back: playbooks/cancel.yml ends that, and then {command} can be asked for again"
    return (
        f"To go on, ask for the same again: {command}. To go back, run playbooks/cancel.yml. To go elsewhere, add "
        "-e supersede=true to another request"
    )


def _told_unfinished(lease: Lease) -> str:
    return messages.switch_unfinished(lease, Asked(**lease.plan["asked"]).arguments(), tell_ways(lease.plan))


def _resume(journal: dict[str, Any], reachable: Collection[str], graceful: bool) -> Work:
    states, changes, back = journal["states"], journal["changes"], journal["rolls_back"]
    held = RegionMap(1, {**states, **dict.fromkeys(changes, HELD)}, "resumed", "resumed")
    switch = plan_switch(held, changes, reachable, allow_no_active=True)
    if switch is None:  # it only settled what was owed
        order = _answering(states, reachable)
        return Work(GRANT, states, {}, grant_order=order, before=states, journal=journal, rolls_back=back)
    _require_target(switch, reachable)
    _require_answers([region for region in switch.unfenced if region not in journal["unfenced"]], changes, graceful)
    return Work(
        journal["phase"],
        dict(states),
        dict(changes),
        hold=dict(switch.hold) if journal["phase"] != GRANT else None,
        hold_order=switch.hold_order,
        grant_order=switch.grant_order,
        unfenced=sorted({*journal["unfenced"], *switch.unfenced}),
        base=journal["base_epoch"],
        before=dict(journal["before"]),
        journal=journal,
        rolls_back=back,
    )


def _settle(lease: Lease, reachable: Collection[str], superseded: Mapping[str, Any], graceful: bool) -> Work | None:
    """Nothing changes, but regions that answer again may be owed something. ProtocolError."""
    if lease.plan is None and not any(region in reachable for region in lease.owed):
        return None
    current = lease.map
    states = dict(current.states)
    order = _answering(states, reachable)
    active = current.in_state(ACTIVE)
    silent = [region for region in active if superseded and region not in reachable]
    if silent:  # it may not have been told that it is ACTIVE, and nothing else would be unfinished any more
        _require_gaining([] if set(active) - set(silent) else silent, reachable)
        _require_answers(silent, [], graceful)
    return Work(
        GRANT,
        states,
        {},
        grant_order=order,
        unfenced=silent,
        base=lease.epoch,
        before=states,
        carried=_carried(superseded),
    )


def _answering(states: Mapping[str, str], reachable: Collection[str]) -> list[str]:
    return [region for region in states if region in reachable]


def _require_answers(silent: list[str], changes: Collection[str], graceful: bool) -> None:
    if silent and graceful:
        what = "would change" if set(silent) <= set(changes) else "goes on sharing sales out by the old states"
        raise ProtocolError(
            f"{', '.join(silent)} {what} and does not answer; a graceful switch needs it. To go on without it, "
            "say -e execution=ungraceful: it is then journalled as unfenced, and owed a write"
        )


def _require_known(current: RegionMap, region: str | None, name: str) -> None:
    if region not in current.states:
        raise ProtocolError(
            f"{name} is {region!r}, which the recorded map does not name; it has {', '.join(current.regions)}"
        )


def _require_target(switch: Switch, reachable: Collection[str]) -> None:
    held = switch.hold
    _require_gaining([r for r, state in switch.grant.items() if state == ACTIVE and held[r] != ACTIVE], reachable)


def _require_gaining(gaining: Collection[str], reachable: Collection[str]) -> None:
    if silent := [region for region in gaining if region not in reachable]:
        raise ProtocolError(
            f"{', '.join(silent)} would become ACTIVE and does not answer; nothing can be given to it. Another region "
            "can be asked for, with -e supersede=true if a switch is unfinished"
        )


def _check_inventory(current: RegionMap, inventory: Collection[str]) -> None:
    if set(inventory) != set(current.states):
        raise ProtocolError(
            f"the inventory has the regions {', '.join(sorted(inventory))} and the recorded map has "
            f"{', '.join(current.regions)}; let site.yml add what is new, or correct the inventory"
        )


def owed_writes(owed: Mapping[str, Any], written: Collection[str]) -> dict[str, list[str]]:
    """What stays owed when `written` hold the last epoch."""
    left = {region: [w for w in what if w != OWED_WRITE or region not in written] for region, what in owed.items()}
    return {region: what for region, what in left.items() if what}


def last_switch(parameter: str) -> str:
    """The SSM parameter beside a region's state that tells the last switch."""
    return f"{parameter.rpartition('/')[0]}/last-switch"
