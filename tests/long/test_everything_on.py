# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of the sales system with every component on: foretold, made, nothing to do twice, without the hub of its
networks, with another region, and nothing left.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.evidence import Evidence, count_unprocessed, gather
from harness.inventories import ZONE, copy_inventory, edit_regions, edit_variables, put_api_in_front
from harness.leftovers import leftover_lines
from harness.playbooks import run_playbook
from harness.sales_system import WORKLOAD, SalesSystem, allow_api_logs
from harness.traffic import Sales, Traffic
from localcloud import Cloud
from tests.support.deployed_sales import lease_item
from tests.support.images import build_images
from tests.support.retiring import Site
from tests.support.site import identities

FIRST, HUB, THIRD, LATE = "sa-east-1", "us-east-1", "eu-west-1", "ap-northeast-1"
JOINED: dict[str, Any] = {"region_role": "recovery", "region_state": "PASSIVE"}
INSIDE = f"inside.{ZONE}"
DIE = ("-e", "destroy=sales", "-e", "approve=true", "-e", f"destroy_active={FIRST}")
PATIENCE, SALES = 120, 30

GUARD: dict[str, Any] = {}
"""Variables of the role `edge` by which AWS WAF guards the API."""

ON: dict[str, dict[str, Any]] = {
    "network": {
        "network_nat": "per_az",
        "network_ipv6": True,
        "network_flow_logs": {},
        "network_interface_endpoints": ["ecr.api", "ecr.dkr", "logs", "sns", "sqs", "ssm"],
        "peering_topology": "hub",
        "peering_hub": HUB,
    },
    "storage": {
        "volumes_file_systems": [
            {
                "name": "notes",
                "clients": ["tasks"],
                "access_points": [{"name": "data", "path": "/data", "uid": 999, "gid": 999, "permissions": "0700"}],
            }
        ],
    },
    "cluster": {"cluster_container_insights": "enabled"},
    "observability": {"observability_missing_tasks": 0},
    "service": {"schedules": [{"name": "nightly", "cron": "0 3 * * ? *", "task": "sales-api"}]},
    "workload": {
        "website_sites": [
            {"name": "site", "folder": "workloads/mysfits_site/public", "config": {"api": {"load_balancer": "shop"}}}
        ]
    },
}
"""File of the inventory → what it says beside what is shipped."""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as running:
        yield running


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    made = copy_inventory(tmp_path / "inventory")
    with edit_regions(made) as regions:
        regions[THIRD] = {**JOINED, "region_cidr": "10.30.0.0/16"}
    check = {"path": "/readiness", "interval": 10, "failure_threshold": 3}
    put_api_in_front(made, "rest", routing="health_gate", routing_health_check=check)
    for name, said in ON.items():
        with edit_variables(made, name) as variables:
            variables |= said
    with edit_variables(made, "storage") as variables:
        variables["storage_buckets"][0] |= {"replication_metrics": True, "replication_time_control": True}
    with edit_variables(made, "network") as variables:
        (edge,) = (each for each in variables["network_security_groups"] if each["name"] == "edge")
        edge["ingress"].append({"protocol": "tcp", "port": 443, "cidrs": ["0.0.0.0/0", "::/0"]})
    with edit_variables(made, "edge") as variables:
        behind, front = variables["edge_load_balancers"]
        (plain,) = behind["listeners"]
        behind["ip_address_type"] = "dualstack"
        behind["listeners"].append({"port": 443, "domain": INSIDE, "default": plain["default"]})
        front["listeners"].append({"port": 443, "domain": INSIDE, "default": {"target_group": "to-api"}})
        # The one that people come to, beside the API: HTTPS, to which HTTP redirects.
        shop = {"name": "shop", "subnets": "public", "security_groups": ["edge"], "ip_address_type": "dualstack"}
        answer = {"fixed_response": {"status_code": 404, "content_type": "text/plain", "body": "nothing here"}}
        redirect = {"redirect": {"protocol": "HTTPS", "port": 443}}
        listeners = [{"port": 443, "domain": f"shop.{ZONE}", "default": answer}, {"port": 80, "default": redirect}]
        variables["edge_load_balancers"].append({**shop, "listeners": listeners})
        variables |= GUARD
    return made


class Life(Site):
    """The site, and the sales that it is told of."""

    def __init__(self, cloud: Cloud, inventory: Path, folder: Path) -> None:
        super().__init__(cloud, inventory, folder)
        self.system = SalesSystem(cloud, inventory, folder)
        self.acknowledged: dict[str, Any] = {}

    def build(self) -> list[dict[str, Any]]:
        """Foretell it, make it, and see that nothing is left to do; the changes."""
        _check, foretold = self.play("--check", "--diff")
        _run, made = self.play()
        assert identities(made) == identities(foretold) and made
        again, changes = self.play()
        assert (again.changed, changes) == (0, [])
        checked, changes = self.play("--check", "--diff")
        assert (checked.changed, changes) == (0, []) and "Nothing to change." in checked.output
        return made

    def sell(self) -> Sales:
        """Post some sales at the public name, while everything is well."""
        file = self.folder / f"sales-{len(self.acknowledged)}.jsonl"
        traffic = Traffic(self.cloud.door, self.system.host, 4, file, self.system.authorities).start()
        sold = traffic.stop_after(SALES, PATIENCE)
        assert sold.failures == [] and sold.posted >= SALES
        self.acknowledged |= sold.acknowledged
        return sold

    def switch(self, playbook: str, *arguments: str) -> str:
        """Move the workload, approved; what was printed."""
        log, approved = self.folder / "switch.log", ("-e", "reason=hub", "-e", "approve=true")
        run = run_playbook(f"playbooks/{playbook}", self.inventory, self.cloud.env(), log, *arguments, *approved)
        return " ".join(run.output.split())

    def lose_the_hub(self) -> None:
        """The others are built and take over from each other while the region that joins their networks is dead."""
        without = ("--limit", f"{FIRST},{THIRD},control", "-e", f"dead={HUB}")
        peered = self.cloud.client("ec2", FIRST).describe_vpc_peering_connections()["VpcPeeringConnections"]
        self.cloud.fault(HUB, "dead")
        try:
            checked, foretold = self.play("--check", *without)
            run, changes = self.play(*without)
            assert {(each["action"], each["kind"], each["name"]) for each in changes} == {
                ("create", "region_debt", HUB)
            }
            assert identities(foretold) == identities(changes)
            assert all(f"Nothing is asked of {HUB}." in " ".join(each.output.split()) for each in (checked, run))
            self.switch("failover.yml", "-e", f"to={THIRD}", "-e", f"dead={HUB}")
            self.sell()
            assert self.states() == {FIRST: "PASSIVE", HUB: "PASSIVE", THIRD: "ACTIVE"}
        finally:
            self.cloud.fault(HUB, "ok")
        assert self.cloud.client("ec2", FIRST).describe_vpc_peering_connections()["VpcPeeringConnections"] == peered
        self.switch("failback.yml")
        _run, changes = self.play()
        assert {(each["action"], each["kind"], each["name"]) for each in changes} == {("delete", "region_debt", HUB)}
        assert self.play()[1] == [] and lease_item(self.cloud)["owed"]["M"] == {}

    def evidence(self) -> Evidence:
        """What became of all of them, once it is quiet and all lakes are alike."""
        regions, deadline = self.system.regions, time.monotonic() + PATIENCE
        while True:
            quiet = count_unprocessed(self.cloud.client, WORKLOAD, regions) == 0
            found = gather(self.cloud.client, WORKLOAD, regions, self.acknowledged)
            if (quiet and found.in_every_lake == self.acknowledged.keys()) or time.monotonic() > deadline:
                return found
            time.sleep(1)


def test_the_life_of_a_workload_with_every_component_on(cloud: Cloud, inventory: Path, tmp_path: Path) -> None:
    life = Life(cloud, inventory, tmp_path)
    cloud.client("route53").create_hosted_zone(Name=ZONE, CallerReference=ZONE)
    allow_api_logs(cloud.client, [FIRST, HUB, THIRD, LATE])
    build_images(cloud, inventory)
    assert len(life.build()) > 300
    life.sell()
    assert life.evidence().in_every_lake == life.acknowledged.keys()
    life.lose_the_hub()

    # Another region gets what is older than it, too.
    with edit_regions(inventory) as regions:
        regions[LATE] = {**JOINED, "region_cidr": "10.40.0.0/16"}
    build_images(cloud, inventory)
    older = set(life.acknowledged)
    (change,) = (each for each in life.build() if each["kind"] == "s3_older_objects")
    assert change["before"]["owed"][LATE]["objects"] >= len(older)
    life.sell()
    evidence = life.evidence()
    assert evidence.in_every_lake == life.acknowledged.keys() > older
    assert (evidence.lost, evidence.duplicated, evidence.wrong_content) == (set(), set(), set())

    run_playbook("playbooks/destroy.yml", inventory, cloud.env(), tmp_path / "destroy.log", *DIE)
    life.system.restore_account()
    assert leftover_lines(cloud.ask("inventory")) == []
