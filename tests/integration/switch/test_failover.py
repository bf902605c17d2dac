# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A graceful failover of the sales system while it sells: no sale is lost or doubled, and no request fails."""

from __future__ import annotations

import time
from pathlib import Path

from demo.evidence import Evidence, gather
from demo.playbooks import run_playbook
from demo.story import default_inventory
from demo.traffic import Sales, Traffic
from localcloud import Cloud

REGIONS = ["sa-east-1", "us-east-1"]


def test_a_graceful_failover_under_traffic_loses_nothing(tmp_path: Path) -> None:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as cloud:
        environment = cloud.env()
        run_playbook("site.yml", default_inventory(), environment, tmp_path / "site.log")
        accelerator = cloud.client("globalaccelerator", "us-west-2").list_accelerators()["Accelerators"][0]
        before = lease(cloud)

        traffic = Traffic(cloud.door, accelerator["DnsName"], rate=8).start()
        arguments = ("-e", "to=us-east-1", "-e", "reason=test", "-e", "approve=true")
        moved = run_playbook(
            "playbooks/failover.yml", default_inventory(), environment, tmp_path / "failover.log", *arguments
        )
        sold = traffic.stop_after(traffic.sales.posted + 20, patience=20)
        evidence = count(cloud, sold)

        assert sold.failures == []
        assert sold.posted > 100 and set(sold.served_by) == set(REGIONS)
        assert (evidence.lost, evidence.duplicated, evidence.wrong_content) == (set(), set(), set())
        assert moved.changed == 1
        for told in ("hold: ", "fence: ", "grant: ", "traffic: ", "reconcile: ", "prove: ", "record: "):
            assert told in moved.output
        after = lease(cloud)
        assert int(after["epoch"]["N"]) == int(before["epoch"]["N"]) + 2
        assert after["map"]["M"]["states"]["M"] == {"sa-east-1": {"S": "PASSIVE"}, "us-east-1": {"S": "ACTIVE"}}
        assert after["holder"]["S"] == "" and after["owed"]["M"] == {} and "NULL" in after["plan"]
        assert dials(cloud, accelerator["AcceleratorArn"]) == {"sa-east-1": 0, "us-east-1": 100}
        for region, state in (("sa-east-1", "PASSIVE"), ("us-east-1", "ACTIVE")):
            parameter = cloud.client("ssm", region).get_parameter(Name="/sales/region/state")
            assert parameter["Parameter"]["Value"] == state

        again = run_playbook(
            "playbooks/failover.yml", default_inventory(), environment, tmp_path / "again.log", *arguments
        )
        assert again.changed == 0


def lease(cloud: Cloud) -> dict:
    dynamodb = cloud.client("dynamodb", "us-east-1")
    return dynamodb.get_item(TableName="sales-lease", Key={"id": {"S": "lease"}}, ConsistentRead=True)["Item"]


def dials(cloud: Cloud, accelerator: str) -> dict[str, int]:
    client = cloud.client("globalaccelerator", "us-west-2")
    listener = client.list_listeners(AcceleratorArn=accelerator)["Listeners"][0]["ListenerArn"]
    groups = client.list_endpoint_groups(ListenerArn=listener)["EndpointGroups"]
    return {group["EndpointGroupRegion"]: int(group["TrafficDialPercentage"]) for group in groups}


def count(cloud: Cloud, sold: Sales) -> Evidence:
    """The evidence once everything is quiet, at most a minute later."""
    deadline = time.monotonic() + 60
    while True:
        evidence = gather(cloud.client, "sales", REGIONS, sold.acknowledged)
        if not evidence.lost or time.monotonic() > deadline:
            return evidence
        time.sleep(1)
