# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pipeline.sh has the list of steps, the workflow names each of them in its order, and what is wrong is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

NAMED = re.compile(r'^pipelines/pipeline\.sh -i "\$INVENTORY" (?P<step>\w+)(?: "\$REGION")?$')
OUTPUT = re.compile(r"needs\.(\w+)\.outputs\.(\w+)")
Pipeline = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def workflow(repository: Path) -> dict[str, Any]:
    return yaml.safe_load((repository / ".github" / "workflows" / "multiregion.yml").read_text(encoding="utf-8"))


@pytest.fixture
def pipeline(repository: Path, tmp_path: Path) -> Pipeline:
    """Runs a script of the pipeline with an ansible-playbook that only writes down that it was called."""
    calls = tmp_path / "ansible-playbook"
    calls.write_text(f"#!/bin/sh\necho called >> {tmp_path}/calls\n")
    calls.chmod(0o755)

    def run(*arguments: str, script: str = "pipeline.sh") -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name != "PIPELINE_REASON"}
        # The scripts prefer the programs of .venv, so they run where there is none.
        own = tmp_path / "repository"
        if not own.exists():
            own.mkdir()
            for name in ("pipelines", "inventories"):
                (own / name).symlink_to(repository / name)
        return subprocess.run(
            [own / "pipelines" / script, *arguments],
            env={**kept, "PATH": f"{tmp_path}:{Path(sys.executable).parent}:{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def jobs_in_order(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The jobs, each after those that it needs."""
    done: list[str] = []
    while len(done) < len(workflow["jobs"]):
        ready = [name for name, job in workflow["jobs"].items() if name not in done and set(needs(job)) <= set(done)]
        assert len(ready) == 1, f"after {done} the order is open, or a job is missing: {ready}"
        done += ready
        yield workflow["jobs"][ready[0]]


def needs(job: dict[str, Any]) -> list[str]:
    asked = job.get("needs", [])
    return [asked] if isinstance(asked, str) else asked


def test_the_workflow_takes_every_step_of_the_pipeline_in_its_order(
    workflow: dict[str, Any], pipeline: Pipeline
) -> None:
    steps = pipeline("list").stdout.split()
    runs = [step.get("run", "") for job in jobs_in_order(workflow) for step in job["steps"]]
    taken = [match["step"] for match in map(NAMED.match, runs) if match]
    assert steps == ["lint", "plan", "pre", "regions", "post"]
    assert taken == steps


def test_what_a_job_reads_of_another_is_told_by_one_that_it_needs(workflow: dict[str, Any]) -> None:
    read = {(name, *found) for name, job in workflow["jobs"].items() for found in OUTPUT.findall(str(job))}
    assert read, "the regions come from the inventory"
    for name, other, output in read:
        assert other in needs(workflow["jobs"][name])
        told = workflow["jobs"][other]["outputs"][output]
        (step,) = re.findall(r"steps\.(\w+)\.outputs\.\w+", told)
        assert step in [each.get("id") for each in workflow["jobs"][other]["steps"]]


def test_nothing_is_changed_before_the_approval_nor_by_two_at_once(workflow: dict[str, Any]) -> None:
    changing = {"pre", "regions", "post"}
    for job in workflow["jobs"].values():
        steps = {match["step"] for match in (NAMED.match(step.get("run", "")) for step in job["steps"]) if match}
        assert ("environment" in job) == bool(steps & changing)
        assert ("id-token" in job["permissions"]) == ("lint" not in steps)
    assert workflow["permissions"] == {}
    assert workflow["concurrency"]["cancel-in-progress"] == "${{ github.event_name == 'pull_request' }}"


def test_the_regions_are_those_of_the_inventory(pipeline: Pipeline) -> None:
    assert pipeline("matrix").stdout.strip() == '["sa-east-1", "us-east-1"]'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["deploy"], "deploy is no step; steps are lint plan pre regions post."),
        (["-i", "inventories/nowhere", "plan"], "There is no inventory inventories/nowhere."),
        (["plan", "eu-west-9"], "eu-west-9 is no region of inventories/multiregion: sa-east-1 us-east-1."),
        (["post", "us-east-1"], "Only plan takes a region."),
        (["pre"], "other operators read why: say it with -r."),
        (["-y"], "other operators read why: say it with -r."),
        (["-r"], "-r needs a value."),
        (["--force"], "--force is no option"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_runs(
    arguments: list[str], said: str, pipeline: Pipeline, tmp_path: Path
) -> None:
    done = pipeline(*arguments)
    assert done.returncode == 2 and said in done.stderr and done.stderr.endswith("Nothing was changed.\n")
    assert not (tmp_path / "calls").exists()


def test_a_removal_names_its_workload_and_is_planned_first(pipeline: Pipeline, tmp_path: Path) -> None:
    done = pipeline(script="pipeline-destroy.sh")
    assert done.returncode == 2 and "Name the workload that is to be removed: -w." in done.stderr
    assert not (tmp_path / "calls").exists()
    done = pipeline("-w", "sales", "-a", "sa-east-1", script="pipeline-destroy.sh")
    assert done.returncode == 2 and "to go on, add -y" in done.stderr
    assert (tmp_path / "calls").read_text().splitlines() == ["called"], "only the plan"
