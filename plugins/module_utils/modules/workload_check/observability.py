# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about alarms and the dashboard: what could never go off, or never be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...services.alarms import NEEDS_INSIGHTS, THRESHOLDS, alarms_topic, dashboard_name, is_observed, region_alarms
from ..dashboard import problems as dashboard_problems
from ..messaging.checks import topic_problems
from ..metric_alarms import ALIAS_OF_SNS

LONGEST_NAME = 255
"""Characters that CloudWatch takes as the name of an alarm."""

INSIGHTS = ("enabled", "enhanced")


def observability_findings(params: dict[str, Any], longest_region: str) -> Iterator[str]:
    """About the variables of the role `observability`, under their names, in a workload that is to be watched."""
    told = params["observability"] or {}
    variables = {
        **told,
        "workload": params["workload"],
        "edge_load_balancers": params["load_balancers"],
        "service_definitions": params["services"],
        "messaging_queues": params["queues"],
        "data_tables": params["tables"],
    }
    if not is_observed(variables):
        return
    insights = params["container_insights"]
    for kind in THRESHOLDS:
        value = told.get(f"observability_{kind}", 0)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            yield f"observability_{kind} is {value!r}; give a number from 0 on, or null for no such alarm."
        elif kind in NEEDS_INSIGHTS and f"observability_{kind}" in told and insights not in INSIGHTS:
            yield (
                f"observability_{kind} is {value!r}, and cluster_container_insights is "
                f"{insights!r}; then nothing tells how many tasks are desired and how many run, "
                "and the alarm could never go off. Give cluster_container_insights: enabled, or leave the alarm out."
            )
    topic = alarms_topic(variables)
    yield from topic_problems("observability_topic", topic)
    if topic in [str(each.get("name")) for each in params["topics"] or []]:
        yield (
            f"observability_topic is {topic!r}, which is one of messaging_topics; its policy lets nobody but alarms "
            "publish. Give it a name of its own."
        )
    key = str(told.get("observability_topic_kms_key_id") or "")
    if key.endswith(ALIAS_OF_SNS):
        yield (
            f"observability_topic_kms_key_id is {key!r}, AWS's own key, which CloudWatch may not use: no alarm would "
            "ever be told. Give a key of your own whose policy lets cloudwatch.amazonaws.com use it, or leave it out."
        )
    name = dashboard_name(variables)
    yield from (f"observability_dashboard: {text}" for text in dashboard_problems({"name": name, "widgets": []}))
    yield from _long_names(variables, longest_region)


def _long_names(variables: dict[str, Any], longest_region: str) -> Iterator[str]:
    try:
        names = [each["name"] for each in region_alarms(variables, longest_region, [longest_region, "*"])]
    except (AttributeError, KeyError, TypeError, ValueError):
        return  # something else is wrong with the inventory, and told under its own name
    for name in names:
        if len(name) > LONGEST_NAME:
            yield f"The alarm {name} has a name of {len(name)} characters; CloudWatch takes {LONGEST_NAME}."
