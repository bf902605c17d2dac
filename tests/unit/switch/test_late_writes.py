# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run stands still right before a write that has no condition; another takes over, ends, and only then it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Tenure
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_toggle
from tests.support.switching import A, B, C, call

DNS_NAME = "api.example.test"


@pytest.fixture
def zone(workload) -> str:
    client = workload.client("route53", "us-east-1")
    zone = client.create_hosted_zone(Name="example.test", CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2]
    for region, weight in ((A, 100), (B, 0)):
        record = {"Name": DNS_NAME, "Type": "CNAME", "TTL": 60, "SetIdentifier": region, "Weight": weight}
        change = {"Action": "CREATE", "ResourceRecordSet": {**record, "ResourceRecords": [{"Value": "lb.test"}]}}
        client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    return zone


def weights(workload: Any, zone: str) -> dict[str, int]:
    found = workload.client("route53", "us-east-1").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {each["SetIdentifier"]: each["Weight"] for each in found if "Weight" in each}


@pytest.fixture
def still(monkeypatch) -> Callable[..., None]:
    """Lets a run stand still before one of its writes, while `meanwhile` happens: it has sent no heartbeat either."""

    def arrange(operation: str, turn: int, meanwhile: Callable[[], Any]) -> None:
        make, times = BaseClient._make_api_call, []

        def late(client: Any, name: str, arguments: Any) -> Any:
            if name == operation:
                times.append(arguments)
                if len(times) == turn:
                    with monkeypatch.context() as patch:
                        patch.setattr(BaseClient, "_make_api_call", make)
                        meanwhile()
            return make(client, name, arguments)

        monkeypatch.setattr(BaseClient, "_make_api_call", late)

    return arrange


@pytest.fixture(autouse=True)
def heartless(monkeypatch) -> None:
    """No heartbeat keeps a lease while its run stands still."""
    beating = Tenure.beating
    monkeypatch.setattr(Tenure, "beating", lambda tenure, every=0, still=bool: beating(tenure, 3600, still))


@pytest.mark.parametrize("turn", [1, 2, 3, 4], ids=["hold, source", "hold, target", "grant, target", "grant, source"])
def test_a_copy_that_was_set_late_is_set_to_what_the_lease_says_by_then(workload, switch, still, turn):
    def meanwhile() -> None:
        switch(to=B, supersede=True) if turn < 4 else switch(to=A, supersede=True)

    still("PutParameter", turn, meanwhile)
    with pytest.raises(CollectionError, match="lost the lease"):
        switch(to=B)
    states = workload.states()
    assert "HELD" not in states.values() and workload.lease()["plan"] is None
    for region, state in states.items():
        assert workload.parameter(region) == state


def test_weights_that_were_set_late_are_set_to_what_the_lease_says_by_then(workload, switch, still, zone):
    dns = {"dns": {"zone": zone, "names": [DNS_NAME]}}
    still("ChangeResourceRecordSets", 1, lambda: switch(to=A, supersede=True, **dns))
    with pytest.raises(CollectionError, match="lost the lease"):
        switch(to=B, **dns)
    assert workload.states() == {A: "ACTIVE", B: "PASSIVE"} and weights(workload, zone) == {A: 100, B: 0}


def test_schedules_that_were_set_late_are_set_to_what_the_lease_says_by_then(workload, switch, still):
    client = workload.client("scheduler", A)
    target = {"Arn": "arn:aws:ecs:::cluster/sales", "RoleArn": "arn:aws:iam::1:role/x"}
    for region in (A, B):
        workload.client("scheduler", region).create_schedule_group(Name="sales")
    client.create_schedule(
        GroupName="sales", Name="close", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"},
        State="ENABLED", Target={**target, "Input": "{}"},
    )  # fmt: skip
    still("UpdateSchedule", 1, lambda: switch(to=A, supersede=True, schedule_group="sales"))
    with pytest.raises(CollectionError, match="lost the lease"):
        switch(to=B, schedule_group="sales")
    assert workload.states() == {A: "ACTIVE", B: "PASSIVE"}
    assert client.get_schedule(GroupName="sales", Name="close")["State"] == "ENABLED"


def test_a_deployment_sets_its_late_copy_right_too(workload, switch, still):
    workload.make_table("sales-state", "region", C)
    regions = {A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"}
    workload.parameter(A, "PASSIVE")  # so that the deployment has one to set
    still("PutParameter", 1, lambda: switch(to=B))
    with pytest.raises(CollectionError, match="lost the lease"):
        call(region_toggle.MODULE, {"regions": {each: regions[each] for each in (A, B)}})
    assert workload.states() == {A: "PASSIVE", B: "ACTIVE"}
    assert (workload.parameter(A), workload.parameter(B)) == ("PASSIVE", "ACTIVE")


@pytest.mark.parametrize("value", ["PASSIVE", None], ids=["another", "none"])
def test_a_copy_that_differs_is_set_right_by_the_same_request(workload, switch, value):
    """Whoever set it late may have died before it could set it right; the status shows it and says what to type."""
    switch(to=B)
    if value:
        workload.parameter(B, value)
    else:
        workload.client("ssm", B).delete_parameter(Name="/sales/region/state")
    foretold = switch(check=True, target=B, turn="on")
    assert foretold["changed"] and foretold["epoch"] == 3
    made = switch(target=B, turn="on")
    assert workload.parameter(B) == "ACTIVE" and made["states"] == {A: "PASSIVE", B: "ACTIVE"}
    assert workload.lease()["epoch"] == 3 and workload.lease()["plan"] is None
    assert not switch(target=B, turn="on")["changed"]
