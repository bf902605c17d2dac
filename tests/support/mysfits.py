# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mysfits system on an embedded cloud, built by its playbooks, and seen from outside and from AWS."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

from harness.playbooks import ROOT, run_playbook
from localcloud import Cloud
from tests.support.images import build_images

INVENTORY = ROOT / "inventories" / "mysfits"
REGION = "us-east-1"


class Mysfits:
    """The running system, seen from outside and from AWS."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud = cloud
        build_images(cloud, INVENTORY)
        run_playbook("site.yml", INVENTORY, cloud.env(), folder / "site.log")
        elb = cloud.client("elbv2", REGION)
        self.name = elb.describe_load_balancers(Names=["mysfits"])["LoadBalancers"][0]["DNSName"]

    def ask(self, method: str, path: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self.cloud.door, timeout=10)
        try:
            connection.request(method, path, headers={"Host": self.name})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def lines(self, service: str) -> list[str]:
        told = self.cloud.client("logs", REGION).filter_log_events(logGroupName=f"/ecs/mysfits/{service}")
        return [event["message"] for event in told["events"]]
