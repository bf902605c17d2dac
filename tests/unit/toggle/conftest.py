# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of a workload in moto, and the module's logic run on them. Nothing replicates here, nor needs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_toggle import MODULE
from tests.support.aws_clients import one_session as one_session
from tests.support.modules import checked
from tests.support.workload_tables import REGIONS, Workload


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
            "region": "sa-east-1",
            **arguments,
        }
        return run(MODULE, checked(MODULE, **given), check_mode=check, diff_mode=diff)

    return call
