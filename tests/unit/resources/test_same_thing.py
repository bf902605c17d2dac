# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key or a namespace makes no difference in a plan, whichever way it is spelled; another one does."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY, Cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.same_thing import (
    key_as_wanted,
    namespace_as_wanted,
)

REGION = "sa-east-1"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud({"region": REGION})


@pytest.fixture(scope="module")
def key(cloud: Cloud) -> dict[str, str]:
    kms = boto3.client("kms", REGION)
    made, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
    kms.create_alias(AliasName="alias/shop", TargetKeyId=made["KeyId"])
    return {"id": made["KeyId"], "arn": made["Arn"], "alias": "alias/shop", "other": other["Arn"]}


@pytest.mark.parametrize("told", ["id", "arn", "alias"])
@pytest.mark.parametrize("wanted", ["id", "arn", "alias"])
def test_a_key_is_one_in_every_spelling(cloud: Cloud, key: dict[str, str], told: str, wanted: str) -> None:
    assert key_as_wanted(cloud, REGION, key[told], key[wanted]) == key[wanted]


def test_another_key_is_another(cloud: Cloud, key: dict[str, str]) -> None:
    for wanted in ("id", "arn", "alias"):
        assert key_as_wanted(cloud, REGION, key["other"], key[wanted]) == key["other"]
    assert key_as_wanted(cloud, REGION, key["arn"], "alias/unknown") == key["arn"]
    assert key_as_wanted(cloud, REGION, None, key["alias"]) is None
    assert key_as_wanted(cloud, REGION, key["arn"], None) == key["arn"]
    assert key_as_wanted(cloud, REGION, key["arn"], KNOWN_AFTER_APPLY) == key["arn"]
    assert cloud.calls.total() < 20


def test_a_namespace_is_one_by_name_and_by_arn(cloud: Cloud) -> None:
    client = boto3.client("servicediscovery", REGION)
    client.create_http_namespace(Name="shop")
    client.create_http_namespace(Name="other")
    arns = {each["Name"]: each["Arn"] for each in client.list_namespaces()["Namespaces"]}
    for told, wanted in ((arns["shop"], "shop"), ("shop", arns["shop"])):
        assert namespace_as_wanted(cloud, REGION, told, wanted) == wanted
    for told, wanted in ((arns["other"], "shop"), ("other", arns["shop"]), ("other", "shop")):
        assert namespace_as_wanted(cloud, REGION, told, wanted) == told
