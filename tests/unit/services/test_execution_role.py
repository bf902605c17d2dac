# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution role of a service may do what ECS does for it, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.execution_role import execution_policies
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import Place
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.permissions import allowed

PLACE = Place("shop", "us-east-1", ("us-east-1", "sa-east-1"), "123456789012")
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/db"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def may(action: str, resource: str, **definition: Any) -> bool:
    given = {"name": "api", "image": "api:1", **definition}
    return allowed(list(execution_policies(given, PLACE, "/ecs/shop").values()), action, resource)


def logs(group: str) -> str:
    return f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:log-stream:ecs/api/1"


def test_it_writes_to_the_log_group_of_the_service_alone() -> None:
    assert may("logs:PutLogEvents", logs("/ecs/shop/api"))
    assert may("logs:CreateLogStream", logs("/ecs/shop/api"))
    assert not may("logs:PutLogEvents", logs("/ecs/shop/api2"))
    assert not may("logs:CreateLogGroup", logs("/ecs/shop/api"))


def test_it_pulls_from_its_own_account_and_from_the_repositories_that_are_named() -> None:
    other = "arn:aws:ecr:eu-west-1:999999999999:repository/base/api"
    assert may("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:123456789012:repository/shop/api")
    assert not may("ecr:BatchGetImage", other)
    assert may("ecr:BatchGetImage", other, image="999999999999.dkr.ecr.eu-west-1.amazonaws.com/base/api:3")
    assert not may("ecr:PutImage", "arn:aws:ecr:us-east-1:123456789012:repository/shop/api")


@pytest.mark.parametrize(("region", "partition"), [("us-gov-east-1", "aws-us-gov"), ("cn-north-1", "aws-cn")])
def test_it_pulls_in_every_partition(region: str, partition: str) -> None:
    policies = execution_policies({"name": "api", "image": "api:1"}, Place("shop", region, (region,), "1"), "/ecs/shop")
    repository = f"arn:{partition}:ecr:{region}:1:repository/shop/api"
    assert allowed(list(policies.values()), "ecr:BatchGetImage", repository)


def test_it_pulls_through_the_cache_what_is_named_with_its_registry_and_nothing_else() -> None:
    registry, cached = "123456789012.dkr.ecr.us-east-1.amazonaws.com", "arn:aws:ecr:us-east-1:123456789012:repository/"
    for action in ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage"):
        assert may(action, f"{cached}hub/library/nginx", image=f"{registry}/hub/library/nginx:1")
        assert not may(action, f"{cached}hub/library/redis", image=f"{registry}/hub/library/nginx:1")
        assert not may(action, f"{cached}shop/api", image={"repository": "shop/api"})


@pytest.mark.parametrize(
    ("source", "action", "resource"),
    [
        ("/shop/pin", "ssm:GetParameters", "arn:aws:ssm:us-east-1:123456789012:parameter/shop/pin"),
        ("pin", "ssm:GetParameters", "arn:aws:ssm:us-east-1:123456789012:parameter/pin"),
        (
            "arn:aws:ssm:sa-east-1:123456789012:parameter/pin",
            "ssm:GetParameters",
            "arn:aws:ssm:sa-east-1:123456789012:parameter/pin",
        ),
        (SECRET, "secretsmanager:GetSecretValue", f"{SECRET}-AbCdEf"),
        (f"{SECRET}-AbCdEf", "secretsmanager:GetSecretValue", f"{SECRET}-AbCdEf"),
        (f"{SECRET}-AbCdEf:password::", "secretsmanager:GetSecretValue", f"{SECRET}-AbCdEf"),
    ],
)
def test_it_reads_the_secrets_that_containers_name(source: str, action: str, resource: str) -> None:
    assert may(action, resource, secrets={"X": source})
    assert may(action, resource, containers=[{"name": "a", "image": "a:1"}, {"name": "b", "secrets": {"X": source}}])
    assert not may(action, resource), "one that nobody names"
    assert not may(action, f"{resource}2x", secrets={"X": source})


def test_it_decrypts_with_the_keys_that_are_given() -> None:
    assert may("kms:Decrypt", KEY, secret_keys=[KEY])
    assert not may("kms:Decrypt", KEY)
    with pytest.raises(CollectionError, match="secret_keys has 'alias/shop'. Expected the ARN of a KMS key"):
        may("kms:Decrypt", KEY, secret_keys=["alias/shop"])
