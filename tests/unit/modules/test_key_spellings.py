# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that is given by alias, id or ARN is the same key: no module plans anything for another spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

Run = Callable[..., dict[str, Any]]
REGION = "sa-east-1"

MODULES: dict[str, Callable[[str], dict[str, Any]]] = {
    "image_repository": lambda key: {"name": "shop", "kms_key_id": key},
    "messaging": lambda key: {
        "topics": [{"name": "shop", "kms_key_id": key}],
        "queues": [{"name": "shop", "kms_key_id": key}],
    },
    "lake_bucket": lambda key: {"prefix": "shop", "encryption": "kms", "kms_key_id": key},
    "global_table": lambda key: {
        "name": "shop",
        "hash_key": "id",
        "encryption": "customer_managed",
        "kms_keys": {REGION: key},
    },
}


@pytest.fixture(scope="module")
def key() -> Iterator[dict[str, str]]:
    with mock_aws():
        kms = boto3.client("kms", REGION)
        made = kms.create_key()["KeyMetadata"]
        kms.create_alias(AliasName="alias/shop", TargetKeyId=made["KeyId"])
        yield {"id": made["KeyId"], "arn": made["Arn"], "alias": "alias/shop"}


@pytest.mark.parametrize("module", MODULES)
def test_another_spelling_plans_nothing(key: dict[str, str], run_module: Run, module: str) -> None:
    given = MODULES[module]
    assert run_module(module, region=REGION, **given(key["arn"]))["changed"]
    for spelling in ("alias", "id", "arn"):
        again = run_module(module, check_mode=True, region=REGION, **given(key[spelling]))
        assert again["changes"] == [], spelling
