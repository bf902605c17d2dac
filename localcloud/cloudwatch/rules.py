# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CloudWatch accepts as alarms and as dashboards. Pure: no backend is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, ValidationError

from localcloud.cloudwatch.evaluation import (
    BREACHING,
    COMPARISONS,
    IGNORE,
    MISSING,
    NOT_BREACHING,
    calculate,
    percentile,
)

MOST_WIDGETS = 500
COLUMNS, TALLEST = 24, 1000
MOST_ALARMS = 100
WIDGETS = ("alarm", "custom", "explorer", "log", "metric", "text")
VIEWS = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")
NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
DAY = 86400

Found = Iterator[tuple[str, str]]
"""Where in the body, as a path, and what is wrong there."""


def check_alarm(given: Mapping[str, Any]) -> None:
    """Refuse what PutMetricAlarm refuses.

    Raises:
        ValidationError, InvalidParameterCombination: with an equivalent message.
    """
    metrics, name = given.get("Metrics") or [], given.get("MetricName")
    alone = [key for key in ("Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")
             if given.get(key)]  # fmt: skip
    if bool(metrics) == bool(name):
        raise ValidationError("Exactly one of MetricName and Metrics must be specified")
    if metrics and alone:
        raise InvalidParameterCombination(f"{', '.join(alone)} must not be specified with Metrics")
    if name:
        if bool(given.get("Statistic")) == bool(given.get("ExtendedStatistic")):
            raise InvalidParameterCombination("Exactly one of Statistic and ExtendedStatistic must be specified")
        _check_period(given.get("Period"))
    else:
        _check_metrics(metrics)
    if given.get("ComparisonOperator") not in COMPARISONS:
        raise ValidationError(f"ComparisonOperator must be one of {', '.join(COMPARISONS)} here")
    if given.get("Threshold") is None:
        raise ValidationError("Threshold is required")
    periods = int(given.get("EvaluationPeriods") or 0)
    to_alarm = int(given.get("DatapointsToAlarm") or periods)
    if periods < 1 or not 1 <= to_alarm <= periods:
        raise ValidationError("DatapointsToAlarm must be from 1 to EvaluationPeriods")
    longest = max([int(given.get("Period") or 0), *(_period_of(each) for each in metrics)])
    if periods * longest > DAY * (7 if longest >= 3600 else 1):
        raise ValidationError("Metrics cannot be checked across more than a day (EvaluationPeriods * Period)")
    if (given.get("TreatMissingData") or MISSING) not in (MISSING, IGNORE, BREACHING, NOT_BREACHING):
        raise ValidationError(f"Option {given['TreatMissingData']} is not supported for TreatMissingData")


def _check_metrics(metrics: list[Mapping[str, Any]]) -> None:
    watched = [each for each in metrics if each.get("ReturnData", True)]
    if len(watched) != 1:
        raise ValidationError("Exactly one element of the Metrics list must return data")
    ids = [each["Id"] for each in metrics]
    for each in metrics:
        if bool(each.get("Expression")) == bool(each.get("MetricStat")):
            raise ValidationError(f"Exactly one of Expression and MetricStat must be specified for {each['Id']}")
        if each.get("MetricStat"):
            _check_period(_period_of(each))
            continue
        try:
            unknown = set(re.findall(r"[a-z]\w*", each["Expression"])) - set(ids)
            calculate(each["Expression"], dict.fromkeys(ids, 1.0))
        except ValueError as error:
            raise ValidationError(f"Error in expression '{each['Id']}': {error}") from error
        if unknown:
            raise ValidationError(f"Error in expression '{each['Id']}': {', '.join(sorted(unknown))} is not defined")


def _period_of(query: Mapping[str, Any]) -> int:
    return int((query.get("MetricStat") or {}).get("Period") or query.get("Period") or 0)


def _check_period(period: Any) -> None:
    if not (period in (10, 20, 30) or (isinstance(period, int) and period >= 60 and period % 60 == 0)):
        raise ValidationError("Period must be 10, 20, 30 or a multiple of 60")


def check_statistic(name: str) -> None:
    """Refuse an extended statistic that is none, or none that is known here. ValidationError."""
    try:
        percentile(name)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def dashboard_complaints(name: str, body: str) -> list[dict[str, str]]:
    """What PutDashboard says of a dashboard that it refuses: `DataPath` and `Message` of each fault.

    Of widgets what the "Dashboard body structure and syntax" demands: size, place, region, metrics, alarms, markdown.
    """
    if not NAME.fullmatch(name):
        return [{"DataPath": "", "Message": f"The dashboard name {name} may hold letters, digits, - and _ only"}]
    try:
        document = json.loads(body)
    except ValueError:
        return [{"DataPath": "", "Message": "The field DashboardBody must be valid JSON"}]
    return [{"DataPath": path, "Message": message} for path, message in _body(document)]


def _body(document: Any) -> Found:
    if not isinstance(document, dict) or not isinstance(document.get("widgets"), list):
        yield "/", "Should have required property 'widgets'"
        return
    widgets = document["widgets"]
    if len(widgets) > MOST_WIDGETS:
        yield "/widgets", f"Should NOT have more than {MOST_WIDGETS} items"
    for number, widget in enumerate(widgets):
        path = f"/widgets/{number}"
        if not isinstance(widget, dict):
            yield path, "Should be object"
            continue
        yield from ((f"{path}{where}", text) for where, text in _widget(widget))


def _widget(widget: Mapping[str, Any]) -> Found:
    if widget.get("type") not in WIDGETS:
        yield "/type", f"Should be equal to one of the allowed values: {', '.join(WIDGETS)}"
    for key, low, high in (("x", 0, COLUMNS - 1), ("y", 0, None), ("width", 1, COLUMNS), ("height", 1, TALLEST)):
        value = widget.get(key)
        if value is not None and not (type(value) is int and low <= value and (high is None or value <= high)):
            yield f"/{key}", f"Should be integer >= {low}" + ("" if high is None else f" and <= {high}")
    if ("x" in widget) is not ("y" in widget):
        yield "", "Should have both or neither of the properties 'x' and 'y'"
    properties = widget.get("properties")
    if not isinstance(properties, dict):
        yield "", "Should have required property 'properties'"
        return
    checks = {"metric": _metric, "alarm": _alarm, "text": _text, "log": _log}
    check = checks.get(str(widget.get("type")))
    if check is not None:
        yield from ((f"/properties{where}", text) for where, text in check(properties))


def _metric(properties: Mapping[str, Any]) -> Found:
    if not properties.get("region"):
        yield "", "Should have required property 'region'"
    if properties.get("view", "timeSeries") not in VIEWS:
        yield "/view", f"Should be equal to one of the allowed values: {', '.join(VIEWS)}"
    metrics = properties.get("metrics")
    annotated = isinstance(properties.get("annotations"), dict) and properties["annotations"].get("alarms")
    if metrics is None and not annotated:
        yield "", "Should have required property 'metrics'"
    for number, metric in enumerate(metrics or []):
        if not isinstance(metric, list) or not metric:
            yield f"/metrics/{number}", "Should NOT have fewer than 1 items"
            continue
        names = [each for each in metric if not isinstance(each, dict)]
        options = metric[-1] if isinstance(metric[-1], dict) else {}
        if "expression" in options:
            continue
        if len(names) < 2 or len(names) % 2:
            yield f"/metrics/{number}", "Should have a namespace, a metric, and a value for each dimension"
        elif not all(isinstance(each, str) for each in names):
            yield f"/metrics/{number}", "Should be string"


def _alarm(properties: Mapping[str, Any]) -> Found:
    alarms = properties.get("alarms")
    if not isinstance(alarms, list) or not 1 <= len(alarms) <= MOST_ALARMS:
        yield "/alarms", f"Should have 1 to {MOST_ALARMS} items"
        return
    for number, alarm in enumerate(alarms):
        if not (isinstance(alarm, str) and re.fullmatch(r"arn:[a-z-]+:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.+", alarm)):
            yield f"/alarms/{number}", "Should be the ARN of an alarm"


def _text(properties: Mapping[str, Any]) -> Found:
    if not isinstance(properties.get("markdown"), str):
        yield "", "Should have required property 'markdown'"


def _log(properties: Mapping[str, Any]) -> Found:
    for key in ("query", "region"):
        if not properties.get(key):
            yield "", f"Should have required property '{key}'"
