# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's schedules, checked, and with a clock each; groups that end with their schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.scheduler.exceptions import ScheduleExists, ScheduleGroupNotFound, ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend as MotoBackend
from moto.scheduler.models import scheduler_backends

from localcloud.scheduler import invocation, rules
from localcloud.scheduler.expressions import Clock, parse
from localcloud.world import WORLD

ENABLED = "ENABLED"


class EventBridgeSchedulerBackend(MotoBackend):
    """The schedules of one region."""

    def create_schedule(self, **given: Any) -> Any:
        group = self.get_schedule_group(given["group_name"])
        if given["name"] in group.schedules:
            raise ScheduleExists(given["name"])
        schedule = super().create_schedule(**given)
        self._wind(schedule)
        return schedule

    def update_schedule(self, **given: Any) -> Any:
        schedule = self.get_schedule(given["group_name"], given["name"])
        was = (schedule.state, schedule.schedule_expression, schedule.schedule_expression_timezone)
        # Whatever is left out gets its default, the state too.
        schedule = super().update_schedule(**{**given, "state": given["state"] or ENABLED})
        if (schedule.schedule_expression, schedule.schedule_expression_timezone) != was[1:]:
            self._wind(schedule)
            schedule.clock.enable(datetime.now(UTC))
        elif was[0] != schedule.state:
            schedule.clock.enable(datetime.now(UTC))
        return schedule

    def _wind(self, schedule: Any) -> None:
        """Give a schedule its clock. A rate begins at once, as AWS's does without a start date."""
        zone = schedule.schedule_expression_timezone
        expression = parse(schedule.schedule_expression)
        schedule.clock = Clock(expression, zone, datetime.now(UTC), WORLD.options.schedule_minute)
        schedule.runs: list[str] = []

    def create_schedule_group(self, name: str, tags: list[dict[str, str]]) -> Any:
        if name in self.schedule_groups:
            raise JsonRESTError("ConflictException", f"Schedule group {name} already exists.")
        return super().create_schedule_group(name, tags or [])

    def delete_schedule_group(self, name: str | None) -> None:
        if name == "default":
            raise ValidationException("The default schedule group cannot be deleted.")
        if name not in self.schedule_groups:
            raise ScheduleGroupNotFound(name or "default")
        super().delete_schedule_group(name)

    def run_what_is_due(self) -> None:
        """Run every enabled schedule whose time has come. The lock is held."""
        now = datetime.now(UTC)
        for group in list(self.schedule_groups.values()):
            for schedule in list(group.schedules.values()):
                if schedule.state == ENABLED and _is_within(schedule, now) and schedule.clock.is_due(now):
                    schedule.runs += invocation.invoke(self.account_id, self.region_name, schedule)


def _is_within(schedule: Any, now: datetime) -> bool:
    start, end = schedule.start_date, schedule.end_date
    return not (start and now.timestamp() < float(start)) and not (end and now.timestamp() > float(end))


def check(parameters: dict[str, Any], operation: str, backend: EventBridgeSchedulerBackend) -> None:
    """Refuse what the service refuses; also a group that is not there."""
    group = backend.get_schedule_group(parameters.get("GroupName"))
    rules.check_schedule(parameters, operation, backend.account_id, group.arn)


scheduler_backends.backend = EventBridgeSchedulerBackend
