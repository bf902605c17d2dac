# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What PutMetricAlarm and PutDashboard refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.cloudwatch.exceptions import CloudWatchException

from localcloud.cloudwatch.rules import check_alarm, check_statistic, dashboard_complaints

ALARM = {
    "MetricName": "ApproximateAgeOfOldestMessage",
    "Namespace": "AWS/SQS",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 5,
    "DatapointsToAlarm": 3,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
STAT = {"Metric": {"Namespace": "A", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}
METRICS = [
    {"Id": "a", "MetricStat": STAT, "ReturnData": False},
    {"Id": "e", "Expression": "a * 2", "ReturnData": True},
]
ON_METRICS = {
    **{key: ALARM[key] for key in ("EvaluationPeriods", "Threshold", "ComparisonOperator")},
    "Metrics": METRICS,
}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"MetricName": None}, "Exactly one of MetricName and Metrics"),
        ({"ExtendedStatistic": "p99"}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"Statistic": None}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"Period": 45}, "a multiple of 60"),
        ({"DatapointsToAlarm": 6}, "from 1 to EvaluationPeriods"),
        ({"EvaluationPeriods": 0}, "from 1 to EvaluationPeriods"),
        ({"EvaluationPeriods": 1500, "DatapointsToAlarm": 1}, "across more than a day"),
        ({"ComparisonOperator": "Above"}, "ComparisonOperator must be one of"),
        ({"Threshold": None}, "Threshold is required"),
        ({"TreatMissingData": "good"}, "Option good is not supported"),
    ],
)
def test_alarms_that_are_refused(given: dict[str, Any], words: str) -> None:
    check_alarm(ALARM)
    with pytest.raises(CloudWatchException, match=words):
        check_alarm({**ALARM, **given})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"Namespace": "AWS/SQS"}, "Namespace must not be specified with Metrics"),
        ({"Metrics": [{**each, "ReturnData": True} for each in METRICS]}, "Exactly one element of the Metrics list"),
        ({"Metrics": [METRICS[0], {**METRICS[1], "Expression": "b * 2"}]}, "b is not defined"),
        ({"Metrics": [METRICS[0], {**METRICS[1], "MetricStat": STAT}]}, "Exactly one of Expression and MetricStat"),
    ],
)
def test_expressions_that_are_refused(given: dict[str, Any], words: str) -> None:
    check_alarm(ON_METRICS)
    with pytest.raises(CloudWatchException, match=words):
        check_alarm({**ON_METRICS, **given})


def test_percentiles() -> None:
    check_statistic("p99.9")
    with pytest.raises(CloudWatchException):
        check_statistic("p999")


SQS = ["AWS/SQS", "NumberOfMessagesSent", "QueueName", "q"]


def metric(**properties: Any) -> dict[str, Any]:
    return {"type": "metric", "properties": {"region": "us-east-1", "metrics": [SQS], **properties}}


@pytest.mark.parametrize(
    ("widget", "path", "words"),
    [
        ({"type": "chart", "properties": {}}, "/type", "one of the allowed values"),
        ({**metric(), "x": 24, "y": 0}, "/x", "integer >= 0 and <= 23"),
        ({**metric(), "width": 25}, "/width", "<= 24"),
        ({**metric(), "x": 0}, "", "both or neither"),
        ({"type": "text"}, "", "required property 'properties'"),
        ({"type": "text", "properties": {}}, "/properties", "required property 'markdown'"),
        (metric(region=None), "/properties", "required property 'region'"),
        (metric(metrics=None), "/properties", "required property 'metrics'"),
        (metric(metrics=[SQS[:1]]), "/properties/metrics/0", "a namespace, a metric"),
        (metric(metrics=[SQS[:3]]), "/properties/metrics/0", "a namespace, a metric"),
        (metric(view="lines"), "/properties/view", "one of the allowed values"),
        ({"type": "alarm", "properties": {"alarms": []}}, "/properties/alarms", "1 to 100"),
        ({"type": "alarm", "properties": {"alarms": ["name"]}}, "/properties/alarms/0", "ARN of an alarm"),
        ({"type": "log", "properties": {"region": "us-east-1"}}, "/properties", "required property 'query'"),
    ],
)
def test_widgets_that_are_refused(widget: dict[str, Any], path: str, words: str) -> None:
    (found,) = dashboard_complaints("sales", json.dumps({"widgets": [metric(), widget]}))
    assert found["DataPath"] == f"/widgets/1{path}"
    assert words in found["Message"]


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("sales board", "{}", "letters, digits"),
        ("sales", "{", "valid JSON"),
        ("sales", "[]", "required property 'widgets'"),
        ("sales", json.dumps({"widgets": [metric()] * 501}), "more than 500"),
    ],
)
def test_dashboards_that_are_refused(name: str, body: str, words: str) -> None:
    (found,) = dashboard_complaints(name, body)
    assert words in found["Message"]
