# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where drills play: an embedded cloud, and in it the workload built from a variant of the inventory."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from demo.playbooks import Run, default_inventory, run_playbook
from localcloud import Cloud

WORKLOAD = "sales"
STATE_TABLE, LEASE_TABLE, PARAMETER = "sales-state", "sales-lease", "/sales/region/state"
PRIMARY, RECOVERY, THIRD = "sa-east-1", "us-east-1", "eu-west-1"
CONTROL_REGIONS = ("us-east-1", "us-east-2", "us-west-2")
LEASE_REPLICA = "us-east-2"
"""The replica of the lease table that no drill lets die."""

TWO, BOTH_ACTIVE, THREE_ACTIVE, DROPS = "two", "both-active", "three-active", "drops"
"""Variants: ACTIVE and PASSIVE; both ACTIVE; a third region, all ACTIVE; workers that drop what they receive in a
region that is not ACTIVE, as the reference image does."""

VARIANTS = (TWO, BOTH_ACTIVE, THREE_ACTIVE, DROPS)


class Place:
    """A cloud and an inventory: where playbooks run, and what an onlooker sees of it."""

    def __init__(self, cloud: Cloud, inventory: Path, folder: Path) -> None:
        self.cloud, self.inventory, self.folder = cloud, inventory, folder

    @property
    def regions(self) -> list[str]:
        return list(regions_of(self.inventory))

    @property
    def host(self) -> str:
        """The public name of the workload, once it is built.

        Raises:
            RuntimeError: there is none, or several.
        """
        accelerators = self.cloud.client("globalaccelerator", "us-west-2").list_accelerators()["Accelerators"]
        if len(accelerators) != 1:
            raise RuntimeError(f"Expected one accelerator, found {len(accelerators)}.")
        return accelerators[0]["DnsName"]

    def play(self, name: str, playbook: str, *arguments: str) -> Run:
        """Run a playbook as an operator would; its output is in logs/<name>.log.

        Raises:
            PlaybookFailed: it ended with an error.
        """
        log = self.folder / "logs" / f"{name}.log"
        return run_playbook(playbook, self.inventory, self.cloud.env(), log, *arguments)

    def observe(self) -> dict[str, Any]:
        """The moment as an onlooker sees it, see localcloud/observation.py."""
        return self.cloud.ask(f"observe?table={STATE_TABLE}&parameter={PARAMETER}")

    def journal(self) -> list[dict[str, Any]]:
        """The recorded switches, the oldest first."""
        from protocol.encoding import from_attributes

        dynamodb = self.cloud.client("dynamodb", LEASE_REPLICA)
        items = dynamodb.scan(TableName=LEASE_TABLE, ConsistentRead=True)["Items"]
        entries = [from_attributes(item) for item in items if item["id"]["S"].startswith("journal#")]
        return sorted(entries, key=lambda entry: entry["id"])


class Stage(Place):
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
            self.play("build", "site.yml")
        except BaseException:
            self.cloud.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.cloud.stop()


def write_variant(variant: str, folder: Path) -> None:
    """A copy of the shipped inventory, changed as the variant needs it."""
    shutil.copytree(default_inventory(), folder)
    hosts_file = folder / "hosts.yml"
    hosts = yaml.safe_load(hosts_file.read_text())
    regions = hosts["all"]["children"]["regions"]["hosts"]
    if variant in (BOTH_ACTIVE, THREE_ACTIVE):
        regions[RECOVERY]["region_state"] = "ACTIVE"
    if variant == THREE_ACTIVE:
        regions[THIRD] = {"region_role": "recovery", "region_state": "ACTIVE", "region_cidr": "10.30.0.0/16"}
    hosts_file.write_text(yaml.safe_dump(hosts, sort_keys=False))
    if variant == DROPS:
        services_file = folder / "group_vars" / "all" / "service.yml"
        services = yaml.safe_load(services_file.read_text())
        worker = next(each for each in services["service_definitions"] if each["name"] == "sales-worker")
        worker["passive_behaviour"] = "drops"
        worker["environment"]["PASSIVE_BEHAVIOUR"] = "drops"
        services_file.write_text(yaml.safe_dump(services, sort_keys=False))


def regions_of(inventory: Path) -> dict[str, dict[str, Any]]:
    """The regions of an inventory, in its order, with their variables."""
    hosts = yaml.safe_load((inventory / "hosts.yml").read_text())
    return hosts["all"]["children"]["regions"]["hosts"]
