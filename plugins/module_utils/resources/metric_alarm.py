# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CloudWatch alarm on a metric, or on an expression of several."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import arn, from_tag_list, to_tag_list
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from .cloudwatch_tags import retag

ALARMS_AT_ONCE = 100
"""That many names one DescribeAlarms takes, and that many alarms it tells."""

COMPARISONS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
SIMPLE_STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
MISSING_DATA = ("missing", "ignore", "breaching", "notBreaching")
RESULT = "result"
"""The id of the expression that an alarm watches."""


def _dimensions(given: dict[str, str]) -> list[dict[str, str]]:
    return to_tag_list(given, key="Name")


class MetricAlarm(Resource):
    """Wanted: `description`; either `namespace`, `metric`, `dimensions` (a dict), `statistic` and `period` (seconds),
    or `expression` and `metrics` (id → these five); `comparison` (one of `COMPARISONS`), `threshold`,
    `evaluation_periods`, `datapoints_to_alarm`, `missing_data`, `actions` (ARNs, for ALARM and for OK alike), `tags`.

    Gives `arn`, which is known beforehand.
    """

    kind = "metric_alarm"
    unordered: ClassVar[frozenset[str]] = frozenset({"actions"})

    def __init__(self, name: str, region: str, *, account: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.arn = arn("cloudwatch", region, account, f"alarm:{name}")

    def foretold(self) -> Attributes:
        return {"arn": self.arn}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[MetricAlarm], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client, names, alarms = cloud.client("cloudwatch", region), [each.name for each in resources], []
        for start in range(0, len(names), ALARMS_AT_ONCE):
            some = names[start : start + ALARMS_AT_ONCE]
            alarms += client.describe_alarms(AlarmNames=some, AlarmTypes=["MetricAlarm"], MaxRecords=ALARMS_AT_ONCE)[
                "MetricAlarms"
            ]
        wanted = {each.name: each.wanted.get("tags") for each in resources}
        tags = _tags(cloud, region, {alarm["AlarmArn"]: wanted[alarm["AlarmName"]] for alarm in alarms})
        return {alarm["AlarmName"]: {**_from_aws(alarm), "tags": tags[alarm["AlarmArn"]]} for alarm in alarms}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # The same alarm put twice is one, so a lost answer does no harm.
        self._put(cloud, wanted, Tags=to_tag_list(wanted["tags"]))
        return {"arn": self.arn, **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if differences.keys() - {"tags"}:
            self._put(cloud, wanted)
        retag(cloud, self.region, self.arn, differences)
        return {**actual, **wanted}

    def _put(self, cloud: Cloud, wanted: Attributes, **more: Any) -> None:
        cloud.client("cloudwatch", self.region).put_metric_alarm(AlarmName=self.name, **_to_aws(wanted), **more)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("ResourceNotFound"):
            cloud.client("cloudwatch", self.region).delete_alarms(AlarmNames=[self.name])


def _tags(cloud: Cloud, region: str, wanted: dict[str, dict[str, str] | None]) -> dict[str, dict[str, str]]:
    """The tags of alarms, by ARN.

    CloudWatch tells those of one alarm at a time. The Tagging API tells all at once, but late: what it says counts
    where it is what is wanted, and of the others CloudWatch is asked.
    """
    told: dict[str, dict[str, str]] = {}
    workload = next((tags["workload"] for tags in wanted.values() if tags), None)
    if workload is not None:
        filters = [{"Key": "workload", "Values": [workload]}]
        types = ["cloudwatch:alarm"]
        for each in cloud.paginate(
            "resourcegroupstaggingapi", "get_resources", region, TagFilters=filters, ResourceTypeFilters=types
        ):
            told[each["ResourceARN"]] = from_tag_list(each["Tags"])
    client = cloud.client("cloudwatch", region)
    for alarm, tags in wanted.items():
        if tags is None or told.get(alarm) != tags:
            told[alarm] = from_tag_list(client.list_tags_for_resource(ResourceARN=alarm)["Tags"])
    return told


def _to_aws(wanted: Attributes) -> dict[str, Any]:
    actions = list(wanted["actions"])
    common = {
        "AlarmDescription": wanted["description"],
        "ComparisonOperator": COMPARISONS[wanted["comparison"]],
        "Threshold": wanted["threshold"],
        "EvaluationPeriods": wanted["evaluation_periods"],
        "DatapointsToAlarm": wanted["datapoints_to_alarm"],
        "TreatMissingData": wanted["missing_data"],
        "AlarmActions": actions,
        "OKActions": actions,
    }
    if wanted["expression"]:
        queries = [
            {
                "Id": key,
                "ReturnData": False,
                "MetricStat": {
                    "Metric": {
                        "Namespace": of["namespace"],
                        "MetricName": of["metric"],
                        "Dimensions": _dimensions(of["dimensions"]),
                    },
                    "Period": of["period"],
                    "Stat": of["statistic"],
                },
            }
            for key, of in sorted(wanted["metrics"].items())
        ]
        watched = {"Id": RESULT, "Expression": wanted["expression"], "ReturnData": True}
        return {**common, "Metrics": [*queries, watched]}
    statistic = "Statistic" if wanted["statistic"] in SIMPLE_STATISTICS else "ExtendedStatistic"
    # With few requests a percentile says nothing; the state then stays as it is.
    few = {"EvaluateLowSampleCountPercentile": "ignore"} if statistic == "ExtendedStatistic" else {}
    return {
        **common,
        **few,
        "Namespace": wanted["namespace"],
        "MetricName": wanted["metric"],
        "Dimensions": _dimensions(wanted["dimensions"]),
        "Period": wanted["period"],
        statistic: wanted["statistic"],
    }


def _from_aws(alarm: dict[str, Any]) -> Attributes:
    operators = {name: sign for sign, name in COMPARISONS.items()}
    metrics = {each["Id"]: each for each in alarm.get("Metrics") or []}
    watched = metrics.pop(RESULT, {})
    actions = sorted(alarm.get("AlarmActions") or [])
    same = sorted(alarm.get("OKActions") or []) == actions
    return {
        "arn": alarm["AlarmArn"],
        "description": alarm.get("AlarmDescription") or "",
        "namespace": alarm.get("Namespace"),
        "metric": alarm.get("MetricName"),
        "dimensions": from_tag_list(alarm.get("Dimensions"), key="Name") if "MetricName" in alarm else None,
        "statistic": alarm.get("Statistic") or alarm.get("ExtendedStatistic"),
        "period": alarm.get("Period"),
        "expression": watched.get("Expression"),
        "metrics": {key: _metric(each.get("MetricStat")) for key, each in metrics.items()} or None,
        # One that somebody made as it is not known here differs, and is made anew.
        "comparison": operators.get(alarm.get("ComparisonOperator", "")),
        "threshold": alarm.get("Threshold"),
        "evaluation_periods": alarm["EvaluationPeriods"],
        "datapoints_to_alarm": alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"],
        "missing_data": alarm.get("TreatMissingData") or "missing",
        "actions": actions if same and alarm.get("ActionsEnabled", True) else None,
    }


def _metric(stat: dict[str, Any] | None) -> Attributes | None:
    if stat is None:
        return None
    metric = stat["Metric"]
    return {
        "namespace": metric["Namespace"],
        "metric": metric["MetricName"],
        "dimensions": from_tag_list(metric.get("Dimensions"), key="Name"),
        "period": stat["Period"],
        "statistic": stat["Stat"],
    }
