# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On what drills play: variants of the shipped inventory, and a cloud on which the sales system is built from one."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.inventories import (
    RECOVERY,
    add_third_region,
    copy_inventory,
    default_inventory,
    edit_regions,
    edit_variables,
    put_api_in_front,
    reference_inventory,
)
from harness.sales_system import SalesSystem
from localcloud import Cloud

TWO, BOTH_ACTIVE, THREE_ACTIVE, DROPS = "two", "both-active", "three-active", "drops"
"""ACTIVE and PASSIVE; both ACTIVE; a third region, all ACTIVE; workers that drop what they receive in a region that is
not ACTIVE, as the reference image does."""

REFERENCE, UNDECLARED = "reference", "undeclared"
"""The reference images with the inventory for them; the same without what it declares, under names no check knows."""

GATED = "health-gate"
"""Customers come by an HTTP API, whose records are bound to health checks of the regions' readiness."""

FULL_QUEUE, QUOTA = "full-queue", 150
"""SQS lets so few messages be in flight that a PASSIVE region's queue is full of those that it hides."""

RECORDS = "route53"
"""Customers come by a REST API, to which weighted records lead."""

OTHER_NAMES = {
    "fidelissauro/sales-rest-api:latest": "example/unknown-sales-api:latest",
    "fidelissauro/sales-worker:latest": "example/unknown-sales-worker:latest",
}
"""The reference images by the names of localcloud/images.yml that the preflight checks do not know."""


class Stage(SalesSystem):
    """A cloud of its own in `folder`, with the workload built from the inventory's variant. A context manager."""

    def __init__(self, variant: str, folder: Path) -> None:
        quota = {"in_flight_quota": QUOTA} if variant == FULL_QUEUE else {}
        cloud = Cloud(folder / "cloud", port=0, door_port=0, **quota)
        super().__init__(cloud, folder / "inventory", folder, is_reference=variant in (REFERENCE, UNDECLARED))
        self.variant = variant

    def __enter__(self) -> Stage:
        if self.folder.exists():
            shutil.rmtree(self.folder)
        write_variant(self.variant, self.inventory)
        self.cloud.__enter__()
        try:
            if self.variant == UNDECLARED:
                # Nothing says that its workers end unless they can read a state, so it takes two runs.
                self.play("states", "site.yml", "--tags", "toggle")
            if not self.is_reference:
                self.build_images()
            self.prepare_account()
            self.play("build", "site.yml")
        except BaseException:
            self.cloud.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.cloud.stop()


def write_variant(variant: str, folder: Path) -> None:
    """A copy of a shipped inventory, changed as the variant needs it."""
    copy_inventory(folder, reference_inventory() if variant in (REFERENCE, UNDECLARED) else default_inventory())
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
    if variant == UNDECLARED:
        _undeclare(folder)
    if variant == GATED:
        put_api_in_front(folder, "http", routing="health_gate", routing_health_check={"failure_threshold": 1})
    if variant == RECORDS:
        put_api_in_front(folder, "rest", routing="route53")


def _undeclare(folder: Path) -> None:
    """Take from a copy of the reference inventory what keeps a failover from losing sales."""
    with edit_variables(folder, "service") as variables:
        for name in ("sales_api_image", "sales_worker_image"):
            variables[name] = OTHER_NAMES[variables[name]]
        for service in variables["service_definitions"]:
            service.pop("passive_behaviour", None)
    with edit_variables(folder, "switch") as variables:
        for table in variables["switch_reconcile"]:
            del table["scan"], table["done_table"]
            table["index"] = "unprocessed"
