# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded of a workload's regions, read as it is: also while a switch is unfinished or a region is ill."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, absent_is_none
from ..kernel.cloud import SHORT, BotoCoreError, ClientError
from ..kernel.run import ModuleDefinition
from ..lease import lease_report
from ..lease.arguments import READING_ARGUMENTS
from ..protocol import ProtocolError, RegionMap, highest
from ..retirement.record import GIVEN_UP, read_retirements
from ..toggle.arguments import COPY_ARGUMENTS, ITEM_ARGUMENTS, state_parameter
from ..toggle.control import Control
from .shared_arguments.dead import DEAD_ARGUMENT


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    control = Control(params, cloud)
    trouble = []
    try:
        control.read(params["regions"])
    except (ProtocolError, CollectionError, ClientError, BotoCoreError) as error:
        trouble.append(f"The lease {control.table.place} cannot be read: {error}")
    seen = [found for maps in control.maps.values() for found in maps.values()]
    try:
        newest = highest(seen)
    except ProtocolError as error:
        trouble.append(str(error))
        newest = max(seen, key=lambda found: found.epoch)
    parameter = state_parameter(params)
    return {
        "epoch": newest.epoch if newest else None,
        "states": dict(newest.states) if newest else {},
        "regions": {region: _region(control, region, parameter, newest) for region in sorted(params["regions"])},
        "lease": lease_report(control.lease, control.table.place),
        "given_up": _given_up(control, trouble),
        "trouble": trouble,
    }


def _given_up(control: Control, trouble: list[str]) -> dict[str, dict[str, Any]]:
    """The regions that were given up while they were dead, with what is remembered of that."""
    if control.lease is None:
        return {}
    try:
        retiring = read_retirements(control.table)
    except (ProtocolError, ClientError, BotoCoreError) as error:
        trouble.append(f"What is remembered of regions that are retired cannot be read: {error}")
        return {}
    return {region: said for region, said in retiring.items() if GIVEN_UP in said}


def _region(control: Control, region: str, parameter: str, newest: RegionMap | None) -> dict[str, Any]:
    """A region's own item and copy, and whether both say what the newest map says."""
    why = control.unreachable.get(region, "")
    own = control.own_map(region)
    copy = None
    if region in control.maps:
        try:
            copy = _copy(control.cloud, region, parameter)
        except (ClientError, BotoCoreError) as error:
            why = f"{type(error).__name__}: {error}"
    state = own.state_of(region) if own else None
    return {
        "reachable": region in control.maps and not why,
        "why": why,
        "state": state,
        "epoch": own.epoch if own else None,
        "parameter": copy,
        "agrees": own is not None and own == newest and copy == own.ssm_value(region),
    }


def _copy(cloud: Cloud, region: str, parameter: str) -> str | None:
    with absent_is_none("ParameterNotFound"):
        return str(cloud.client("ssm", region, **SHORT).get_parameter(Name=parameter)["Parameter"]["Value"])
    return None


MODULE = ModuleDefinition(
    arguments={
        "regions": {"type": "list", "elements": "str", "required": True},
        **READING_ARGUMENTS,
        **ITEM_ARGUMENTS,
        **COPY_ARGUMENTS,
        **DEAD_ARGUMENT,
    },
    services=("dynamodb", "ssm"),
    read=read,
)
