# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles of AWS's own services: made once for an account, by whoever may, and told about where nobody may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.iam.models import IAMBackend, iam_backends

import localcloud.iam.models  # noqa: F401  # refuses a second one, as AWS does
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.service_linked_role import ServiceLinkedRole
from tests.support.modules import told

ECS, BALANCING = "ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def make(run_module: Run) -> Iterator[Run]:
    def go(*services: str, **others: Any) -> dict[str, Any]:
        return run_module("service_linked_roles", region="sa-east-1", services=list(services), **others)

    with mock_aws():
        yield go


def test_what_is_missing_is_made_and_what_is_there_stays(make: Run) -> None:
    boto3.client("iam").create_service_linked_role(AWSServiceName=ECS)
    wanted = [("create", "iam_service_linked_role", BALANCING)]
    assert told(make(ECS, BALANCING, check_mode=True)) == wanted
    made = make(ECS, BALANCING)
    assert told(made) == wanted
    assert made["roles"][ECS].endswith(f":role/aws-service-role/{ECS}/AWSServiceRoleForECS")
    assert told(make(ECS, BALANCING)) == []


def test_one_that_somebody_else_makes_meanwhile_is_as_good(make: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    find, looks = ServiceLinkedRole.find.__func__, []  # type: ignore[attr-defined]

    def find_late(*arguments: Any) -> Any:
        looks.append(arguments)
        if len(looks) == 1:
            boto3.client("iam").create_service_linked_role(AWSServiceName=ECS)
            return {}
        return find(*arguments)

    monkeypatch.setattr(ServiceLinkedRole, "find", classmethod(find_late))
    assert make(ECS)["roles"][ECS].endswith("AWSServiceRoleForECS")


def test_where_it_is_forbidden_it_says_what_to_do(make: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_arguments: Any) -> Any:
        answer = {"Error": {"Code": "AccessDenied", "Message": "with an explicit deny in a service control policy"}}
        raise ClientError(answer, "CreateServiceLinkedRole")  # type: ignore[arg-type]

    monkeypatch.setattr(IAMBackend, "create_service_linked_role", forbid)
    monkeypatch.setattr(iam_backends.backend, "create_service_linked_role", forbid)
    with pytest.raises(CollectionError) as refused:
        make(ECS)
    for words in (
        "explicit deny in a service control policy",
        f"aws iam create-service-linked-role --aws-service-name {ECS}",
        "preflight_service_linked_roles: false",
    ):
        assert words in refused.value.message


def test_what_a_service_still_needs_iam_keeps(make: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    make(ECS)
    monkeypatch.setattr(
        "moto.iam.responses.IamResponse.get_service_linked_role_deletion_status",
        lambda _self: (
            "<GetServiceLinkedRoleDeletionStatusResponse><GetServiceLinkedRoleDeletionStatusResult>"
            "<Status>FAILED</Status><Reason><Reason>A cluster needs it.</Reason></Reason>"
            "</GetServiceLinkedRoleDeletionStatusResult></GetServiceLinkedRoleDeletionStatusResponse>"
        ),
    )
    with pytest.raises(CollectionError, match="IAM keeps it: .*A cluster needs it"):
        make(ECS, state="absent")


def test_a_service_has_a_name_that_assumes_roles(problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of("service_linked_roles", region="sa-east-1", services=[ECS, "ecs"])
    assert problem.startswith("services has 'ecs'")
