# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The security of a file system: from a task of the client group port 2049 is open, from any other it is refused."""

from __future__ import annotations

import functools
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localcloud import Cloud
from tests.support.file_systems import REGION, WORLD, Go, reach
from tests.support.waiting import eventually

PATIENCE_SECONDS = 20.0

StartTask = Callable[..., str]


@pytest.fixture(scope="module")
def start_task(cloud: Cloud, networks: Any) -> Iterator[StartTask]:
    """Runs a task in a subnet with one security group of a network, and gives its ARN once it has an interface."""
    ecs = cloud.client("ecs", REGION)
    ecs.create_cluster(clusterName="clients")
    family = ecs.register_task_definition(
        family="client",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[{"name": "client", "image": "sleeper:1"}],
    )["taskDefinition"]["taskDefinitionArn"]
    started = []

    def start(group: str, network: str = "goals") -> str:
        made = networks[network]
        place = {"subnets": made["subnets"]["private"][:1], "securityGroups": [made["security_groups"][group]]}
        arn = ecs.run_task(
            cluster="clients",
            taskDefinition=family,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": place},
        )["tasks"][0]["taskArn"]
        started.append(arn)
        look = functools.partial(ecs.describe_tasks, cluster="clients", tasks=[arn])
        eventually(lambda: look()["tasks"][0]["lastStatus"] == "RUNNING", PATIENCE_SECONDS, what=look)
        return arn

    yield start
    for arn in started:
        ecs.stop_task(cluster="clients", task=arn)


@pytest.fixture
def target(wanted: Any, go: Go) -> dict[str, Any]:
    return go(**wanted)["mount_targets"][0]


def test_only_tasks_of_the_client_group_reach_it(cloud: Cloud, target: Any, start_task: StartTask) -> None:
    inside, outside, elsewhere = start_task("tasks"), start_task("others"), start_task("tasks", "other")
    for name in (target["mount_target_id"], target["ip_address"]):
        assert reach(cloud, from_task=inside, to=name)["open"] is True
        refused = reach(cloud, from_task=outside, to=name)
        assert refused["open"] is False and "no ingress rule" in refused["why"]
        assert "not peered" in reach(cloud, from_task=elsewhere, to=name)["why"]
    # NFS, and no other port.
    for port in ("22", "2048", "2050"):
        assert reach(cloud, from_task=inside, to=target["mount_target_id"], port=port)["open"] is False


def test_a_rule_opened_to_the_world_lets_everybody_in_until_it_is_mended(
    cloud: Cloud, wanted: Any, go: Go, start_task: StartTask
) -> None:
    made = go(**wanted)
    question = {"from_task": start_task("others"), "to": made["mount_targets"][0]["mount_target_id"]}
    assert reach(cloud, **question)["open"] is False
    cloud.client("ec2", REGION).authorize_security_group_ingress(
        GroupId=made["security_group_id"], IpPermissions=[WORLD]
    )
    assert reach(cloud, **question)["open"] is True
    go(**wanted)
    assert reach(cloud, **question)["open"] is False


def test_a_client_that_may_not_send_does_not_reach_it(cloud: Cloud, network: Any, wanted: Any, go: Go) -> None:
    ec2 = cloud.client("ec2", REGION)
    mute = ec2.create_security_group(GroupName="mute", Description="mute", VpcId=network["vpc_id"])["GroupId"]
    ec2.revoke_security_group_egress(
        GroupId=mute, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    made = go(**{**wanted, "client_security_groups": [mute]})
    question = {"from_group": mute, "to": made["mount_targets"][0]["mount_target_id"]}
    assert "no egress rule" in reach(cloud, **question)["why"]
    rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
    to_it = [{**rule, "UserIdGroupPairs": [{"GroupId": made["security_group_id"]}]}]
    ec2.authorize_security_group_egress(GroupId=mute, IpPermissions=to_it)
    assert reach(cloud, **question)["open"] is True
    # The group that names another keeps that one from being deleted.
    ec2.revoke_security_group_egress(GroupId=mute, IpPermissions=to_it)
    go(name=wanted["name"], state="absent", delete_data=True)
    ec2.delete_security_group(GroupId=mute)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"from_group": "sg-00000000", "to": "sg-00000000"}, "no security group sg-00000000"),
        ({"from_task": "nobody", "to": "10.0.0.1"}, "no task nobody"),
        ({"to": "10.0.0.1"}, "exactly one of from_task and from_group"),
    ],
)
def test_a_question_that_cannot_be_answered_is_an_error(cloud: Cloud, question: Any, words: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        reach(cloud, **question)
    assert caught.value.code == 400 and words in caught.value.read().decode()
