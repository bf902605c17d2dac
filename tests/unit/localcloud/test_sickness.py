# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sick region answers, read by botocore as an SDK reads it, and what the collection makes of that."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import create_parser

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import service_model
from localcloud.faults import Faults
from localcloud.gate import Gate
from localcloud.http_server import Request, Response
from localcloud.links import Links
from localcloud.options import OPERATOR_ACCESS_KEY
from localcloud.runner.credentials import task_access_key
from localcloud.sickness import BARE, FORMS, OWN, draw, ill
from protocol.service_errors import error_code, is_ill, is_throttled, readable

SERVICES = {
    "dynamodb": ("PutItem", "InternalServerError"),
    "ssm": ("PutParameter", "InternalServerError"),
    "sqs": ("ReceiveMessage", "InternalFailure"),
    "sns": ("Publish", "InternalError"),
    "ecs": ("DescribeServices", "ServerException"),
    "ec2": ("DescribeVpcs", "InternalError"),
    "elbv2": ("DescribeLoadBalancers", "InternalFailure"),
    "sts": ("GetCallerIdentity", "InternalFailure"),
    "s3": ("ListObjectsV2", "InternalError"),
    "route53": ("ListHostedZones", "InternalFailure"),
    "globalaccelerator": ("ListAccelerators", "InternalServiceErrorException"),
    "application-autoscaling": ("DescribeScalableTargets", "InternalServiceException"),
    "scheduler": ("ListSchedules", "InternalServerException"),
    "service-quotas": ("ListServiceQuotas", "ServiceException"),
}


def answered(service: str, form: str, status: int) -> ClientError:
    """What botocore raises for the answer, as the clients of the collection and of the workers are set up."""
    operation = SERVICES[service][0]
    model = service_model(service)
    protocol = model.resolved_protocol
    headers = {"x-amz-target": f"target.{operation}"} if protocol == "json" else {}
    if protocol in ("query", "ec2"):
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    answer = ill(model.signing_name, Request("POST", "/", headers, b""), form, status)
    raw: dict[str, Any] = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
    readable(response_dict=raw)
    parsed = create_parser(protocol).parse(raw, model.operation_model(operation).output_shape)
    return ClientError(parsed, operation)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("service", SERVICES)
def test_whatever_form_it_has_it_is_read_and_is_ill(service: str, form: str) -> None:
    for status in (OWN,) if form == "own" else BARE:
        error = answered(service, form, status)
        assert is_ill(error) and not is_throttled(error)
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert error_code(error) == SERVICES[service][1] or form != "own"


def test_all_forms_come_and_some_are_carried_out() -> None:
    chance = Random(1)
    drawn = [draw(chance) for _ in range(400)]
    assert {form for form, _status, _done in drawn} == set(FORMS)
    assert {status for form, status, _done in drawn if form != "own"} == set(BARE)
    assert {status for _form, status, done in drawn if done} == {OWN, 504}
    assert {False, True} == {done for _form, status, done in drawn if status == OWN}


@pytest.mark.parametrize("key", [OPERATOR_ACCESS_KEY, task_access_key("us-east-1")])
def test_a_share_of_a_sick_regions_calls_fails_whoever_calls(key: str) -> None:
    made: list[Request] = []

    def answer(request: Request) -> Response:
        made.append(request)
        return Response(200, {}, b"")

    gate = Gate(faults := Faults(Links(lag=0.3), seed=3), answer, lambda bucket: None)
    scope = f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host"
    request = Request("POST", "/", {"authorization": scope, "x-amz-target": "AmazonSSM.PutParameter"}, b"{}")
    faults.set_region("us-east-1", "sick", share=0.7)
    statuses = [gate.pass_on(request).status for _ in range(300)]
    failed = [status for status in statuses if status != 200]
    assert 0.6 < len(failed) / 300 < 0.8 and set(failed) == {500, 502, 503, 504}
    assert len(made) > statuses.count(200), "some are carried out, and nobody is told"
    faults.set_region("us-east-1", "ok")
    assert {gate.pass_on(request).status for _ in range(20)} == {200}


def test_a_call_that_takes_its_time_is_carried_out_before_its_fault_is_told() -> None:
    ended: list[bool] = []

    async def later() -> Response:
        ended.append(True)
        return Response(200, {}, b"")

    gate = Gate(faults := Faults(Links(lag=0.3), seed=3), lambda request: later(), lambda bucket: None)
    scope = f"AWS4-HMAC-SHA256 Credential={OPERATOR_ACCESS_KEY}/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host"
    faults.set_region("us-east-1", "sick", share=1)
    while not ended:
        told = gate.pass_on(Request("POST", "/", {"authorization": scope}, b""))
        answer = told if isinstance(told, Response) else asyncio.run(told)
        assert answer.status in (OWN, *BARE)
