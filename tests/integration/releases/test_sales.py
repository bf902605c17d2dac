# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments of the sales system while it sells, each version built from its source: a good one, a bad one, and back.

The tests go on where the one before left off, as a person would.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.evidence import count_unprocessed, gather
from harness.inventories import PRIMARY, RECOVERY, copy_inventory, edit_variables
from harness.playbooks import ROOT, PlaybookFailed
from harness.sales_system import WORKLOAD, SalesSystem
from harness.traffic import Traffic
from localcloud import Cloud
from tests.support.images import build_images
from tests.support.waiting import eventually

REGIONS = [PRIMARY, RECOVERY]
SERVICES = ("sales-api", "sales-worker")
SOURCES = ("workloads", "plugins/module_utils/protocol")
ASKED = ("-e", "approve=true", "-e", "reason=test", "-e", "bake_time=1")
RATE = 3.0

Digests = dict[str, str]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the images are made of."""
    root = tmp_path_factory.mktemp("source")
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="module")
def system(cloud: Cloud, source: Path, tmp_path_factory: pytest.TempPathFactory) -> SalesSystem:
    folder = tmp_path_factory.mktemp("system")
    inventory = copy_inventory(folder / "inventory")
    with edit_variables(inventory, "service") as variables:
        for service in variables["service_definitions"]:
            service["scaling"]["min"] = 1
    build_images(cloud, inventory, source, "v1")
    built = SalesSystem(cloud, inventory, folder)
    built.play("site", "site.yml")
    return built


def edit(source: Path, file: str, old: str, new: str) -> None:
    path = source / "workloads" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def running(cloud: Cloud) -> dict[str, Digests]:
    """Region → service → the digest that all its running tasks run."""
    found: dict[str, Digests] = {}
    for region in REGIONS:
        ecs = cloud.client("ecs", region)
        for service in SERVICES:
            arns = ecs.list_tasks(cluster="sales", serviceName=service, desiredStatus="RUNNING")["taskArns"]
            tasks = ecs.describe_tasks(cluster="sales", tasks=arns)["tasks"]
            (digest,) = {each["imageDigest"] for task in tasks for each in task["containers"]}
            found.setdefault(region, {})[f"sales/{service}"] = digest
    return found


def nothing_is_left_to_do(system: SalesSystem) -> bool:
    return "Nothing to change." in system.play("check", "site.yml", "--check", "--tags", "service").output


def test_versions_come_and_go_under_traffic_without_a_failed_request_or_a_lost_sale(
    cloud: Cloud, system: SalesSystem, source: Path
) -> None:
    before = running(cloud)
    assert before[PRIMARY] == before[RECOVERY]
    edit(source, "sales_common/__init__.py", "No rule of the switch", "Version 2. No rule of the switch")
    good = build_images(cloud, system.inventory, source, "v2")
    edit(source, "sales_api/__main__.py", "from .store import", "from .no_store import")
    bad = build_images(cloud, system.inventory, source, "v3")
    assert len({before[PRIMARY]["sales/sales-api"], good["sales/sales-api"], bad["sales/sales-api"]}) == 3

    traffic = Traffic(cloud.door, system.host, rate=RATE).start()
    try:
        scanned = (*ASKED, "-e", "image_tag=v2", "-e", "deployment_image_scan_stops_at=HIGH")
        cloud.scan("sales/sales-api", "CRITICAL=CVE-2026-1:openssl", region=PRIMARY)
        with pytest.raises(PlaybookFailed, match=r"CVE-2026-1\s+\(CRITICAL,\s+openssl\)"):
            system.play("unsafe", "playbooks/deploy.yml", *scanned)
        assert running(cloud) == {PRIMARY: before[PRIMARY], RECOVERY: before[RECOVERY]}
        cloud.scan("sales/sales-api")
        deployed = system.play("deploy", "playbooks/deploy.yml", *scanned).output
        assert running(cloud) == {PRIMARY: good, RECOVERY: good}
        first, second = (
            deployed.index(f"bake: {region} did well for 1 s: sales-api {good['sales/sales-api'][7:19]}")
            for region in (RECOVERY, PRIMARY)
        )
        assert first < second and ".dkr.ecr." not in deployed

        with pytest.raises(PlaybookFailed) as failure:
            system.play("bad", "playbooks/deploy.yml", *ASKED, "-e", "image_tag=v3")
        said = " ".join(str(failure.value).split())
        for words in ("No module named", f"{RECOVERY} went back", f"{PRIMARY} was not begun", "sales/sales-api@"):
            assert words in said, said
        assert running(cloud) == {PRIMARY: good, RECOVERY: good}
        begun = cloud.client("ecs", PRIMARY).list_task_definitions(familyPrefix="sales-api", status="INACTIVE")
        assert begun["taskDefinitionArns"] == [], "no revision of the bad version was made there"
        assert nothing_is_left_to_do(system), "after the good one either"

        system.play("back", "playbooks/rollback.yml", *ASKED)
        assert running(cloud) == before
        assert nothing_is_left_to_do(system)
    finally:
        sold = traffic.stop()

    eventually(lambda: not count_unprocessed(cloud.client, WORKLOAD, REGIONS), 60, what="unprocessed sales", pause=0.5)
    evidence = gather(cloud.client, WORKLOAD, REGIONS, sold.acknowledged)
    assert (sold.failures, evidence.lost, evidence.duplicated, evidence.wrong_content) == ([], set(), set(), set())
    assert sold.posted >= 60 and set(sold.served_by) == {PRIMARY}
