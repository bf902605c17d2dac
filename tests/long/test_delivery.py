# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline's life of the sales system, from a clone: built, given a new version region by region, removed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.inventories import PRIMARY, RECOVERY
from harness.leftovers import leftover_lines
from harness.playbooks import playbook_environment
from localcloud import Cloud
from tests.support.clones import Clone, published, running

REGIONS = [PRIMARY, RECOVERY]
BRIEF = ("--", "-e", "bake_time=1")
PATIENCE_SECONDS = 1200


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


def run(clone: Clone, cloud: Cloud, script: str, *arguments: str) -> str:
    """What a script of the pipeline prints; it must succeed."""
    environment = playbook_environment(cloud.env()) | {
        "ANSIBLE_CONFIG": str(clone.folder / "ansible.cfg"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    process = subprocess.Popen(
        [clone.folder / "pipelines" / script, *arguments],
        cwd=clone.folder.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        if process.poll() is None:
            # The playbook too, which would go on without its script.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert process.returncode == 0, said[-6000:]
    return said


def test_a_workload_is_built_gets_a_new_version_and_goes_through_the_pipeline_alone(
    repository: Path, cloud: Cloud, tmp_path: Path
) -> None:
    clone = Clone(tmp_path / "clone", repository)
    first = clone.head
    said = run(clone, cloud, "pipeline.sh", "-r", "the first version", "-y", *BRIEF)
    steps = [line.removeprefix("=== ") for line in said.splitlines() if line.startswith("=== ")]
    assert steps == run(clone, cloud, "pipeline.sh", "list").split()
    assert running(cloud, REGIONS) == published(cloud, REGIONS, first)

    second = clone.new_version(2)
    run(clone, cloud, "pipeline.sh", "-r", "the second version", "pre", *BRIEF)
    before, wanted = published(cloud, REGIONS, first), published(cloud, REGIONS, second)
    assert running(cloud, REGIONS) == before != wanted, "built, and not deployed"
    said = run(clone, cloud, "pipeline.sh", "-r", "the second version", "regions", *BRIEF)
    assert running(cloud, REGIONS) == wanted
    assert said.index(f"bake: {RECOVERY} did well") < said.index(f"bake: {PRIMARY} did well")
    assert "the second version" in run(clone, cloud, "pipeline.sh", "post")

    run(clone, cloud, "pipeline-destroy.sh", "-w", "sales", "-a", PRIMARY, "-y")
    assert leftover_lines(cloud.ask("inventory")) == []
