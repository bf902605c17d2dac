# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients for AWS: made once per service and region, shared by threads, counted.

Connection arguments are those of the `amazon.aws` collection. Creating a client is what costs, most of it parsing the
service model, so the parsed models are kept for the life of the process (`preload` fills them before a fork).
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import Any

from ..aws.regions import known_regions
from ..protocol.service_errors import SERVER_FAULT, error_code, is_ill, readable, says_throttled
from . import endpoints
from .errors import CollectionError, NotReadyInTime
from .unknown_members import watch
from .visibility import Visibility

try:
    import botocore.loaders
    import botocore.model
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError
except ImportError:  # reported by the module, in words, before anything uses it
    botocore = None

    class BotoCoreError(Exception):  # type: ignore[no-redef]  # only where the import failed
        """Stands in, so that this file can be imported and say what is missing."""

    class ClientError(Exception):  # type: ignore[no-redef]  # only where the import failed
        """Stands in, so that this file can be imported and say what is missing."""


try:
    from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info
except ImportError:  # a bare interpreter may import this file without the collections it needs
    get_aws_connection_info = None

__all__ = ["BotoCoreError", "ClientError", "Cloud", "preload", "replica_clients", "service_model"]

GLOBAL_ACCELERATOR_REGION = "us-west-2"
"""The only region whose endpoint answers the Global Accelerator API."""

ROUTE53_REGION = "us-east-1"
"""Where the control plane of Route 53 is; its names are served from everywhere."""

# On the way to a recovery nothing waits long for a region that is ill.
SHORT = {"connect_timeout": 3, "read_timeout": 5, "retries": {"mode": "standard", "max_attempts": 2}}
ONCE = {"connect_timeout": 3, "read_timeout": 3, "retries": {"mode": "standard", "total_max_attempts": 1}}
"""For a region that is perhaps dead."""

OWNER = "ExpectedBucketOwner"
"""The account that a call to S3 expects a bucket to belong to."""

READS = ("BatchCheck", "BatchGet", "Describe", "Get", "Head", "List", "Query", "Scan")
"""How the names of the operations begin that change nothing."""

POLL_FIRST_SECONDS = 0.1
POLL_LAST_SECONDS = 5.0
TELL_FIRST_SECONDS, TELL_AGAIN_SECONDS = 15.0, 30.0
"""When somebody who waits is first told what for, and how often again."""


@lru_cache(maxsize=1)
def _loader() -> Any:
    """One loader, because it caches the service models it parsed: data that never changes while a process lives."""
    return botocore.loaders.Loader()


@lru_cache(maxsize=16)
def service_model(service: str) -> Any:
    """The botocore model of a service: which operations, members, types and enum values it has."""
    return botocore.model.ServiceModel(_loader().load_service_model(service, "service-2"), service)


def installed_version() -> str:
    """The version of botocore."""
    return str(botocore.__version__)


def preload(services: tuple[str, ...]) -> None:
    """Parse the models of `services`, and which regions there are, for processes forked later. Opens no socket."""
    if botocore is None:
        return
    for service in services:
        _preload_service(service)
    known_regions()


@cache
def _preload_service(service: str) -> None:
    keys = {"aws_access_key_id": "preload", "aws_secret_access_key": "preload"}
    _session(None).create_client(service, region_name="us-east-1", **keys)


def _session(profile: str | None) -> Any:
    """The botocore session of a profile: one, as long as the environment says the same of AWS. Making one is slow."""
    told = (item for item in os.environ.items() if item[0].startswith("AWS_") or item[0] == "HOME")
    return _kept_session(profile, tuple(sorted(told)))


@lru_cache(maxsize=4)
def _kept_session(profile: str | None, _environment: tuple[tuple[str, str], ...]) -> Any:
    return _new_session(profile)


def _new_session(profile: str | None) -> Any:
    session = botocore.session.Session(profile=profile)
    session.register_component("data_loader", _loader())
    return session


class _Connection:
    """What `amazon.aws` asks of a module when it works out how to connect."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params

    def fail_json(self, msg: str, **_details: Any) -> None:
        raise CollectionError(msg)

    fail_json_aws = fail_json


THROTTLED_ATTEMPTS = 12
REFUSALS = "multiregion_refusals"
"""Where the context of a request keeps how often it was throttled."""


def pause_before_next_try(
    response: Any,
    attempts: int,
    *,
    caught_exception: Any = None,
    request_dict: Any = None,
    most: int = 1,
    **_others: Any,
) -> float | None:
    """Seconds until a call is made again; None leaves it to botocore's rules.

    botocore counts a refusal that comes back in a millisecond like a time-out of seconds, so a client with few attempts
    (on the way to a recovery nothing waits long for a region that is ill) would give up on a region that is only busy.
    A throttled call is made again about ten times in all, and the tries that were throttled are not among the `most`
    that may get no answer.
    """
    context = (request_dict or {}).get("context", {})
    if response and says_throttled(response[1].get("Error", {}).get("Code", "")):
        context[REFUSALS] = context.get(REFUSALS, 0) + 1
        return _pause(attempts) if attempts < THROTTLED_ATTEMPTS else None
    unanswered = attempts - context.get(REFUSALS, 0)
    silent = (
        is_ill(caught_exception) if caught_exception else bool(response) and response[0].status_code >= SERVER_FAULT
    )
    return _pause(unanswered) if silent and unanswered < attempts and unanswered < most else None


def _pause(attempts: int) -> float:
    return random.uniform(0.03, 0.09) * 2 ** min(attempts - 1, 4)


class Cloud:
    """Clients of one run, with one set of credentials.

    `params` are a module's parameters (`access_key`, `profile`, `region`, `endpoint_url`, `aws_config` …).
    `wait_timeout` is in seconds and bounds every single wait for a resource. `tell` takes a line for the person who
    waits; it is silent where nobody can see it. `heed` is called while something is waited for: to end that,
    it raises. `lost_answers` counts the writes whose answer never came, so that nobody knows whether AWS made them.
    """

    def __init__(
        self,
        params: dict[str, Any],
        *,
        wait: bool = True,
        wait_timeout: float = 600,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.params = params
        self.tell = tell
        self.wait = wait
        self.wait_timeout = wait_timeout
        self.heed: Callable[[], None] = lambda: None
        self.calls: Counter[str] = Counter()
        self.lost_answers = 0
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()
        self._account: str | None = None
        self._parent = os.getppid()  # now, since the run may be killed while it plans
        self._visibility = Visibility(wait_timeout, self.has_parent)
        self.region, self._endpoint, self._connection = get_aws_connection_info(_Connection(params))
        self._session = _session(self._connection.get("profile_name"))

    def client(self, service: str, region: str | None = None, **config: Any) -> Any:
        """A botocore client. `config` are further `botocore.config.Config` options, such as `connect_timeout`."""
        region = region or self.region
        key = (service, region or "", repr(sorted(config.items())))
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(service, region, config)
            return self._clients[key]

    def _new_client(self, service: str, region: str | None, config: dict[str, Any]) -> Any:
        secrets = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        given = {name: self._connection[name] for name in secrets if self._connection.get(name)}
        merged = Config(
            retries={"mode": "standard", "max_attempts": 6},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=16,
            user_agent_extra="multiregion.ecs",
        )
        if self.params.get("aws_config"):
            merged = merged.merge(Config(**self.params["aws_config"]))
        if config:
            merged = merged.merge(Config(**config))
        client = self._session.create_client(
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            verify=self._connection.get("verify"),
            config=merged,
            **given,
        )
        client.meta.events.register("before-send", self._count)
        client.meta.events.register("before-parse", readable)
        watch(client, service)
        # First, since botocore's own handler always answers.
        retries = f"needs-retry.{client.meta.service_model.service_id.hyphenize()}"
        most = client.meta.config.retries.get("total_max_attempts", 1)
        client.meta.events.register_first(retries, partial(pause_before_next_try, most=most))
        self._visibility.watch(client, retries)
        client.meta.events.register_first(retries, self._notice_lost_answer)
        endpoints.watch(client, service, retries)
        if service == "s3":
            client.meta.events.register("provide-client-params.s3", partial(self._expect_owner, region))
        if service == "s3control":
            client.meta.events.register("before-call.s3-control", name_no_account)
        return client

    def _expect_owner(self, region: str | None, params: dict[str, Any], model: Any, **_others: Any) -> None:
        """Names of buckets can be guessed, and taken by somebody else: S3 refuses a call that expects another owner.

        See "Verifying bucket ownership with bucket owner condition" in S3's user guide.
        """
        if OWNER in model.input_shape.members and "Bucket" in params and OWNER not in params:
            try:
                params[OWNER] = self.find_account(filter(None, dict.fromkeys((region, self.region))))
            except CollectionError as error:
                raise EndpointConnectionError(endpoint_url=f"sts ({error})") from error

    def _count(self, request: Any, event_name: str, **_others: Any) -> None:
        service, operation = event_name.split(".")[-2:]
        with self._lock:
            self.calls[f"{service}.{operation}"] += 1

    def _notice_lost_answer(self, response: Any, operation: Any, caught_exception: Any, **_others: Any) -> None:
        """A write may have been made though its connection broke, or though the answer tells of a server's fault."""
        if operation.name.startswith(READS):
            return
        unsent = isinstance(caught_exception, (ConnectTimeoutError, EndpointConnectionError))
        status = response[0].status_code if response else 0
        if (caught_exception is not None and not unsent) or status >= SERVER_FAULT:
            with self._lock:
                self.lost_answers += 1

    @property
    def account_id(self) -> str:
        """The 12 digits of the account that the credentials belong to. One call, made once."""
        if self._account is None:
            self._account = self.client("sts").get_caller_identity()["Account"]
        return self._account

    def find_account(self, regions: Iterable[str]) -> str:
        """The account as `account_id`, which knows it from then on, asked of these regions in turn: one may be dead.

        Raises:
            CollectionError: none of them answers.
        """
        failures = []
        for region in regions:
            if self._account is not None:
                break
            try:
                self._account = self.client("sts", region, **ONCE).get_caller_identity()["Account"]
            except (BotoCoreError, ClientError) as error:
                failures.append(f"{region}: {type(error).__name__}: {error}")
        if self._account is None:
            raise CollectionError(f"no region tells which account this is ({'; '.join(failures) or 'none was asked'})")
        return self._account

    def paginate(
        self,
        service: str,
        operation: str,
        region: str | None = None,
        *,
        limits: Mapping[str, Any] | None = None,
        **arguments: Any,
    ) -> list[Any]:
        """All items of a paginated operation, for instance `paginate("ec2", "describe_subnets", Filters=[…])`.

        `limits` are the client's, such as SHORT.
        """
        paginator = self.client(service, region, **(limits or {})).get_paginator(operation)
        return [
            item for page in paginator.paginate(**arguments) for item in paginator.result_keys[0].search(page) or []
        ]

    def has_parent(self) -> bool:
        """Whether the process that started this one is there: a worker outlives an ansible-playbook that was killed.

        A module that runs as a process of its own has a shell as its parent, which tells nothing of the run.
        """
        return os.getppid() == self._parent

    def wait_until(self, what: str, ready: Callable[[], Any], *, timeout: float | None = None) -> Any:
        """Ask `ready` again and again, less and less often, until its answer is true; return that answer.

        Whoever waits long is told what for.

        Raises:
            NotReadyInTime: after `timeout` seconds (default: the run's `wait_timeout`).
            CollectionError: the process that started this one was killed, so nobody waits any more.
        """
        limit = self.wait_timeout if timeout is None else timeout
        start, pause, tell_at = time.monotonic(), POLL_FIRST_SECONDS, TELL_FIRST_SECONDS
        while True:
            if not self.has_parent():
                raise CollectionError(f"stopped waiting for {what}: the run that this process worked for has ended")
            answer = ready()
            if answer:
                return answer
            self.heed()
            waited = time.monotonic() - start
            if waited >= limit:
                raise NotReadyInTime(
                    f"Waited {waited:.0f} s for {what}. Raise wait_timeout if AWS is slow today (in the inventory each "
                    "layer has its own, such as network_wait_timeout), or look at the resource for the reason, then "
                    "run it again: it goes on where it was."
                )
            if waited >= tell_at:
                self.tell(f"  waits for {what}: {waited:.0f} s, at most {limit:.0f} s")
                tell_at = waited + TELL_AGAIN_SECONDS
            time.sleep(min(pause, limit - waited))
            pause = min(pause * 1.5, POLL_LAST_SECONDS)


def replica_clients(cloud: Cloud, service: str, regions: Iterable[str]) -> dict[str, Any]:
    """Region → client, for data that each of the regions has, so that the one that answers will do.

    Of several replicas the next is asked at once; a single one has no other to stand in for it.
    """
    replicas = list(regions)
    limits = ONCE if len(replicas) > 1 else SHORT
    return {region: cloud.client(service, region, **limits) for region in replicas}


def name_no_account(params: dict[str, Any], **_others: Any) -> None:
    """At AWS, S3 Control has a host name for each account. An endpoint that is an address has none; a header tells."""
    params["url"] = re.sub(r"//\d{12}\.(?=[\d.]+[:/])", "//", params["url"], count=1)


class absent_is_none:
    """Swallows the AWS errors that say a thing does not exist, and no other."""

    def __init__(self, *codes: str) -> None:
        self.codes = codes

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        return error is not None and error_code(error) in self.codes
