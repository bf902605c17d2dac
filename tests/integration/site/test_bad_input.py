# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is refused in words before the first AWS call: the endpoint it would have gone to counts requests."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.inventories import default_inventory
from harness.playbooks import PlaybookFailed, run_playbook


@pytest.fixture(scope="module")
def endpoint() -> Iterator[tuple[str, list[str]]]:
    """An address that answers nothing useful, and the requests that reached it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_error(500)

        do_GET = do_PUT = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def services(**changes: Any) -> dict[str, Any]:
    """The inventory's services, the worker's changed."""
    path = default_inventory() / "group_vars" / "all" / "service.yml"
    listed = yaml.safe_load(path.read_text())["service_definitions"]
    listed[1].update(changes)
    return {"service_definitions": listed}


def hosts(**changes: dict[str, Any]) -> dict[str, Any]:
    """The inventory's regions, some changed or added; None removes one."""
    listed = yaml.safe_load((default_inventory() / "hosts.yml").read_text())
    regions = listed["all"]["children"]["regions"]["hosts"]
    for name, values in changes.items():
        region = name.replace("_", "-")
        if values is None:
            regions.pop(region)
        else:
            regions.setdefault(region, {}).update(values)
    return listed


EXTRA = {
    "an impossible Fargate size": (services(memory=5000), ["5000", "512, 1024, 2048"]),
    "an unknown queue": (services(environment={"Q": {"queue": "sale-queue"}}), ["sale-queue", "sales-queue"]),
    "an unknown table": (services(uses=[{"table": "sails", "access": "read"}]), ["sails", "sales-idempotency"]),
    "a load balancer's name that is too long": (
        {"edge_load_balancers": [{"name": "x" * 33, "target_groups": [], "listeners": []}]},
        ["x" * 33, "32"],
    ),
    "a reference image, undeclared": (
        services(image="fidelissauro/sales-worker:latest"),
        ["fidelissauro/sales-worker:latest", "passive_behaviour: drops", "multiregion-reference"],
    ),
    "variables of the last roles": (
        {"routing_wait_timeout": "long", "observability_latency_p99": "slow"},
        ["routing_wait_timeout", "'long'\" cannot be converted to an int", "observability_latency_p99"],
    ),
    "control regions of no set": ({"toggle_control_regions": ["sa-east-1", "us-east-1", "us-west-2"]}, ["sa-east-1"]),
}
INVENTORIES = {
    "overlapping networks": (hosts(us_east_1={"region_cidr": "10.10.128.0/17"}), ["10.10.128.0/17", "10.10.0.0/16"]),
    "two primaries": (hosts(us_east_1={"region_role": "primary"}), ["sa-east-1", "us-east-1", "primary"]),
    "an unknown region": (
        hosts(us_est_1={"region_role": "recovery", "region_state": "PASSIVE", "region_cidr": "10.40.0.0/16"}),
        ["us-est-1", "us-east-1"],
    ),
    "a state that is none": (hosts(us_east_1={"region_state": "STANDBY"}), ["STANDBY", "ACTIVE", "PASSIVE"]),
    "no active region": (hosts(sa_east_1={"region_state": "PASSIVE"}), ["ACTIVE"]),
    "no region": (hosts(sa_east_1=None, us_east_1=None), ["region"]),
}


CONSENT = ("-e", "destroy=sales", "-e", "destroy_active=sa-east-1", "-e", "approve=true")
UNASKED = ["nobody was asked in this run", "Run playbooks/destroy.yml -e destroy=sales without --limit"]
COMMANDS = {
    "a limit that leaves nothing to do": (
        ["deploy.yml", "--limit", "us-east-1", "-e", "image_tag=v2"],
        ["--limit us-east-1 does not choose its regions", "say -e target=us-east-1"],
    ),
    "a limit that would be ignored": (
        ["failover.yml", "--limit", "us-east-1,control"],
        ["--limit us-east-1,control", "say -e to=us-east-1"],
    ),
    "a removal of one region": (
        ["destroy.yml", "--limit", "us-east-1", *CONSENT],
        ["this run leaves out", "sa-east-1", "Leave --limit out."],
    ),
    "a removal of what is left around the regions": (
        ["destroy.yml", "--limit", "localhost", *CONSENT],
        ["this run leaves out", "sa-east-1", "us-east-1"],
    ),
    "a removal with a wrong variable": (
        ["destroy.yml", "-e", "network_wait_timeout=long", *CONSENT],
        ["network_wait_timeout", "'long'\" cannot be converted to an int"],
    ),
    "a removal of one layer": (["destroy.yml", "--tags", "network", *CONSENT], ["Leave --tags"]),
    "a removal without its questions": (["destroy.yml", "--skip-tags", "always", *CONSENT], UNASKED),
    "a removal of one region without its questions": (
        ["destroy.yml", "--limit", "us-east-1", "--skip-tags", "always", *CONSENT],
        UNASKED,
    ),
    "a removal from the middle": (["destroy.yml", "--start-at-task", "Create the network", *CONSENT], UNASKED),
    "a pruning of one layer": (["site.yml", "--tags", "data", "-e", "prune=true"], ["Leave --tags out, or prune."]),
    "a look for drift that would mend it": (["drift.yml"], ["would mend it without --check"]),
    "a deployment without its plan": (
        ["deploy.yml", "--start-at-task", "Deploy to all waves", "-e", "image_tag=v2", "-e", "approve=true"],
        ["'deployment_plan' is undefined"],
    ),
    "two words for one thing": (
        ["deploy.yml", "-e", json.dumps({"image_tag": "v2", "images": {"sales-api": ":v3"}, "wave_pause": "aproval"})],
        ["image_tag is v2 and images names sales-api", "wave_pause is 'aproval'; expected seconds"],
    ),
    "a service that does not exist": (
        ["deploy.yml", "-e", json.dumps({"images": {"sales-apo": ":v3"}})],
        ["Action failed: images names sales-apo; expected a service or one of sales-api/sales-api"],
    ),
    "a rollback to an image": (["rollback.yml", "-e", "image_tag=v2"], ["returns to the release before"]),
}


def environment(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIAOPERATOR0LAPTOP0",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret-but-as-long-as-one-would-be",
    }


def refused(
    inventory: Path, extra: dict[str, Any], endpoint: str, folder: Path, playbook: str = "site.yml", *words: str
) -> str:
    with pytest.raises(PlaybookFailed) as failure:
        run_playbook(playbook, inventory, environment(endpoint), folder / "log", "-e", json.dumps(extra), *words)
    return str(failure.value)


@pytest.mark.parametrize("case", EXTRA)
def test_a_wrong_variable(case: str, endpoint: Any, tmp_path: Path) -> None:
    url, asked = endpoint
    extra, words = EXTRA[case]
    said = refused(default_inventory(), extra, url, tmp_path)
    assert all(word in said for word in words), said
    assert asked == []


@pytest.mark.parametrize("case", INVENTORIES)
def test_a_wrong_inventory(case: str, endpoint: Any, tmp_path: Path) -> None:
    url, asked = endpoint
    listed, words = INVENTORIES[case]
    shutil.copytree(default_inventory(), tmp_path / "inventory")
    (tmp_path / "inventory" / "hosts.yml").write_text(yaml.safe_dump(listed, sort_keys=False))
    said = refused(tmp_path / "inventory", {}, url, tmp_path)
    assert all(word in said for word in words), said
    assert asked == []


@pytest.mark.parametrize("case", COMMANDS)
def test_a_wrong_command_line(case: str, endpoint: Any, tmp_path: Path) -> None:
    url, asked = endpoint
    (playbook, *arguments), words = COMMANDS[case]
    said = refused(default_inventory(), {}, url, tmp_path, f"playbooks/{playbook}", *arguments)
    assert all(word in " ".join(said.split()) for word in words), said
    assert "is undefined" in said or "Nothing was changed" in said or "Nothing was removed" in said
    assert asked == []


def test_a_switch_without_its_plan_does_nothing(endpoint: Any, tmp_path: Path) -> None:
    url, asked = endpoint
    words = ("--start-at-task", "Carry out the switch", "-e", "to=us-east-1", "-e", "approve=true")
    run_playbook("playbooks/failover.yml", default_inventory(), environment(url), tmp_path / "log", *words)
    assert asked == []
