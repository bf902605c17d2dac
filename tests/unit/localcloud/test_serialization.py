# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers have the members that moto's own way of finding them gives: of objects, of dictionaries, and transformed."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.serialize import ResponseSerializer, XFormedAttributePicker
from moto.core.utils import get_service_model

from localcloud import serialization

REGION = "us-east-1"


def answers() -> list[Any]:
    """Of XML and of JSON, from classes and from dictionaries; ECS and EC2 transform some members."""
    ec2, ecs, iam = (boto3.client(service, region_name=REGION) for service in ("ec2", "ecs", "iam"))
    sns, elbv2, dynamodb = (boto3.client(service, region_name=REGION) for service in ("sns", "elbv2", "dynamodb"))
    containers = [
        {"name": "web", "image": "nginx", "memory": 64, "portMappings": [{"containerPort": 80}], "environment": []}
    ]
    return [
        ec2.describe_vpcs(),
        ec2.describe_subnets(),
        ec2.describe_route_tables(),
        ec2.describe_security_groups(),
        ec2.describe_availability_zones(),
        ecs.create_cluster(clusterName="web", tags=[{"key": "a", "value": "b"}]),
        ecs.register_task_definition(family="web", containerDefinitions=containers),
        ecs.describe_clusters(clusters=["web", "gone"], include=["TAGS"]),
        iam.create_role(RoleName="web", AssumeRolePolicyDocument="{}", Path="/x/"),
        iam.list_roles(),
        sns.create_topic(Name="web"),
        elbv2.describe_load_balancers(),
        dynamodb.list_tables(),
    ]


def test_answers_are_moto_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[Any, Any]] = []

    def both(self: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
        ours, theirs = serialization._member(self, value, key, shape), serialization._value_of(self, value, key, shape)
        seen.append((ours, theirs))
        return theirs

    monkeypatch.setattr(ResponseSerializer, "get_value", both)
    with mock_aws():
        answers()
    with mock_aws():
        answers()  # from the names that were kept
    assert len(seen) > 500
    # A property may make its objects anew each time it is read.
    told = [tuple(re.sub(r" object at 0x\w+", "", repr(value)) for value in pair) for pair in seen]
    assert [pair for pair in told if pair[0] != pair[1]] == []


def test_names_depend_on_the_class_of_the_object() -> None:
    class Cluster:
        pass

    member = get_service_model("ecs").shape_for("Cluster").members["clusterArn"]
    picker = XFormedAttributePicker()
    assert "cluster_arn" in serialization._names(picker, {}, "clusterArn", member)
    assert "arn" not in serialization._names(picker, {}, "clusterArn", member)
    assert "arn" in serialization._names(picker, Cluster(), "clusterArn", member)
