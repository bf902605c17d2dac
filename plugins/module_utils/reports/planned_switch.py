# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A planned switch, told to the person who is to approve it."""

from __future__ import annotations

import json
from typing import Any

from ..lease import messages
from ..lease.deployment_plan import is_deployment, tell, tell_ways


def planned_switch(plan: dict[str, Any], seconds: float, measures_lag: bool = False) -> list[str]:
    """What will happen, in sentences. `plan` is what `region_switch` tells in check mode.

    seconds: how long the plan took.  measures_lag: whether the preflight measures the replication lag.
    """
    changes = plan["changes"]
    told = [f"plan: read the lease, the states and what runs ({seconds:.1f} s)", _lease(plan["lease"], bool(changes))]
    if not changes:
        return [
            *told,
            f"Nothing to do: epoch {plan['epoch']} is already so, no switch is unfinished or owed.",
        ]
    begins = "Resumes" if plan["resumed"] else "Begins"
    states = json.dumps(plan["states"])
    told.append(f"{begins} from epoch {plan['lease']['epoch']} and ends at {plan['epoch']}: {states}")
    told += [change["after"]["will"] for change in changes]
    told += plan["evidence_sentences"]
    if measures_lag and any(change["name"] == "preflight" for change in changes):
        told.append("replication lag: measured under the lease, by the preflight, where the source answers")
    return told + [finding["sentence"] for finding in plan["findings"]]


def _lease(lease: dict[str, Any], begins: bool) -> str:
    if not lease["holder"]:
        plan = lease.get("unfinished")
        if plan and is_deployment(plan):
            aside = "is put aside: regions stay as it left them" if begins else f"stays so. {tell_ways(plan)}"
            return f"lease: nobody holds it; {tell(plan)} is unfinished, and {aside}"
        return "lease: nobody holds it"
    return messages.plan_will_be_refused(lease)
