# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scheduled task runs in the ACTIVE region only, and after a failover in the other one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from localcloud import Cloud
from localcloud.options import ACCOUNT_ID
from tests.support.modules import checked, module_named
from tests.support.waiting import eventually

IMAGES = Path(__file__).parents[1] / "runner" / "images.yml"
STATES = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}},
        }
    ],
}
MAY_RUN = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ecs:RunTask", "Resource": "arn:aws:ecs:*:*:task-definition/job:*"}],
}


def call(module: str, region: str, **arguments: Any) -> dict[str, Any]:
    return run(module_named(module), checked(module_named(module), workload="jobs", region=region, **arguments))


def build(region: str, cidr: str) -> None:
    """A cluster in which a job is scheduled every minute, which lasts a second here."""
    network = call("region_network", region, cidr=cidr, zones=["a", "b"], nat="none", gateway_endpoints=[])
    call("ecs_cluster", region, name="jobs")
    job = {"name": "job", "image": "shell:1", "command": ["exit 0"]}
    call("ecs_taskdef_revision", region, family="job", cpu="256", memory="512", containers=[job])
    name = f"jobs-schedules-{region}"
    role = {"name": name, "assume_policy": TRUST, "policies": {"run": MAY_RUN}}
    made = call("service_roles", region, roles=[role])
    call(
        "ecs_schedules",
        region,
        cluster="jobs",
        role_arn=made["roles"][name]["arn"],
        enabled=STATES[region] == "ACTIVE",
        schedules=[
            {
                "name": "often",
                "rate": "1 minute",
                "task_definition": "job",
                "launch_type": "FARGATE",
                "network": {"subnets": network["subnets"]["private"]},
            }
        ],
    )


def test_scheduled_tasks_move_with_the_workload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cloud(tmp_path, port=0, door_port=0, tick=0.1, schedule_minute=1.0, image_tables=str(IMAGES)) as cloud:
        for name, value in cloud.env().items():
            monkeypatch.setenv(name, value)
        call("global_table", "us-east-1", name="jobs-lease", hash_key="id")
        call("global_table", "sa-east-1", name="jobs-state", regions=list(STATES), hash_key="region")
        lease = {"lease_regions": ["us-east-1"], "lease_duration": 2.0, "lease_heartbeat": 0.4}
        call("region_toggle", "us-east-1", regions=STATES, **lease)
        for number, region in enumerate(STATES):
            build(region, f"10.{90 + number}.0.0/16")

        def ran(region: str) -> int:
            found = cloud.client("ecs", region)
            which = {"cluster": "jobs", "startedBy": "chronos-schedule/often"}
            return sum(
                len(found.list_tasks(**which, desiredStatus=status)["taskArns"]) for status in ("RUNNING", "STOPPED")
            )

        eventually(lambda: ran("sa-east-1") >= 3, 20)
        assert ran("us-east-1") == 0
        short = {"view_ttl": 0.2, "claim_to_effect": 0.1, "schedule_group": "jobs", "reason": "test"}
        moved = call("region_switch", "us-east-1", regions=list(STATES), to="us-east-1", **lease, **short)
        assert [each["step"] for each in moved["steps"]].count("schedules_on") == 1
        before = ran("sa-east-1")
        eventually(lambda: ran("us-east-1") >= 3, 20)
        assert ran("sa-east-1") == before
        for region in STATES:
            assert call("ecs_schedules", region, state="absent")["changed"]
        left = cloud.ask("inventory")["resources"]
        assert not any("scheduler" in services for services in left.values())
