# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mysfits system on an embedded cloud, built by its playbooks, and seen from outside and from AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.playbooks import ROOT, Run, run_playbook
from harness.visitor import ask
from localcloud import Cloud
from tests.support.images import build_images

INVENTORY = ROOT / "inventories" / "mysfits"
REGION = "us-east-1"

SHOWING_STATS = {"ANSIBLE_SHOW_CUSTOM_STATS": "true", "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}


class Mysfits:
    """The running system, seen from outside and from AWS."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder
        build_images(cloud, INVENTORY)
        self.site(INVENTORY)
        elb = cloud.client("elbv2", REGION)
        self.name = elb.describe_load_balancers(Names=["mysfits"])["LoadBalancers"][0]["DNSName"]

    def site(self, inventory: Path, *arguments: str) -> Run:
        return self.play("site.yml", inventory, *arguments)

    def play(self, playbook: str, inventory: Path, *arguments: str) -> Run:
        return run_playbook(playbook, inventory, self.cloud.env(), self.folder / "play.log", *arguments)

    def made(self, inventory: Path, *arguments: str) -> tuple[list[tuple[str, str, str]], dict[str, Any]]:
        """The changes that a run of site.yml makes, as (action, kind, name), and what it keeps with `set_stats`."""
        file = self.folder / "plan.json"
        environment = {**self.cloud.env(), "MULTIREGION_PLAN_FILE": str(file), **SHOWING_STATS}
        done = run_playbook("site.yml", inventory, environment, self.folder / "plan.log", *arguments)
        kept = json.loads(done.output.partition("\tRUN: ")[2].partition("\n")[0])
        return [(each["action"], each["kind"], each["name"]) for each in json.loads(file.read_text())], kept

    def ask(self, method: str, path: str) -> tuple[int, Any]:
        return ask(self.cloud.door, method, path, self.name)

    def routes(self) -> dict[str, str]:
        """Priority → target group of the listener's rules."""
        elb = self.cloud.client("elbv2", REGION)
        (balancer,) = elb.describe_load_balancers(Names=["mysfits"])["LoadBalancers"]
        (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        return {rule["Priority"]: rule["Actions"][0]["TargetGroupArn"].split("/")[-2] for rule in rules}

    def lines(self, service: str) -> list[str]:
        told = self.cloud.client("logs", REGION).filter_log_events(logGroupName=f"/ecs/mysfits/{service}")
        return [event["message"] for event in told["events"]]
