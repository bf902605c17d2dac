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

from harness.playbooks import PlaybookFailed
from harness.sales_system import PARAMETER, STATE_TABLE
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

    def switch(self, playbook: str, *arguments: str, name: str = "") -> None:
        """As in every scene; with the fence that all switches are asked for, where the drill does not say another."""
        asked = ("-e", f"fence={self._fence}") if self._fence and not any("fence=" in each for each in arguments) else ()
        super().switch(playbook, *arguments, *asked, name=name)

    def fault(self, region: str, state: str, **details: float) -> None:
        self.system.cloud.fault(region, state, **details)
        self.note(f"{region} {state}")

    def control_plane(self, service: str, state: str, **details: float) -> None:
        self.system.cloud.control_plane(service, state, **details)
        self.note(f"the control plane of {service} {state}")

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
        if found["regions"] or found["links"] or found["control_planes"]:
            self.note("everything restored")
