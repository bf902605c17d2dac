# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarms and the dashboard that follow from an inventory: names, dimensions, thresholds, and what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.values import KNOWN_AFTER_APPLY
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.metric_alarms import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.services.alarms import (
    THRESHOLDS,
    alarms_prefix,
    guard_names,
    region_alarms,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.dashboard import dashboard_widgets
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wanted_names import wanted_names
from localcloud.cloudwatch.rules import dashboard_complaints
from tests.support.modules import checked

HERE, THERE = "us-east-1", "sa-east-1"
ELB = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
EDGE = {
    "load_balancer_arns": {"front": f"{ELB}:loadbalancer/app/front/50dc6c495c0c9188"},
    "target_groups": {"api": f"{ELB}:targetgroup/api/73e2d6bc24d8a067"},
}
HOST = {
    "inventory_hostname": HERE,
    "observability_enabled": True,
    "workload": "sales",
    "cluster_name": "shop",
    "edge_load_balancers": [
        {"name": "front", "target_groups": [{"name": "api"}]},
        {"name": "inside", "type": "network", "target_groups": [{"name": "alb"}]},
    ],
    "service_definitions": [{"name": "api"}],
    "messaging_queues": [{"name": "in"}, {"name": "out", "dlq": {"name": "dead"}, "undelivered": {}}],
    "data_tables": [{"name": "sales"}],
}


def alarms(**others: Any) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in region_alarms({**HOST, **others}, HERE, [THERE, HERE], EDGE)}


def test_an_alarm_for_each_thing_that_can_be_watched() -> None:
    found = alarms()
    assert list(found) == [
        "sales-us-east-1-balancer-5xx-front",
        "sales-us-east-1-target-5xx-api",
        "sales-us-east-1-latency-p99-api",
        "sales-us-east-1-unhealthy-hosts-api",
        "sales-us-east-1-queue-age-in",
        "sales-us-east-1-dead-letters-in-dlq",
        "sales-us-east-1-queue-age-out",
        "sales-us-east-1-dead-letters-dead",
        "sales-us-east-1-dead-letters-out-undelivered",
        "sales-us-east-1-replication-lag-sales-to-sa-east-1",
    ]
    assert MODULE.problems(checked(MODULE, workload="sales", region=HERE, alarms=list(found.values()))) == []
    whole = {"LoadBalancer": EDGE["load_balancer_arns"]["front"]}
    assert found["sales-us-east-1-balancer-5xx-front"]["dimensions"] == whole
    target = found["sales-us-east-1-target-5xx-api"]
    assert target["dimensions"] == {**whole, "TargetGroup": EDGE["target_groups"]["api"]}
    assert (target["threshold"], target["comparison"], target["missing_data"]) == (5, ">", "notBreaching")
    lag = found["sales-us-east-1-replication-lag-sales-to-sa-east-1"]
    assert lag["dimensions"] == {"TableName": "sales", "ReceivingRegion": THERE}
    assert (lag["threshold"], lag["missing_data"]) == (10_000, "ignore"), "CloudWatch tells milliseconds"


def test_a_threshold_is_the_inventorys_and_none_is_no_alarm() -> None:
    found = alarms(observability_queue_age=60, observability_dead_letters=None, observability_missing_tasks=0)
    assert found["sales-us-east-1-queue-age-in"]["threshold"] == 60
    assert not any("dead-letters" in name for name in found)
    missing = found["sales-us-east-1-missing-tasks-api"]
    assert missing["expression"] == "desired - running"
    assert missing["metrics"]["running"]["dimensions"] == {"ClusterName": "shop", "ServiceName": "api"}


def test_a_queue_that_nobody_empties_in_a_passive_region_is_not_watched_for_its_age() -> None:
    dropping = {"name": "worker", "passive_behaviour": "drops", "uses": [{"queue": "in", "access": "consume"}]}
    found = alarms(service_definitions=[dropping])
    assert "sales-us-east-1-queue-age-in" not in found and "sales-us-east-1-queue-age-out" in found


def test_guards_are_those_that_no_other_region_sets_off() -> None:
    kinds = ("balancer-5xx-front", "target-5xx-api", "latency-p99-api", "unhealthy-hosts-api")
    assert guard_names(HOST, [THERE, HERE]) == [f"sales-{{region}}-{kind}" for kind in kinds]
    assert guard_names(HOST, [THERE, HERE], True) == [
        f"sales-{{region}}-{kind}" for kind in kinds if kind != "latency-p99-api"
    ]
    assert guard_names({**HOST, "observability_enabled": False}, [THERE, HERE]) == []
    assert (alarms_prefix(HOST), alarms_prefix({"workload": "sales"})) == ("sales-{region}-", "")


def test_the_defaults_of_the_role_are_these() -> None:
    defaults = Path(__file__).resolve().parents[3] / "roles/observability/defaults/main.yml"
    told = yaml.safe_load(defaults.read_text())
    assert {kind: told[f"observability_{kind}"] for kind in THRESHOLDS} == THRESHOLDS


def test_what_is_watched_is_no_stray() -> None:
    names = wanted_names(HOST)
    assert names["sns_topic"] == ["sales-alarms"]
    assert "sales-us-east-1-replication-lag-sales-to-*" in names["metric_alarm"]
    assert wanted_names(HOST, "global")["cloudwatch_dashboard"] == ["sales"]
    assert wanted_names({**HOST, "observability_enabled": False})["metric_alarm"] == []


def widgets(*hosts: dict[str, Any], read: Any = (), **others: Any) -> list[dict[str, Any]]:
    return dashboard_widgets({**HOST, **others}, [THERE, HERE], "123456789012", hosts, read)


def charts(found: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {each["properties"]["title"]: each["properties"]["metrics"] for each in found if each["type"] == "metric"}


def test_a_dashboard_has_a_line_for_each_region_and_cloudwatch_takes_it() -> None:
    there = {"item": THERE, "outputs": {"edge": json.loads(json.dumps(EDGE).replace(HERE, THERE))}}
    found = widgets({"inventory_hostname": HERE, "ansible_facts": {"edge_outputs": EDGE}}, read=[there])
    assert dashboard_complaints("sales", json.dumps({"widgets": found})) == []
    shown = charts(found)
    assert [line[-1]["region"] for line in shown["Requests"]] == [THERE, HERE]
    assert shown["Requests"][1][:4] == [
        "AWS/ApplicationELB",
        "RequestCount",
        "LoadBalancer",
        "app/front/50dc6c495c0c9188",
    ]
    assert [line[-1]["label"] for line in shown["Dead letters"]] == [
        f"{region} {name}" for region in (THERE, HERE) for name in ("in-dlq", "dead")
    ]
    assert "Running tasks" not in shown, "nothing tells them"
    alarming = [each["properties"]["alarms"] for each in found if each["type"] == "alarm"]
    assert [{arn.split(":")[3] for arn in arns} for arns in alarming] == [{THERE}, {HERE}]
    places = [(each["x"], each["y"]) for each in found]
    assert len(set(places)) == len(places)


def test_a_dashboard_shows_tasks_where_they_are_counted_and_is_planned_before_load_balancers_exist() -> None:
    unknown = {"load_balancer_arns": {"front": KNOWN_AFTER_APPLY}, "target_groups": {"api": KNOWN_AFTER_APPLY}}
    host = {"inventory_hostname": HERE, "ansible_facts": {"edge_outputs": unknown}}
    shown = charts(widgets(host, cluster_container_insights="enabled"))
    assert [line[-1]["region"] for line in shown["Running tasks"]] == [THERE, HERE]
    assert shown["Healthy targets"][0][2:6] == ["TargetGroup", KNOWN_AFTER_APPLY, "LoadBalancer", KNOWN_AFTER_APPLY]
