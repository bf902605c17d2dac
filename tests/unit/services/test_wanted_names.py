# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that an inventory wants: those that its roles make, and no other."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.module_utils.services.wanted_names import wanted_names

HOST = {
    "inventory_hostname": "us-east-1",
    "workload": "sales",
    "service_definitions": [{"name": "api"}],
    "edge_load_balancers": [{"name": "front"}],
    "messaging_queues": [{"name": "in"}, {"name": "out", "dlq": {"name": "dead"}}],
    "storage_buckets": [{"name": "lake"}],
    "website_sites": [{"name": "site", "folder": "site"}],
    "data_tables": [{"name": "sales"}],
    "image_definitions": [{"repository": "sales/api"}],
    "routing_accelerator": {"name": "public"},
}


def test_names_of_a_region() -> None:
    names = wanted_names(HOST)
    assert names["ecs_service"] == ["sales/api"]
    assert names["ecs_task_definition"] == ["sales-api"]
    assert names["log_group"] == ["/ecs/sales/api"]
    assert "sales-api-task-us-east-1" in names["iam_role"]
    assert "sales-schedules-us-east-1" not in names["iam_role"]
    assert names["elbv2_load_balancer"] == ["front"]
    assert sorted(names["sqs_queue"]) == ["dead", "in", "in-dlq", "out"]
    assert names["s3_bucket"] == [f"sales-{name}-{{account}}-us-east-1" for name in ("lake", "site")]
    assert names["ecr_repository"] == ["sales/api"]
    assert names["schedule_group"] == []


def test_a_cluster_and_log_groups_of_another_name() -> None:
    names = wanted_names({**HOST, "cluster_name": "shop", "service_log_prefix": "/shop", "schedules": []})
    assert (names["ecs_cluster"], names["ecs_service"], names["log_group"]) == (["shop"], ["shop/api"], ["/shop/api"])
    assert "sales-schedules-us-east-1" in names["iam_role"]
    assert names["schedule_group"] == ["sales"]


def test_names_of_all_regions() -> None:
    assert wanted_names(HOST, "global") == {
        "dynamodb_table": ["sales", "sales-state", "sales-lease"],
        "globalaccelerator_accelerator": ["public"],
        "cloudwatch_dashboard": [],
    }
