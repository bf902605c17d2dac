# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch's requests: moto's, checked first; alarms in pages, dashboards with what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

from moto.cloudwatch.exceptions import DashboardInvalidInputError, InvalidParameterCombination, ResourceNotFound
from moto.cloudwatch.responses import CloudWatchResponse as MotoResponse
from moto.core.responses import ActionResult

from localcloud.cloudwatch.rules import check_alarm, check_statistic, dashboard_complaints

PAGE, LARGEST_PAGE = 50, 100
TYPES = ("MetricAlarm", "CompositeAlarm")


class CloudWatchResponse(MotoResponse):
    """Answers GraniteServiceVersion20100801 targets."""

    def put_metric_alarm(self) -> ActionResult:
        check_alarm(self._get_params())
        if self._get_param("ExtendedStatistic"):
            check_statistic(self._get_param("ExtendedStatistic"))
        return super().put_metric_alarm()

    def describe_alarms(self) -> ActionResult:
        names, prefix = self._get_param("AlarmNames", []), self._get_param("AlarmNamePrefix")
        if names and prefix:
            raise InvalidParameterCombination("AlarmNames and AlarmNamePrefix must not be specified together")
        state, action = self._get_param("StateValue"), self._get_param("ActionPrefix")
        kinds = self._get_param("AlarmTypes") or TYPES[:1]
        found = [
            alarm
            for _name, alarm in sorted(self.cloudwatch_backend.alarms.items())
            if (not names or alarm.name in names)
            and (not prefix or alarm.name.startswith(prefix))
            and (not state or alarm.state_value == state)
            and (not action or any(each.startswith(action) for each in alarm.alarm_actions))
            and TYPES[alarm.rule is not None] in kinds
        ]
        first, size = int(self._get_param("NextToken") or 0), int(self._get_param("MaxRecords") or PAGE)
        page = found[first : first + min(size, LARGEST_PAGE)]
        left = {"NextToken": str(first + len(page))} if first + len(page) < len(found) else {}
        told: dict[str, Any] = {
            "MetricAlarms": [alarm for alarm in page if alarm.rule is None],
            "CompositeAlarms": [alarm for alarm in page if alarm.rule is not None],
        }
        return ActionResult({**told, **left})

    def delete_alarms(self) -> ActionResult:
        # Of one name that is not there nothing is deleted (API reference of DeleteAlarms).
        unknown = [name for name in self._get_param("AlarmNames", []) if name not in self.cloudwatch_backend.alarms]
        if unknown:
            raise ResourceNotFound(f"Alarm {unknown[0]} does not exist")
        return super().delete_alarms()

    def put_dashboard(self) -> ActionResult:
        name, body = self._get_param("DashboardName"), self._get_param("DashboardBody")
        found = dashboard_complaints(name, body)
        if found:
            listed = json.dumps([{"dataPath": each["DataPath"], "message": each["Message"]} for each in found])
            error = DashboardInvalidInputError(
                f"The dashboard body is invalid, there are {len(found)} validation errors: {listed}"
            )
            error.dashboardValidationMessages = found  # type: ignore[attr-defined]
            raise error
        self.cloudwatch_backend.put_dashboard(name, body, self._get_param("Tags", []))  # type: ignore[call-arg]
        return ActionResult({"DashboardValidationMessages": []})
