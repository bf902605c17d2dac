# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which code answers an AWS request: the service comes from the signature's scope, the answer from moto's handler.

moto's server finds the handler by matching the host against every service's URL patterns, building a Flask request and
walking Flask's routes: most of the five milliseconds a call costs. A signed request says its service outright, so the
services of this system are looked up in one table; all others still go the whole way through moto's own application.
"""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import ClientError
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, environ_key_for_header
from moto.core.request import Request as MotoRequest

from localcloud.faults import TASK_KEY_PREFIX
from localcloud.http_server import Request, Response
from localcloud.lock import LOCK
from localcloud.task_calls import denial

log = logging.getLogger(__name__)

RESPONSES = {
    "dynamodb": "localcloud.dynamodb.responses:DynamoHandler",
    "dynamodbstreams": "moto.dynamodbstreams.responses:DynamoDBStreamsHandler",
    "sqs": "localcloud.sqs.responses:SQSResponse",
    "sns": "localcloud.sns.responses:SNSResponse",
    "ssm": "moto.ssm.responses:SimpleSystemManagerResponse",
    "sts": "moto.sts.responses:TokenResponse",
    "iam": "moto.iam.responses:IamResponse",
    "ec2": "localcloud.ec2.responses:EC2Response",
    "ecs": "localcloud.ecs.responses:EC2ContainerServiceResponse",
    "elasticloadbalancing": "moto.elbv2.responses:ELBV2Response",
    "ecr": "localcloud.ecr.responses:ECRResponse",
    "logs": "moto.logs.responses:LogsResponse",
    "kms": "moto.kms.responses:KmsResponse",
    "tagging": "moto.resourcegroupstaggingapi.responses:ResourceGroupsTaggingAPIResponse",
    "application-autoscaling": "moto.applicationautoscaling.responses:ApplicationAutoScalingResponse",
    "monitoring": "localcloud.cloudwatch.responses:CloudWatchResponse",
    "globalaccelerator": "localcloud.globalaccelerator.responses:GlobalAcceleratorResponse",
    "servicequotas": "localcloud.servicequotas.responses:ServiceQuotasResponse",
    "secretsmanager": "moto.secretsmanager.responses:SecretsManagerResponse",
    "acm": "moto.acm.responses:AWSCertificateManagerResponse",
    "wafv2": "localcloud.wafv2.responses:WafResponse",
}
"""Signing name → "module:class" of the response class that answers it at "/". Ours extend moto's."""

REST_RESPONSES = {
    "route53": "localcloud.route53.responses:Route53Response",
    "elasticfilesystem": "localcloud.efs.responses:EFSResponse",
    "scheduler": "localcloud.scheduler.responses:EventBridgeSchedulerResponse",
    "apigateway": "localcloud.apigateway.responses:ApiGatewayResponse",
    "apigateway v2": "localcloud.apigatewayv2.responses:ApiGatewayV2Response",
}
"""The same for services whose operation is in method and path."""

S3_RESPONSE = "localcloud.s3.responses:S3Response"

Answer = Response | Awaitable[Response]
"""A handler may answer with an awaitable instead: a long poll."""


PAUSE = "localcloud.pause"
"""Where in a request's environ a handler leaves the reason to be called again later."""


class Pause:
    """Left by a handler that has nothing to say yet: a long poll."""

    async def wait(self) -> bool:
        """Wait until it is worth asking again; False when the time is over and the last answer stands."""
        raise NotImplementedError  # each kind of long poll waits for something else


class ServerRequest(MotoRequest):
    """moto's request, told that a real server received it (so that it adds no Date of its own)."""

    from_wsgi_server = True

    @cached_property
    def root_url(self) -> str:
        """What werkzeug says, without the search for what would have to be decoded: a tenth of a call."""
        return f"{self.scheme}://{self.host}/"


class Dispatcher:
    """Answers AWS requests that arrived at `host:port`."""

    def __init__(self, host: str, port: int):
        self.host = host
        self.port = port
        self._classes: dict[str, Any] = {}
        self._moto_application: Any = None
        # moto's own application is slow to start and to answer: not on the loop that serves everyone else.
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="moto")

    def answer(self, request: Request) -> Answer:
        """Answer one request; never raises for what a client sent."""
        access_key, service, region = credential_of(request)
        if access_key.startswith(TASK_KEY_PREFIX):
            denied = denial(request, access_key, service, region)
            if denied:
                return refusal(request, *denied)
        path = request.path
        if service == "s3" and not path.startswith("/v20180820/"):
            return self._answer_s3(request, path)
        name = RESPONSES.get(service)
        if service == "dynamodb" and request.headers.get("x-amz-target", "").startswith("DynamoDBStreams"):
            name = RESPONSES["dynamodbstreams"]
        if service in REST_RESPONSES:
            name = REST_RESPONSES[f"{service} v2" if path.startswith("/v2/") else service]
        elif name is None or (path not in ("/", "") and service != "sqs"):
            return self._answer_with_moto_application(request)
        return self.call(self.response_class(name).dispatch, request)

    def response_class(self, name: str) -> Any:
        """The class behind a "module:class" name, imported at its first use."""
        if name not in self._classes:
            module, _, attribute = name.partition(":")
            self._classes[name] = getattr(importlib.import_module(module), attribute)
        return self._classes[name]

    def call(self, handler: Callable[..., Any], request: Request) -> Answer:
        """Answer with one of moto's handlers, now or, if it leaves a pause, later."""
        response, pause = self._call(handler, request, None)
        return response if pause is None else self._call_until_done(handler, request, response, pause)

    async def _call_until_done(
        self, handler: Callable[..., Any], request: Request, response: Response, pause: Pause
    ) -> Response:
        while await pause.wait():
            response, left = self._call(handler, request, pause)
            if left is None or response.status != 200:
                break
        return response

    def _call(
        self, handler: Callable[..., Any], request: Request, pause: Pause | None
    ) -> tuple[Response, Pause | None]:
        """Run a handler, under the lock; returns its response and the pause it left."""
        environ = request.to_environ(self.host, self.port)
        if pause is not None:
            environ[PAUSE] = pause
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
            environ_key_for_header(name): name for name in request.raw_names.values()
        }
        moto_request = ServerRequest(environ)
        try:
            with LOCK:
                result = handler(moto_request, moto_request.raw_url, moto_request.headers)
        except ClientError as error:
            result = 400, {}, error.response["Error"]["Message"]
        except NotImplementedError as error:  # what moto raises for a call, or an option, that it does not know
            log.warning("not implemented: %s %s %s", request.method, request.target, error)
            message = f"the embedded cloud does not implement this call: {error}"
            return refusal(request, 501, "NotImplemented", message), None
        except Exception as error:
            log.exception("%s %s failed", request.method, request.target)
            return refusal(request, 500, "InternalFailure", f"{type(error).__name__}: {error}"), None
        if len(result) == 3:
            status, headers, body = result
        else:
            status, headers, body = 200, {}, result
        body = body.encode() if isinstance(body, str) else bytes(body or b"")
        return Response(int(status), dict(headers), body), environ.get(PAUSE)

    def _answer_s3(self, request: Request, path: str) -> Answer:
        s3 = self.response_class(S3_RESPONSE)
        first, slash, rest = path.lstrip("/").partition("/")
        if not first:
            handler = s3.bucket_dispatch
        elif slash and rest:
            handler = s3.key_dispatch
        else:
            handler = s3.ambiguous_dispatch
        return self.call(handler, request)

    async def _answer_with_moto_application(self, request: Request) -> Response:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._run_moto_application, request)

    def _run_moto_application(self, request: Request) -> Response:
        if self._moto_application is None:
            from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

            self._moto_application = DomainDispatcherApplication(create_backend_app)
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [int(status.split()[0]), dict(headers)]
            return io.BytesIO().write

        with LOCK:
            body = b"".join(self._moto_application(request.to_environ(self.host, self.port), start_response))
        return Response(started[0], started[1], body)


def scope_of(request: Request) -> tuple[str, str]:
    """Service (signing name) and region of a request, from its signature or presigned query; ("", "") if unsigned."""
    return credential_of(request)[1:]


def credential_of(request: Request) -> tuple[str, str, str]:
    """Access key, service and region of a request; ("", "", "") if unsigned."""
    authorization = request.headers.get("authorization", "")
    credential = authorization.partition("Credential=")[2].partition(",")[0]
    if not credential and "X-Amz-Credential" in request.query:
        credential = parse_qs(request.query).get("X-Amz-Credential", [""])[0]
    parts = credential.split("/")
    if len(parts) == 5:
        return parts[0], parts[3].lower(), parts[2]
    return "", "", ""


def refusal(request: Request, status: int, code: str, message: str) -> Response:
    """An error in the protocol of the request that caused it: JSON for targets, XML for the rest."""
    if "x-amz-target" in request.headers or "json" in request.headers.get("content-type", ""):
        body = json.dumps({"__type": code, "message": message, "Message": message})
        return Response(status, {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code}, body.encode())
    safe = message.replace("&", "&amp;").replace("<", "&lt;")
    error = f"<Error><Code>{code}</Code><Message>{safe}</Message></Error>"
    is_s3 = scope_of(request)[0] == "s3"
    body = error if is_s3 else f"<ErrorResponse>{error}<RequestId>embedded</RequestId></ErrorResponse>"
    return Response(status, {"content-type": "text/xml"}, body.encode())
