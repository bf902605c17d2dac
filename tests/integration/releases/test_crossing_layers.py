# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is renamed in several layers at once, under traffic: the site is built, and no request fails."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.playbooks import run_playbook
from localcloud import Cloud
from tests.support.two_regions import CIDRS, A, TwoRegions, Visitors

IMAGES = Path(__file__).with_name("images.yml")
HEALTH = {"path": "/healthcheck", "interval": 5, "timeout": 2, "healthy_threshold": 2}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRegions]:
    home = tmp_path_factory.mktemp("cloud")
    with Cloud(home, port=0, door_port=0, tick=0.1, metric_seconds=1.0, image_tables=str(IMAGES)) as cloud:
        yield TwoRegions(cloud)


def site(folder: Path, *, group: str, port: int, security_group: str) -> Path:
    """An inventory for what `TwoRegions` has made in one region, with these names."""
    (folder / "group_vars").mkdir(parents=True)
    hosts: dict[str, Any] = {
        "regions": {"hosts": {A: {"region_cidr": CIDRS[A], "region_state": "ACTIVE", "region_role": "primary"}}},
        "control": {"hosts": {"localhost": {}}},
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": hosts}}))
    ingress = [{"port": number, "cidrs": [cidr]} for number, cidr in ((80, "0.0.0.0/0"), (port, "10.0.0.0/8"))]
    groups = {"name": security_group, "ingress": ingress}
    balancer = {
        "name": "web",
        "subnets": "public",
        "security_groups": [security_group],
        "target_groups": [{"name": group, "port": port, "deregistration_delay": 1, "health_check": deepcopy(HEALTH)}],
        "listeners": [{"port": 80, "default": {"target_group": group}}],
    }
    service = {
        "name": "web",
        "image": "shop/web:v1",
        "cpu": 256,
        "memory": 512,
        "port": port,
        "desired_count": 2,
        "load_balancer": "web",
        "target_group": group,
        "security_groups": [security_group],
        "environment": {"PORT": port},
    }
    variables = {
        "ansible_connection": "local",
        "workload": "web",
        "workload_tags": {},
        "network_nat": "single",
        "network_interface_endpoints": [],
        "network_security_groups": [groups],
        "cluster_name": "web",
        "cluster_capacity_providers": ["FARGATE", "FARGATE_SPOT"],
        "cluster_container_insights": "disabled",
        "toggle_control_regions": ["us-east-1"],
        # Not the one that names both regions, of which this inventory has one.
        "toggle_lease_table": "web-lease-of-one",
        "edge_load_balancers": [balancer],
        "service_definitions": [service],
        "routing_health_path": "/healthcheck",
    }
    (folder / "group_vars" / "all.yml").write_text(yaml.safe_dump(variables))
    return folder


def test_whatever_is_renamed_or_gets_another_port_no_request_fails(web: TwoRegions, tmp_path: Path) -> None:
    """Target group, its port, the container's, the security group of both, and its rules: all of it in one run."""
    renamed = site(tmp_path / "renamed", group="web-next", port=8081, security_group="next")
    with Visitors(web, (A,), pause=0.02) as visitors:
        run_playbook("site.yml", renamed, web.cloud.env(), tmp_path / "renamed.log")
    assert visitors.failed == [] and visitors.answered > 100
    elb, ec2 = web.cloud.client("elbv2", A), web.cloud.client("ec2", A)
    groups = elb.describe_target_groups()["TargetGroups"]
    assert [(group["TargetGroupName"], group["Port"]) for group in groups] == [("web-next", 8081)]
    names = {group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    assert "next" in names and "web" not in names
    again = run_playbook("site.yml", renamed, web.cloud.env(), tmp_path / "again.log", "--check").output
    assert "Nothing to change." in again
