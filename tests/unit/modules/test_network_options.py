# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a network may have beside: a log of its connections, and what is refused of it, of IPv6 and of peerings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.network_peering import wanted_pairs
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_network import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wanted_names import wanted_names
from tests.support.modules import told

Run = Callable[..., dict[str, Any]]
Item = dict[str, Any]
REGION = "sa-east-1"
NETWORK = {"workload": "sales", "region": REGION, "cidr": "10.1.0.0/16", "nat": "none", "gateway_endpoints": []}
BUCKET = "arn:aws:s3:::flows"


@pytest.fixture
def ec2(aws: None) -> Any:
    return boto3.client("ec2", REGION)


def test_connections_are_logged_to_a_group_of_its_own_then_to_a_bucket_then_no_more(ec2: Any, converge: Run) -> None:
    logs, iam, s3 = (boto3.client(name, REGION) for name in ("logs", "iam", "s3"))

    def there() -> tuple[list[str], list[str], list[str]]:
        groups = [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]]
        flows = [each.get("LogGroupName") or each["LogDestination"] for each in ec2.describe_flow_logs()["FlowLogs"]]
        return flows, groups, [each["RoleName"] for each in iam.list_roles()["Roles"]]

    role = f"sales-flow-logs-{REGION}"
    converge(MODULE, **NETWORK, flow_logs={"traffic": "REJECT", "retention_in_days": 7})
    assert there() == (["/vpc/sales"], ["/vpc/sales"], [role])
    made = converge(MODULE, **NETWORK, flow_logs={"interval": 60})
    assert ("replace", "ec2_flow_log", "sales") in told(made)
    assert ec2.describe_flow_logs()["FlowLogs"][0]["DeliverLogsStatus"] == "SUCCESS"
    with pytest.raises(CollectionError, match="the flow log of vpc-.* was refused: .*flows does not exist"):
        converge(MODULE, **{**NETWORK, "workload": "other"}, flow_logs={"bucket": BUCKET})
    s3.create_bucket(Bucket="flows", CreateBucketConfiguration={"LocationConstraint": REGION})
    converge(MODULE, **NETWORK, flow_logs={"bucket": BUCKET})
    assert there() == ([BUCKET], [], [])
    converge(MODULE, **NETWORK)
    assert there() == ([], [], [])
    converge(MODULE, **NETWORK, flow_logs={})
    removed = converge(MODULE, workload="sales", region=REGION, state="absent")
    order = [kind for _action, kind, _name in told(removed)]
    # What the log alone tells goes before it, so that a run that ends between them can be completed.
    assert order.index("iam_role") < order.index("log_group") < order.index("ec2_flow_log") < order.index("ec2_vpc")
    assert there() == ([], [], [])


@pytest.mark.parametrize(
    ("flow_logs", "words"),
    [
        ({"bucket": "flows"}, "flow_logs.bucket is 'flows'; an ARN such as arn:aws:s3:::logs"),
        ({"bucket": BUCKET, "retention_in_days": 7}, "flow_logs has bucket and retention_in_days"),
    ],
)
def test_a_log_that_cannot_be_is_refused(problems_of: Callable[..., list[str]], flow_logs: Item, words: str) -> None:
    assert words in problems_of("region_network", **NETWORK, flow_logs=flow_logs)[0]
    assert problems_of("region_network", **NETWORK, flow_logs={"bucket": f"{BUCKET}/vpc"}) == []


def test_what_a_flow_log_needs_is_no_stray_while_it_is_wanted() -> None:
    variables = {"workload": "sales", "inventory_hostname": REGION}
    wanted = wanted_names({**variables, "network_flow_logs": {}})
    assert ("/vpc/sales" in wanted["log_group"], f"sales-flow-logs-{REGION}" in wanted["iam_role"]) == (True, True)
    for without in ({}, {"network_flow_logs": {"bucket": BUCKET}}):
        assert wanted_names({**variables, **without})["log_group"] == []


PLACES = [
    {"name": REGION, "role": "primary", "state": "ACTIVE", "cidr": "10.1.0.0/16", "ipv6": True},
    {"name": "us-east-1", "role": "recovery", "state": "PASSIVE", "cidr": "10.2.0.0/16"},
    {"name": "eu-west-1", "role": "recovery", "state": "PASSIVE", "cidr": "10.3.0.0/16"},
]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"peering": {"topology": "star"}}, "peering_topology is 'star'; valid are mesh and hub."),
        ({"peering": {"topology": "hub"}}, "peering_hub is missing; give one of sa-east-1, us-east-1, eu-west-1."),
        (
            {"peering": {"topology": "hub", "hub": "eu-west-3"}},
            "peering_hub is 'eu-west-3', which the inventory does not have; give one of sa-east-1, us-east-1, "
            "eu-west-1. A hub that is to be retired needs its successor first.",
        ),
        ({"load_balancers": [{"name": "a", "ip_address_type": "dualstack"}]}, "network_ipv6 of us-east-1 is false"),
        ({"regions": [{**PLACES[0], "flow_logs": {"bucket": "b"}}]}, "network_flow_logs of sa-east-1.bucket is 'b'"),
    ],
)
def test_what_the_inventory_says_of_networks_is_checked_first(
    problems_of: Callable[..., list[str]], given: Item, words: str
) -> None:
    assert any(words in text for text in problems_of("workload_check", **{"regions": PLACES, **given}))


def test_preflight_tells_who_does_not_reach_whom_through_a_hub(run_module: Run) -> None:
    told = run_module("workload_check", regions=PLACES, peering={"topology": "hub", "hub": "us-east-1"})["warnings"]
    assert "the networks of eu-west-1 and sa-east-1 do not reach each other, through us-east-1 either" in told[0]
    assert "warnings" not in run_module("workload_check", regions=PLACES)
    pairs = [wanted_pairs(["d", "b", "c", "a"], hub) for hub in (None, "b")]
    assert (len(pairs[0]), pairs[1]) == (6, [("a", "b"), ("b", "c"), ("b", "d")])
