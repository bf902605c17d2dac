# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: ansible-runner in a private data directory, with a survey's answers and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from harness.playbooks import playbook_environment
from localcloud import Cloud

Watch = Callable[[str], bool]


@dataclass(frozen=True)
class Job:
    """How a job ended. status: AWX's word.  kept: what `set_stats` left, which AWX shows and hands to the next job."""

    status: str
    output: str
    kept: dict[str, Any]
    failures: list[str]


class Controller:
    """Launches the templates of awx/templates.yml on a project, which is a clone, as a user of AWX does."""

    def __init__(self, folder: Path, project: Path, cloud: Cloud, user: str) -> None:
        self.folder, self.project, self.cloud, self.user = folder, project, cloud, user
        self.jobs = 0
        read = {
            name: yaml.safe_load((project / "awx" / f"{name}.yml").read_text()) for name in ("surveys", "templates")
        }
        self.surveys: dict[str, Any] = read["surveys"]["surveys"]
        self.templates = {each["name"]: each for each in read["templates"]["awx_job_templates"]}

    def answers(self, template: str, given: dict[str, Any]) -> dict[str, Any]:
        """What a launch sends: every answer, the default where none is given, an empty text where there is none.

        Raises:
            ValueError: the survey does not ask for something that is given, or a required answer is missing.
        """
        each = self.templates[template]
        asked = self.surveys[each["playbook"]]["spec"] if each.get("survey", True) else []
        unasked = given.keys() - {question["variable"] for question in asked}
        answered = {question["variable"]: given.get(question["variable"], question["default"]) for question in asked}
        missing = [each["variable"] for each in asked if each["required"] and answered[each["variable"]] == ""]
        if unasked or missing:
            raise ValueError(f"{template} does not ask for {sorted(unasked)}, and wants {missing}.")
        return answered

    def launch(self, template: str, cancel_at: str = "", **given: Any) -> Job:
        """Run a job to its end, or cancel it when `cancel_at` is in an event's output."""
        self.jobs += 1
        home = self.folder / f"job-{self.jobs}"
        (home / "env").mkdir(parents=True)
        shutil.copytree(self.project / "inventories" / "multiregion", home / "inventory")
        (home / "project").symlink_to(self.project)
        own = {"awx_job_id": self.jobs, "awx_user_name": self.user}
        (home / "env" / "extravars").write_text(json.dumps(self.answers(template, given) | own))
        (home / "env" / "envvars").write_text(json.dumps(self._environment()))
        # A job that is told to end does so when its output is looked at next, after five seconds unless this is said.
        settings = {"suppress_ansible_output": True, "idle_timeout": 120, "pexpect_timeout": 1}
        (home / "env" / "settings").write_text(json.dumps(settings))
        each, seen = self.templates[template], []
        if each.get("job_type") == "check":
            (home / "env" / "cmdline").write_text("--check --diff")

        def watch(event: dict[str, Any]) -> bool:
            if cancel_at and cancel_at in event.get("stdout", ""):
                seen.append(event["uuid"])
            return True

        ran = ansible_runner.run(
            private_data_dir=str(home),
            playbook=f"playbooks/{each['playbook']}.yml",
            quiet=True,
            event_handler=watch,
            cancel_callback=lambda: bool(seen),
        )
        events = list(ran.events)
        kept = [event["event_data"].get("artifact_data") for event in events if event["event"] == "playbook_on_stats"]
        failures = [
            str(event["event_data"]["res"].get("msg", ""))
            for event in events
            if event["event"] == "runner_on_failed" and not event["event_data"].get("ignore_errors")
        ]
        output = "\n".join(event.get("stdout", "") for event in events)
        return Job(ran.status, output, kept[-1] or {} if kept else {}, failures)

    def _environment(self) -> dict[str, str]:
        own = playbook_environment(self.cloud.env())
        # AWX knows no configuration but the project's own.
        own.pop("ANSIBLE_CONFIG")
        return own | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ANSIBLE_FORCE_COLOR": "false",
        }
