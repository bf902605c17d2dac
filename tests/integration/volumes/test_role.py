# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role `volumes` on top of the role `network`, as an inventory describes both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.playbooks import Run, run_playbook
from localcloud import Cloud
from tests.support.file_systems import REGION

WORKLOAD = "roles"
VARIABLES: dict[str, Any] = {
    "workload": WORKLOAD,
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    "region_cidr": "10.73.0.0/16",
    "network_nat": "none",
    "network_security_groups": [{"name": "roles-tasks"}],
    "volumes_file_systems": [
        {
            "name": "db-storage",
            "clients": ["roles-tasks"],
            "transition_to_ia": 30,
            "access_points": [{"name": "data", "path": "/data", "uid": 999, "gid": 999}],
        },
        {"name": "scratch", "clients": ["roles-tasks"], "subnets": "public", "backup": False},
    ],
}
ROLES = ("network", "volumes")

Play = Callable[..., tuple[Run, list[dict[str, Any]]]]


@pytest.fixture
def play(cloud: Cloud, tmp_path: Path) -> Play:
    """Plays roles on one region; gives what was printed, and the changes planned or made."""
    inventory = tmp_path / "hosts.yml"
    regions = {"regions": {"hosts": {REGION: None}, "vars": VARIABLES}}
    inventory.write_text(yaml.safe_dump({"all": {"children": regions}}))

    def go(roles: tuple[str, ...], *arguments: str, **variables: Any) -> tuple[Run, list[dict[str, Any]]]:
        playbook, plan = tmp_path / "play.yml", tmp_path / "plan.json"
        full = [f"multiregion.ecs.{role}" for role in roles]
        playbook.write_text(yaml.safe_dump([{"hosts": "regions", "gather_facts": False, "roles": full}]))
        environment = {**cloud.env(), "MULTIREGION_PLAN_FILE": str(plan)}
        extra = ("-e", json.dumps(variables))
        run = run_playbook(str(playbook), inventory, environment, tmp_path / "play.log", *extra, *arguments)
        return run, json.loads(plan.read_text())

    return go


CONSENT = {"destroy": "roles", "approve": True}


def identities(changes: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return sorted((change["action"], change["kind"], change["name"]) for change in changes)


def test_the_role_makes_what_the_inventory_says_and_publishes_it(cloud: Cloud, play: Play) -> None:
    # The network is not there yet: zones, subnets and groups are known after apply.
    _run, planned = play(ROLES, "--check")
    _run, made = play(ROLES)
    assert identities(made) == identities(planned)
    assert {change["name"] for change in made if change["kind"] == "efs_file_system"} == {
        "roles-db-storage",
        "roles-scratch",
    }
    run, again = play(ROLES)
    assert again == [] and run.changed == 0

    ssm = cloud.client("ssm", REGION)
    outputs = json.loads(ssm.get_parameter(Name=f"/{WORKLOAD}/outputs/volumes")["Parameter"]["Value"])
    efs = cloud.client("efs", REGION)
    for name, identifier in outputs["file_systems"].items():
        [system] = efs.describe_file_systems(FileSystemId=identifier)["FileSystems"]
        assert system["CreationToken"] == f"{WORKLOAD}-{name}"
    assert outputs["access_points"]["db-storage"]["data"]["path"] == "/data"

    # By itself it reads what the network has published.
    run, alone = play(("volumes",))
    assert alone == [] and run.changed == 0

    _run, cut_off = play(("removal", "volumes"), volumes_state="absent", **CONSENT)
    assert {"efs_mount_target", "ec2_security_group"} <= {change["kind"] for change in cut_off}
    for identifier in outputs["file_systems"].values():
        assert efs.describe_file_systems(FileSystemId=identifier)["FileSystems"][0]["NumberOfMountTargets"] == 0
    _run, removed = play(("removal", "volumes"), volumes_state="absent", volumes_delete_data=True, **CONSENT)
    assert identities(removed) == [
        ("delete", "efs_file_system", "roles-db-storage"),
        ("delete", "efs_file_system", "roles-scratch"),
    ]
    play(("removal", "network"), network_state="absent", **CONSENT)
