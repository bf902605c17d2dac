# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a definition names is looked for before it is registered, on the embedded cloud; all findings come at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from localcloud import Cloud
from tests.support.pushed_images import push
from tests.support.revisions import REGION, Revisions
from tests.support.waiting import eventually

ACCOUNT = "123456789012"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
EXECUTION, TASK = (f"arn:aws:iam::{ACCOUNT}:role/shop-{kind}" for kind in ("execution", "task"))
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/db"
PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/token"


@pytest.fixture(scope="module")
def revisions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Revisions]:
    with Cloud(home=tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as cloud:
        yield Revisions(cloud)


def logs(group: str, **options: str) -> dict[str, Any]:
    given = {"awslogs-group": group, "awslogs-region": REGION, "awslogs-stream-prefix": "ecs", **options}
    return {"log_driver": "awslogs", "options": given}


def efs(file_system: str, access_point: str | None = None) -> dict[str, Any]:
    return {
        "file_system_id": file_system,
        "transit_encryption": "ENABLED",
        "authorization_config": {"access_point_id": access_point} if access_point else {},
    }


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def shop(**given: Any) -> dict[str, Any]:
    """A definition that names something of each kind."""
    return {
        "family": "shop",
        "cpu": "256",
        "memory": "512",
        "execution_role_arn": EXECUTION,
        "task_role_arn": TASK,
        "volumes": [{"name": "data", "efs_volume_configuration": efs("fs-00000000000000000")}],
        "containers": [
            {
                "name": "api",
                "image": f"{REGISTRY}/shop:1",
                "port_mappings": [8080],
                "secrets": {
                    "DB": f"{SECRET}:password::",
                    "USER": f"{SECRET}:user::",
                    "TOKEN": PARAMETER,
                    "PIN": "/shop/pin",
                },
                "log_configuration": logs("/ecs/shop"),
            },
            {
                "name": "router",
                "image": "public.ecr.aws/nginx/nginx:1.29",
                "log_configuration": logs("/ecs/shop/router", **{"awslogs-create-group": "true"}),
            },
        ],
        "verify": True,
        **given,
    }


def findings(revisions: Revisions, **given: Any) -> list[str]:
    """What a plan tells; a run must refuse for the same reasons, and register nothing."""
    before = revisions.families()
    plan = revisions.ask(**shop(**given), check_mode=True)
    if plan["findings"]:
        with pytest.raises(CollectionError, match="is not registered") as caught:
            revisions.ask(**shop(**given))
        assert caught.value.details["findings"] == plan["findings"]
        assert revisions.families() == before
    return plan["findings"]


def container(**given: Any) -> list[dict[str, Any]]:
    """One container in the place of the two."""
    return [{"name": "api", "image": "nginx:1.29", **given}]


def make_file_system(files: Any, token: str) -> str:
    made = files.create_file_system(CreationToken=token)["FileSystemId"]
    wait_until_available(lambda: files.describe_file_systems(FileSystemId=made)["FileSystems"])
    return made


def make_mount_target(files: Any, file_system: str, subnet: str) -> None:
    files.create_mount_target(FileSystemId=file_system, SubnetId=subnet)
    wait_until_available(lambda: files.describe_mount_targets(FileSystemId=file_system)["MountTargets"])


def wait_until_available(look: Callable[[], list[dict[str, Any]]]) -> None:
    eventually(lambda: all(thing["LifeCycleState"] == "available" for thing in look()), what=look)


def test_everything_that_is_not_there_is_told_at_once(revisions: Revisions) -> None:
    balancers = [
        {"target_group_arn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/no/0123456789abcdef"}
    ]
    found = findings(revisions, verify_for={"load_balancers": balancers})
    assert found == [
        f"container api: ECR has no repository shop in account {ACCOUNT}, {REGION}; push the image first.",
        f"execution_role_arn: the role {EXECUTION} does not exist.",
        f"task_role_arn: the role {TASK} does not exist.",
        f"secret DB of container api, secret USER of container api: the secret {SECRET} does not exist.",
        f"secret PIN of container api: SSM has no parameter of the name that is given in {REGION} "
        "(not shown, it may be a secret itself).",
        f"secret TOKEN of container api: SSM has no parameter /shop/token in {REGION}.",
        f"container api: there is no log group /ecs/shop in {REGION}; make it, or set awslogs-create-group.",
        f"container router: there is no log group /ecs/shop/router in {REGION}, and the role {EXECUTION} may not make "
        "it; make it, or allow logs:CreateLogGroup.",
        f"volume data: the file system fs-00000000000000000 does not exist in {REGION}.",
        f"load balancer: the target group {balancers[0]['target_group_arn']} does not exist in {REGION}.",
    ]


def test_what_is_there_passes_and_is_not_asked_for_again(revisions: Revisions) -> None:
    name = "shop-complete"
    ecr, iam, ec2 = (revisions.client(service) for service in ("ecr", "iam", "ec2"))
    ecr.create_repository(repositoryName=name)
    digest = push(ecr, name, "1")
    roles = {
        kind: iam.create_role(RoleName=f"{name}-{kind}", AssumeRolePolicyDocument=trust("ecs-tasks.amazonaws.com"))
        for kind in ("execution", "task")
    }
    execution = roles["execution"]["Role"]["Arn"]

    def permit(policy: str, action: str, resource: str) -> None:
        document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}}
        iam.put_role_policy(RoleName=f"{name}-execution", PolicyName=policy, PolicyDocument=json.dumps(document))

    permit("logs", "logs:Create*", f"arn:aws:logs:*:{ACCOUNT}:log-group:/ecs/*")
    key = revisions.client("kms").create_key()["KeyMetadata"]["Arn"]
    secret = revisions.client("secretsmanager").create_secret(Name=name, SecretString="not-to-be-told", KmsKeyId=key)[
        "ARN"
    ]
    for parameter in ("/shop-complete/token", "pin"):
        revisions.client("ssm").put_parameter(Name=parameter, Value="not-to-be-told", Type="SecureString")
    revisions.client("logs").create_log_group(logGroupName=f"/ecs/{name}")

    vpc = ec2.create_vpc(CidrBlock="10.69.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.69.{n}.0/24", AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    files = revisions.client("efs")
    file_system = make_file_system(files, name)
    access_point = files.create_access_point(ClientToken=name, FileSystemId=file_system)["AccessPointId"]
    make_mount_target(files, file_system, subnets[0])
    group = revisions.client("elbv2").create_target_group(
        Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]

    secrets = {
        "DB": f"{secret}:password::",
        "TOKEN": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop-complete/token",
        "PIN": "pin",
        "ALSO": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/pin",
        "SHARED": f"arn:aws:ssm:{REGION}:999999999999:parameter/of/others",
    }
    api = {
        "name": "api",
        "image": f"{REGISTRY}/{name}:1",
        "port_mappings": [8080],
        "secrets": secrets,
        "log_configuration": logs(f"/ecs/{name}"),
    }
    router = {
        "name": "router",
        "image": f"{REGISTRY}/{name}@{digest}",
        "log_configuration": logs("/ecs/router", **{"awslogs-create-group": "True"}),
    }
    given: dict[str, Any] = {
        "family": name,
        "execution_role_arn": execution,
        "task_role_arn": roles["task"]["Role"]["Arn"],
        "volumes": [{"name": "data", "efs_volume_configuration": efs(file_system, access_point)}],
        "containers": [api, router],
    }
    balancer = {"target_group_arn": group, "container_name": "api", "container_port": 8080}

    told = f"the role {execution} may not read it; allow"
    parameters = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
    assert findings(revisions, **{**given, "volumes": []}) == [
        f"secret DB of container api: {told} secretsmanager:GetSecretValue on {secret}.",
        f"secret DB of container api: {told} kms:Decrypt on {key}.",
        f"secret ALSO of container api: {told} ssm:GetParameters on {parameters}/pin.",
        f"secret TOKEN of container api: {told} ssm:GetParameters on {parameters}/shop-complete/token.",
        f"secret PIN of container api: {told} ssm:GetParameters on {parameters}/pin.",
    ]
    permit("secret", "secretsmanager:GetSecretValue", secret)
    permit("key", "kms:Decrypt", key)
    permit("parameters", "ssm:GetParameters", f"{parameters}/*")
    assert findings(revisions, **given, verify_for={"subnets": subnets, "load_balancers": [balancer]}) == [
        f"volume data: the file system {file_system} has no available mount target in {REGION}b (subnet {subnets[1]}); "
        "tasks there cannot reach it."
    ]
    make_mount_target(files, file_system, subnets[1])
    done = revisions.ask(**shop(**given, verify_for={"subnets": subnets, "load_balancers": [balancer]}))
    assert (done["changed"], done["findings"]) == (True, [])
    again = revisions.ask(**shop(**given, verify_for={"subnets": subnets, "load_balancers": [balancer]}))
    assert (again["changes"], again["aws_calls"]) == ([], 1)

    wrong = [
        {**balancer, "container_name": "web"},
        {**balancer, "container_port": 80},
    ]
    changed = {**given, "cpu": "512", "memory": "1024"}
    assert findings(revisions, **changed, verify_for={"load_balancers": wrong}) == [
        "load balancer: container 'web' is not in the task; it has api, router.",
        "load balancer: container port 80 is not mapped; mapped are 8080.",
    ]


def test_a_role_must_be_ecs_s_to_assume_and_of_that_arn(revisions: Revisions) -> None:
    iam = revisions.client("iam")
    iam.create_role(RoleName="lambda-only", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    iam.create_role(RoleName="deep", Path="/ecs/", AssumeRolePolicyDocument=trust("ecs-tasks.amazonaws.com"))
    given: dict[str, Any] = {"volumes": None, "containers": container()}
    roles = {"execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/deep", "task_role_arn": "lambda-only"}
    assert findings(revisions, **given, **roles) == [
        f"execution_role_arn: the role arn:aws:iam::{ACCOUNT}:role/deep does not exist; the one of that name is "
        f"arn:aws:iam::{ACCOUNT}:role/ecs/deep.",
        "task_role_arn: the role lambda-only cannot be assumed by ECS; its trust policy must admit "
        "ecs-tasks.amazonaws.com.",
    ]
    roles = {"execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/ecs/deep", "task_role_arn": None}
    assert findings(revisions, **given, **roles) == []


def test_a_file_system_that_nothing_leads_to(revisions: Revisions) -> None:
    files = revisions.client("efs")
    one, other = (make_file_system(files, token) for token in ("one", "other"))
    access_point = files.create_access_point(ClientToken="other", FileSystemId=other)["AccessPointId"]
    volumes = [
        {"name": "a", "efs_volume_configuration": efs(one, access_point)},
        {"name": "b", "efs_volume_configuration": efs(one, "fsap-00000000000000000")},
    ]
    roles = {"execution_role_arn": None, "task_role_arn": None}
    told = f"the file system {one} has no mount target that is available; no task can reach it."
    assert findings(revisions, volumes=volumes, containers=container(), **roles) == [
        f"volume a: access point {access_point} is of {other}, not of {one}.",
        f"volume a: {told}",
        f"volume b: the access point fsap-00000000000000000 does not exist in {REGION}.",
        f"volume b: {told}",
    ]


def test_what_is_not_known_yet_and_what_is_elsewhere_is_not_judged(revisions: Revisions) -> None:
    unknown = "(known after apply)"
    api = container(
        secrets={"DB": f"arn:aws:secretsmanager:{unknown}"},
        log_configuration=logs(unknown),
    )
    volumes = [{"name": "data", "efs_volume_configuration": efs(unknown)}]
    given = {"execution_role_arn": unknown, "task_role_arn": unknown, "volumes": volumes, "containers": api}
    balancers = [{"target_group_arn": unknown, "container_name": "api", "container_port": None}]
    plan = revisions.ask(
        **shop(**given, verify_for={"subnets": [unknown], "load_balancers": balancers}), check_mode=True
    )
    assert (plan["findings"], plan["aws_calls"]) == ([], 1)


def test_without_verify_nothing_is_asked(revisions: Revisions) -> None:
    done = revisions.ask(**shop(family="unverified", verify=False))
    assert (done["changed"], done["findings"], done["aws_calls"]) == (True, [], 2)


def test_findings_of_a_scan_prevent_a_revision_that_brings_the_image(revisions: Revisions) -> None:
    name = "shop-scanned"
    ecr = revisions.client("ecr")
    ecr.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": True})
    digest = push(ecr, name, "1")

    def given(environment: str = "1", **scan: Any) -> dict[str, Any]:
        api = {"name": "api", "image": f"{REGISTRY}/{name}:1", "environment": {"A": environment}}
        wanted = {"family": name, "cpu": "256", "memory": "512", "execution_role_arn": EXECUTION, "containers": [api]}
        return {**wanted, "image_scan": {"stops_at": "HIGH", **scan}}

    revisions.cloud.scan(name, "HIGH=CVE-2026-1:openssl")
    # The scan may still be under way: the run waits for it.
    with pytest.raises(CollectionError, match=r"is not registered in sa-east-1. ECR found 1 HIGH .*CVE-2026-1"):
        revisions.ask(**given())
    assert name not in revisions.families()
    (told,) = revisions.ask(**given(), check_mode=True)["findings"]
    assert f"ECR found 1 HIGH in {name}@{digest[7:19]} in sa-east-1" in told
    assert revisions.ask(**given(accepts=["CVE-2026-1"]))["findings"] == []
    # What runs already is not judged again.
    assert revisions.ask(**given("2"))["changed"] and revisions.numbers(name) == [1, 2]


def test_an_image_for_another_processor_is_refused_before_a_revision(revisions: Revisions) -> None:
    name = "shop-platform"
    ecr, iam = revisions.client("ecr"), revisions.client("iam")
    ecr.create_repository(repositoryName=name)
    push(ecr, name, "1")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("ecs-tasks.amazonaws.com"))["Role"]["Arn"]
    api = container()[0] | {"image": f"{REGISTRY}/{name}:1"}
    given = {"family": name, "volumes": None, "containers": [api], "execution_role_arn": role, "task_role_arn": None}
    arm = {"cpu_architecture": "ARM64"}
    assert findings(revisions, **given, runtime_platform=arm) == [
        f"container api: the image {name}:1 is for linux/amd64, and runtime_platform asks for linux/arm64; build it "
        "for that, or give the other cpu_architecture in runtime_platform."
    ]
    assert findings(revisions, **given, runtime_platform={"cpu_architecture": "X86_64"}) == []
