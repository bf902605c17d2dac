# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo`: the sales system on the embedded cloud, from nothing to nothing, with every sale counted."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from demos.sales.story import Story
from harness.console import empty_folder, say, verdict
from harness.inventories import copy_inventory, default_inventory, put_api_in_front
from harness.playbooks import ROOT, PlaybookFailed
from localcloud import Cloud, CloudError

MUST_BE_ZERO = ("lost", "duplicated", "wrong_content", "second_run_changed", "destroyed_leftovers")
MUST_BE_ZERO_IN_A_FAILOVER = ("lost", "duplicated", "rpo_sales", "failed_requests")


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    began = time.monotonic()
    folder = empty_folder(options.folder)
    try:
        with Cloud(home=folder / "cloud", port=0, door_port=0) as cloud:
            say(f"The embedded cloud answers at {cloud.endpoint}, its front door at {cloud.door}.")
            inventory = options.inventory
            if options.edge_api != "none":
                inventory = copy_inventory(folder / "inventory", inventory)
                put_api_in_front(inventory, options.edge_api)
            story = Story(cloud, inventory, folder, options.sales, options.rate, tell=say)
            summary = story.run()
    except (PlaybookFailed, CloudError, RuntimeError) as error:
        say(f"The demonstration failed.\n{error}")
        return 1
    say("")
    for key, value in summary.items():
        if isinstance(value, int):
            say(f"  {key.replace('_', ' '):<22} {value:>5}")
    failover = summary["failover"] or {}
    for key, value in failover.items():
        if key not in summary:
            say(f"  {'failover: ' + key.replace('_', ' '):<22} {'–' if value is None else value:>5}")
    for fence in filter(None, summary["fences"]):
        say(f"  failover: fence        {fence['kind']} ({fence['why']})")
    wrong = [key for key in MUST_BE_ZERO if summary[key]]
    wrong += [f"failover: {key}" for key in MUST_BE_ZERO_IN_A_FAILOVER if failover.get(key)]
    if summary["lake_in_both_regions"] != summary["posted"]:
        wrong.append("lake_in_both_regions")
    if summary["posted"] < options.sales:
        wrong.append("posted")
    for line in summary["leftovers"][:20]:
        say(f"  left over: {line}")
    told = verdict(wrong, "Nothing lost, nothing doubled, nothing left.")
    say(f"\n{told} It took {time.monotonic() - began:.0f} s.\nSummary: {folder / 'summary.json'}")
    say(f"The failover, second by second: {story.page}")
    return 1 if wrong else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demos.sales", description=__doc__)
    parser.add_argument("--inventory", type=Path, default=default_inventory(), help="inventory folder")
    parser.add_argument(
        "--edge-api",
        choices=("rest", "http", "none"),
        default="rest",
        help="by which API of API Gateway customers come, over TLS; none: as the inventory has it, by an accelerator",
    )
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "demo", help="where the results go")
    parser.add_argument("--sales", type=int, default=300, help="how many sales must be acknowledged")
    parser.add_argument("--rate", type=float, default=20.0, help="sales posted each second")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
