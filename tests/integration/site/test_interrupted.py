# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed is completed by running it again, and two runs never build at the same time."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.inventories import default_inventory
from harness.leftovers import leftover_lines
from harness.playbooks import PlaybookFailed, start_playbook
from localcloud import Cloud
from tests.support.site import Play
from tests.support.waiting import eventually

REGIONS = ("sa-east-1", "us-east-1")


def lock_holder(cloud: Cloud) -> str | None:
    client = cloud.client("dynamodb", "us-east-1")
    if "sales-lease" not in client.list_tables()["TableNames"]:
        return None
    item = client.get_item(TableName="sales-lease", Key={"id": {"S": "run"}}, ConsistentRead=True).get("Item")
    return item["holder"]["S"] if item else None


def wait_for_lock(cloud: Cloud, patience: float = 60) -> None:
    eventually(lambda: lock_holder(cloud), patience, what="the run takes the lock")


def unnamed_resources(cloud: Cloud, region: str) -> Counter[str]:
    """What has no name that AWS keeps unique, and two runs would therefore make twice."""
    ec2 = cloud.client("ec2", region)
    ours = [{"Name": "tag:workload", "Values": ["sales"]}]
    return Counter(
        vpcs=len(ec2.describe_vpcs(Filters=ours)["Vpcs"]),
        addresses=len(ec2.describe_addresses(Filters=ours)["Addresses"]),
        gateways=len(ec2.describe_internet_gateways(Filters=ours)["InternetGateways"]),
        nat=len([n for n in ec2.describe_nat_gateways(Filters=ours)["NatGateways"] if n["State"] == "available"]),
        tables=len(ec2.describe_route_tables(Filters=ours)["RouteTables"]),
        endpoints=len(ec2.describe_vpc_endpoints(Filters=ours)["VpcEndpoints"]),
    )


STRAYS = (
    "dynamodb_table sales-former",
    "ecs_service sales/former",
    "iam_role sales-former-task-us-east-1",
    "s3_bucket sales-former-lake",
    "sqs_queue sales-former",
)
HOLDS = {"dynamodb_table": ", which holds items", "s3_bucket": ", which holds objects"}
"""Kind of what would take data with it → how that is told."""


def make_strays(cloud: Cloud, region: str) -> None:
    """What an earlier inventory may have had, tagged as the collection tags."""
    tags = {"workload": "sales", "region": region}
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    cloud.client("sqs", region).create_queue(QueueName="sales-former", tags=tags)
    cloud.client("iam").create_role(RoleName=f"sales-former-task-{region}", AssumeRolePolicyDocument="{}", Tags=listed)
    s3 = cloud.client("s3", region)
    s3.create_bucket(Bucket="sales-former-lake", CreateBucketConfiguration={"Tags": listed})
    s3.put_object(Bucket="sales-former-lake", Key="sale", Body=b"sale")
    cloud.client("dynamodb", region).create_table(
        TableName="sales-former",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
        Tags=listed,
    )
    make_service(cloud, region, "former", tags=[{"key": key, "value": value} for key, value in tags.items()])


def make_service(cloud: Cloud, region: str, name: str, **more: Any) -> None:
    ecs = cloud.client("ecs", region)
    model = ecs.describe_services(cluster="sales", services=["sales-worker"])["services"][0]
    same = {key: model[key] for key in ("taskDefinition", "networkConfiguration")}
    ecs.create_service(cluster="sales", serviceName=name, desiredCount=1, **same, **more)


@contextlib.contextmanager
def strange_service(cloud: Cloud, region: str) -> Iterator[None]:
    """A service of somebody else's in our cluster, which would keep the cluster."""
    make_service(cloud, region, "strange")
    yield
    cloud.client("ecs", region).delete_service(cluster="sales", service="strange", force=True)


@pytest.fixture(autouse=True)
def _no_orphans(cloud: Cloud) -> Iterator[None]:
    """`kill -9` of ansible-playbook orphans its workers, which is what a test wants; not for longer than the test."""
    yield
    mark = f"AWS_ENDPOINT_URL={cloud.endpoint}".encode()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            ours = entry.name.isdigit() and b"ansible-playbook" in (entry / "cmdline").read_bytes()
            if ours and mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


def kill_run_after(cloud: Cloud, seconds: float) -> None:
    """Start site.yml, and end it and its workers as `kill -9` does, some time after it took the lock."""
    process = start_playbook("site.yml", default_inventory(), cloud.env())
    try:
        before = lock_holder(cloud)
        deadline = time.monotonic() + 60
        while lock_holder(cloud) in (None, before) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(seconds)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def steal_lock(cloud: Cloud) -> None:
    item = {"id": {"S": "run"}, "holder": {"S": "elsewhere:1:1:1"}, "operator": {"S": "bia"}, "since": {"S": "now"}}
    cloud.client("dynamodb", "us-east-1").put_item(TableName="sales-lease", Item=item)


def test_a_second_run_is_kept_out_and_the_first_one_stops_when_its_lock_is_taken(cloud: Cloud, play: Play) -> None:
    first = start_playbook("site.yml", default_inventory(), cloud.env())
    try:
        wait_for_lock(cloud)
        with pytest.raises(PlaybookFailed, match="Another run is building workload sales"):
            play("site.yml")
        steal_lock(cloud)
        output, _nothing = first.communicate(timeout=60)
        assert "another run has taken over the lock of workload sales: bia, process elsewhere:1:1:1" in output
    finally:
        if first.poll() is None:
            os.killpg(first.pid, signal.SIGKILL)
            first.communicate()
    cloud.client("dynamodb", "us-east-1").delete_item(TableName="sales-lease", Key={"id": {"S": "run"}})


def test_runs_killed_anywhere_are_completed_by_running_again(cloud: Cloud, play: Play) -> None:
    for seconds in (0.7, 2.5, 5.0, 9.0):
        kill_run_after(cloud, seconds)
    play("site.yml")
    _checked, left = play("site.yml", "--check")
    assert left == []
    for region in REGIONS:
        assert unnamed_resources(cloud, region) == Counter(
            vpcs=1, addresses=1, gateways=1, nat=1, tables=3, endpoints=2
        )
    assert lock_holder(cloud) is None


def test_what_the_inventory_no_longer_names_is_told(cloud: Cloud, play: Play) -> None:
    make_strays(cloud, "us-east-1")
    told, _nothing = play("playbooks/status.yml")
    said = " ".join(told.output.split())
    for stray in STRAYS:
        holds = HOLDS.get(stray.split()[0], "")
        assert f"{stray} in us-east-1{holds}; to remove it: ansible localhost -m multiregion.ecs." in said
    assert "sales/sales-api in" not in told.output


def test_destroying_is_refused_without_the_name_and_resumed_after_a_kill(cloud: Cloud, play: Play) -> None:
    with pytest.raises(PlaybookFailed, match="To continue, add: -e destroy=sales"):
        play("playbooks/destroy.yml", "-e", "approve=true")
    with pytest.raises(PlaybookFailed, match="You named other"):
        play("playbooks/destroy.yml", "-e", "destroy=other", "-e", "approve=true")
    consent = ("-e", "destroy=sales", "-e", "approve=true")
    with pytest.raises(PlaybookFailed, match="sales lives: sa-east-1 is ACTIVE .*-e destroy_active=sa-east-1"):
        play("playbooks/destroy.yml", "--check", *consent, "-e", "destroy_active=us-east-1")
    with strange_service(cloud, "us-east-1"), pytest.raises(PlaybookFailed, match="ecs_service sales/strange in us-"):
        play("playbooks/destroy.yml", *consent, "-e", "destroy_active=sa-east-1")
    process = start_playbook(
        "playbooks/destroy.yml", default_inventory(), cloud.env(), *consent, "-e", "destroy_active=sa-east-1"
    )
    time.sleep(8)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    play("playbooks/destroy.yml", *consent, "-e", "destroy_active=sa-east-1")
    assert left_over(cloud) == []
    _run, made = play("playbooks/destroy.yml", *consent)
    assert made == [], "what is gone stays gone, and that is no error"


def left_over(cloud: Cloud) -> list[Any]:
    return leftover_lines(cloud.ask("inventory"))
