# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed workload in moto, and the switch's logic run on it. Nothing replicates here, nor needs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from botocore.client import BaseClient
from botocore.exceptions import ConnectTimeoutError
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition, run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_switch, region_toggle
from tests.unit.toggle.conftest import Workload
from tests.unit.toggle.conftest import _one_session as _one_session

STATES = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}


def call(module: ModuleDefinition, arguments: dict[str, Any], check: bool = False) -> dict[str, Any]:
    given = {"workload": "sales", "lease_regions": ["us-east-2"], "lease_duration": 0.3, "lease_heartbeat": 0.1}
    checked = ArgumentSpecValidator(module.argument_spec, **module.rules).validate({**given, **arguments})
    assert not checked.error_messages, checked.error_messages
    return run(module, {"region": "us-east-1", **checked.validated_parameters}, check_mode=check)


@pytest.fixture
def workload() -> Iterator[Workload]:
    """The sales workload, deployed: ACTIVE in sa-east-1, at epoch 1; the lease in us-east-2 alone."""
    with mock_aws():
        made = Workload()
        for region in STATES:
            made.make_table("sales-state", "region", region)
        made.make_table("sales-lease", "id", "us-east-2")
        call(region_toggle.MODULE, {"regions": STATES})
        yield made


@pytest.fixture
def deploy() -> Callable[..., dict[str, Any]]:
    return lambda **arguments: call(region_toggle.MODULE, {"regions": STATES, **arguments})


@pytest.fixture
def switch() -> Callable[..., dict[str, Any]]:
    """Runs the module's logic with the arguments given, checked and completed as Ansible would."""

    def do(check: bool = False, **arguments: Any) -> dict[str, Any]:
        given = {"regions": list(STATES), "view_ttl": 0.03, "claim_to_effect": 0.02, "reason": "test"}
        return call(region_switch.MODULE, {**given, **arguments}, check)

    return do


@pytest.fixture
def silent(monkeypatch) -> set[str]:
    """The regions that do not answer from now on, whatever client asks."""
    regions: set[str] = set()
    call = BaseClient._make_api_call

    def perhaps(self: Any, operation: str, arguments: Any) -> Any:
        if self.meta.region_name in regions:
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        return call(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", perhaps)
    return regions
