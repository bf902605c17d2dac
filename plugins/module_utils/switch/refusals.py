# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a switch cannot, or must not, be done: what is recorded does not fit, or a region that it needs is silent.

Each function raises ProtocolError for one such reason. Nothing was changed by then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..lease import Lease
from ..lease.deployment_plan import is_deployment
from ..lease.rules import check_place
from ..protocol import ACTIVE, ProtocolError, RegionMap, Switch, highest
from ..protocol.schema import check_schema
from ..toggle.judgement import WRITE
from .journal import KIND
from .work import Work


def require_record(lease: Lease | None, seen: Collection[RegionMap], place: str) -> tuple[Lease, RegionMap]:
    """The lease, and the map that it handed out last, which what the regions show must not contradict."""
    newest = highest(seen)
    check_place(newest, place)
    if lease is None or lease.map is None:
        raise ProtocolError("no states are recorded yet; deploy the workload first (site.yml)")
    if newest is not None and newest.epoch > lease.epoch:
        raise ProtocolError(
            f"the regions hold epoch {newest.epoch} and the lease in {place} has handed out only {lease.epoch}: "
            "somebody wrote states without taking the lease, or its table was restored from an old backup"
        )
    highest([lease.map, *(each for each in seen if each.epoch == lease.epoch)])
    return lease, lease.map


def is_adopted(plan: Mapping[str, Any] | None) -> bool:
    """Whether a switch takes over what is unfinished.

    A deployment of images changes no state. Of a deployment of states the lease holds the epoch and its map, and every
    region is owed a write until that deployment ends.
    """
    return is_deployment(plan) or (plan or {}).get("kind") == WRITE


def check_kind(journal: Mapping[str, Any]) -> None:
    """What is unfinished is a switch, and one that this version can read."""
    kind = journal.get("kind")
    if kind == WRITE:
        raise ProtocolError("a deployment of the states is unfinished; site.yml finishes it, and so does any switch")
    if kind != KIND:
        raise ProtocolError(f"a plan of kind {kind!r} is unfinished; the version that began it ends it")
    check_schema("journal", journal.get("schema"))


def require_known(current: RegionMap, region: str | None, name: str) -> str:
    """`region`, the value of the argument `name`, which is recorded."""
    if region is None or region not in current.states:
        raise ProtocolError(
            f"{name} is {region!r}, which is not in the recorded map; that has {', '.join(current.regions)}. What is "
            "new in the inventory site.yml adds, as PASSIVE"
        )
    return region


def require_target(switch: Switch, reachable: Collection[str]) -> None:
    """Every region that is ACTIVE only after the hold answers."""
    held = switch.hold
    require_gaining([r for r, state in switch.grant.items() if state == ACTIVE and held[r] != ACTIVE], reachable)


def require_gaining(gaining: Collection[str], reachable: Collection[str]) -> None:
    """These regions, which would become ACTIVE, answer."""
    if silent := [region for region in gaining if region not in reachable]:
        raise ProtocolError(
            f"{', '.join(silent)} would become ACTIVE and does not answer. Ask for another region, with "
            "-e supersede=true if a switch is unfinished"
        )


def require_answers(silent: list[str], changes: Collection[str], graceful: bool) -> None:
    """A graceful switch leaves no silent region behind that acts, or is to change."""
    if silent and graceful:
        what = "would change" if set(silent) <= set(changes) else "would keep sharing sales out by the old states"
        raise ProtocolError(
            f"{', '.join(silent)} {what} and does not answer; a graceful switch needs it. To go on without it, "
            "add -e execution=ungraceful: it is then recorded as unfenced, and owed a write"
        )


def require_traffic(work: Work, missing: Mapping[str, str], skipped: Collection[str]) -> None:
    """All is there that moving the traffic needs, before a region is held. Whoever goes on or back owes it instead.

    missing: what directs the traffic → what it lacks.
    """
    if missing and work.begins and work.changes and not work.rolls_back and "traffic" not in skipped:
        told = "; ".join(f"{way} could not be moved: {why}" for way, why in missing.items())
        raise ProtocolError(
            f"{told}. Mend that; or go on without it with -e skip_checks=traffic: the traffic is then owed, and the "
            "same request moves it later"
        )
