# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A life of the sales system by the buttons of AWX alone, with a job that is cancelled in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.inventories import PRIMARY, RECOVERY
from localcloud import Cloud
from tests.support.awx_jobs import Controller, Job
from tests.support.clones import Clone, published, running

REGIONS = [PRIMARY, RECOVERY]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


def did_well(job: Job) -> Job:
    assert job.status == "successful", job.output[-6000:]
    return job


def test_the_buttons_build_deploy_move_and_go_back(repository: Path, cloud: Cloud, tmp_path: Path) -> None:
    clone = Clone(tmp_path / "project", repository)
    awx = Controller(tmp_path / "jobs", clone.folder, cloud, user="ana")
    first = clone.head
    built = did_well(awx.launch("build"))
    digest = published(cloud, REGIONS, first)
    assert {region: {one["sales/sales-api"]} for region, one in built.kept["digests"].items()} == digest
    made = did_well(awx.launch("site")).kept
    assert (made["epoch"], made["strays"]) == (1, []) and len(made["changes"]) > 100
    assert made["revisions"][RECOVERY]["sales-api"].endswith("task-definition/sales-sales-api:1")
    assert running(cloud, REGIONS) == digest
    assert "Nothing to change." in did_well(awx.launch("drift")).output
    logs = cloud.client("logs", PRIMARY)
    logs.put_retention_policy(logGroupName="/ecs/sales/sales-api", retentionInDays=1)
    drift = awx.launch("drift")
    assert drift.status == "failed" and f"update log_group /ecs/sales/sales-api in {PRIMARY}" in drift.failures[-1]
    did_well(awx.launch("site"))

    second = clone.new_version(2)
    did_well(awx.launch("build"))
    unapproved = awx.launch("deploy", image_tag=second, reason="release 2", bake_time=1)
    assert unapproved.status == "failed" and "add -e approve=true in non-interactive runs" in unapproved.failures[-1]
    assert running(cloud, REGIONS) == digest

    wanted = {"image_tag": second, "reason": "release 2", "bake_time": 1, "approve": "true"}
    cancelled = awx.launch("deploy", cancel_at=f"bake: {RECOVERY} did well", **wanted)
    assert cancelled.status == "canceled" and running(cloud, REGIONS) != published(cloud, REGIONS, second)
    deployed = did_well(awx.launch("deploy", **wanted))
    assert running(cloud, REGIONS) == published(cloud, REGIONS, second)
    told = {region: {one["sales-api"]["sales-api"]} for region, one in deployed.kept["digests"].items()}
    assert told == published(cloud, REGIONS, second)
    assert deployed.kept["revisions"][PRIMARY]["sales-api"].endswith("task-definition/sales-sales-api:2")

    moved = did_well(awx.launch("failover", to=RECOVERY, reason="drill", approve="true"))
    assert moved.kept["states"] == {PRIMARY: "PASSIVE", RECOVERY: "ACTIVE"}
    status = did_well(awx.launch("status"))
    assert (status.kept["epoch"], status.kept["states"]) == (moved.kept["epoch"], moved.kept["states"])

    did_well(awx.launch("rollback", reason="release 2 is slow", bake_time=1, approve="true"))
    assert running(cloud, REGIONS) == digest
    report = tmp_path / "switches.json"
    kept = did_well(awx.launch("report", report_file=str(report))).kept
    assert (kept["report"], kept["deployments_report"], kept["switches"]) == (str(report), "", 1)
    assert json.loads(report.read_text())[0]["operator"] == "ana"

    consent = {"destroy": "sales", "destroy_active": RECOVERY, "approve": "true"}
    gone = did_well(awx.launch("destroy", **consent)).kept
    assert gone["left"] == [] and len(gone["changes"]) > 100
