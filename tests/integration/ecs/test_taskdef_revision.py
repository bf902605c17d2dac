# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revisions made from others, gone back to and cleaned away, on the embedded cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, InvalidInput
from localcloud import Cloud
from tests.support.pushed_images import push
from tests.support.revisions import REGION, Revisions

API, MONGO = {"name": "api", "image": "goals-api:1"}, {"name": "mongo", "image": "mongo:8"}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(home=tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as started:
        yield started


@pytest.fixture
def revisions(cloud: Cloud) -> Revisions:
    return Revisions(cloud)


@pytest.fixture
def family(request: pytest.FixtureRequest) -> str:
    """A family of the test's own."""
    return request.node.name.replace("[", "-").rstrip("]").removeprefix("test_")


def goals(revisions: Revisions, family: str, **given: Any) -> dict[str, Any]:
    """The first revision of a family: two containers, the API with two variables."""
    environment = {"PORT": 8080, "MONGO_PASSWORD": "not-to-be-told"}
    containers = [{**API, "environment": environment, "port_mappings": [8080]}, MONGO]
    return revisions.ask(family=family, cpu="256", memory="512", containers=containers, **given)


def numbered(revisions: Revisions, family: str, count: int) -> None:
    for number in range(1, count + 1):
        containers = [{"name": "api", "image": f"goals-api:{number}"}]
        revisions.ask(family=family, cpu="256", memory="512", containers=containers)


def test_only_the_image_changes(revisions: Revisions, family: str) -> None:
    goals(revisions, family, tags={"team": "goals"})
    wanted = {"family": family, "base": "latest", "containers": [{"name": "api", "image": "goals-api:2"}]}
    before = revisions.described(family)
    done = revisions.ask(**wanted)
    assert [change["after"] for change in done["changes"]] == [{"containerDefinitions.api.image": "goals-api:2"}]
    assert done["revision"] == 2
    assert done["diff"][0]["before"] == "containerDefinitions.api.image: goals-api:1\n"
    after = revisions.described(family)
    assert after["containerDefinitions"][1] == before["containerDefinitions"][1]
    assert after["containerDefinitions"][0] == {**before["containerDefinitions"][0], "image": "goals-api:2"}
    tags = revisions.client("ecs").list_tags_for_resource(resourceArn=done["task_definition_arn"])["tags"]
    assert {"key": "team", "value": "goals"} in tags
    again = revisions.ask(**wanted)
    assert (again["changes"], again["aws_calls"]) == ([], 1)


def test_parts_are_laid_over(revisions: Revisions, family: str) -> None:
    goals(revisions, family)
    efs = {"file_system_id": "fs-0123456789abcdef0", "transit_encryption": "ENABLED"}
    password = f"arn:aws:ssm:{REGION}:123456789012:parameter/goals/password"
    revisions.ask(
        family=family,
        base="latest",
        cpu="512",
        memory="1 GB",
        execution_role_arn="arn:aws:iam::123456789012:role/goals",
        volumes=[{"name": "data", "efs_volume_configuration": efs}],
        containers=[
            {"name": "mongo", "mount_points": [{"source_volume": "data", "container_path": "/data/db"}], "memory": 256},
            {
                "name": "api",
                "environment": {"PORT": None, "GREETING": "hello"},
                "secrets": {"MONGO_PASSWORD": password},
            },
        ],
    )
    now = revisions.described(family)
    api, mongo = now["containerDefinitions"]
    assert (now["cpu"], now["memory"], now["volumes"][0]["name"]) == ("512", "1024", "data")
    assert api["environment"] == [{"name": "GREETING", "value": "hello"}]
    assert api["secrets"] == [{"name": "MONGO_PASSWORD", "valueFrom": password}]
    assert api["portMappings"][0]["containerPort"] == 8080
    assert mongo["mountPoints"][0]["containerPath"] == "/data/db"
    assert mongo["memory"] == 256

    gone = [{"source_volume": None, "container_path": "/data/db"}]
    revisions.ask(family=family, base="latest", containers=[{"name": "mongo", "mount_points": gone}])
    assert revisions.described(family)["containerDefinitions"][1]["mountPoints"] == []


def test_an_older_revision_of_another_family_is_a_base(revisions: Revisions, family: str) -> None:
    numbered(revisions, family, 2)
    done = revisions.ask(family=f"{family}-copy", base=f"{family}:1", cpu=".5 vcpu", memory="1024")
    assert (done["family"], done["revision"], done["containers"][0]["image"]) == (f"{family}-copy", 1, "goals-api:1")
    again = revisions.ask(family=f"{family}-copy", base=f"{family}:1", cpu="512", memory="1 GB")
    assert (again["changes"], again["aws_calls"]) == ([], 2)
    assert revisions.ask(base=f"{family}:1", check_mode=True)["family"] == family


def test_what_cannot_be_laid_over_is_told(revisions: Revisions, family: str) -> None:
    goals(revisions, family)

    def refused(**given: Any) -> str:
        with pytest.raises(CollectionError) as caught:
            revisions.ask(**{"family": family, "base": "latest", **given})
        return str(caught.value)

    unknown = [{"name": "web", "image": "a"}, {"name": "mongodb", "image": "b"}]
    told = refused(containers=unknown)
    assert told == (
        f"container web is not in {family}:1; it has api, mongo.; "
        f"container mongodb is not in {family}:1; it has api, mongo."
    )
    assert "cpu is 300; Fargate has 256" in refused(cpu="300")
    assert "there is no such revision" in refused(base=f"{family}:7")
    assert "has no active revision" in refused(family="nowhere")
    assert "give 'latest' or <family>:<number>" in refused(base="newest")
    assert "it says of which family" in refused(family=None)
    assert revisions.numbers(family) == [1]


def test_a_plan_of_what_has_no_base_yet_tells_so(revisions: Revisions, family: str) -> None:
    wanted = {"family": family, "base": "latest", "containers": [{"name": "api"}], "verify": True, "pin_images": True}
    plan = revisions.ask(**wanted, check_mode=True)
    assert (plan["changed"], plan["aws_calls"], len(plan["findings"])) == (True, 1, 1)
    assert plan["containers"] == [{"name": "api", "image": "(known after apply)", "ports": []}]
    with pytest.raises(CollectionError, match="has no active revision; register a whole definition first"):
        revisions.ask(**wanted)


def test_going_back_registers_nothing(revisions: Revisions, family: str) -> None:
    numbered(revisions, family, 4)
    revisions.client("ecs").deregister_task_definition(taskDefinition=f"{family}:2")
    back = revisions.ask(family=family, revision="previous")
    assert (back["changed"], back["revision"], back["containers"][0]["image"]) == (False, 3, "goals-api:3")
    assert back["aws_calls"] == 2
    first = revisions.ask(family=family, revision="1")
    assert (first["revision"], first["aws_calls"]) == (1, 1)
    assert first["task_definition_arn"].endswith(f":task-definition/{family}:1")
    for number, why in (("2", "was deregistered"), ("9", "does not exist")):
        with pytest.raises(CollectionError, match=f"{why}.*active are: 4, 3, 1"):
            revisions.ask(family=family, revision=number)
    with pytest.raises(InvalidInput, match="leave out cpu, containers"):
        revisions.ask(family=family, revision="1", cpu="256", containers=[])
    with pytest.raises(InvalidInput, match="'previous' or the number"):
        revisions.ask(family=family, revision="latest")
    assert revisions.numbers(family) == [1, 3, 4]


def test_there_is_nothing_before_the_first(revisions: Revisions, family: str) -> None:
    with pytest.raises(CollectionError, match=r"has 0 active revision\(s\)"):
        revisions.ask(family=family, revision="previous")
    numbered(revisions, family, 1)
    with pytest.raises(CollectionError, match=r"has 1 active revision\(s\)"):
        revisions.ask(family=family, revision="previous")


def test_old_revisions_go_and_used_ones_stay(revisions: Revisions, family: str) -> None:
    numbered(revisions, family, 6)
    ecs, ec2 = revisions.client("ecs"), revisions.client("ec2")
    ecs.create_cluster(clusterName=family)
    vpc = ec2.create_vpc(CidrBlock="10.67.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.67.0.0/24")["Subnet"]["SubnetId"]
    service = {
        "cluster": family,
        "serviceName": "goals",
        "taskDefinition": f"{family}:2",
        "desiredCount": 0,
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": [subnet]}},
    }
    ecs.create_service(**service)
    wanted = {"family": family, "base": "latest", "containers": [{"name": "api", "image": "goals-api:7"}]}

    plan = revisions.ask(**wanted, prune={"keep": 3}, check_mode=True)
    assert [change["before"] for change in plan["changes"][1:]] == [{"active": [4, 3, 1], "inactive": []}]
    done = revisions.ask(**wanted, prune={"keep": 3})
    assert done["changes"] == plan["changes"]
    assert revisions.numbers(family) == [2, 5, 6, 7]  # 2 is the service's
    assert revisions.numbers(family, "INACTIVE") == [1, 3, 4]
    assert revisions.ask(**wanted, prune={"keep": 3})["changes"] == []

    ecs.delete_service(cluster=family, service="goals", force=True)
    ecs.get_waiter("services_inactive").wait(cluster=family, services=["goals"], WaiterConfig={"Delay": 1})
    done = revisions.ask(**wanted, prune={"keep": 3, "delete": True})
    assert [change["before"] for change in done["changes"]] == [{"active": [2], "inactive": [4, 3, 1]}]
    assert (revisions.numbers(family), revisions.numbers(family, "INACTIVE")) == ([5, 6, 7], [])
    again = revisions.ask(**wanted, prune={"keep": 3})
    assert (again["changes"], again["aws_calls"]) == ([], 2)
    with pytest.raises(InvalidInput, match="at least 1 revision stays"):
        revisions.ask(**wanted, prune={"keep": 0})


def test_a_running_task_keeps_its_revision(revisions: Revisions, family: str) -> None:
    ecs, ec2 = revisions.client("ecs"), revisions.client("ec2")
    for number in range(1, 4):
        containers = [{**MONGO, "environment": {"NUMBER": number}}]
        revisions.ask(family=family, cpu="256", memory="512", containers=containers)
    ecs.create_cluster(clusterName=family)
    vpc = ec2.create_vpc(CidrBlock="10.68.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.68.0.0/24")["Subnet"]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet]}}
    task = ecs.run_task(
        cluster=family, taskDefinition=f"{family}:1", launchType="FARGATE", networkConfiguration=network
    )["tasks"][0]["taskArn"]
    prune = {"family": family, "base": "latest", "prune": {"keep": 1, "delete": True}}
    revisions.ask(**prune)
    assert revisions.numbers(family) == [1, 3]
    ecs.deregister_task_definition(taskDefinition=f"{family}:1")
    assert revisions.ask(**prune)["changes"] == []
    assert revisions.numbers(family, "INACTIVE") == [1]
    (still,) = ecs.describe_tasks(cluster=family, tasks=[task])["tasks"]
    assert still["desiredStatus"] == "RUNNING", still.get("stoppedReason")
    ecs.stop_task(cluster=family, task=task)


def test_images_are_pinned_by_digest(revisions: Revisions, family: str) -> None:
    ecr = revisions.client("ecr")
    repository = ecr.create_repository(repositoryName=family)["repository"]["repositoryUri"]
    role = "arn:aws:iam::123456789012:role/goals"
    wanted: dict[str, Any] = {
        "family": family,
        "cpu": "256",
        "memory": "512",
        "execution_role_arn": role,
        "containers": [{"name": "api", "image": f"{repository}:1"}, MONGO],
        "pin_images": True,
    }
    plan = revisions.ask(**wanted, check_mode=True)
    assert plan["containers"][0]["image"] == f"{repository}@(known after apply)"
    assert len(plan["findings"]) == 1
    with pytest.raises(CollectionError, match="has no image with the tag 1; push it first"):
        revisions.ask(**wanted)

    digest = push(ecr, family, "1")
    done = revisions.ask(**wanted)
    assert [container["image"] for container in done["containers"]] == [f"{repository}@{digest}", "mongo:8"]
    again = revisions.ask(**wanted)
    assert (again["changes"], again["aws_calls"]) == ([], 2)
    moved = push(ecr, family, "1", size=2)
    assert revisions.ask(**wanted)["containers"][0]["image"] == f"{repository}@{moved}" != f"{repository}@{digest}"


def test_secrets_are_told_nowhere(revisions: Revisions, family: str) -> None:
    secret = "not-to-be-told"
    first = goals(revisions, family)
    containers = [
        {
            "name": "api",
            "environment": {"MONGO_URL": f"mongodb://goals:{secret}@localhost/goals", "MONGO_PASSWORD": secret + "!"},
            "command": ["serve", "--api-token", secret],
            "health_check": {"command": f"curl --header 'X-Token: {secret}' localhost"},
        }
    ]
    changed = {"family": family, "base": "latest", "containers": containers}
    plan = revisions.ask(**changed, check_mode=True)
    done = revisions.ask(**changed)
    for result in (first, plan, done):
        assert result["changed"]
        assert secret not in json.dumps(result)
    assert done["changes"][0]["after"]["containerDefinitions.api.environment.MONGO_PASSWORD"] == "(masked, changed)"
    assert done["changes"][0]["after"]["containerDefinitions.api.command"] == ["serve", "--api-token", "(masked)"]
