# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a switch or a deployment that is under way to pause between two steps, or to go back."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, Known, error_code
from ..kernel.run import Composition, ModuleDefinition
from ..lease import lease_report, messages
from ..lease.arguments import READING_ARGUMENTS
from ..lease.deployment_plan import is_deployment
from ..protocol import ProtocolError
from ..switch.signals import SIGNALS, Signal
from ..toggle.arguments import ITEM_ARGUMENTS
from ..toggle.control import Control


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    control = Control(params, cloud)
    try:
        lease = control.table.read()
    except ProtocolError as error:
        raise CollectionError(f"The run of workload {params['workload']} cannot be signalled: {error}") from error
    except Exception as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        lease = None
    running = lease is not None and bool(lease.holder)
    if running and params["holder"] not in (None, lease.holder):
        raise CollectionError(
            messages.signal_for_another(params["workload"], params["holder"], lease),
            lease=lease_report(lease, control.table.place),
        )
    signals = []
    if running:
        wanted = {"signal": params["signal"], "generation": lease.generation} if params["state"] == "present" else {}
        signals = [Signal(control.table, lease, params["workload"], cloud.region, state=params["state"], **wanted)]

    def outputs(known: Known) -> dict[str, Any]:
        return {
            "running": running,
            "kind": ("deployment" if is_deployment(lease.plan) else "switch") if lease and running else "",
            "question": messages.cancel_question(lease) if lease and running else "",
            "lease": lease_report(lease, control.table.place),
        }

    return Composition(signals, outputs)


MODULE = ModuleDefinition(
    arguments={
        "signal": {"type": "str", "choices": list(SIGNALS)},
        "holder": {"type": "str"},
        **READING_ARGUMENTS,
        **ITEM_ARGUMENTS,
    },
    services=("dynamodb",),
    build=build,
    removal_is_asked=False,
    rules={"required_if": [["state", "present", ["signal"]]]},
)
