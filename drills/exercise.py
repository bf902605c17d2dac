# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One drill under way: what may happen in it, and everything brought back at its end."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from harness.evidence import count_absent_objects
from harness.playbooks import PlaybookFailed, start_playbook
from harness.report.figures import lake_rpo_sales
from harness.sales_system import DEAD_LETTERS, PARAMETER, QUEUE, STATE_TABLE, WORKLOAD
from harness.scene import Record, Scene
from protocol.states import HELD

WARM_UP_SECONDS = 5.0
AFTERWARDS_SECONDS = 3.0
READY_SECONDS = 60.0
THROTTLED_SHARE = 0.2
"""Of so many calls to AWS, where a drill throttles: 1.0 is all."""

CONTROL_REGIONS = ("us-east-1", "us-east-2", "us-west-2")
"""The lease's regions, which are throttled too."""


class Exercise(Scene):
    """A scene in which regions fail and lines are cut. A drill is a function of it: the words of the catalogue."""

    def __init__(self, *arguments: Any, fence: str | None = None) -> None:
        super().__init__(*arguments)
        self._fence = fence
        self._throttled: list[str] = []
        self._frozen: list[int] = []
        self._timers: list[threading.Thread] = []

    def play(self, act: Callable[[Exercise], None], throttled: bool = False) -> Record:
        """Sell, let `act` happen, bring everything back, wait until it is quiet, and count."""
        self.open()
        try:
            time.sleep(WARM_UP_SECONDS)
            if throttled:
                self._throttle()
            act(self)
            time.sleep(AFTERWARDS_SECONDS)
        except PlaybookFailed as error:
            self.record.trouble = str(error)
            self.note("a playbook failed")
        finally:
            self._bring_back()
            self.stop_selling()
        return self.close()

    def build(self, *arguments: str, name: str, changed: int | None = None) -> None:
        """Run site.yml. changed: how many tasks are to change something; None: whatever it takes.

        Raises:
            PlaybookFailed: it ended with an error, or changed something else.
        """
        run = self.system.play(f"{self.record.name}/{name}", "site.yml", *arguments)
        self.note(f"site.yml {' '.join(arguments)}: {run.changed} tasks changed something")
        if changed not in (None, run.changed):
            raise PlaybookFailed(f"site.yml ({name}) changed something in {run.changed} tasks, and not in {changed}")

    def kill_build(self, task: str) -> None:
        """Run site.yml, and end it with its workers as `kill -9` does when it begins this task.

        Raises:
            PlaybookFailed: it ended before.
        """
        process = start_playbook("site.yml", self.system.inventory, self.system.cloud.env())
        try:
            reached = any(task in line for line in process.stdout or ())
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        if not reached:
            raise PlaybookFailed(f"site.yml ended before its task {task!r}")
        self.note(f"site.yml killed as it began to {task[0].lower()}{task[1:]}")

    def remove_log_groups(self) -> None:
        """Somebody clears up by hand, so that site.yml has something to make in each region."""
        for region in self.regions:
            logs = self.system.cloud.client("logs", region)
            for group in logs.describe_log_groups(logGroupNamePrefix=f"/ecs/{WORKLOAD}")["logGroups"]:
                logs.delete_log_group(logGroupName=group["logGroupName"])
        self.note("the log groups are removed by hand")

    def switch(self, playbook: str, *arguments: str, name: str = "") -> None:
        """As in every scene; with the fence that all switches are asked for, where the drill does not say another."""
        asked = (
            ("-e", f"fence={self._fence}") if self._fence and not any("fence=" in each for each in arguments) else ()
        )
        super().switch(playbook, *arguments, *asked, name=name)

    def fault(self, region: str, state: str, **details: float) -> None:
        self.system.cloud.fault(region, state, **details)
        self.note(f"{region} {state}")

    def control_plane(self, service: str, state: str, **details: float) -> None:
        self.system.cloud.control_plane(service, state, **details)
        self.note(f"the control plane of {service} {state}")

    def service(self, service: str, region: str, state: str, **details: float) -> None:
        self.system.cloud.service(service, region, state, **details)
        self.note(f"{service} of {region} {state}")

    def look_into_the_lake(self, region: str) -> None:
        """Whatever is DONE by a region's table is in its lake, and the switch had something to put there."""
        absent = count_absent_objects(self.system.cloud.client, WORKLOAD, region)
        self.expect(f"DONE and not in the lake of {region}", "0", absent, absent == 0)
        put = lake_rpo_sales(self.record.switches[-1]["journal"])
        self.expect("objects put again", "some: the lag is felt", put, bool(put))

    def look_for_dead_letters(self) -> None:
        dead = sum(queues[DEAD_LETTERS]["visible"] for queues in self.system.observe()["queues"].values())
        self.expect("dead letters", "0", dead, dead == 0)

    def look_into_the_queue(self, region: str, quota: int) -> None:
        found = self.system.observe()["queues"][region][QUEUE]
        self.expect(
            f"hidden messages of {region}", f"{quota}: the queue is full", found["hidden"], found["hidden"] >= quota
        )
        self.expect("messages behind them", "some", found["visible"], found["visible"] > 0)

    def mend(self, region: str) -> None:
        """The region is as it was: well, or throttled if the drill throttles."""
        if region in self._throttled:
            self.system.cloud.fault(region, "throttled", share=THROTTLED_SHARE)
        else:
            self.system.cloud.fault(region, "ok")
        self.note(f"{region} restored")

    def silence(self, *services: str) -> None:
        """Their control planes do not answer any more; what they direct goes on."""
        for service in services:
            self.system.cloud.control_plane(service, "off")
        self.note(f"the control planes of {' and '.join(services)} off")

    def freeze_workers(self, region: str) -> None:
        """The region's workers stand still, with whatever they have begun, as on a machine whose clock has stopped."""
        seen = self.system.cloud.ask(f"observe?table={STATE_TABLE}&parameter={PARAMETER}")["tasks"]
        for task in seen:
            if task["region"] == region and task["service"].endswith("worker"):
                told = self.system.cloud.ask(f"metadata/{task['id']}-0")
                self._frozen.append(int(told["DockerId"].rpartition("-")[2]))
                os.killpg(self._frozen[-1], signal.SIGSTOP)
        self.note(f"{len(self._frozen)} workers of {region} stand still")

    def thaw_workers(self) -> None:
        self._signal_workers(signal.SIGCONT)
        self.note("the workers go on")

    def kill_workers(self) -> None:
        """Those that stand still are killed, so that ECS sees them STOPPED."""
        self._signal_workers(signal.SIGKILL)
        self.note("the workers are killed")

    def _signal_workers(self, number: int) -> None:
        """Those whose health check failed long enough are gone by now."""
        for process in self._frozen:
            with suppress(ProcessLookupError):
                os.killpg(process, number)
        self._frozen.clear()

    def when_held(self, region: str, do: Callable[[], None], seconds: float = 0.0) -> None:
        """Do something so many seconds after a region was held, while the switch goes on."""

        def wait() -> None:
            deadline = time.monotonic() + READY_SECONDS
            while time.monotonic() < deadline:
                readers = self.sampler.samples[-1]["readers"] if self.sampler.samples else {}
                if readers.get(f"{region} item", [None])[0] == HELD:
                    time.sleep(seconds)
                    do()
                    return
                time.sleep(0.1)

        self._timers.append(threading.Thread(target=wait, name="when held", daemon=True))
        self._timers[-1].start()

    def cut(self, one: str, other: str) -> None:
        self.system.cloud.link(one, other, "cut")
        self.note(f"link {one} – {other} cut")

    def heal(self, one: str, other: str) -> None:
        self.system.cloud.link(one, other, "ok")
        self.note(f"link {one} – {other} restored")

    def wait(self, seconds: float, why: str) -> None:
        self.note(why)
        time.sleep(seconds)

    def wait_until_ready(self, region: str) -> None:
        """Until the region's tasks run again and have read the map: an operator looks before acting."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            readers = self.sampler.samples[-1]["readers"] if self.sampler.samples else {}
            epochs = {epoch for name, (_, epoch) in readers.items() if name.startswith(region) and "tasks" in name}
            if epochs and (self.system.is_reference or 0 not in epochs):
                return
            time.sleep(0.5)

    def _throttle(self) -> None:
        self._throttled = sorted({*self.regions, *CONTROL_REGIONS})
        for region in self._throttled:
            self.system.cloud.fault(region, "throttled", share=THROTTLED_SHARE)
        self.note(f"{THROTTLED_SHARE:.0%} of calls throttled")

    def _bring_back(self) -> None:
        for timer in self._timers:
            timer.join(READY_SECONDS)
        if self._frozen:
            self.thaw_workers()
        found = self.system.cloud.faults()
        for region in found["regions"]:
            self.system.cloud.fault(region, "ok")
        for one, other in found["links"]:
            self.system.cloud.link(one, other, "ok")
        for service in found["control_planes"]:
            self.system.cloud.control_plane(service, "ok")
        for each in found["services"]:
            self.system.cloud.service(each["service"], each["region"], "ok")
        if any(found[kind] for kind in ("regions", "links", "control_planes", "services")):
            self.note("everything restored")
