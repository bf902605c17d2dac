# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that an inventory gives to what it wants, by kind: what else carries the workload's tag is a stray."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..aws.names import flow_log_group, flow_log_role
from .alarms import alarms_topic, dashboard_name, is_observed, region_alarms
from .listener_domains import listener_domains
from .routing import routing

ROLES = ("execution", "task", "shift", "hooks")
"""What the roles of a service are for; the role `service` makes them under these names."""


def wanted_names(variables: Mapping[str, Any], scope: str = "region") -> dict[str, list[str]]:
    """What the inventory wants in one region, or with scope `global` in all, as patterns of names by kind.

    `variables` are those of the region's host. `{account}` in a name stands for the account.
    """
    return _global_names(variables) if scope == "global" else _names_of_region(variables)


def _names_of_region(variables: Mapping[str, Any]) -> dict[str, list[str]]:
    workload, region = variables["workload"], variables["inventory_hostname"]
    cluster = variables.get("cluster_name") or workload
    services = _names(variables, "service_definitions")
    log_prefix = variables.get("service_log_prefix") or f"/ecs/{workload}"
    queues = variables.get("messaging_queues") or []
    images = [*(variables.get("image_definitions") or []), *(variables.get("image_mirrors") or [])]
    flow_logs = variables.get("network_flow_logs")
    flows = flow_logs is not None and not flow_logs.get("bucket")
    scheduled, observed = "schedules" in variables, is_observed(variables)
    return {
        "ecs_cluster": [cluster],
        "ecs_service": [f"{cluster}/{name}" for name in services],
        "ecs_task_definition": [f"{workload}-{name}" for name in services],
        "log_group": [*(f"{log_prefix}/{name}" for name in services), *([flow_log_group(workload)] if flows else [])],
        "iam_role": [
            *(f"{workload}-{name}-{purpose}-{region}" for name in services for purpose in ROLES),
            *([f"{workload}-schedules-{region}"] if scheduled else []),
            *([flow_log_role(workload, region)] if flows else []),
        ],
        "schedule_group": [variables.get("schedules_group") or workload] if scheduled else [],
        "elbv2_load_balancer": _names(variables, "edge_load_balancers"),
        **_of_api(variables),
        "wafv2_web_acl": [variables.get("edge_web_acl_name") or workload] if "edge_web_acl" in variables else [],
        "sqs_queue": [
            *(queue["name"] for queue in queues),
            *((queue.get("dlq") or {}).get("name") or f"{queue['name']}-dlq" for queue in queues),
            *(
                queue["undelivered"].get("name") or f"{queue['name']}-undelivered"
                for queue in queues
                if queue.get("undelivered") is not None
            ),
        ],
        "sns_topic": [*_names(variables, "messaging_topics"), *([alarms_topic(variables)] if observed else [])],
        # Whichever region a table is replicated to.
        "metric_alarm": [each["name"] for each in region_alarms(variables, region, ["*"])] if observed else [],
        "s3_bucket": [
            f"{workload}-{name}-{{account}}-{region}"
            for variable in ("storage_buckets", "website_sites")
            for name in _names(variables, variable)
        ],
        # A replica in another region has the name of its source.
        "efs_file_system": [f"{workload}-{name}" for name in _names(variables, "volumes_file_systems")],
        "ecr_repository": [image["repository"] for image in images],
        "ssm_parameter": ["*"],
        "ec2_network": [workload],
    }


def _of_api(variables: Mapping[str, Any]) -> dict[str, list[str]]:
    """An API, and the certificates of its domain and of those of listeners."""
    listened = [each["name"] for each in listener_domains(variables.get("edge_load_balancers") or [])]
    if (variables.get("edge_api") or "none") == "none":
        return {"apigatewayv2_api": [], "acm_certificate": listened}
    return {
        "apigatewayv2_api": [variables.get("edge_api_name") or variables["workload"]],
        "acm_certificate": sorted({*listened, variables["edge_api_domain"].lower()}),
    }


def _global_names(variables: Mapping[str, Any]) -> dict[str, list[str]]:
    workload = variables["workload"]
    tables = [variables.get(f"toggle_{kind}_table") or f"{workload}-{kind}" for kind in ("state", "lease")]
    accelerator = routing(variables)["accelerator"]
    return {
        "dynamodb_table": [*_names(variables, "data_tables"), *tables],
        "globalaccelerator_accelerator": [accelerator["name"]] if accelerator else [],
        "cloudwatch_dashboard": [dashboard_name(variables)] if is_observed(variables) else [],
    }


def _names(variables: Mapping[str, Any], variable: str) -> list[str]:
    return [each if isinstance(each, str) else each["name"] for each in variables.get(variable) or []]
