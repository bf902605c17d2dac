# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's answers lag behind its own writes: what was just made may not be there yet for the next call that names it.

A run remembers what it has made. A service that knows nothing of it is asked again for a while; of anything else its
refusal is final. So nobody else has to think of it: `Cloud` asks here about every answer. What looks for things without
naming them, and does not find them, waits in `Resource.found_again`.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..protocol.service_errors import error_code

PATIENCE_SECONDS = 60.0
"""How long after it was made a thing may be unknown to those who use it: seconds in practice."""

FIRST_PAUSE, LAST_PAUSE = 0.05, 2.0

MAKES = ("Allocate", "Create", "PutParameter", "Register", "Request", "Run")
REMOVES = ("Delete", "Deregister", "Release")
"""How the names of the operations begin that make and remove things."""

NAMES = re.compile(r"(?i).*name|Bucket|ResourceId")
"""Members of a request that say what something that is made will be called."""

IDENTIFIER = re.compile(r"arn:.+|https?://.+|[a-z]+-[0-9a-f]{8,17}")
"""What AWS calls what it makes: unlike a name, in all regions."""

ABSENT = frozenset(
    {
        "ClusterNotFoundException",
        "FailedResourceAccessException",
        "InvalidGroup.NotFound",
        "InvalidSecurityGroup",
        "InvalidSubnet",
        "ListenerNotFound",
        "LoadBalancerNotFound",
        "NatGatewayNotFound",
        "NoSuchBucket",
        "NoSuchEntity",
        "NotFound",
        "ObjectNotFoundException",
        "ParameterNotFound",
        "RepositoryNotFoundException",
        "ResourceNotFoundException",
        "RuleNotFound",
        "SecurityGroupNotFound",
        "ServiceNotFoundException",
        "SubnetNotFound",
        "TargetGroupNotFound",
        "WAFNonexistentItemException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    }
)
"""How the services say that there is no such thing. EC2 has a code for each kind: `Invalid<kind>ID.NotFound`."""

ABSENT_ID = re.compile(r"Invalid\w+I[Dd]\.NotFound")
GENERAL = frozenset({"InvalidParameterException", "ValidationError", "ValidationException"})
"""Codes that say so only with their message."""

ABSENT_MESSAGE = re.compile(r"does(n't| not) exist|not found")
PARTS = {"NoSuchEntity": re.compile(r"\brole\b"), "ObjectNotFoundException": re.compile(r"scalable target")}
"""What the message has to speak of, where the same code is said of parts that may rightly be missing."""

CONFLICT = "OperationAborted"
"""S3 does one thing at a time with a bucket, and takes its time to forget a deleted one."""

CONTEXT = "multiregion.asked"
"""Where a call keeps what it asked for while it is tried again."""


class Visibility:
    """What one run has made, and for how long it is patient because of it. Threads share it.

    `longest` is in seconds and bounds the wait for what S3 is still busy with; `may_wait` says whether to go on.
    """

    def __init__(self, longest: float, may_wait: Callable[[], bool]) -> None:
        self._longest = longest
        self._may_wait = may_wait
        self._made: dict[str, float] = {}
        self._lock = threading.Lock()

    def watch(self, client: Any, retries: str) -> None:
        """Ask here about every answer to a botocore client; `retries` is its event for that."""

        # One name may be of a service of ECS and of a target group.
        place = f"{client.meta.region_name}/{client.meta.service_model.service_name}/"

        def remember(params: dict[str, Any], context: dict[str, Any], **_others: Any) -> None:
            context[CONTEXT] = Asked(params, place, time.monotonic())

        client.meta.events.register("before-parameter-build", remember)
        client.meta.events.register_first(retries, self._pause)

    def _pause(
        self, response: Any, operation: Any, attempts: int, request_dict: dict[str, Any], **_others: Any
    ) -> float | None:
        """Seconds until a call is made again that names what is not visible yet; None leaves it to others."""
        asked = request_dict["context"][CONTEXT]
        now = time.monotonic()
        makes = operation.name.startswith(MAKES)
        if makes:  # perhaps, although the answer was lost or says that it is there
            self._note(asked.names(), now)
        if not response:
            return None
        answer = response[1]
        error = answer.get("Error")
        if error is None and makes:
            self._note(_identifiers(answer), now)
        elif error is None and operation.name.startswith(REMOVES):
            self._forget(set(asked.texts()))
        limit = PATIENCE_SECONDS
        if error is not None and error.get("Code") == CONFLICT:
            since, limit = asked.at, self._longest
        elif operation.name.startswith(REMOVES):
            return None
        elif error is not None:
            says = says_absent(error.get("Code", ""), error.get("Message", ""))
            # What it wants to make itself is not what it does not find.
            since = self._newest(set(asked.texts()) - set(asked.names() if makes else ())) if says else None
        else:  # ECS tells of what it does not see in an answer that succeeds
            since = self._newest(asked.missing(answer))
        if since is None:
            return None
        if now - since < limit and self._may_wait():
            return random.uniform(0.5, 1) * min(FIRST_PAUSE * 2 ** (attempts - 1), LAST_PAUSE)
        if error is not None:
            error["Message"] = f"{error.get('Message', '')} ({_explanation(error['Code'], now - since)})"
        return None

    def _note(self, texts: Iterable[str], now: float) -> None:
        with self._lock:
            for text in texts:
                self._made.setdefault(text, now)

    def _forget(self, texts: set[str]) -> None:
        """What is removed may be missing, under whatever it is called."""
        with self._lock:
            for made in list(self._made):
                if made in texts or made.rpartition("/")[2] in texts or made.rpartition(":")[2] in texts:
                    del self._made[made]

    def _newest(self, texts: Iterable[str]) -> float | None:
        """When the newest of these was made; None if this run made none of them."""
        with self._lock:
            return max((self._made[text] for text in texts if text in self._made), default=None)


@dataclass(frozen=True)
class Asked:
    """A call: its parameters, `region/service/` that names are understood in, and when it was made first."""

    params: dict[str, Any]
    place: str
    at: float

    def names(self) -> Iterator[str]:
        """What it wants something to be called."""
        return (
            self.place + name for key, name in self.params.items() if isinstance(name, str) and NAMES.fullmatch(key)
        )

    def texts(self) -> Iterator[str]:
        """Whatever it may name something by."""
        for text in _texts(self.params):
            yield text
            yield self.place + text

    def missing(self, answer: dict[str, Any]) -> Iterator[str]:
        """What a description does not find, by ARN and by name."""
        for failure in answer.get("failures") or []:
            if isinstance(failure, dict) and failure.get("reason") == "MISSING":
                yield failure["arn"]
                yield self.place + failure["arn"].rpartition("/")[2]


def says_absent(code: str, message: str) -> bool:
    """Whether an error says that a thing, and not a part of it, does not exist."""
    if code in GENERAL:
        return bool(ABSENT_MESSAGE.search(message))
    if code in PARTS:
        return bool(PARTS[code].search(message))
    return code in ABSENT or bool(ABSENT_ID.fullmatch(code))


def is_absent(error: BaseException) -> bool:
    """The same of what botocore raised."""
    return says_absent(error_code(error), str(error))


def _explanation(code: str, waited: float) -> str:
    if code == CONFLICT:
        return f"for {waited:.0f} s; a deleted bucket's name may take an hour to be free. Run it again then"
    return f"made by this run {waited:.0f} s ago, and still not visible to what uses it. Run it again"


def _identifiers(answer: dict[str, Any]) -> Iterator[str]:
    """The identifiers in an answer; those of ECS's services also as Application Auto Scaling writes them."""
    for text in filter(IDENTIFIER.fullmatch, _texts(answer)):
        yield text
        if ":service/" in text:
            yield text.split(":", 5)[5]


def _texts(value: Any) -> Iterator[str]:
    """All text inside nested dicts and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key != "ResponseMetadata":
                yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
