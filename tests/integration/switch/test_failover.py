# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failovers of the sales system while it sells: graceful, then back without a region that has died."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.evidence import Evidence, gather
from harness.inventories import default_inventory
from harness.playbooks import ROOT, PlaybookFailed, run_playbook
from harness.traffic import Sales, Traffic
from localcloud import Cloud
from tests.support.images import build_images

REGIONS = ["sa-east-1", "us-east-1"]


def test_failovers_under_traffic_lose_nothing(tmp_path: Path) -> None:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as cloud:
        environment = cloud.env()
        build_images(cloud)
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

        dies_and_comes_back(cloud, tmp_path, accelerator["DnsName"])


def dies_and_comes_back(cloud: Cloud, folder: Path, name: str) -> None:
    """us-east-1 dies while it is ACTIVE; the workload moves on without it, and settles with it afterwards."""
    inventory, environment = default_inventory(), cloud.env()
    arguments = ("-e", "reason=test", "-e", "approve=true")
    fault(cloud, "us-east-1", "dead")
    with pytest.raises(PlaybookFailed, match="us-east-1 would change and does not answer"):
        run_playbook("playbooks/failback.yml", inventory, environment, folder / "refused.log", *arguments)
    moved = run_playbook(
        "playbooks/failback.yml", inventory, environment, folder / "back.log", *arguments, "-e", "execution=ungraceful"
    )
    assert "still owed: us-east-1" in moved.output
    assert lease(cloud)["owed"]["M"].keys() == {"us-east-1"}
    sold = Traffic(cloud.door, name, rate=8).start().stop_after(20, patience=30)
    assert set(sold.served_by) == {"sa-east-1"}

    fault(cloud, "us-east-1", "ok")
    run_playbook("playbooks/failback.yml", inventory, environment, folder / "settled.log", *arguments)
    evidence = count(cloud, sold)
    assert (sold.failures, evidence.lost, evidence.duplicated) == ([], set(), set())
    after = lease(cloud)
    assert after["owed"]["M"] == {} and "NULL" in after["plan"]
    parameter = cloud.client("ssm", "us-east-1").get_parameter(Name="/sales/region/state")
    assert parameter["Parameter"]["Value"] == "PASSIVE"


def fault(cloud: Cloud, region: str, state: str) -> None:
    command = [sys.executable, "-m", "localcloud", "region", region, state, "--home", str(cloud.home)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def lease(cloud: Cloud) -> dict:
    dynamodb = cloud.client("dynamodb", "us-east-2")  # the replica that no test lets die
    return dynamodb.get_item(TableName="sales-lease", Key={"id": {"S": "lease"}}, ConsistentRead=True)["Item"]


def dials(cloud: Cloud, accelerator: str) -> dict[str, int]:
    client = cloud.client("globalaccelerator", "us-west-2")
    listener = client.list_listeners(AcceleratorArn=accelerator)["Listeners"][0]["ListenerArn"]
    groups = client.list_endpoint_groups(ListenerArn=listener)["EndpointGroups"]
    return {group["EndpointGroupRegion"]: int(group["TrafficDialPercentage"]) for group in groups}


def count(cloud: Cloud, sold: Sales) -> Evidence:
    """The evidence once everything is quiet, at most some minutes later: what came too early is hidden for a while."""
    deadline = time.monotonic() + 240
    while True:
        evidence = gather(cloud.client, "sales", REGIONS, sold.acknowledged)
        if not evidence.lost or time.monotonic() > deadline:
            return evidence
        time.sleep(1)
