# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task's call to AWS needs of its role, for the services that workloads use: IAM actions and their resources.

DynamoDB, SQS, SNS, SSM and S3 are judged, by the policies of the role alone: nothing in this account's own resource
policies is for roles of it. Calls of operators, and of other services, are not.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.dynamodb.models import dynamodb_backends
from moto.utilities.utils import get_partition

from localcloud.http_server import Request
from localcloud.lock import LOCK
from localcloud.policies import identity_may, is_conditional, role_of
from localcloud.runner.credentials import session_of
from localcloud.runner.execution_role import refusal

Needs = Iterator[tuple[str, str]]


def denial(request: Request, access_key: str, service: str, region: str) -> tuple[int, str, str] | None:
    """Status, code and message with which a task's call is refused; None if its role may make it, or is no task's."""
    session = session_of(access_key)
    judge = JUDGED.get(service)
    if session is None or judge is None:
        return None
    needs = list(judge(request, f"{region}:{session.account}"))
    with LOCK:
        role = role_of(session.account, session.role)

        def may(action: str, resource: str) -> bool:
            facts = _facts(request, service, resource) if is_conditional(role, action, resource) else None
            return identity_may(role, action, resource, facts)

        refused = next((each for each in needs if not may(*each)), None)
    if refused is None:
        return None
    _code, _colon, message = refusal(session.account, session.role, session.task_id, *refused).partition(": ")
    return *CODES[service], message


def _operation(request: Request) -> tuple[str, dict[str, Any]]:
    """The operation of a call of a JSON protocol, and its parameters."""
    operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
    try:
        given = json.loads(request.body or b"{}")
    except ValueError:
        given = {}
    return operation, given if isinstance(given, dict) else {}


def _dynamodb(request: Request, place: str) -> Needs:
    operation, given = _operation(request)
    if operation.startswith("Transact"):
        for item in given.get("TransactItems") or []:
            for kind, part in item.items():
                yield f"dynamodb:{TRANSACT.get(kind, kind)}", _table(part, place)
    elif given.get("RequestItems"):
        for name in given["RequestItems"]:
            yield f"dynamodb:{operation}", _table({"TableName": name}, place)
    elif given.get("TableName"):
        yield f"dynamodb:{operation}", _table(given, place)


def _facts(request: Request, service: str, resource: str) -> dict[str, tuple[str, ...]]:
    """What conditions of policies may ask of a call: of DynamoDB the hash keys of the items that it names."""
    if service != "dynamodb":
        return {}
    _name, given = _operation(request)
    _arn, _aws, _service, region, account, table = resource.split(":", 5)
    name = table.split("/")[1]
    known = dynamodb_backends[account][region].tables.get(name)
    if known is None:
        return {}
    parts = [part for item in given.get("TransactItems") or [] for part in item.values()]
    parts += [given] if given.get("TableName") else []
    items = [part.get("Item") or part.get("Key") for part in parts if str(part.get("TableName")) in (name, resource)]
    asked = (given.get("RequestItems") or {}).get(name) or []
    for each in asked if isinstance(asked, list) else []:
        items += [write.get("Item") or write.get("Key") for write in each.values()]
    items += asked.get("Keys", []) if isinstance(asked, dict) else []
    keys = [item[known.hash_key_attr] for item in items if item and known.hash_key_attr in item]
    return {LEADING_KEYS: tuple(str(value) for key in keys for value in key.values())}


def _partition(place: str) -> str:
    """Of `region:account`."""
    return get_partition(place.partition(":")[0])


def _table(given: dict[str, Any], place: str) -> str:
    name = str(given.get("TableName"))
    arn = name if name.startswith("arn:") else f"arn:{_partition(place)}:dynamodb:{place}:table/{name}"
    return f"{arn}/index/{given['IndexName']}" if given.get("IndexName") else arn


def _sqs(request: Request, place: str) -> Needs:
    operation, given = _operation(request)
    name = given.get("QueueName") or str(given.get("QueueUrl") or "").rpartition("/")[2]
    if name:
        yield f"sqs:{operation.removesuffix('Batch')}", f"arn:{_partition(place)}:sqs:{place}:{name}"


def _sns(request: Request, place: str) -> Needs:
    given = parse_qs(request.body.decode("utf-8", "replace"))
    operation, arn = (given.get(key, [""])[0] for key in ("Action", "TopicArn"))
    if arn:
        yield f"sns:{operation.removesuffix('Batch')}", arn


def _ssm(request: Request, place: str) -> Needs:
    operation, given = _operation(request)
    for name in [*([given["Name"]] if given.get("Name") else []), *(given.get("Names") or [])]:
        yield f"ssm:{operation}", f"arn:{_partition(place)}:ssm:{place}:parameter/{str(name).lstrip('/')}"


def _s3(request: Request, place: str) -> Needs:
    bucket, _slash, key = unquote(request.path).lstrip("/").partition("/")
    if key and request.method in S3_OBJECTS:
        yield f"s3:{S3_OBJECTS[request.method]}", f"arn:{_partition(place)}:s3:::{bucket}/{key}"
    elif bucket and not key and request.method in ("GET", "HEAD"):
        yield "s3:ListBucket", f"arn:{_partition(place)}:s3:::{bucket}"


LEADING_KEYS = "dynamodb:leadingkeys"
TRANSACT = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "ConditionCheck": "ConditionCheckItem",
}
S3_OBJECTS = {
    "GET": "GetObject",
    "HEAD": "GetObject",
    "PUT": "PutObject",
    "POST": "PutObject",
    "DELETE": "DeleteObject",
}

JUDGED: dict[str, Callable[[Request, str], Needs]] = {
    "dynamodb": _dynamodb,
    "s3": _s3,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
}
"""By signing name."""

CODES = {
    "dynamodb": (400, "AccessDeniedException"),
    "s3": (403, "AccessDenied"),
    "sns": (403, "AuthorizationError"),
    "sqs": (403, "AccessDenied"),
    "ssm": (400, "AccessDeniedException"),
}
"""Status and error code of a refusal."""
