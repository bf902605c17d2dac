# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of each shipped inventory: foretold, made, nothing to do twice, drift told, strays pruned, nothing left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.inventories import regions_of
from harness.leftovers import leftover_lines
from harness.playbooks import ROOT, PlaybookFailed, Run, run_playbook
from localcloud import Cloud
from tests.support.images import build_images

Play = Callable[..., Run]
DIE = ("-e", "approve=true", "-e", "destroy_active=sa-east-1")


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud(tmp_path / "cloud", port=0, door_port=0) as running:
        yield running


def changes(file: Path) -> list[Any]:
    # The name of a job tells the revision that it comes before, which is known once that is registered.
    listed = [(each, each["name"].partition(" before ")[0]) for each in json.loads(file.read_text())]
    return sorted((each["action"], each["region"], each["kind"], name) for each, name in listed)


@pytest.mark.parametrize("workload", ["mysfits", "goals", "multiregion"])
def test_the_whole_life_of_an_inventory(workload: str, cloud: Cloud, tmp_path: Path) -> None:
    inventory, plan = ROOT / "inventories" / workload, tmp_path / "plan.json"
    region, name = next(iter(regions_of(inventory))), "sales" if workload == "multiregion" else workload

    def play(playbook: str, *arguments: str) -> Run:
        environment = {**cloud.env(), "MULTIREGION_PLAN_FILE": str(plan)}
        return run_playbook(playbook, inventory, environment, tmp_path / "play.log", *arguments)

    build_images(cloud, inventory)
    play("site.yml", "--check")
    foretold = changes(plan)
    play("site.yml")
    assert changes(plan) == foretold and len(foretold) > 30
    assert play("site.yml").changed == 0 and changes(plan) == []
    assert "All is as the inventory says." in play("playbooks/drift.yml", "--check").output

    sqs = cloud.client("sqs", region)
    url = sqs.create_queue(QueueName="former", tags={"workload": name, "region": region})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="sale")
    cloud.client("logs", region).put_retention_policy(logGroupName=log_group(cloud, region, name), retentionInDays=7)
    with pytest.raises(PlaybookFailed) as failed:
        play("playbooks/drift.yml", "--check")
    told = " ".join(str(failed.value).split())
    assert f"update log_group {log_group(cloud, region, name)} in {region}" in told
    assert f"sqs_queue former in {region}, which holds 1 message; to remove it" in told
    with pytest.raises(PlaybookFailed, match="(?s)Everything is built, and nothing was removed.*former"):
        play("site.yml", "-e", "prune=true")
    assert sqs.get_queue_url(QueueName="former")["QueueUrl"] == url
    for check in (["--check"], []):
        play("site.yml", "-e", "prune=true", "-e", "delete_data=true", *check)
        # The run that removed nothing has mended the log group.
        assert changes(plan) == [("delete", region, "sqs_queue", "former")]
    assert "All is as the inventory says." in play("playbooks/drift.yml", "--check").output

    play("playbooks/destroy.yml", "-e", f"destroy={name}", *DIE)
    assert leftover_lines(cloud.ask("inventory")) == []


def log_group(cloud: Cloud, region: str, name: str) -> str:
    groups = cloud.client("logs", region).describe_log_groups(logGroupNamePrefix=f"/ecs/{name}/")["logGroups"]
    return str(groups[0]["logGroupName"])
