# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""awx/configure.yml leaves the buttons in AWX, and its second run changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.awx_api import Awx, serve

pytest.importorskip("ansible_collections.awx.awx", reason="the collection awx.awx is not installed")

SECRET = "what-no-log-may-show"
WORDS = {
    "awx_project_url": "https://git.example.org/multiregion.git",
    "awx_role_arn": "arn:aws:iam::123456789012:role/operator",
    "awx_access_key": "AKIAEXAMPLE",
    "awx_secret_key": SECRET,
}


def configure(repository: Path, awx: Awx) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CONTROLLER_"))},
        "CONTROLLER_HOST": awx.url,
        "CONTROLLER_OAUTH_TOKEN": "a-token",
        "ANSIBLE_CONFIG": str(repository / "ansible.cfg"),
    }
    words = [word for name, value in WORDS.items() for word in ("-e", f"{name}={value}")]
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "awx/configure.yml", "-i", "localhost,", "-v", *words],
        cwd=repository,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert SECRET not in done.stdout + done.stderr
    return done.stdout


def read(repository: Path, file: str) -> Any:
    return yaml.safe_load((repository / "awx" / file).read_text(encoding="utf-8"))


def test_the_buttons_are_made_once(repository: Path) -> None:
    playbooks = {str(path.relative_to(repository)) for path in (repository / "playbooks").glob("*.yml")}
    with serve(playbooks) as awx:
        configure(repository, awx)
        check_templates(awx, repository)
        check_workflow(awx)
        (credential,) = awx.objects["credentials"].values()
        assert credential["inputs"]["role_arn"] == WORDS["awx_role_arn"]
        assert awx.named("credential_types")["multiregion role"]["injectors"]["env"]["AWS_PROFILE"] == "multiregion"
        (source,) = awx.objects["inventory_sources"].values()
        assert (repository / source["source_path"]).is_file() and source["update_on_launch"]

        before = len(awx.calls)
        again = configure(repository, awx)
        assert "changed=0" in again, again
        written = [call for call in awx.calls[before:] if call[0] == "POST"]
        assert written == []


def check_templates(awx: Awx, repository: Path) -> None:
    """Each template has its playbook, its survey, its credential; only what can be limited asks for it."""
    surveys, declared = (
        read(repository, "surveys.yml")["surveys"],
        read(repository, "templates.yml")["awx_job_templates"],
    )
    made = awx.named("job_templates")
    assert set(made) == {f"multiregion {each['name']}" for each in declared}
    for each in declared:
        template = made[f"multiregion {each['name']}"]
        assert template["playbook"] == f"playbooks/{each['playbook']}.yml"
        asked = surveys[each["playbook"]]["spec"] if each.get("survey", True) else []
        assert awx.survey(template) == asked and template["survey_enabled"] == bool(asked)
        assert awx.links(template, "credentials") == ["multiregion role"]
        assert template["ask_limit_on_launch"] == (each["name"] == "site")
    drift = made["multiregion drift"]
    (schedule,) = awx.objects["schedules"].values()
    assert schedule["unified_job_template"] == drift["id"] and "FREQ=DAILY" in schedule["rrule"]
    assert (drift["job_type"], drift["ask_job_type_on_launch"]) == ("check", False)


def check_workflow(awx: Awx) -> None:
    """The nodes follow each other, and nothing is deployed before a person has approved."""
    nodes, order, name = awx.named("workflow_job_template_nodes"), [], "build"
    while name:
        order.append(name)
        (name,) = awx.links(nodes[name], "success_nodes") or [""]
    assert order == ["build", "plan", "approval", "deploy"]
    assert nodes["plan"]["job_type"] == "check" and nodes["deploy"]["extra_data"] == {"approve": "true"}
    assert nodes["approval"]["unified_job_template"] in awx.objects["workflow_approval_templates"]
    (workflow,) = awx.objects["workflow_job_templates"].values()
    required = {each["variable"]: each["required"] for each in awx.survey(workflow)}
    assert required == {"image_tag": True, "reason": True, "waves": False, "on_failure": False, "bake_time": False}
