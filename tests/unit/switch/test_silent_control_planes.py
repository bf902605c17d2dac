# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control plane or a region that is silent holds nobody up for long."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError, NotReadyInTime
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import SHORT
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.notices import publish
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.traffic import AcceleratorDials, RecordWeights

GROUP = {"EndpointGroupArn": "group", "EndpointGroupRegion": "sa-east-1", "TrafficDialPercentage": 100}
RECORD = {"Name": "api.example.test.", "SetIdentifier": "sa-east-1", "Type": "CNAME", "Weight": 100}
ANSWERS = {
    "list_accelerators": [{"AcceleratorArn": "accelerator", "Name": "sales", "DnsName": "door"}],
    "list_listeners": [{"ListenerArn": "listener"}],
    "list_endpoint_groups": [GROUP],
    "list_resource_record_sets": {"ResourceRecordSets": [RECORD]},
    "list_tags_for_resource": {"Tags": [{"Key": "workload", "Value": "sales"}]},
    "describe_accelerator": {"Accelerator": {"Status": "IN_PROGRESS"}},
    "update_endpoint_group": {},
    "change_resource_record_sets": {"ChangeInfo": {"Id": "change"}},
    "get_change": {"ChangeInfo": {"Status": "PENDING"}},
}


class Edge(Cloud):
    """What directs the traffic; no change of it ever ends. limits: of each client that was asked."""

    def __init__(self) -> None:
        super().__init__({"region": "us-east-1"}, wait_timeout=60)
        self.limits: list[dict[str, Any]] = []

    def client(self, service: str, region: str | None = None, **limits: Any) -> Any:
        self.limits.append(limits)
        return self

    def get_paginator(self, operation: str) -> Any:
        key = SimpleNamespace(search=lambda page: [page])
        pages = ANSWERS[operation]
        return SimpleNamespace(paginate=lambda **_: [pages] if isinstance(pages, dict) else pages, result_keys=[key])

    def __getattr__(self, operation: str) -> Any:
        return lambda **_: ANSWERS[operation]


@pytest.mark.parametrize("kind", ["dials", "weights"])
def test_the_traffic_is_waited_for_as_long_as_told_and_no_call_for_long(kind):
    edge = Edge()
    way = AcceleratorDials(edge, "sales", "sales") if kind == "dials" else RecordWeights(edge, "Z1", [RECORD["Name"]])
    with pytest.raises(NotReadyInTime, match=r"Waited 0 s for (accelerator|change)"):
        way.set({"sa-east-1": 0}, lambda: None, patience=0.05)
    assert edge.limits and all(each == SHORT for each in edge.limits)


def test_a_notice_asks_for_the_account_where_it_is_published_and_once():
    asked = []

    def find_account(regions: list[str]) -> str:
        asked.append(regions)
        raise CollectionError("no region tells")

    cloud = SimpleNamespace(find_account=find_account)
    assert (
        publish(cloud, "notices", iter(["sa-east-1", "us-east-1"]), "s", {}) == "nobody was notified (no region tells)"
    )
    assert asked == [["sa-east-1", "us-east-1"]]
