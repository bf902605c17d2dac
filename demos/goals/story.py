# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make demo-goals` shows, in order, and the figures that must be as they are."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demos.goals.client import Client, Watch
from harness.playbooks import ROOT, PlaybookFailed
from harness.story import Story

INVENTORY = ROOT / "inventories" / "goals"
REGION = "us-east-1"
GOALS = 50
MOST_DOWNTIME_SECONDS = 10.0

LOG_PATIENCE_SECONDS = 10.0

LOCKED = "Another mongod instance is already running on the /data/db directory"
REFUSED = "must not be rolled"
BROKEN_URL = "localhost:27017"
CRASH = "MONGODB_URL must start with"
PRINTED_DOWNTIME = re.compile(r"serves again after ([\d.]+) s")


@dataclass
class GoalsStory(Story):
    """A database in a task, deployed in every way."""

    inventory: Path = INVENTORY

    def run(self) -> dict[str, Any]:
        self.ecs, self.logs = self.cloud.client("ecs", REGION), self.cloud.client("logs", REGION)
        self.chapter("Build the image of the API and push it")
        self.play("images", "playbooks/build.yml", "-e", "image_allow_dirty=true")
        self.chapter("Build the goals system")
        self._play("build", "--tags", "all")
        balancers = self.cloud.client("elbv2", REGION).describe_load_balancers(Names=["goals"])["LoadBalancers"]
        self.client = Client(self.cloud.door, balancers[0]["DNSName"])
        self.chapter(f"Post {GOALS} goals")
        self.posted = set(self.client.post(GOALS))
        self.expect("posted", len(self.posted), GOALS)
        self._forced_deployment()
        self._rolling()
        self._recreated()
        self._crash()
        self._without_volume()
        return self.figures

    def _forced_deployment(self) -> None:
        self.chapter("Force a new deployment: the database stops before another opens its files")
        self._deploy_well("forced", "-e", "service_force_new_deployment=true")

    def _rolling(self) -> None:
        self.chapter("Ask for a rolling deployment: refused, because the database is the only writer of its volume")
        output = self._fails("refused", "-e", "goals_strategy=rolling", "-e", "service_force_new_deployment=true")
        self.expect("rolling_refused", REFUSED in output, True)
        self.chapter("Take the mark away and roll it all the same")
        serving = self._tasks("RUNNING")
        output = self._fails("rolling", "-e", "goals_strategy=rolling", "-e", "goals_single_writer=false")
        failed = [task for task in self._tasks("STOPPED") if not self._is_known(task)]
        locked = self._count_locked(failed)
        self.expect("rolling_failed_at_the_lock", locked, len(failed), least=3)
        self.expect("rolling_rolled_back", "ECS went back to" in output, True)
        self.expect("rolling_reason_told", LOCKED in output, True)
        self.expect("rolling_kept_the_old_task", set(self._tasks("RUNNING")) == set(serving), True)
        self.expect("rolling_lost", len(self.posted - self.client.goals()), 0)
        self.tell(f"  {locked} tasks died: {LOCKED}.")

    def _recreated(self) -> None:
        self.chapter("The same change with strategy recreate")
        self._deploy_well("recreate", "-e", "goals_single_writer=true")

    def _crash(self) -> None:
        self.chapter("Deploy a revision whose API crashes when it starts")
        before = self._service()["taskDefinition"]
        with Watch(self.client) as watch:
            output = self._fails("crash", "-e", f"goals_database_url={BROKEN_URL}")
        self.figures["crash_downtime_seen_seconds"] = round(watch.longest, 1)
        self.expect("crash_is_back", "is back and serves again" in output, True)
        self.expect("crash_revision", self._service()["taskDefinition"] == before, True)
        self.expect("crash_reason_told", "goals-api exited with 2" in output, True)
        self.expect("crash_log_lines_told", CRASH in output, True)
        self.expect("crash_lost", len(self.posted - self.client.goals()), 0)
        for line in output.splitlines():
            if "Could not" in line:
                self.tell(f"  {line.strip()[:1200]}")
                break

    def _without_volume(self) -> None:
        self.chapter("Without the volume, the goals end with their task")
        volume = ("-e", "goals_volume=false")
        self._play("no-volume", *volume)
        posted = set(self.client.post(3))
        self._play("no-volume-again", *volume, "-e", "service_force_new_deployment=true")
        self.expect("without_volume_posted", len(posted), 3)
        self.expect("without_volume_left", len(self.client.goals()), 0)
        self.chapter("With the volume again, they are there")
        self._play("volume-again")
        self.expect("lost", len(self.posted - self.client.goals()), 0)

    def _deploy_well(self, name: str, *arguments: str) -> None:
        """A deployment by recreate, seen from outside."""
        before = set(self._tasks("RUNNING"))
        known = set(self._tasks("STOPPED"))
        with Watch(self.client) as watch:
            output = self._play(name, *arguments)
        printed = [float(seconds) for seconds in PRINTED_DOWNTIME.findall(output)]
        self.expect(f"{name}_deployed", before.isdisjoint(self._tasks("RUNNING")), True)
        self.expect(f"{name}_failed_starts", len(set(self._tasks("STOPPED")) - known - before), 0)
        self.expect(f"{name}_lost", len(self.posted - self.client.goals()), 0)
        self.figures[f"{name}_downtime_printed_seconds"] = max(printed, default=None)
        self.figures[f"{name}_downtime_seen_seconds"] = round(watch.longest, 1)
        if not printed or max(printed) >= MOST_DOWNTIME_SECONDS:
            self.wrong.append(f"{name}_downtime_printed_seconds")
        self.tell(f"  Nobody answered for {watch.longest:.1f} s, seen from outside; the module says {printed}.")

    def _is_known(self, task: str) -> bool:
        """Whether a stopped task is one that ran well before, and was told to stop."""
        told = self.ecs.describe_tasks(cluster="goals", tasks=[task])["tasks"][0]
        return told.get("stopCode") == "ServiceSchedulerInitiated"

    def _tasks(self, status: str) -> list[str]:
        pages = self.ecs.get_paginator("list_tasks").paginate(
            cluster="goals", serviceName="goals", desiredStatus=status
        )
        return [arn for page in pages for arn in page["taskArns"]]

    def _count_locked(self, tasks: list[str]) -> int:
        """How many of them died at the lock. A task's last lines may reach CloudWatch Logs after it has stopped."""
        deadline = time.monotonic() + LOG_PATIENCE_SECONDS
        while True:
            locked = sum(any(LOCKED in line for line in self._lines(task)) for task in tasks)
            if locked == len(tasks) or time.monotonic() > deadline:
                return locked
            time.sleep(0.5)

    def _lines(self, task: str) -> list[str]:
        stream = f"ecs/mongo/{task.rpartition('/')[2]}"
        told = self.logs.get_log_events(logGroupName="/ecs/goals/goals", logStreamName=stream, startFromHead=True)
        return [event["message"] for event in told["events"]]

    def _service(self) -> dict[str, Any]:
        return self.ecs.describe_services(cluster="goals", services=["goals"])["services"][0]

    def _play(self, name: str, *arguments: str) -> str:
        tags = () if "--tags" in arguments else ("--tags", "service")
        return self.play(name, "site.yml", *tags, *arguments)

    def _fails(self, name: str, *arguments: str) -> str:
        """The output of a run that has to fail."""
        try:
            self._play(name, *arguments)
        except PlaybookFailed:
            return (self.folder / "logs" / f"{name}.log").read_text()
        self.wrong.append(f"{name}_did_not_fail")
        return ""
