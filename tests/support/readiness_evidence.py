# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence of two regions that could stand in for each other, as `gather` tells it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.readiness import SPEC

SOURCE, TARGET = "sa-east-1", "us-east-1"
BUCKET = "sales-lake-{account}-{region}"
LAG = {"table": "sales-idempotency", "ttl_attribute": "expires_at"}


def completed(**given: Any) -> dict[str, Any]:
    """A value of `readiness`, checked and completed as Ansible would."""
    argument = {"readiness": {"type": "dict", "options": SPEC}}
    checked = ArgumentSpecValidator(argument).validate({"readiness": given})
    assert not checked.error_messages, checked.error_messages
    return dict(checked.validated_parameters["readiness"])


def sales_spec(**others: Any) -> dict[str, Any]:
    return completed(
        **{
            "services": [{"cluster": "sales", "name": "api"}, {"cluster": "sales", "name": "worker"}],
            "target_groups": ["api"],
            "queues": ["sales-queue"],
            "topics": ["sales-processing"],
            "tables": ["sales"],
            "buckets": [BUCKET],
            "lag": LAG,
            **others,
        }
    )


def service(name: str, count: int = 2, digest: str = "sha256:aaaa", vcpu: float = 0.25) -> dict[str, Any]:
    return {
        "cluster": "sales",
        "status": "ACTIVE",
        "desired": count,
        "running": count,
        "pending": 0,
        "task_definition": f"arn:aws:ecs:{SOURCE}:123456789012:task-definition/{name}:7",
        "revision": f"{name}:7",
        "digests": {f"registry/{name}:1.2": [digest]},
        "deployments": [{"status": "PRIMARY", "rollout_state": "COMPLETED", "revision": f"{name}:7", "running": count}],
        "last_event": "",
        "launch_type": "FARGATE",
        "capacity_providers": [],
        "scaling": {"min": count, "max": 10},
        "vcpu": vcpu,
    }


def region(name: str, other: str, count: int = 2) -> dict[str, Any]:
    depth = {"visible": 0, "in_flight": 0, "delayed": 0}
    counts = {"healthy": count, "unhealthy": 0, "initial": 0, "draining": 0, "other": 0, "total": count}
    subscribers = [{"queue": "sales-queue", "region": each} for each in sorted((name, other))]
    return {
        "region": name,
        "reachable": True,
        "why": "",
        "errors": {},
        "account": "123456789012",
        "services": {each: service(each, count) for each in ("api", "worker")},
        "target_groups": {"api": {"exists": True, **counts, "reasons": []}},
        "queues": {"sales-queue": {"exists": True, **depth, "dlq": {"name": "sales-queue-dlq", **depth}}},
        "topics": {"sales-processing": {"exists": True, "subscribers": subscribers}},
        "tables": {"sales": {"exists": True, "status": "ACTIVE", "replicas": {other: "ACTIVE"}}},
        "buckets": {BUCKET: {"exists": True, "name": f"sales-lake-123456789012-{name}", "replicates_to": [other]}},
        "alarms": {},
        "alarms_on": {},
        "quotas": {
            "fargate_vcpu": {"limit": 4000.0, "used": 1.0},
            "fargate_spot_vcpu": {"limit": 4000.0, "used": None},
            "tasks_per_service": {"limit": 5000.0},
        },
    }


def twins(count: int = 2) -> dict[str, Any]:
    """Two regions of which either can take over from the other."""
    return {SOURCE: region(SOURCE, TARGET, count), TARGET: region(TARGET, SOURCE, count)}


def make_table(cloud: Cloud, region: str) -> Any:
    client = cloud.client("dynamodb", region)
    client.create_table(
        TableName=LAG["table"],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """An empty account in moto."""
    with mock_aws():
        yield Cloud({"region": TARGET})
