# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read after write as on AWS: what was just made is hidden for a random short time, from reads and from uses.

It stands between the gate and the services (`--eventual`). What is made is made at once, and making it again is
refused, or is the same, as ever: only who looks for it or names it does not find it yet. `visibility.py` has the table.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from localcloud.asked import SETTING, Asked
from localcloud.dispatch import Answer, scope_of
from localcloud.http_server import Request, Response
from localcloud.visibility import BY_OPERATION, KINDS, Kind, Place
from localcloud.wire_errors import error_response

SERVICES = {service for kind in KINDS for service in (kind.service, *kind.elsewhere)}

REMOVES = ("Delete", "Deregister", "Release")
"""How the names of operations begin after which the same may be made anew."""

ABORTED = "A conflicting conditional operation is currently in progress against this resource. Please try again."
BUSY_SHARE = 0.5
"""Of the settings of a bucket, those after which S3 refuses the next one for a moment."""

ALTERNATIVE_SHARE = 0.5
"""Of the refusals that may have another code, those that do."""


@dataclass(frozen=True)
class Made:
    """One thing that was made."""

    kind: Kind
    region: str
    ids: frozenset[str]
    """Identifiers that mean it wherever they stand."""
    name: str
    within: str

    def is_meant(self, asked: Asked, member: str, value: str) -> bool:
        """Whether the text of a request's member is this thing."""
        kind = self.kind
        if value in self.ids:
            return not value.startswith("service/") or asked.region == self.region
        if not self.name or asked.service != kind.service or not self._is_near(asked):
            return False
        if kind.resource and value.startswith("arn:"):
            return value.removesuffix(":*").endswith(kind.resource.format(self.name))
        return value == self.name and (member in kind.uses or f"{asked.operation}.{member}" in kind.uses)

    def _is_near(self, asked: Asked) -> bool:
        kind = self.kind
        if kind.within and tail(asked.value(kind.within)) != self.within:
            return False
        return kind.everywhere or asked.region == self.region


class Eventual:
    """Passes requests on to `answer`, and hides for up to `longest` seconds what they make."""

    def __init__(self, longest: float, seed: int, answer: Callable[[Request], Answer]):
        self.longest = longest
        self.chance = random.Random(seed)
        self.inner = answer
        # What was made, and until when it is hidden: a create that is repeated hides nothing anew.
        self._made: dict[Made, float] = {}
        self._hidden: list[Made] = []
        # Bucket → until when S3 is busy with it.
        self._busy: dict[str, float] = {}

    def settle(self) -> None:
        """Show everything now."""
        self._made = dict.fromkeys(self._made, 0.0)
        self._busy.clear()

    def answer(self, request: Request) -> Answer:
        """Answer one request as if the things made in the last moments were not there."""
        service, region = scope_of(request)
        if service not in SERVICES:
            return self.inner(request)
        now = time.monotonic()
        self._hidden = [each for each in self._hidden if self._made.get(each, 0) > now]
        asked = Asked(service, region, request)
        refused = self._conflict(asked, now) or self._refuse(asked)
        if refused:
            return refused
        answer = self.inner(request)
        if isinstance(answer, Response) and answer.status < 300:
            self._learn(asked, answer, now)
            if self._hidden:
                self._leave_out(asked, answer)
        return answer

    def _learn(self, asked: Asked, answer: Response, now: float) -> None:
        """Notice what a request that was carried out has made or removed."""
        kind = BY_OPERATION.get((asked.service, asked.operation))
        if kind:
            self._hide(kind, asked, answer, now)
        elif asked.operation.startswith(REMOVES):
            for each in [m for m in self._made if m.kind.service == asked.service]:
                if any(each.is_meant(asked, member, value) for member, value in asked.members):
                    del self._made[each]
        keeps_on = asked.operation == SETTING and self.chance.random() < BUSY_SHARE
        if asked.service == "s3" and (keeps_on or asked.operation == "DeleteBucket"):
            self._busy[asked.value("Bucket")] = now + self.chance.uniform(0, self.longest)

    def _hide(self, kind: Kind, asked: Asked, answer: Response, now: float) -> None:
        ids = set(re.findall(rf'[<"]{kind.told}"?[>:]\s*"?([^<"]+)[<"]', answer.body.decode())) if kind.told else set()
        # Application Auto Scaling calls a service so.
        ids |= {arn.split(":", 5)[5] for arn in ids if ":service/" in arn}
        within = tail(asked.value(kind.within)) if kind.within else ""
        made = Made(kind, asked.region, frozenset(ids), asked.value(kind.named) if kind.named else "", within)
        if (ids or made.name) and made not in self._made:
            self._made[made] = now + self.chance.uniform(0, self.longest)
            self._hidden.append(made)

    def _refuse(self, asked: Asked) -> Response | None:
        """What a service says to who names something that it does not see yet."""
        for each in self._hidden:
            kind = each.kind
            here = asked.service == kind.service
            if not here and asked.service not in kind.elsewhere:
                continue
            if here and (asked.operation == kind.made_by or (kind.only and asked.operation not in kind.only)):
                continue
            if (here and kind.silent and asked.operation in kind.lists) or (not here and asked.reads):
                continue
            used = next((value for member, value in asked.members if each.is_meant(asked, member, value)), None)
            if used is None:
                continue
            code, message = (kind.code, kind.message) if here else kind.elsewhere[asked.service]
            if asked.operation in kind.also and self.chance.random() < ALTERNATIVE_SHARE:
                code, message = kind.also[asked.operation]
            status = kind.status if here else 400
            return error_response(asked.service, asked.request, code, message.format(id=used), status)
        return None

    def _leave_out(self, asked: Asked, answer: Response) -> None:
        """Take what is hidden out of a listing."""
        places: dict[Place, set[str]] = {}
        missing = False
        for each in self._hidden:
            kind = each.kind
            place = kind.lists.get(asked.operation)
            if place and kind.service == asked.service and (each.ids or kind.everywhere or each.region == asked.region):
                places.setdefault(place, set()).update(each.ids, [each.name])
                missing |= kind.missing
        if places and answer.body.lstrip().startswith(b"{"):
            answer.body = json.dumps(without_in_json(json.loads(answer.body), places, missing)).encode()
        elif places:
            answer.body = without_in_xml(answer.body, places)

    def _conflict(self, asked: Asked, now: float) -> Response | None:
        """S3 does one thing at a time with a bucket, and a deletion goes on after its answer."""
        if asked.service != "s3" or asked.operation not in (SETTING, "CreateBucket", "DeleteBucket"):
            return None
        if self._busy.get(asked.value("Bucket"), 0) <= now:
            return None
        return error_response("s3", asked.request, "OperationAborted", ABORTED, 409)


def tail(name: str) -> str:
    """The name in an ARN, or the name itself."""
    return name.rpartition("/")[2]


def without_in_json(body: dict[str, Any], places: dict[Place, set[str]], missing: bool) -> dict[str, Any]:
    """A JSON answer without these things; with `missing`, it tells so."""
    for (name, key), gone in places.items():
        items = body.get(name) or []
        left_out = [item for item in items if (item[key] if key else item) in gone]
        body[name] = [item for item in items if item not in left_out]
        if missing and key:
            failures = [{"arn": item[key], "reason": "MISSING"} for item in left_out]
            body["failures"] = [*(body.get("failures") or []), *failures]
    return body


def without_in_xml(body: bytes, places: dict[Place, set[str]]) -> bytes:
    """An XML answer without these things."""
    root = ElementTree.fromstring(body)
    for node in root.iter():
        for (name, key), gone in places.items():
            if local(node) == name:
                for item in [i for i in node if any(local(part) == key and part.text in gone for part in i)]:
                    node.remove(item)
    return ElementTree.tostring(root)


def local(node: ElementTree.Element) -> str:
    """The name of an element without its namespace."""
    return node.tag.rpartition("}")[2]
