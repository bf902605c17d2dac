# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline's life of the sales system, from a clone: built, given a new version region by region, removed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.inventories import PRIMARY, RECOVERY
from harness.leftovers import leftover_lines
from harness.playbooks import playbook_environment
from localcloud import Cloud

REGIONS = [PRIMARY, RECOVERY]
BRIEF = ("--", "-e", "bake_time=1")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


class Clone:
    """A clone of what is committed, with one task of each service, and what a person does in it."""

    def __init__(self, folder: Path, repository: Path, cloud: Cloud) -> None:
        self.folder, self.cloud = folder, cloud
        subprocess.run(["git", "clone", "--quiet", repository, folder], check=True)
        self.commit("inventories/multiregion/group_vars/all/service.yml", "min: 2", "min: 1")

    def git(self, *arguments: str) -> str:
        own = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
        done = subprocess.run(["git", *own, *arguments], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, file: str, old: str, new: str) -> str:
        """Replace text and commit it; returns the tag that its images get."""
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        self.git("commit", "--quiet", "--all", "--message", f"{new} instead of {old}")
        return self.git("rev-parse", "--short=12", "HEAD")

    def run(self, script: str, *arguments: str) -> str:
        """What a script of the pipeline prints; it must succeed."""
        environment = playbook_environment(self.cloud.env()) | {
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        done = subprocess.run(
            [self.folder / "pipelines" / script, *arguments],
            cwd=self.folder.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout


def running(cloud: Cloud) -> dict[str, set[str]]:
    """Region → the digests of all running tasks of the API."""
    found = {}
    for region in REGIONS:
        ecs = cloud.client("ecs", region)
        arns = ecs.list_tasks(cluster="sales", serviceName="sales-api", desiredStatus="RUNNING")["taskArns"]
        tasks = ecs.describe_tasks(cluster="sales", tasks=arns)["tasks"]
        found[region] = {each["imageDigest"] for task in tasks for each in task["containers"]}
    return found


def published(cloud: Cloud, tag: str) -> dict[str, set[str]]:
    """Region → the digest that its registry has under a tag."""
    asked = {"repositoryName": "sales/sales-api", "imageIds": [{"imageTag": tag}]}
    described = {region: cloud.client("ecr", region).describe_images(**asked) for region in REGIONS}
    return {region: {each["imageDigest"] for each in answer["imageDetails"]} for region, answer in described.items()}


def test_a_workload_is_built_gets_a_new_version_and_goes_through_the_pipeline_alone(
    repository: Path, cloud: Cloud, tmp_path: Path
) -> None:
    clone = Clone(tmp_path / "clone", repository, cloud)
    first = clone.git("rev-parse", "--short=12", "HEAD")
    said = clone.run("pipeline.sh", "-r", "the first version", "-y", *BRIEF)
    steps = [line.removeprefix("=== ") for line in said.splitlines() if line.startswith("=== ")]
    assert steps == clone.run("pipeline.sh", "list").split()
    assert running(cloud) == published(cloud, first)

    second = clone.commit("workloads/sales_common/__init__.py", "No rule of the switch", "Version 2. No rule")
    clone.run("pipeline.sh", "-r", "the second version", "pre", *BRIEF)
    assert running(cloud) == published(cloud, first) != published(cloud, second), "built, and not deployed"
    said = clone.run("pipeline.sh", "-r", "the second version", "regions", *BRIEF)
    assert running(cloud) == published(cloud, second)
    assert said.index(f"bake: {RECOVERY} did well") < said.index(f"bake: {PRIMARY} did well")
    assert "the second version" in clone.run("pipeline.sh", "post")

    clone.run("pipeline-destroy.sh", "-w", "sales", "-a", PRIMARY, "-y")
    assert leftover_lines(cloud.ask("inventory")) == []
