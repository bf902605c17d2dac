# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clone of what is committed, in which a person makes versions of the sales system and commits them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from localcloud import Cloud


class Clone:
    """A clone in `folder`, whose inventory wants one task of each service."""

    def __init__(self, folder: Path, repository: Path) -> None:
        self.folder = folder
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
        return self.head

    def new_version(self, version: int) -> str:
        """Another image of both services; returns its tag."""
        text = "No rule of the switch"
        return self.commit("workloads/sales_common/__init__.py", text, f"Version {version}. {text}")

    @property
    def head(self) -> str:
        return self.git("rev-parse", "--short=12", "HEAD")


def running(cloud: Cloud, regions: list[str]) -> dict[str, set[str]]:
    """Region → the digests of all running tasks of the API."""
    found = {}
    for region in regions:
        ecs = cloud.client("ecs", region)
        arns = ecs.list_tasks(cluster="sales", serviceName="sales-api", desiredStatus="RUNNING")["taskArns"]
        tasks = ecs.describe_tasks(cluster="sales", tasks=arns)["tasks"]
        found[region] = {each["imageDigest"] for task in tasks for each in task["containers"]}
    return found


def published(cloud: Cloud, regions: list[str], tag: str) -> dict[str, set[str]]:
    """Region → the digest that its registry has under a tag."""
    asked = {"repositoryName": "sales/sales-api", "imageIds": [{"imageTag": tag}]}
    described = {region: cloud.client("ecr", region).describe_images(**asked) for region in regions}
    return {region: {each["imageDigest"] for each in answer["imageDetails"]} for region, answer in described.items()}
