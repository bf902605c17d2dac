# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of a workload's regions: recorded once by the first deployment, and mended, never changed, by later ones.

docs/protocol.md is what it obeys. The plan is made of the lease's record, one state item per region and one SSM copy
per region; while it is carried out the run holds the lease.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from ..aws.names import resource_tags
from ..kernel import KNOWN_AFTER_APPLY, Cloud, CollectionError, Known, Resource
from ..kernel.run import Composition, ModuleDefinition
from ..lease import LeaseLost, StalePlan, lease_report, messages
from ..lease.arguments import HOLDING_ARGUMENTS, beating_problems, lease_regions, place_problems
from ..protocol import ACTIVE, PASSIVE, ProtocolError, RegionMap, fence_seconds
from ..protocol.states import copy_of
from ..resources.parameter import Parameter
from ..switch.journal import last_switch
from ..toggle.arguments import COPY_ARGUMENTS, FENCE_ARGUMENTS, ITEM_ARGUMENTS, fence_problems, state_parameter
from ..toggle.control import Control
from ..toggle.judgement import disagreements, judge, lease_token, require_unchanged
from ..toggle.records import LeaseRecord, RegionState, StateCopy, mend_copies
from .shared_arguments.dead import DEAD_ARGUMENT, dead_problems

REGION_NAME = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class LastSwitch(Parameter):
    """What the last switch wrote beside the state of a region: a part of it, without tags of its own."""

    owned: ClassVar[bool] = False


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    regions = params["regions"]
    if not regions:
        found.append("regions is empty; name at least one region and its state, for instance {sa-east-1: ACTIVE}.")
    for name, given in {"regions": list(regions), "lease_regions": lease_regions(params)}.items():
        found += [
            f"{name} names {region!r}, which is no AWS region; a valid name is sa-east-1."
            for region in given
            if not REGION_NAME.fullmatch(str(region))
        ]
    found += place_problems(params)
    if params["state"] == "present":
        found += [
            f"regions.{region} is {state!r}; valid states are {ACTIVE}, {PASSIVE}."
            for region, state in regions.items()
            if state not in (ACTIVE, PASSIVE)
        ]
        if regions and not any(state == ACTIVE for state in regions.values()):
            found.append(f"regions has no region {ACTIVE}, so nobody would process anything; make one {ACTIVE}.")
    found += beating_problems(params)
    if params["epoch"] is not None and params["epoch"] < 0:
        found.append(f"epoch is {params['epoch']}; the first deployment is made on 0, and epochs only grow.")
    found += fence_problems(params) + dead_problems(params, regions)
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    control = Control(params, cloud)
    parameter = state_parameter(params)
    try:
        control.read(list(params["regions"]))
        if params["state"] == "absent":
            return _removal(params, control, parameter)
        return _record(params, control, parameter)
    except (StalePlan, LeaseLost) as error:
        raise CollectionError(
            f"The states of workload {params['workload']}: {error}",
            lease={**lease_report(control.lease, control.table.place), "token": _token(control)},
        ) from error
    except ProtocolError as error:
        raise CollectionError(f"The states of workload {params['workload']} cannot be relied on: {error}") from error


def _record(params: dict[str, Any], control: Control, parameter: str) -> Composition:
    inventory = {str(region): str(state) for region, state in params["regions"].items()}
    place = control.table.place
    recorded = control.lease.map.states if control.lease and control.lease.map else inventory
    joining = {each: state for each, state in inventory.items() if each in recorded or each not in control.dead}
    wanted = judge(control.lease, [m for seen in control.maps.values() for m in seen.values()], joining, place)
    require_unchanged(control.lease, place, params["epoch"], params["lease_token"])
    if wanted.is_new:
        control.require_all(f"hand out epoch {wanted.epoch}")
    lease_found = lease_report(control.lease, place)
    record = LeaseRecord(control, state="present", epoch=wanted.epoch, states=wanted.states, unfinished="")
    items, copies = {}, {}
    for region in wanted.states:
        if region in control.unreachable:
            continue
        items[region] = RegionState(
            control,
            region,
            state="present",
            needs=[record],
            epoch=wanted.epoch,
            states=wanted.states,
            run_id=record.ref("run_id"),
            lease=place,
        )
        copies[region] = StateCopy(
            control,
            parameter,
            region,
            needs=[items[region]],
            purge_tags=params["purge_tags"],
            value=copy_of(wanted.states[region]),
            tags=resource_tags(params, region),
        )

    writes = {region: [items[region], copies[region]] for region in items}
    fence = fence_seconds(params["view_ttl"], params["claim_to_effect"])

    def outputs(known: Known) -> dict[str, Any]:
        run_id = known.attribute(record, "run_id")
        differs = disagreements(wanted, inventory)
        return {
            "epoch": wanted.epoch,
            "map": {"epoch": wanted.epoch, "states": wanted.states, "run_id": run_id, "lease": place},
            "regions": {
                region: {
                    "state": wanted.states.get(region, PASSIVE),
                    "inventory": inventory.get(region),
                    "reachable": region not in control.unreachable,
                    "error": control.unreachable.get(region),
                    "epoch": known.attribute(items[region], "epoch") if region in items else None,
                    "parameter": known.attribute(copies[region], "value") if region in copies else None,
                    "before": _before(control.own_map(region), region),
                    "after": {"state": wanted.states[region], "epoch": wanted.epoch} if region in items else None,
                    "effective_at": _effective_at(known, control, writes.get(region, []), fence),
                }
                for region in sorted({*wanted.states, *inventory})
            },
            "lease": {**lease_found, "token": _token(control)},
            "joined": wanted.joining,
            "differs": differs,
            **_warnings(differs, control.unreachable),
        }

    mended = list(copies.values())

    @contextmanager
    def around() -> Iterator[None]:
        with _holding(params, control, lambda: mend_copies(mended)):
            yield
        if params["wait_effective"]:
            _wait_effective(control, [each for written in writes.values() for each in written], fence)

    return Composition([record, *items.values(), *mended], outputs, around)


def _removal(params: dict[str, Any], control: Control, parameter: str) -> Composition:
    """Everything goes: copies, state items, and last the lease. Without a lease item there is nobody to ask."""
    control.require_all("remove the states")
    held = control.lease is not None
    if held:
        require_unchanged(control.lease, control.table.place, params["epoch"], params["lease_token"])
    record = LeaseRecord(control, state="absent")
    resources: list[Resource] = [record]
    for region in control.maps:
        item = RegionState(control, region, state="absent", needs=[record])
        resources += [item, StateCopy(control, parameter, region, state="absent", needs=[item])]
        resources.append(LastSwitch(last_switch(parameter), region, state="absent", needs=[item]))

    @contextmanager
    def around() -> Iterator[None]:
        with _holding(params, control, lambda: None) if held else nullcontext():
            yield
        control.wait_until_gone()

    return Composition(resources, around=around)


@contextmanager
def _holding(params: dict[str, Any], control: Control, mend: Callable[[], None]) -> Iterator[None]:
    """Hold the lease while changes are made. With a token, nobody may have held it since this run read it either."""
    read = control.lease.generation if control.lease else 0
    with control.holding(mend):
        if params["lease_token"] is not None and control.tenure.generation != read + 1:
            raise LeaseLost(messages.tenure_in_between(read, control.tenure.generation))
        yield


def _token(control: Control) -> str:
    return lease_token(control.lease, control.table.place)


def _before(own: RegionMap | None, region: str) -> dict[str, Any] | None:
    """A region's own item as it was read, before any change; None without one."""
    return None if own is None else {"state": own.state_of(region), "epoch": own.epoch}


def _last_write(resources: list[RegionState | StateCopy]) -> float | None:
    """When this run last wrote one of these, on the lease table's clock; None when it wrote none."""
    return max((each.written for each in resources if each.written is not None), default=None)


def _effective_at(known: Known, control: Control, resources: list[RegionState | StateCopy], fence: float) -> str | None:
    """From when no task of a region can act any more on what it read before these were written; None if none was."""
    if any(known.attribute(each, "written") == KNOWN_AFTER_APPLY for each in resources):
        return KNOWN_AFTER_APPLY
    written = _last_write(resources)
    if written is None:
        return None
    moment = datetime.now(UTC) + timedelta(seconds=written + fence - control.table.clock())
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wait_effective(control: Control, resources: list[RegionState | StateCopy], fence: float) -> None:
    """Wait, without the lease, until the last write of this run is effective."""
    written = _last_write(resources)
    left = 0.0 if written is None else written + fence - control.table.clock()
    if left > 0:
        control.cloud.tell(f"Waiting {left:.0f} s until no task can act on older states")
        control.table.sleep(left)


def _warnings(differs: dict[str, Any], unreachable: dict[str, str]) -> dict[str, list[str]]:
    warnings = [
        f"{region} is {told['recorded'] or 'not recorded'}, and the inventory says {told['inventory'] or 'nothing'}. "
        "The recorded state rules; a switch changes it, a deployment does not."
        for region, told in differs.items()
    ]
    warnings += [f"{region} does not answer and was left as it is: {why}" for region, why in unreachable.items()]
    return {"warnings": warnings} if warnings else {}


MODULE = ModuleDefinition(
    arguments={
        "regions": {"type": "dict", "required": True},
        **HOLDING_ARGUMENTS,
        **ITEM_ARGUMENTS,
        **COPY_ARGUMENTS,
        "epoch": {"type": "int"},
        # It names a version of the lease, and is no secret.
        "lease_token": {"type": "str", "no_log": False},
        "wait_effective": {"type": "bool", "default": False},
        **FENCE_ARGUMENTS,
        **DEAD_ARGUMENT,
    },
    services=("dynamodb", "ssm"),
    build=build,
    problems=problems,
)
