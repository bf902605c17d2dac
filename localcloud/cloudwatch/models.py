# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CloudWatch of one region: metrics that are found fast, alarms that change their state by themselves, dashboards.

moto keeps what it is given, and an alarm's state is what somebody sets. Here each alarm is judged once in a minute of
its metrics, which lasts `metric_seconds`, and what it does then is done.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import (
    Alarm,
    Dashboard,
    Dimension,
    MetricAggregatedDatum,
    MetricDatumBase,
    Statistics,
    cloudwatch_backends,
)
from moto.cloudwatch.models import CloudWatchBackend as MotoBackend
from moto.sns.models import sns_backends

from localcloud.cloudwatch import evaluation
from localcloud.cloudwatch.evaluation import ALARM, IGNORE, INSUFFICIENT_DATA, MISSING, OK
from localcloud.policies import admits
from localcloud.world import WORLD

log = logging.getLogger("localcloud.cloudwatch")

MINUTE = 60
MOST_POINTS = 600
"""How many points of a metric are kept for alarms."""
MOST_DATA = 40_000
"""How many points of a region are kept for GetMetricData; the older half goes when there are more."""

PRINCIPAL = "cloudwatch.amazonaws.com"
ALWAYS_IGNORES = "AWS/DynamoDB"
"""Alarms on metrics of this namespace ignore missing data whatever they say (API reference of PutMetricAlarm)."""

Series = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name and dimensions of a metric."""

_DASHBOARDS: dict[tuple[str, str], dict[str, Any]] = {}
"""By account and partition: a dashboard is not of one region (API reference of PutDashboard)."""


class Distribution(MetricAggregatedDatum):
    """The values of one period, of which percentiles can be told."""

    def __init__(self, namespace: str, name: str, values: Sequence[float], *rest: Any) -> None:
        super().__init__(namespace, name, min(values), max(values), len(values), sum(values), *rest)
        self.values = list(values)


_simple_statistic = Statistics.get_statistics_for_type


def _statistic(self: Statistics, stat: str) -> Any:
    """As moto's; percentiles too."""
    if not stat.startswith("p"):
        return _simple_statistic(self, stat)
    values = [value for datum in self.metric_data for value in getattr(datum, "values", None) or [_value_of(datum)]]
    return evaluation.statistic(values, stat)


def _value_of(datum: Any) -> float:
    return float(datum.value if hasattr(datum, "value") else datum.sum / datum.sample_count)


Statistics.get_statistics_for_type = _statistic  # type: ignore[method-assign]


def _comes_before(self: Dimension, other: Dimension) -> bool:
    """An order in which the same dimensions are equal lists, however they were given; moto's own is none."""
    return (self.name or "", self.value or "") < (other.name or "", other.value or "")


Dimension.__lt__ = _comes_before  # type: ignore[method-assign]


class CloudWatchBackend(MotoBackend):
    """Metrics, alarms and dashboards."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.series: dict[Series, deque[tuple[float, list[float]]]] = {}
        self.dashboards = _DASHBOARDS.setdefault((account_id, self.partition), {})

    # Metrics

    def note(
        self, namespace: str, name: str, dimensions: Mapping[str, str], values: Sequence[float], unit: str, at: float
    ) -> None:
        """Keep the values of one period, that began `at` (unix seconds), of a metric of AWS's own."""
        told = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)  # as moto compares them
        self._keep([Distribution(namespace, name, values, told, moment, unit)])

    def put_metric_data(self, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        before = len(self.metric_data)
        super().put_metric_data(namespace, metric_data)
        put, self.metric_data = self.metric_data[before:], self.metric_data[:before]
        self._keep(put)

    def _keep(self, data: Sequence[MetricDatumBase]) -> None:
        for datum in data:
            dimensions = frozenset((str(each.name), str(each.value)) for each in datum.dimensions)
            points = self.series.setdefault((datum.namespace, datum.name, dimensions), deque(maxlen=MOST_POINTS))
            values = getattr(datum, "values", None) or [_value_of(datum)]
            points.append((datum.timestamp.replace(tzinfo=UTC).timestamp(), list(values)))
        self.metric_data += data
        if len(self.metric_data) > MOST_DATA:
            del self.metric_data[: MOST_DATA // 2]

    def _points(self, series: Series, stat: str, starts: Sequence[float], length: float) -> list[float | None]:
        """The statistic of each of the periods that begin at `starts`; None where nothing was told."""
        points = self.series.get(series, ())
        found: list[float | None] = []
        for start in starts:
            values = [value for at, some in points if start - 1e-6 <= at < start + length - 1e-6 for value in some]
            found.append(evaluation.statistic(values, stat) if values else None)
        return found

    # Alarms

    def put_metric_alarm(self, name: str, *arguments: Any, **settings: Any) -> Alarm:
        former = self.alarms.get(name)
        tags = settings.pop("tags", None)
        # Of one that exists, the state stays and tags are not heeded (API reference of PutMetricAlarm).
        alarm = super().put_metric_alarm(name, *arguments, tags=None if former else tags, **settings)
        if former is None:
            alarm.state_value = INSUFFICIENT_DATA
        else:
            kept = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")
            vars(alarm).update({key: getattr(former, key) for key in kept})
        alarm.metrics = list(queries_of(alarm))  # type: ignore[attr-defined]  # as DescribeAlarms tells them
        return alarm

    def delete_alarms(self, alarm_names: list[str]) -> None:
        for name in alarm_names:
            if name in self.alarms:
                self.tagger.delete_all_tags_for_resource(self.alarms[name].alarm_arn)
        super().delete_alarms(alarm_names)

    def set_alarm_state(self, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        before = self.alarms[alarm_name].state_value if alarm_name in self.alarms else ""
        super().set_alarm_state(alarm_name, reason, reason_data, state_value)
        self._act(self.alarms[alarm_name], before)

    def evaluate(self, now: float) -> None:
        """Judge every alarm by the periods that are over."""
        for alarm in list(self.alarms.values()):
            if alarm.rule is None:
                self._evaluate(alarm, now)

    def _evaluate(self, alarm: Alarm, now: float) -> None:
        periods = int(alarm.evaluation_periods)
        to_alarm = int(alarm.datapoints_to_alarm or periods)
        try:
            values = self._values(alarm, periods + evaluation.FURTHER_POINTS, now)
        except ValueError as error:
            log.warning("alarm %s in %s is not evaluated: %s", alarm.name, self.region_name, error)
            return
        compare = evaluation.COMPARISONS.get(alarm.comparison_operator)
        if compare is None:
            return
        breaching = [None if value is None else compare(value, float(alarm.threshold)) for value in values]
        treat = IGNORE if alarm.namespace == ALWAYS_IGNORES else alarm.treat_missing_data or MISSING
        before = alarm.state_value
        state = evaluation.judge(breaching, periods, to_alarm, treat, before)
        if state != before:
            there = [value for value in values if value is not None][-periods:]
            alarm.update_state(_reason(alarm, state, there), json.dumps({"recentDatapoints": there}), state)
            log.info("alarm %s in %s: %s, %s", alarm.name, self.region_name, state, alarm.state_reason)
            self._act(alarm, before)

    def _values(self, alarm: Alarm, count: int, now: float) -> list[float | None]:
        """The latest values of what an alarm watches, one for each period; its minute lasts as long as a point here.

        Raises:
            ValueError: it asks for what is not known here.
        """
        if not alarm.metric_data_queries:
            stat = alarm.statistic or alarm.extended_statistic or ""
            pairs = {str(each.name): str(each.value) for each in alarm.dimensions}
            return self._latest(alarm.namespace, alarm.metric_name, pairs, stat, int(alarm.period), count, now)
        told: dict[str, list[float | None]] = {}
        for query in alarm.metric_data_queries:
            if query.metric_stat is not None:
                metric, stat = query.metric_stat.metric, query.metric_stat
                pairs = {str(each.name): str(each.value) for each in metric.dimensions}
                place = (metric.namespace, metric.metric_name, pairs)
                told[query.id] = self._latest(*place, stat.stat, int(stat.period), count, now)
        watched = next(each for each in alarm.metric_data_queries if each.return_data is not False)
        if watched.expression is None:
            return told[watched.id]
        moments = [{key: value for key, values in told.items() if (value := values[n]) is not None}
                   for n in range(count)]  # fmt: skip
        return [evaluation.calculate(watched.expression, moment) for moment in moments]

    def _latest(
        self, namespace: str, name: str, pairs: Mapping[str, str], stat: str, period: int, count: int, now: float
    ) -> list[float | None]:
        length = period / MINUTE * WORLD.options.metric_seconds
        end = now // length * length
        starts = [end - (count - number) * length for number in range(count)]
        return self._points((namespace, name, frozenset(pairs.items())), stat, starts, length)

    def _act(self, alarm: Alarm, before: str) -> None:
        """What an alarm does when its state has changed: it tells topics that let CloudWatch publish. The rest of what
        AWS knows as actions (scaling, instances, functions) is not done here."""
        state = alarm.state_value
        if state == before or not alarm.actions_enabled:
            return
        actions = {ALARM: alarm.alarm_actions, OK: alarm.ok_actions, INSUFFICIENT_DATA: alarm.insufficient_data_actions}
        for action in actions[state]:
            if action.split(":")[2] != "sns":
                continue
            _arn, _aws, _sns, region, account, _name = action.split(":", 5)
            backend = sns_backends[account][region]
            topic = backend.topics.get(action)
            policy = topic.policy if topic is not None else None
            if not admits(policy, PRINCIPAL, "SNS:Publish", action, alarm.alarm_arn):
                log.warning("alarm %s could not tell %s: the topic does not let CloudWatch publish", alarm.name, action)
                continue
            subject = f'{state}: "{alarm.name}" in {self.region_name}'[:100]
            backend.publish(json.dumps(_message(alarm, before, self.account_id)), arn=action, subject=subject)

    # Dashboards

    def put_dashboard(self, name: str, body: str, tags: Sequence[Mapping[str, str]] = ()) -> Dashboard:
        is_new = name not in self.dashboards
        made_in = self.region_name if is_new else self.dashboards[name].made_in
        dashboard = super().put_dashboard(name, body)
        dashboard.made_in = made_in  # type: ignore[attr-defined]  # so that an inventory has it once
        if is_new and tags:  # of one that exists they are not heeded
            self.tagger.tag_resource(dashboard.arn, [dict(each) for each in tags])
        return dashboard

    def delete_dashboards(self, dashboards: list[str]) -> str | None:
        arns = [self.dashboards[name].arn for name in dashboards if name in self.dashboards]
        error = super().delete_dashboards(dashboards)
        for arn in arns if error is None else ():
            self._tagger_of(arn).delete_all_tags_for_resource(arn)
        return error

    # Tags

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        if arn in {each.arn for each in self.dashboards.values()}:
            self._tagger_of(arn).tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))
        else:
            super().tag_resource(arn, tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        self._tagger_of(arn).untag_resource_using_names(arn, tag_keys)

    def list_tags_for_resource(self, arn: str) -> dict[str, str]:
        return self._tagger_of(arn).get_tag_dict_for_resource(arn)

    def _tagger_of(self, arn: str) -> Any:
        """A dashboard's tags are kept where it was made, whichever region is asked."""
        made_in = next((each.made_in for each in self.dashboards.values() if each.arn == arn), self.region_name)
        return cloudwatch_backends[self.account_id][made_in].tagger


def queries_of(alarm: Alarm) -> Iterator[dict[str, Any]]:
    """The metrics of an alarm on an expression, as they were given."""
    for query in alarm.metric_data_queries:
        told: dict[str, Any] = {"Id": query.id, "ReturnData": query.return_data is not False}
        told |= {"Label": query.label} if query.label else {}
        if query.metric_stat is None:
            yield {**told, "Expression": query.expression}
            continue
        metric = query.metric_stat.metric
        dimensions = [{"Name": each.name, "Value": each.value} for each in metric.dimensions]
        of = {"Namespace": metric.namespace, "MetricName": metric.metric_name, "Dimensions": dimensions}
        yield {**told, "MetricStat": {"Metric": of, "Period": query.metric_stat.period, "Stat": query.metric_stat.stat}}


WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


def _reason(alarm: Alarm, state: str, values: Sequence[float]) -> str:
    """Why an alarm is in a state, in CloudWatch's words."""
    if state == INSUFFICIENT_DATA:
        return "Insufficient Data: no datapoints were received."
    if not values:
        treated = "Breaching" if state == ALARM else "NonBreaching"
        return f"Threshold Crossed: no datapoints were received, and missing ones are treated as [{treated}]."
    told = ", ".join(f"{value:g}" for value in values)
    verb = "were" if state == ALARM else "were not"
    return (
        f"Threshold Crossed: datapoints [{told}] {verb} {WORDS[alarm.comparison_operator]} the threshold "
        f"({float(alarm.threshold):g})."
    )


def _message(alarm: Alarm, before: str, account: str) -> dict[str, Any]:
    """What an alarm publishes."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": alarm.configuration_updated_timestamp.isoformat(),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": alarm.state_updated_timestamp.isoformat(),
        "Region": alarm.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Dimensions": [{"name": each.name, "value": each.value} for each in alarm.dimensions],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "DatapointsToAlarm": alarm.datapoints_to_alarm,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data,
        },
    }


cloudwatch_backends.backend = CloudWatchBackend
