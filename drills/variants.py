# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On what drills play: variants of the shipped inventory, and a cloud on which the sales system is built from one."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.inventories import RECOVERY, add_third_region, copy_inventory, edit_regions, edit_variables
from harness.sales_system import SalesSystem
from localcloud import Cloud

TWO, BOTH_ACTIVE, THREE_ACTIVE, DROPS = "two", "both-active", "three-active", "drops"
"""ACTIVE and PASSIVE; both ACTIVE; a third region, all ACTIVE; workers that drop what they receive in a region that is
not ACTIVE, as the reference image does."""


class Stage(SalesSystem):
    """A cloud of its own in `folder`, with the workload built from the inventory's variant. A context manager."""

    def __init__(self, variant: str, folder: Path) -> None:
        super().__init__(Cloud(folder / "cloud", port=0, door_port=0), folder / "inventory", folder)
        self.variant = variant

    def __enter__(self) -> Stage:
        if self.folder.exists():
            shutil.rmtree(self.folder)
        write_variant(self.variant, self.inventory)
        self.cloud.__enter__()
        try:
            self.build_images()
            self.play("build", "site.yml")
        except BaseException:
            self.cloud.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.cloud.stop()


def write_variant(variant: str, folder: Path) -> None:
    """A copy of the shipped inventory, changed as the variant needs it."""
    copy_inventory(folder)
    if variant in (BOTH_ACTIVE, THREE_ACTIVE):
        with edit_regions(folder) as regions:
            regions[RECOVERY]["region_state"] = "ACTIVE"
    if variant == THREE_ACTIVE:
        add_third_region(folder, "ACTIVE")
    if variant == DROPS:
        with edit_variables(folder, "service") as variables:
            worker = next(each for each in variables["service_definitions"] if each["name"] == "sales-worker")
            worker["passive_behaviour"] = "drops"
            worker["environment"]["PASSIVE_BEHAVIOUR"] = "drops"
