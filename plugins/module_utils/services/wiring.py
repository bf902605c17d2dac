# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service is wired to the workload's resources.

An inventory says what a service uses (`{table: sales, access: write}`) and where its container wants to be told
(`DYNAMO_SALES_TABLE: {table: sales}`). Names, ARNs, URLs and IAM permissions follow from that and from the place where
the service runs, so that nobody writes a policy by hand, and each service may do exactly what it uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..aws.names import arn
from ..kernel.errors import CollectionError
from ..protocol.region_map import READER_PREFIX


@dataclass(frozen=True)
class Place:
    """Where a service runs, and what the layers below told of that region.

    `queues` maps a queue's name to its URL and `dead_letters` to the ARN of its dead-letter queue, `buckets` a bucket's
    short name to its full one, `load_balancers` a load balancer's name to its DNS name, `file_systems` a file system's
    short name to its id, and `access_points` that name to its access points by theirs, each with `access_point_id`; all
    may be unknown while a plan is made. `toggle` holds
    `parameter` and `state_table`. `images` maps a repository to the image that services get from it: `uri` (of the
    repository), `digest`, `platform`.
    """

    workload: str
    region: str
    regions: tuple[str, ...]
    account: str
    queues: dict[str, str] = field(default_factory=dict)
    dead_letters: dict[str, str] = field(default_factory=dict)
    buckets: dict[str, str] = field(default_factory=dict)
    load_balancers: dict[str, str] = field(default_factory=dict)
    file_systems: dict[str, str] = field(default_factory=dict)
    access_points: dict[str, dict[str, Any]] = field(default_factory=dict)
    toggle: dict[str, str] = field(default_factory=dict)
    images: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, context: dict[str, Any]) -> Place:
        return cls(**{**context, "regions": tuple(context["regions"])})

    def arn(self, service: str, rest: str, region: str | None = None) -> str:
        return arn(service, self.region if region is None else region, self.account, rest, within=self.region)


def _known(kind: str, names: dict[str, Any], name: str) -> Any:
    if name not in names:
        raise CollectionError(
            f"There is no {kind} called {name!r} in this workload. Known: {', '.join(sorted(names))}."
        )
    return names[name]


VALUES: dict[str, Callable[[Place, str], str]] = {
    "region": lambda place, what: {
        "name": place.region,
        "peers": ",".join(r for r in place.regions if r != place.region),
    }[what],
    "topic": lambda place, name: place.arn("sns", name),
    "queue": lambda place, name: _known("queue", place.queues, name),
    "table": lambda place, name: name,
    "bucket": lambda place, name: _known("bucket", place.buckets, name),
    "load_balancer": lambda place, name: _known("load balancer", place.load_balancers, name),
    "toggle": lambda place, what: _known("toggle setting", place.toggle, what),
}
"""What an environment variable may refer to, and the value it gets."""


def environment(wanted: dict[str, Any], place: Place) -> dict[str, str]:
    """The environment of a container: plain values as text, references (`{table: sales}`) as what they refer to.

    Raises:
        CollectionError: a reference that cannot be followed.
    """
    return {name: _value(name, value, place) for name, value in wanted.items()}


def _value(name: str, value: Any, place: Place) -> str:
    if isinstance(value, dict):
        if len(value) != 1 or next(iter(value)) not in VALUES:
            raise CollectionError(
                f"Environment variable {name} is {value!r}. Expected text, or one of: {', '.join(VALUES)}."
            )
        kind, what = next(iter(value.items()))
        return VALUES[kind](place, what)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


_READ_TABLE = ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
_WRITE_TABLE = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
_REGISTER = ["dynamodb:DeleteItem", "dynamodb:PutItem"]
_MOUNT, _WRITE_FILES = "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"

ACCESS: dict[tuple[str, str], list[str]] = {
    ("topic", "publish"): ["sns:Publish"],
    ("queue", "consume"): [
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ],
    ("queue", "send"): ["sqs:GetQueueUrl", "sqs:SendMessage"],
    ("table", "read"): _READ_TABLE,
    ("table", "write"): _READ_TABLE + _WRITE_TABLE,
    ("bucket", "read"): ["s3:GetObject", "s3:ListBucket"],
    ("bucket", "write"): ["s3:GetObject", "s3:ListBucket", "s3:PutObject"],
    ("file_system", "read"): [_MOUNT],
    ("file_system", "write"): [_MOUNT, _WRITE_FILES],
    ("file_system", "root"): [_MOUNT, "elasticfilesystem:ClientRootAccess", _WRITE_FILES],
}
"""What a kind of access means in IAM actions. Batch calls of SQS need no action of their own."""

TOGGLE_ACCESS = ("read", "register")
"""How the states of the regions are used: by who reads them, and by who is in the register of its region too."""

_OF_INDEXES = {"dynamodb:Query", "dynamodb:Scan"}
_OF_BUCKETS = {"s3:ListBucket"}


def statements(use: dict[str, Any], place: Place) -> list[dict[str, Any]]:
    """The IAM statements that one `{<kind>: <name>, access: <access>}` needs, and no more.

    `access` is a word for several actions, or a list of those that are used, such as `[PutItem]`. A file system may
    come with an `access_point`: then nothing is allowed that does not come through it.

    Raises:
        CollectionError: an unknown kind, name or access.
    """
    kind = next((key for key in use if key not in ("access", "access_point")), "")
    name, access = use.get(kind, ""), use.get("access", "read")
    if kind == "toggle":
        return _toggle_statements(place, access, use)
    actions = _actions(kind, access, use)
    statement = _allow(actions, _resources(kind, name, actions, place))
    if kind == "file_system" and use.get("access_point"):
        points = place.access_points.get(name) or {}
        point = _known("access point", points, use["access_point"])["access_point_id"]
        through = {"elasticfilesystem:AccessPointArn": place.arn("elasticfilesystem", f"access-point/{point}")}
        statement["Condition"] = {"StringEquals": through}
    return [statement, *_extra(kind, name, access, place)]


def actions_of(kind: str) -> dict[str, str]:
    """The actions that a use of a kind may list, such as `PutItem`, and what IAM calls them."""
    named = [action for (other, _access), actions in ACCESS.items() if other == kind for action in actions]
    return {action.partition(":")[2]: action for action in sorted(named)}


def _actions(kind: str, access: Any, use: dict[str, Any]) -> list[str]:
    if isinstance(access, list):
        known = actions_of(kind)
        if access and known and all(each in known for each in access):
            return [known[each] for each in access]
        raise CollectionError(
            f"A service cannot use {use!r}. Expected a list of actions of {kind}: {', '.join(known) or 'none'}."
        )
    actions = ACCESS.get((kind, access))
    if actions is None:
        valid = ", ".join(f"{{{k}: …, access: {a}}}" for k, a in ACCESS)
        raise CollectionError(
            f"A service cannot use {use!r}. Expected one of: {valid}, {{toggle: state, access: read or register}}."
        )
    return actions


def _resources(kind: str, name: str, actions: list[str], place: Place) -> list[str]:
    if kind == "topic":
        return [place.arn("sns", name)]
    if kind == "queue":
        _known("queue", place.queues, name)
        return [place.arn("sqs", name)]
    if kind == "table":
        table = place.arn("dynamodb", f"table/{name}")
        return [table, f"{table}/index/*"] if _OF_INDEXES.intersection(actions) else [table]
    if kind == "file_system":
        return [place.arn("elasticfilesystem", f"file-system/{_known('file system', place.file_systems, name)}")]
    bucket = arn("s3", "", "", _known("bucket", place.buckets, name), within=place.region)
    found = [bucket] if _OF_BUCKETS.intersection(actions) else []
    return [*found, f"{bucket}/*"] if set(actions) - _OF_BUCKETS else found


def _extra(kind: str, name: str, access: Any, place: Place) -> list[dict[str, Any]]:
    """A consumer puts what it gave up on into the dead-letter queue itself, whatever that is called."""
    if (kind, access) == ("queue", "consume"):
        dead_letters = place.dead_letters.get(name) or place.arn("sqs", f"{name}-dlq")
        return [_allow(ACCESS["queue", "send"], [dead_letters])]
    return []


def _toggle_statements(place: Place, access: Any, use: dict[str, Any]) -> list[dict[str, Any]]:
    """Readers ask their own region and, when they join, their peers' endpoints for the state items.

    Those that register have an item each beside these in their own region, and remove those of vanished peers.
    """
    if access not in TOGGLE_ACCESS:
        raise CollectionError(f"A service cannot use {use!r}. Expected access: {' or '.join(TOGGLE_ACCESS)}.")
    parameter = place.toggle["parameter"].lstrip("/")
    tables = [place.arn("dynamodb", f"table/{place.toggle['state_table']}", region) for region in place.regions]
    reading = [
        _allow(["ssm:GetParameter"], [place.arn("ssm", f"parameter/{parameter}")]),
        _allow(["dynamodb:Scan"], sorted(tables)),
    ]
    if access != "register":
        return reading
    own = [place.arn("dynamodb", f"table/{place.toggle['state_table']}")]
    # Not the states themselves, which are in the same table.
    registering = {"Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": f"{READER_PREFIX}*"}}}
    return [*reading, _allow(["dynamodb:BatchGetItem"], own), _allow(_REGISTER, own) | registering]


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": resources}


def policies(uses: list[dict[str, Any]], place: Place) -> dict[str, Any]:
    """The inline policies of a service's task role by name: `uses`, or none when the service uses nothing."""
    found = [statement for use in uses for statement in statements(use, place)]
    return {"uses": {"Version": "2012-10-17", "Statement": found}} if found else {}


def dropping_services(definitions: list[dict[str, Any]], cluster: str) -> list[dict[str, Any]]:
    """The services that lose what they receive in a region that is not ACTIVE, as module region_switch takes them.

    They are those whose definition says `passive_behaviour: drops`, with the bounds of their scaling.
    """
    found = []
    for definition in definitions:
        if definition.get("passive_behaviour") == "drops":
            scaling = definition.get("scaling") or {}
            least = int(scaling.get("min") or definition.get("desired_count") or 1)
            most = int(scaling.get("max") or least)
            found.append({"cluster": cluster, "name": definition["name"], "min": least, "max": most})
    return found
