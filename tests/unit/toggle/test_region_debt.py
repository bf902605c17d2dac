# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What regions are owed by site.yml is remembered in the lease, and nothing else that stands there is touched."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import LeaseTable, Run, acquire
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_debt
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import to_attributes
from tests.support.sickness import Sickness
from tests.support.switching import A, B, C, call
from tests.support.workload_tables import Workload


def owe(*regions: str, check: bool = False, **said: Any) -> dict[str, Any]:
    return call(region_debt.MODULE, {"regions": list(regions), **said}, check)


def leave(workload: Workload, **parts: Any) -> None:
    item = to_attributes({**workload.lease(), **parts})
    workload.client("dynamodb", "us-east-2").put_item(TableName="sales-lease", Item=item)


def test_it_is_added_to_what_is_owed_and_taken_away_again(workload, toggle):
    toggle()
    leave(workload, owed={B: ["write"]}, plan={"kind": "switch"})
    assert owe(B, C, check=True)["changed"] and workload.lease()["owed"] == {B: ["write"]}
    assert [change["name"] for change in owe(B, C)["changes"]] == [B, C]
    lease = workload.lease()
    assert lease["owed"] == {B: ["site", "write"], C: ["site"]}
    assert lease["plan"] == {"kind": "switch"} and lease["holder"] == ""
    assert not owe(B, C)["changed"]
    assert owe(B, state="absent")["changed"]
    assert workload.lease()["owed"] == {B: ["write"], C: ["site"]}
    assert not owe(B, A, state="absent")["changed"]


def test_nothing_is_asked_of_the_regions_themselves(workload, toggle, monkeypatch):
    toggle()
    asked = Sickness(monkeypatch).asked
    owe(A, B, C)
    assert asked and set(asked) == {"us-east-2"}


def test_nothing_is_owed_before_states_are_recorded(workload):
    assert not owe(B)["changed"] and workload.lease_item() is None


def test_a_lease_that_somebody_holds_is_not_written(workload, toggle):
    toggle()
    table = LeaseTable("sales-lease", {"us-east-2": workload.client("dynamodb", "us-east-2")})
    held = acquire(table, Run("r", operator="bia", duration=1.0), 1)
    with held.beating(0.1), pytest.raises(CollectionError, match="bia"):
        owe(B)
    assert workload.lease()["owed"] == {}


def test_where_the_lease_is_must_be_told():
    with pytest.raises(InvalidInput, match="lease_regions is empty"):
        owe(B, C, lease_regions=[])
