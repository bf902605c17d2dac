# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What verification makes of AWS's answers that the embedded cloud does not give: refusals, EC2, deleted secrets."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.recreate import MEMORY_TAG, Memory
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_taskdef_revision.build import _pruned
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.images import Images
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.usage import in_use
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.verify import Verification

REGION = "sa-east-1"
ROLE = "arn:aws:iam::123456789012:role/api"
GROUP = "arn:aws:elasticloadbalancing:sa-east-1:123456789012:targetgroup/api/0123456789abcdef"
IMAGE = "123456789012.dkr.ecr.sa-east-1.amazonaws.com/api:1"


class Aws:
    """Answers each call with what the test says: an answer, or the code of an error."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.regions: list[str] = []

    def client(self, service: str, region: str) -> Aws:
        self.regions.append(region)
        return self

    def __getattr__(self, operation: str) -> Any:
        def ask(**arguments: Any) -> Any:
            self.asked.append((operation, arguments))
            answer = self.answers[operation]
            if isinstance(answer, str):
                raise ClientError({"Error": {"Code": answer, "Message": "no"}}, operation)
            return answer(**arguments) if callable(answer) else answer

        return ask

    def paginate(self, service: str, operation: str, region: str, **arguments: Any) -> list[Any]:
        return getattr(self, operation)(**arguments)


def found(aws: Aws, definition: dict[str, Any], **used_by: Any) -> list[str]:
    containers = [{"name": "api", "image": "nginx:1", **definition.pop("container", {})}]
    whole = {"family": "api", "networkMode": "awsvpc", "containerDefinitions": containers, **definition}
    return Verification(aws, REGION, whole, Images(aws), used_by).findings()


def test_what_may_not_be_asked_is_told_and_the_rest_is_asked() -> None:
    secret = "arn:aws:secretsmanager:sa-east-1:123456789012:secret:db-AbCdEf"
    aws = Aws(
        describe_images="AccessDeniedException",
        get_role="AccessDenied",
        describe_secret={"ARN": secret, "DeletedDate": "2026-01-01"},
    )
    container = {"image": IMAGE, "secrets": [{"name": "DB", "valueFrom": secret}]}
    told = found(aws, {"container": container, "taskRoleArn": ROLE})
    assert len(told) == 3
    assert "container api: ECR could not be asked for api" in told[0]
    assert "AccessDeniedException" in told[0]
    assert "the roles could not be verified" in told[1]
    assert told[1].endswith("Allow the call, or set verify: false.")
    assert told[2] == f"secret DB of container api: the secret {secret} is scheduled for deletion."


def test_an_image_is_asked_for_once() -> None:
    aws = Aws(describe_images={"imageDetails": [{"imageDigest": "sha256:1"}]})
    images = Images(aws)
    containers = [{"name": name, "image": IMAGE} for name in ("a", "b")]
    assert Verification(aws, REGION, {"containerDefinitions": containers}, images).findings() == []
    assert aws.asked == [
        (
            "describe_images",
            {"registryId": "123456789012", "repositoryName": "api", "imageIds": [{"imageTag": "1"}]},
        )
    ]


def test_nothing_secret_is_read() -> None:
    names = [f"/p/{number}" for number in range(120)]
    aws = Aws(describe_parameters=lambda ParameterFilters: [{"Name": n} for n in ParameterFilters[0]["Values"]])
    secrets = [{"name": f"P{number}", "valueFrom": name} for number, name in enumerate(names)]
    assert found(aws, {"container": {"secrets": secrets}}) == []
    assert {operation for operation, _arguments in aws.asked} == {"describe_parameters"}
    assert all(len(arguments["ParameterFilters"][0]["Values"]) <= 50 for _operation, arguments in aws.asked)


ARN_OF_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:registry-AbCdEf"
ARN_OF_PARAMETER = "arn:aws:ssm:sa-east-1:123456789012:parameter/goals/key"


def with_value(source: str) -> dict[str, Any]:
    return {"container": {"secrets": [{"name": "KEY", "valueFrom": source}]}}


def with_registry(source: str) -> dict[str, Any]:
    return {"container": {"repositoryCredentials": {"credentialsParameter": source}}}


@pytest.mark.parametrize(
    "typed",
    [
        "hunter2:KEY::",
        "hunter2:secretsmanager:x",
        "arn:hunter2",
        "hunter2 with words",
        "hunter2+/=",
        "hunter2",
        "hunter2" * 200,
    ],
)
@pytest.mark.parametrize("answer", [[], "ValidationException"])
def test_a_secret_typed_in_place_of_its_name_is_not_told(typed: str, answer: Any) -> None:
    (told,) = found(Aws(describe_parameters=answer), with_value(typed))
    assert "hunter2" not in told
    assert told.startswith("secret KEY of container api: ") or told.startswith("the parameters could not be verified")


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "ValidationException", "AccessDeniedException"])
def test_a_secret_typed_in_place_of_the_name_of_credentials_is_not_told(code: str) -> None:
    def refuse(SecretId: str) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": f"not {SecretId}"}}, "DescribeSecret")

    (told,) = found(Aws(describe_secret=refuse), with_registry("hunter2"))
    assert "hunter2" not in told
    if code == "AccessDeniedException":
        assert told.startswith("the secrets could not be verified: DescribeSecret was refused with AccessDenied")
    else:
        assert told.startswith("the registry's credentials of container api: Secrets Manager has no secret of the name")


@pytest.mark.parametrize("answer", [[], "refused"])
def test_a_key_typed_in_place_of_a_log_group_is_not_told(answer: Any) -> None:
    key = "AKI" + "A" + "ABCD" * 4

    def describe(logGroupNamePrefix: str) -> Any:
        if answer == "refused":
            error = {"Code": "AccessDeniedException", "Message": f"not on log-group:{logGroupNamePrefix}"}
            raise ClientError({"Error": error}, "DescribeLogGroups")
        return {"logGroups": answer}

    options = {"awslogs-group": key, "awslogs-region": REGION}
    container = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
    (told,) = found(Aws(describe_log_groups=describe), {"container": container})
    assert key not in told and "(masked)" in told


def test_what_is_no_secret_and_no_parameter_is_told() -> None:
    (told,) = found(Aws(), with_value("goals/production:KEY::"))
    assert "is neither the ARN of a secret or parameter nor a parameter's name" in told
    bucket = "arn:aws:s3:::goals"
    (told,) = found(Aws(), with_value(bucket))
    assert told.startswith(f"secret KEY of container api: {bucket} is neither the ARN of")


def test_an_arn_that_leads_nowhere_is_shown() -> None:
    (told,) = found(Aws(describe_parameters=[]), with_value(ARN_OF_PARAMETER))
    assert told == "secret KEY of container api: SSM has no parameter /goals/key in sa-east-1."
    (told,) = found(Aws(describe_secret="ResourceNotFoundException"), with_value(ARN_OF_SECRET))
    assert told == f"secret KEY of container api: the secret {ARN_OF_SECRET} does not exist."


def test_one_parameter_by_name_and_by_arn_is_told_for_both() -> None:
    secrets = [{"name": name, "valueFrom": source} for name, source in (("A", "/goals/key"), ("B", ARN_OF_PARAMETER))]
    told = found(Aws(describe_parameters=[]), {"container": {"secrets": secrets}})
    assert [finding.split(" of ")[0] for finding in told] == ["secret A", "secret B"]


@pytest.mark.parametrize(("source", "region"), [("team/registry", REGION), (ARN_OF_SECRET, "us-east-1")])
def test_credentials_of_a_registry_are_a_secret_by_name_and_by_arn(source: str, region: str) -> None:
    aws = Aws(describe_secret={"Name": "team/registry", "ARN": ARN_OF_SECRET})
    assert found(aws, with_registry(source)) == []
    assert aws.asked == [("describe_secret", {"SecretId": source})]
    assert aws.regions == [region]


def test_credentials_of_a_registry_are_no_parameter() -> None:
    (told,) = found(Aws(), with_registry(ARN_OF_PARAMETER))
    assert told.endswith(f"{ARN_OF_PARAMETER} is not the ARN of a secret in Secrets Manager.")


@pytest.mark.parametrize(
    ("mode", "kind", "port", "told"),
    [
        ("awsvpc", "ip", 8080, []),
        ("bridge", "instance", 80, []),
        ("host", "instance", 8080, []),
        ("awsvpc", "instance", 8080, ["has targets of type instance; with network_mode awsvpc they are of type ip"]),
        ("host", "ip", 8080, ["has targets of type ip; with network_mode host they are of type instance"]),
        ("host", "instance", 80, ["has port 80; no container maps it, mapped are 8080"]),
        ("awsvpc", "instance", 80, ["of type instance", "has port 80"]),
        ("awsvpc", "ip", 9005, []),
    ],
)
def test_a_target_group_fits_the_network_mode_and_a_port(mode: str, kind: str, port: int, told: list[str]) -> None:
    group = {"TargetGroupName": "api", "Port": port, "TargetType": kind}
    aws = Aws(describe_target_groups={"TargetGroups": [group]})
    mappings = [{"containerPort": 8080}] + ([{"containerPortRange": "9000-9010"}] if port == 9005 else [])
    definition = {"networkMode": mode, "container": {"portMappings": mappings}}
    findings = found(aws, definition, load_balancers=[{"target_group_arn": GROUP}])
    assert len(findings) == len(told)
    assert all(part in finding for part, finding in zip(told, findings, strict=True))


def test_who_makes_a_log_group_without_an_execution_role_is_not_known_here() -> None:
    options = {"awslogs-group": "/ecs/api", "awslogs-region": REGION, "awslogs-create-group": "true"}
    container = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
    near = [{"logGroupName": "/ecs/api-other"}]
    assert found(Aws(describe_log_groups={"logGroups": near}), {"container": container}) == []
    del options["awslogs-create-group"]
    (told,) = found(Aws(describe_log_groups={"logGroups": near}), {"container": container})
    assert "there is no log group /ecs/api in sa-east-1" in told
    assert found(Aws(describe_log_groups={"logGroups": [{"logGroupName": "/ecs/api"}]}), {"container": container}) == []


def test_every_deployment_of_a_service_and_every_task_uses_its_revision() -> None:
    services = [f"service/{number}" for number in range(12)]
    first = {
        "taskDefinition": "api:1",
        "deployments": [{"taskDefinition": "api:1"}, {"taskDefinition": "api:2"}],
        "taskSets": [{"taskDefinition": "api:3"}],
    }
    tasks = [
        {"taskDefinitionArn": "api:4", "lastStatus": "PENDING"},
        {"taskDefinitionArn": "api:5", "lastStatus": "STOPPED"},
    ]
    aws = Aws(
        list_clusters=["cluster/a"],
        list_services=services,
        describe_services=lambda cluster, services, include: {
            "services": [first if s == "service/11" else {} for s in services]
        },
        list_tasks=["task/1", "task/2"],
        describe_tasks={"tasks": tasks},
    )
    assert in_use(aws, REGION, "api") == {"api:1", "api:2", "api:3", "api:4"}
    assert [operation for operation, _arguments in aws.asked].count("describe_services") == 2


def replaced(tag: str) -> Aws:
    """One service whose tasks are being replaced: it runs api:3, and the tag tells what it was before."""
    arns = [f"arn:aws:ecs:sa-east-1:123456789012:task-definition/api:{number}" for number in (3, 2, 1)]
    service = {"serviceArn": "service/api", "taskDefinition": arns[0]}
    tags = [{"key": "workload", "value": "goals"}, {"key": MEMORY_TAG, "value": tag}]
    return Aws(
        list_clusters=["cluster/a"],
        list_services=["service/api"],
        describe_services=lambda cluster, services, include=(): {
            "services": [{**service, **({"tags": tags} if "TAGS" in include else {})}]
        },
        list_tasks=[],
        list_task_definitions=lambda familyPrefix, status, sort: arns if status == "ACTIVE" else [],
    )


def test_what_a_service_goes_back_to_is_not_cleaned_away() -> None:
    aws = replaced(Memory(1, "api:2", "ecs-svc/1", 0.0).as_tag())
    (goes,) = _pruned(aws, REGION, "api", {"keep": 1, "delete": False}, False)
    assert [arn.rpartition(":")[2] for arn in goes.active] == ["1"]


def test_nothing_is_cleaned_away_while_that_is_not_known() -> None:
    with pytest.raises(CollectionError, match=f"service/api goes back to .*{MEMORY_TAG}"):
        in_use(replaced("somebody else's"), REGION, "api")
