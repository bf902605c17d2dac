# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layer of an inventory in two regions: each page is told of the load balancer of its own region."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.playbooks import ROOT, Run, run_playbook
from localcloud import Cloud
from tests.support.modules import run_named
from tests.support.site import identities

REGIONS = {"sa-east-1": "10.1.0.0/16", "us-east-2": "10.2.0.0/16"}
VARIABLES: dict[str, Any] = {
    "workload": "sales",
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    # What the other layers need, none of which is built.
    "network_nat": "none",
    "toggle_control_regions": ["us-east-2"],
    "edge_load_balancers": [{"name": "front"}],
    "website_root": str(ROOT / "workloads" / "mysfits_site"),
    "website_sites": [{"name": "site", "folder": "public", "config": {"api": {"load_balancer": "front"}}}],
}
Play = Callable[..., tuple[Run, list[dict[str, Any]]]]


@pytest.fixture
def play(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Plays a playbook; gives what was printed, and the changes planned or made. Load balancers stand already."""
    for name, value in cloud.env().items():
        monkeypatch.setenv(name, value)
    for region in REGIONS:
        outputs = {"load_balancers": {"front": f"front.{region}.elb.amazonaws.com"}}
        run_named("layer_outputs", region=region, layer="edge", outputs=outputs)
    inventory = tmp_path / "hosts.yml"
    hosts = {
        region: {"region_cidr": cidr, "region_role": role, "region_state": "ACTIVE"}
        for (region, cidr), role in zip(REGIONS.items(), ("primary", "recovery"), strict=True)
    }
    groups = {"regions": {"hosts": hosts}, "control": {"hosts": {"localhost": None}}}
    inventory.write_text(yaml.safe_dump({"all": {"children": groups, "vars": VARIABLES}}))

    def go(playbook: str, *arguments: str) -> tuple[Run, list[dict[str, Any]]]:
        plan = tmp_path / "plan.json"
        environment = {**cloud.env(), "MULTIREGION_PLAN_FILE": str(plan)}
        run = run_playbook(playbook, inventory, environment, tmp_path / "play.log", *arguments)
        return run, json.loads(plan.read_text())

    return go


def bucket(region: str) -> str:
    return f"sales-site-123456789012-{region}"


def test_a_website_in_each_region_is_foretold_made_once_and_removed(cloud: Cloud, play: Play, tmp_path: Path) -> None:
    # The whole site is played once: what the layer's role says before and after takes a tenth of the time.
    role = tmp_path / "role.yml"
    role.write_text(yaml.safe_dump([{"hosts": "regions", "gather_facts": False, "roles": ["multiregion.ecs.website"]}]))
    _run, planned = play(str(role), "--check")
    run, made = play("site.yml", "--tags", "website")
    of_it = [change for change in made if change["kind"].startswith("s3")]
    assert identities([change for change in planned if change["kind"].startswith("s3")]) == identities(of_it)
    assert {(change["region"], change["action"]) for change in of_it} == {(region, "create") for region in REGIONS}
    for region, mark in (("sa-east-1", "-"), ("us-east-2", ".")):
        url = f"http://{bucket(region)}.s3-website{mark}{region}.amazonaws.com"
        assert url in run.output
        s3, ssm = cloud.client("s3", region), cloud.client("ssm", region)
        config = json.load(s3.get_object(Bucket=bucket(region), Key="config.json")["Body"])
        assert config == {"api": f"front.{region}.elb.amazonaws.com"}
        (told,) = ssm.get_parameters(Names=["/sales/outputs/website"])["Parameters"]
        assert json.loads(told["Value"]) == {"websites": {"site": url}}
    again, changes = play(str(role))
    assert (changes, again.changed) == ([], 0)
    consents = ("-e", "destroy=sales", "-e", "destroy_active=sa-east-1", "-e", "approve=true")
    _run, removed = play("playbooks/destroy.yml", *consents)
    assert {("delete", region, "s3_bucket", bucket(region)) for region in REGIONS} <= set(identities(removed))
    for region in REGIONS:
        assert cloud.client("s3", region).list_buckets()["Buckets"] == []
