# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sales system in every region that botocore lists for ECS, two at a time. Takes minutes; not in `make test`.

`python -m drills.regions plan` plans `site.yml` in all pairs, `real` builds, builds again and destroys the odd ones;
without a word it does both. Regions after it choose pairs: `real us-west-1`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import botocore.session

from harness.inventories import copy_inventory, edit_regions, edit_variables
from harness.leftovers import leftover_lines
from harness.playbooks import PlaybookFailed
from harness.sales_system import SalesSystem
from localcloud import Cloud
from localcloud.policies import OPT_IN_REGIONS

Pair = tuple[str, ...]

ODD = (("us-west-1", "me-south-1"), ("ap-northeast-1", "ca-central-1"), ("cn-north-1", "cn-northwest-1"))
ODD += (("us-gov-east-1", "us-gov-west-1"),)
"""Two zones and opt-in; letters that are missing; no Global Accelerator, and no strongly consistent tables."""


def pairs() -> Iterator[Pair]:
    """All regions two at a time, each once: an opt-in one with another, since SNS does not deliver between two."""
    session = botocore.session.Session()
    for partition in session.get_available_partitions():
        names = session.get_available_regions("ecs", partition)
        closed = [name for name in names if name in OPT_IN_REGIONS]
        others = [name for name in names if name not in OPT_IN_REGIONS]
        together = min(len(closed), len(others))
        yield from zip(closed, others, strict=False)
        rest = closed[together:] + others[together:]
        yield from (tuple(rest[number : number + 2]) for number in range(0, len(rest), 2))


def inventory_for(folder: Path, pair: Pair) -> Path:
    """The shipped inventory with these hosts; outside the partition `aws` without what there is not."""
    inventory = copy_inventory(folder)
    with edit_regions(inventory) as regions:
        regions.clear()
        for number, name in enumerate(pair):
            role, state = ("recovery", "PASSIVE") if number else ("primary", "ACTIVE")
            regions[name] = {"region_role": role, "region_state": state, "region_cidr": f"10.{number + 1}0.0.0/16"}
    if pair[0].startswith(("cn-", "us-gov-", "us-iso", "eu-iso", "us-iso", "eusc-")):
        with edit_variables(inventory, "toggle") as variables:
            variables["toggle_control_regions"] = [pair[0]]
        with edit_variables(inventory, "routing") as variables:
            del variables["routing_accelerator"]
    return inventory


def plan(system: SalesSystem) -> None:
    system.build_images()
    system.play("plan", "site.yml", "--check")


def real(system: SalesSystem) -> None:
    system.build_images()
    # Without an accelerator, the name of a load balancer does not resolve here.
    there = () if "routing_accelerator" in (system.inventory / "group_vars/all/routing.yml").read_text() else VERIFY
    system.play("site", "site.yml", *there)
    again = system.play("again", "site.yml", *there)
    if again.changed:
        raise PlaybookFailed(f"the second run changed {again.changed}")
    destroy = ("-e", "destroy=sales", "-e", "approve=true", "-e", f"destroy_active={system.regions[0]}")
    system.play("destroy", "playbooks/destroy.yml", *destroy)
    left = leftover_lines(system.cloud.ask("inventory"))
    if left:
        raise PlaybookFailed(f"left behind: {left}")


VERIFY = ("--skip-tags", "verify")


def try_pairs(what: Callable[[SalesSystem], None], chosen: list[Pair], folder: Path) -> int:
    failed = 0
    for pair in chosen:
        name, began = "+".join(pair), time.monotonic()
        home = folder / what.__name__ / name
        try:
            with Cloud(home / "cloud", port=0, door_port=0) as cloud:
                what(SalesSystem(cloud, inventory_for(home / "inventory", pair), home / "results"))
            verdict = "ok"
        except (PlaybookFailed, AssertionError) as error:
            failed, verdict = failed + 1, f"FAILED: {error}"
        print(f"{what.__name__:5} {name}: {verdict} ({time.monotonic() - began:.0f} s)", flush=True)
    return failed


def main(words: list[str]) -> int:
    verbs = {"plan": (plan, list(pairs())), "real": (real, list(ODD))}
    regions = [word for word in words if word not in verbs]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="regions-") as folder:
        for verb, (what, known) in verbs.items():
            if verb in words or not set(words) & set(verbs):
                chosen = [pair for pair in known if not regions or set(pair) & set(regions)]
                failed += try_pairs(what, chosen, Path(folder))
    print(f"{failed} pairs failed" if failed else "every pair is right")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
