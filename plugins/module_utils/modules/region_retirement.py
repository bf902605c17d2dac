# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions leave the map of a workload: their services stop, nothing waits in them any more, and a new epoch says so.

docs/protocol.md is what it obeys. The lease is held from the first change to the last. What is left of the region is
removed by others afterwards; with `state: absent` it is forgotten that it was to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..aws.regions import region_problems
from ..kernel import Cloud, CollectionError, Known, Resource
from ..kernel.run import Composition, ModuleDefinition
from ..lease import lease_report
from ..lease.arguments import HOLDING_ARGUMENTS, beating_problems, place_problems
from ..protocol import ProtocolError, fence_seconds
from ..protocol.states import copy_of
from ..retirement.control import RetirementControl
from ..retirement.giving_up import Outwaited, SeenTo, known_of
from ..retirement.record import Retirement
from ..retirement.replicated import Replicated
from ..retirement.steps import Reconciled, StoppedServices
from ..switch.journal import last_switch
from ..toggle.arguments import COPY_ARGUMENTS, FENCE_ARGUMENTS, ITEM_ARGUMENTS, fence_problems, state_parameter
from ..toggle.judgement import Wanted, judge_leaving
from ..toggle.records import LeaseRecord, RegionState, StateCopy, mend_copies
from .region_toggle import LastSwitch
from .shared_arguments.dead import DEAD_ARGUMENT
from .shared_arguments.lake import LAKE
from .shared_arguments.reconcile import RECONCILE


def problems(params: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for name in ("regions", "retire"):
        if not params[name]:
            found.append(f"{name} is empty; name at least one region.")
        for region in params[name]:
            found += region_problems(name, region)
    for region in sorted({*params["regions"]} & {*params["retire"]}):
        found.append(f"{region} is in regions, which stay, and in retire.")
    for region in params["give_up"]:
        if region not in params["retire"]:
            found.append(f"give_up names {region}, which is not in retire: {', '.join(params['retire'])}.")
        elif region not in params["dead"]:
            found.append(
                f"give_up names {region}, which is not in dead. A region that answers has nothing to give up: what it "
                "holds is processed before it leaves. Leave give_up out, or say that it is dead."
            )
    for region in sorted({*params["regions"]} & {*params["dead"]}):
        found.append(f"{region} is in dead and stays; every region that stays is told a new epoch. Leave it out.")
    found += fence_problems(params)
    if bool(params["cluster"]) != bool(params["services"]):
        found.append("cluster and services belong together: name the cluster, and its services that are to stop.")
    return found + place_problems(params) + beating_problems(params)


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    control = RetirementControl(params, cloud)
    try:
        control.read([*params["regions"], *params["retire"]])
        if params["state"] == "absent":
            return _end(control)
        seen = [each for found in control.maps.values() for each in found.values()]
        wanted = judge_leaving(control.lease, seen, control.leaving, control.table.place)
        return _leave(params, control, wanted)
    except ProtocolError as error:
        raise CollectionError(
            f"{', '.join(control.leaving)} cannot be retired from workload {params['workload']}: {error}. Nothing was "
            "changed.",
            lease=lease_report(control.lease, control.table.place),
        ) from error


def _leave(params: dict[str, Any], control: RetirementControl, wanted: Wanted | None) -> Composition:
    lease_found = lease_report(control.lease, control.table.place)
    given_up: dict[str, dict[str, Any]] = {}

    def outputs(known: Known) -> dict[str, Any]:
        return {
            "epoch": wanted.epoch if wanted else None,
            "states": dict(wanted.states) if wanted else {},
            "left": wanted.leaving if wanted else [],
            "retiring": sorted({*control.retiring, *(wanted.leaving if wanted else [])}),
            "given_up": given_up,
            "lease": lease_found,
        }

    if wanted is None:
        return Composition([], outputs)
    _require_leavable(control)
    if wanted.is_new:
        control.require_all(f"hand out epoch {wanted.epoch}", but=control.given_up)
    first: list[Resource] = []
    begun: list[Resource] = []  # one after the other: they are in one item
    for region in control.recorded:
        if region in control.given_up:
            given_up[region] = known = known_of(control, region)
            begun = [Retirement(control, region, known, needs=begun, given_up=True)]
            first += [*begun, SeenTo(control, region, known, begun)]
        else:
            begun = [Retirement(control, region, needs=begun, given_up=False)]
            first += [*begun, *_seen_to(params, control, region, begun)]
    for region in control.returned:
        seen_to = _seen_to(params, control, region, begun)
        begun = [Retirement(control, region, needs=[*begun, *seen_to], given_up=False)]
        first += [*seen_to, *begun]
    record = LeaseRecord(control, state="present", needs=first, epoch=wanted.epoch, states=wanted.states, unfinished="")
    items, copies = _written(params, control, wanted, record)
    gone = _forgotten(params, control, items)
    seconds = fence_seconds(params["view_ttl"], params["claim_to_effect"])
    for region in control.given_up:
        begun = [Outwaited(control, region, items, seconds, needs=[*items.values(), *begun])]
        gone += begun

    @contextmanager
    def around() -> Iterator[None]:
        with control.holding(lambda: mend_copies(copies)):
            control.cloud.heed = control.heed
            try:
                yield
            finally:
                control.cloud.heed = lambda: None

    return Composition([*first, record, *items.values(), *copies, *gone], outputs, around)


def _seen_to(params: dict[str, Any], control: RetirementControl, region: str, begun: list[Resource]) -> list[Resource]:
    """That a region which answers accepts nothing any more, and that nothing is left which it alone has."""
    stopped = [StoppedServices(control, region, needs=begun)] if params["services"] else []
    reconciled = Reconciled(control, region, next(iter(stopped), None), [*begun, *stopped])
    sent = [Replicated(control, region, prefix, [reconciled]) for prefix in params["buckets"]]
    return [*stopped, reconciled, *sent]


def _require_leavable(control: RetirementControl) -> None:
    """Those that leave answer or are given up, and nothing leads there any more. ProtocolError."""
    silent = [region for region in control.recorded if region in control.unreachable]
    if silent := [region for region in silent if region not in control.give_up]:
        told = "; ".join(f"{region}: {control.unreachable[region]}" for region in silent)
        raise ProtocolError(
            f"{', '.join(silent)} does not answer, and only its own endpoint tells what nobody has processed there "
            f"({told}). Retire it when it answers again. If it never will, or not for long, give up what it accepted "
            f"and nobody else has, until it does: -e retire={silent[0]} -e dead={silent[0]} -e give_up={silent[0]}"
        )
    if control.astray:
        raise ProtocolError(
            f"traffic may still reach {', '.join(control.astray)}, since a switch could not move it. Ask for that "
            "switch again, which moves it"
        )


def _written(
    params: dict[str, Any], control: RetirementControl, wanted: Wanted, record: LeaseRecord
) -> tuple[dict[str, RegionState], list[StateCopy]]:
    """The items of all regions, also of those that leave: they are told, as long as they have their table."""
    parameter = state_parameter(params)
    told = [*wanted.states, *(region for region in control.leaving if control.own_map(region))]
    items: dict[str, RegionState] = {}
    copies = []
    for region in [each for each in told if each not in control.unreachable]:
        items[region] = RegionState(
            control,
            region,
            state="present",
            needs=[record],
            epoch=wanted.epoch,
            states=wanted.states,
            run_id=record.ref("run_id"),
            lease=control.table.place,
        )
        if region in wanted.states:
            # Only the value: the tags are those of whoever deploys.
            said = {"value": copy_of(wanted.states[region]), "tags": {}, "purge_tags": False}
            copies.append(StateCopy(control, parameter, region, needs=[items[region]], **said))
    return items, copies


def _forgotten(params: dict[str, Any], control: RetirementControl, items: dict[str, RegionState]) -> list[Resource]:
    """The copies of a region that left."""
    parameter = state_parameter(params)
    gone: list[Resource] = []
    for region in [each for each in control.leaving if each not in control.unreachable]:
        needs = [items[region]] if region in items else []
        gone.append(StateCopy(control, parameter, region, state="absent", needs=needs))
        gone.append(LastSwitch(last_switch(parameter), region, state="absent", needs=needs))
    return gone


def _end(control: RetirementControl) -> Composition:
    """Nothing is left of the regions: what remembers them goes."""
    if control.recorded:
        raise ProtocolError(f"{', '.join(control.recorded)} is in the map yet")
    resources: list[Resource] = []
    for region in control.leaving:
        resources.append(Retirement(control, region, state="absent", needs=resources[-1:]))
    return Composition(resources)


MODULE = ModuleDefinition(
    arguments={
        "regions": {"type": "list", "elements": "str", "required": True},
        "retire": {"type": "list", "elements": "str", "required": True},
        "cluster": {"type": "str"},
        "services": {"type": "list", "elements": "str", "default": []},
        "reconcile": RECONCILE,
        "buckets": {"type": "list", "elements": "str", "default": []},
        **HOLDING_ARGUMENTS,
        **ITEM_ARGUMENTS,
        **COPY_ARGUMENTS,
        **FENCE_ARGUMENTS,
        **DEAD_ARGUMENT,
        "give_up": {"type": "list", "elements": "str", "default": []},
        "lake": LAKE,
    },
    services=("dynamodb", "ssm", "sns", "sts", "s3", "ecs", "application-autoscaling"),
    build=build,
    problems=problems,
    removal_is_asked=False,
)
