# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarms of a workload in one region, and the topic that they tell."""

from __future__ import annotations

import re
from typing import Any

from ..aws.names import dimension_value, resource_tags
from ..kernel import Cloud, Known, is_unknown
from ..kernel.run import Composition, ModuleDefinition
from ..resources.metric_alarm import COMPARISONS, MISSING_DATA, SIMPLE_STATISTICS, MetricAlarm
from ..resources.topic import Topic, alarms_policy
from .messaging.checks import topic_problems

DAY = 86400
ALIAS_OF_SNS = "alias/aws/sns"
METRIC: dict[str, Any] = {
    "namespace": {"type": "str"},
    "metric": {"type": "str"},
    "dimensions": {"type": "dict", "default": {}},
    "statistic": {"type": "str"},
    "period": {"type": "int", "default": 60},
}
"""What a metric is, of an alarm and of an expression's part alike."""

NEEDED = ("namespace", "metric", "statistic")


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    if params["topic"] is not None:
        found += topic_problems("topic", params["topic"])
    if str(params["topic_kms_key_id"] or "").endswith(ALIAS_OF_SNS):
        found.append(
            f"topic_kms_key_id is {params['topic_kms_key_id']!r}, AWS's own key, which CloudWatch may not use: no "
            "alarm would ever be told. Give a key of your own whose policy lets cloudwatch.amazonaws.com use it."
        )
    names = [alarm["name"] for alarm in params["alarms"]]
    found += [f"alarms names {name!r} twice." for name in sorted({name for name in names if names.count(name) > 1})]
    for alarm in params["alarms"]:
        if not 1 <= len(alarm["name"]) <= 255:
            found.append(f"alarms has a name of {len(alarm['name'])} characters; CloudWatch takes 1 to 255.")
        if params["state"] == "present":
            found += [f"alarms[{alarm['name']}] {text}" for text in _alarm_problems(alarm)]
    return found


def _alarm_problems(alarm: dict[str, Any]) -> list[str]:
    found = []
    if bool(alarm["expression"]) == bool(alarm["metric"]):
        found.append("needs either metric or expression, and has both or neither.")
    for where, metric in _metrics_of(alarm):
        found += [f"has no {where}{key}." for key in NEEDED if not metric.get(key)]
        period = metric["period"]
        if period not in (10, 20, 30) and (period < 60 or period % 60):
            found.append(f"has {where}period {period}; CloudWatch takes 10, 20, 30 or a multiple of 60 seconds.")
        statistic = metric.get("statistic") or "Sum"
        if statistic not in SIMPLE_STATISTICS and not re.fullmatch(r"p(100|\d{1,2}(\.\d{1,10})?)", statistic):
            known = ", ".join(SIMPLE_STATISTICS)
            found.append(f"has {where}statistic {statistic!r}; {known} and percentiles such as p99 are valid.")
    unknown = sorted(set(re.findall(r"[A-Za-z_]\w*", alarm["expression"] or "")) - (alarm["metrics"] or {}).keys())
    if unknown:
        found.append(f"has an expression with {', '.join(unknown)}, of which metrics says nothing.")
    periods, to_alarm = alarm["evaluation_periods"], alarm["datapoints_to_alarm"] or alarm["evaluation_periods"]
    if periods < 1 or not 1 <= to_alarm <= periods:
        found.append(f"has datapoints_to_alarm {to_alarm} of evaluation_periods {periods}; 1 to that many are valid.")
    longest = max((metric["period"] for _where, metric in _metrics_of(alarm)), default=0)
    if periods * longest > DAY * (7 if longest >= 3600 else 1):
        found.append(f"looks back {periods * longest} s; CloudWatch looks back a day, or a week in periods of an hour.")
    if alarm["threshold"] is None:
        found.append("has no threshold.")
    return found


def _metrics_of(alarm: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    if not alarm["expression"]:
        return [("", alarm)]
    return [(f"metrics.{key}.", _metric(each)) for key, each in (alarm["metrics"] or {}).items()]


def _metric(given: dict[str, Any]) -> dict[str, Any]:
    dimensions = {
        name: value if is_unknown(value) else dimension_value(str(value))
        for name, value in (given.get("dimensions") or {}).items()
    }
    told = {key: given.get(key) for key in NEEDED}
    return {**told, "dimensions": dimensions, "period": int(given.get("period") or METRIC["period"]["default"])}


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region, account = params["region"], cloud.account_id
    common = {"state": params["state"], "purge_tags": params["purge_tags"], "account": account}
    tags = resource_tags(params)
    topics = []
    if params["topic"]:
        topic = Topic(params["topic"], region, **common, kms_key_id=params["topic_kms_key_id"], tags=tags)
        topic.wanted["policy"] = alarms_policy(topic.arn)
        topics.append(topic)
    actions = sorted([*(topic.arn for topic in topics), *params["actions"]])
    alarms = [
        MetricAlarm(each["name"], region, **common, needs=topics, actions=actions, tags=tags, **_wanted(each))
        for each in params["alarms"]
    ]
    gone = [MetricAlarm(name, region, **{**common, "state": "absent"}) for name in params["gone"]]

    def outputs(known: Known) -> dict[str, Any]:
        told = {"alarms": {alarm.name: {"arn": alarm.arn} for alarm in alarms}}
        return {**told, **({"topic_arn": topics[0].arn} if topics else {})}

    return Composition([*topics, *alarms, *gone], outputs)


def _wanted(alarm: dict[str, Any]) -> dict[str, Any]:
    periods = alarm["evaluation_periods"]
    single = _metric(alarm) if not alarm["expression"] else {**dict.fromkeys(METRIC), "dimensions": None}
    return {
        **single,
        "expression": alarm["expression"],
        "metrics": {key: _metric(each) for key, each in (alarm["metrics"] or {}).items()} or None,
        "description": alarm["description"],
        "comparison": alarm["comparison"],
        "threshold": alarm["threshold"],
        "evaluation_periods": periods,
        "datapoints_to_alarm": alarm["datapoints_to_alarm"] or periods,
        "missing_data": alarm["missing_data"],
    }


MODULE = ModuleDefinition(
    arguments={
        "topic": {"type": "str"},
        "topic_kms_key_id": {"type": "str", "no_log": False},
        "actions": {"type": "list", "elements": "str", "default": []},
        "gone": {"type": "list", "elements": "str", "default": []},
        "alarms": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "description": {"type": "str", "default": ""},
                **METRIC,
                "expression": {"type": "str"},
                "metrics": {"type": "dict"},
                "comparison": {"type": "str", "choices": list(COMPARISONS), "default": ">"},
                "threshold": {"type": "float"},
                "evaluation_periods": {"type": "int", "default": 1},
                "datapoints_to_alarm": {"type": "int"},
                "missing_data": {"type": "str", "choices": list(MISSING_DATA), "default": "missing"},
            },
        },
    },
    services=("cloudwatch", "sns", "resourcegroupstaggingapi", "sts"),
    build=build,
    problems=problems,
)
