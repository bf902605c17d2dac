# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an inventory forgets a region that the map names, or that is half gone; asked before anything is made.

Nobody would look after it any more: what it holds costs and is not found, and what it accepts nobody processes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..lease import Lease
from .record import GIVEN_UP, tell_given_up

COMMAND = "ansible-playbook site.yml -e retire={region} -e delete_data=true"


def retirement_problems(
    lease: Lease | None,
    retiring: Mapping[str, Any],
    inventory: Collection[str],
    retire: Collection[str],
    dead: Collection[str] = (),
) -> list[str]:
    """Every reason why this inventory, and this wish, cannot be right.

    lease:     as it is recorded; None for nothing.
    retiring:  the regions that are being retired, as `record.read_retirements` tells them.
    inventory: the regions of the inventory.  retire: those that are to be retired by this run.
    dead:      those that are declared dead: of one that was given up, what is there is left alone.
    """
    recorded = dict(lease.map.states) if lease and lease.map else {}
    found = [
        f"retire names {region}, which is no region of the inventory ({', '.join(inventory)})"
        + (". It is done, or it never was one" if region not in {*recorded, *retiring} else "")
        + ". Leave it out; the host of a region that is retired goes out of the inventory last."
        for region in retire
        if region not in inventory
    ]
    if inventory and not set(inventory) - set(retire):
        found.append(
            "retire names every region of the inventory; one has to stay. To remove the whole workload, run "
            "playbooks/destroy.yml."
        )
    for region in sorted(recorded.keys() - set(inventory)):
        found.append(
            f"The inventory has no host {region}, and the recorded map names it, as {recorded[region]} (epoch "
            f"{lease.epoch if lease else 0}): what it has would be left alone. Put the host back, and retire the region"
            f": {COMMAND.format(region=region)}. Then take the host out."
        )
    # Of one that the map still names nothing but its tasks is gone: who builds it again keeps it.
    for region in sorted(retiring.keys() - set(retire) - recorded.keys()):
        said = retiring[region]
        lost = region not in inventory
        if GIVEN_UP in said and not lost:
            if region not in dead:
                found.append(tell_given_up(region, said))
            continue
        found.append(
            f"{region} is being retired, by {said.get('operator') or 'somebody'} since {said.get('since')} (reason: "
            f"{said.get('reason') or 'none given'}), and something of it is still there. "
            + ("Put its host back into the inventory, and complete that: " if lost else "Complete that: ")
            + f"{COMMAND.format(region=region)}. Should it stay after all, build it again afterwards."
        )
    return found
