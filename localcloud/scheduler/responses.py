# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Scheduler's requests: moto's, checked first."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from moto.scheduler.responses import EventBridgeSchedulerResponse as MotoResponse

from localcloud.scheduler.models import check


class EventBridgeSchedulerResponse(MotoResponse):
    """Answers REST requests under /schedules, /schedule-groups and /tags."""

    def _checked(self, operation: str) -> None:
        given: dict[str, Any] = json.loads(self.body or "{}")
        backend: Any = self.scheduler_backend
        check({**given, "Name": unquote(self.uri.split("?")[0].rsplit("/", 1)[-1])}, operation, backend)

    def create_schedule(self) -> str:
        self._checked("CreateSchedule")
        return super().create_schedule()

    def update_schedule(self) -> str:
        self._checked("UpdateSchedule")
        return super().update_schedule()

    def create_schedule_group(self) -> str:
        # moto takes the name from the body, and AWS from the path.
        name = self.uri.split("?")[0].rsplit("/", 1)[-1]
        group = self.scheduler_backend.create_schedule_group(name=name, tags=self._get_param("Tags"))
        return json.dumps({"ScheduleGroupArn": group.arn})
