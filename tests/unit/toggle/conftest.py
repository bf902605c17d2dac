# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of a workload in moto, and the module's logic run on them. Nothing replicates here, nor needs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_toggle import MODULE

REGIONS = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}


SESSION = cloud._new_session(None)


@cache
def client(service: str, region: str) -> Any:
    """A client, made once: making them anew for every run would take most of these tests' time."""
    return SESSION.create_client(service, region_name=region)


class OneSession:
    """Stands in for the session of every run."""

    def create_client(self, service: str, *, region_name: str, **_others: Any) -> Any:
        return client(service, region_name)


@pytest.fixture(scope="module", autouse=True)
def _one_session() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud, "_new_session", lambda profile: OneSession())
        yield


class Workload:
    """What a test looks at and tampers with, in moto."""

    def client(self, service: str, region: str) -> Any:
        return client(service, region)

    def make_table(self, name: str, key: str, region: str) -> None:
        self.client("dynamodb", region).create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def state_item(self, region: str) -> dict[str, Any] | None:
        client = self.client("dynamodb", region)
        return client.get_item(TableName="sales-state", Key={"region": {"S": region}}).get("Item")

    def lease_item(self) -> dict[str, Any] | None:
        client = self.client("dynamodb", "us-east-2")
        return client.get_item(TableName="sales-lease", Key={"id": {"S": "lease"}}).get("Item")

    def parameter(self, region: str, value: str | None = None) -> str:
        client = self.client("ssm", region)
        if value is not None:
            client.put_parameter(Name="/sales/region/state", Value=value, Overwrite=True, Type="String")
        return client.get_parameter(Name="/sales/region/state")["Parameter"]["Value"]


@pytest.fixture
def workload() -> Iterator[Workload]:
    """The sales workload's tables, empty, in three regions; the lease in us-east-2 alone."""
    with mock_aws():
        made = Workload()
        for region in (*REGIONS, "eu-west-1"):
            made.make_table("sales-state", "region", region)
        made.make_table("sales-lease", "id", "us-east-2")
        yield made


@pytest.fixture
def toggle() -> Callable[..., dict[str, Any]]:
    """Runs the module's logic with the arguments given, checked and completed as Ansible would."""

    def call(check: bool = False, diff: bool = False, **arguments: Any) -> dict[str, Any]:
        given = {
            "workload": "sales",
            "regions": REGIONS,
            "lease_regions": ["us-east-2"],
            "lease_duration": 0.5,
            "lease_heartbeat": 0.1,
            **arguments,
        }
        checked = ArgumentSpecValidator(MODULE.argument_spec).validate(given)
        assert not checked.error_messages, checked.error_messages
        return run(MODULE, {"region": "sa-east-1", **checked.validated_parameters}, check_mode=check, diff_mode=diff)

    return call
