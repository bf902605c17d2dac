# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leads customers to the regions, from the variables of an inventory: one choice, which all layers follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ACCELERATOR, ROUTE53, HEALTH_GATE, NONE = "accelerator", "route53", "health_gate", "none"
CHOICES = (ACCELERATOR, ROUTE53, HEALTH_GATE, NONE)

WEIGHTED, LATENCY = "weighted", "latency"
RECORDS = (WEIGHTED, LATENCY)

GATE_FIRST, GATE_FALLBACK, GATE_NONE = "first", "fallback", "none"
"""Whether the readiness of the regions moves the traffic: always, when the control plane is silent, or never."""

HEALTH_CHECK = {"path": "/readiness", "interval": 10, "failure_threshold": 3}
"""What is not said of a health check."""


def routing(variables: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from `routing` and the variables beside it.

    choice:       one of CHOICES. If it is not said, the records of an API, else the accelerator, if there is one.
    accelerator:  the accelerator that is made and whose dials a switch moves, or {}.
    health_check: that of each region's record, or None.
    keep_weight:  whether the weights of records belong to the switches; under a health gate all are the same.
    latency:      whether the records lead each customer to the region that answers soonest, instead of by weight.
    records:      what a switch is told of the records as its `dns`, or {}.
    """
    choice = _choice(variables)
    asked = variables.get("routing_health_check")
    led = choice in (ROUTE53, HEALTH_GATE)
    bound = led and (choice == HEALTH_GATE or asked is not None)
    gate = GATE_FIRST if choice == HEALTH_GATE else GATE_FALLBACK if bound else GATE_NONE
    check = {**HEALTH_CHECK, **(asked or {})} if bound else None
    records = {
        "zone": variables.get("edge_api_zone"),
        "names": [variables.get("edge_api_domain")],
        "gate": gate,
        "health_check": check,
    }
    return {
        "choice": choice,
        "accelerator": variables.get("routing_accelerator") or {} if choice == ACCELERATOR else {},
        "health_check": check,
        "keep_weight": choice != HEALTH_GATE,
        "latency": led and variables.get("routing_records") == LATENCY,
        "records": {key: value for key, value in records.items() if value is not None} if led else {},
    }


def _choice(variables: Mapping[str, Any]) -> str:
    said = variables.get("routing")
    if said is not None:
        return str(said)
    if (variables.get("edge_api") or "none") != "none":
        return ROUTE53
    return ACCELERATOR if variables.get("routing_accelerator") else NONE
