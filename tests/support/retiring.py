# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions that are retired from the sales system on an embedded cloud, as an operator does it, and what is seen."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from harness.inventories import edit_regions
from harness.leftovers import leftover_lines
from harness.playbooks import PlaybookFailed, Run, run_playbook, start_playbook
from localcloud import Cloud
from tests.support.deployed_sales import lease_item
from tests.support.waiting import eventually

NAMELESS = {"ecs_service", "region_lease"}
"""Kinds of changes that say no region: a service gets the revision of its task definition that does, and what a run
that was killed left in the lease is ended.
"""


class Site:
    """An inventory that is built on a cloud."""

    def __init__(self, cloud: Cloud, inventory: Path, folder: Path) -> None:
        self.cloud, self.inventory, self.folder = cloud, inventory, folder

    def play(self, *arguments: str) -> tuple[Run, list[dict[str, Any]]]:
        """Run site.yml; what it printed, and the changes that it planned or made."""
        plan = self.folder / "plan.json"
        environment = {**self.cloud.env(), "MULTIREGION_PLAN_FILE": str(plan)}
        done = run_playbook("site.yml", self.inventory, environment, self.folder / "site.log", *arguments)
        return done, json.loads(plan.read_text())

    def forget(self, regions: Iterable[str]) -> dict[str, Any]:
        """Take hosts out of the inventory."""
        with edit_regions(self.inventory) as hosts:
            return {region: hosts.pop(region) for region in regions}

    def refuse_to_forget(self, region: str) -> None:
        """Without the word the inventory may not lose a host."""
        forgotten = self.forget([region])
        with pytest.raises(PlaybookFailed) as failed:
            self.play()
        told = " ".join(str(failed.value).split())
        assert f"The inventory has no host {region}, and the recorded map names it, as PASSIVE" in told, told
        assert f"-e retire={region} -e delete_data=true" in told and " changed=0 " in told, told
        with edit_regions(self.inventory) as hosts:
            hosts.update(forgotten)

    def retire(self, regions: list[str], *arguments: str) -> list[dict[str, Any]]:
        """Retire regions; the changes. Everywhere else nothing changes but what named them."""
        words = ("-e", json.dumps({"retire": regions}), "-e", "delete_data=true", *arguments)
        _run, changes = self.play(*words)
        for change in changes:
            named = any(region in json.dumps(change) for region in regions)
            assert named or change["kind"] in NAMELESS, change
        return changes

    def kill_a_retirement(self, regions: list[str]) -> None:
        """Begin to retire regions, and end it as `kill -9` does, once the map does not name them any more."""
        words = ("-e", json.dumps({"retire": regions}), "-e", "delete_data=true")
        process = start_playbook("site.yml", self.inventory, self.cloud.env(), *words)
        try:
            eventually(lambda: not set(regions) & self.states().keys(), 240, what="they leave the map")
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        with pytest.raises(PlaybookFailed, match=f"{regions[0]} is being retired"):
            self.play()

    def states(self) -> dict[str, str]:
        """What the lease says of the regions."""
        return {name: state["S"] for name, state in lease_item(self.cloud)["map"]["M"]["states"]["M"].items()}

    def left_in(self, regions: list[str]) -> list[str]:
        """What is left in these regions, and what names them anywhere."""
        lines = leftover_lines(self.cloud.ask("inventory"))
        return [line for line in lines if any(region in line for region in regions)]
