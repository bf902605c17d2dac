# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region of AWS inside the test's process (moto), real botocore clients in front of it, and clocks that tests move.

Real clients, because what is tested includes conditions that DynamoDB evaluates, calls that are counted, and answers
that get lost on the way.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
import pytest
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from protocol.claim import claim_id
from protocol.encoding import from_attributes, to_attributes
from protocol.region_map import RegionMap
from protocol.sale import Sale, cancelled_id, cancelled_item
from protocol.sale_id import new_sale_id
from sales_common.aws import Aws, Patience
from sales_common.settings import ApiSettings, ViewSettings, WorkerSettings
from sales_worker.clerk import Clerk
from sales_worker.inbox import Inbox
from sales_worker.ledger import Ledger
from tests.support.workload_tables import make_indexed_table

ACCOUNT = "123456789012"
HERE, PEER = "us-east-1", "sa-east-1"


class KeptAws(Aws):
    """An Aws that keeps its clients: making one costs more than most of the calls."""

    def __init__(self) -> None:
        self.session = botocore.session.Session()
        super().__init__(HERE, self.session)
        self._kept: dict[tuple[Any, ...], Any] = {}

    def client(self, *arguments: Any, **options: Any) -> Any:
        key = (*arguments, *sorted(options.items()))
        if key not in self._kept:
            self._kept[key] = super().client(*arguments, **options)
        return self._kept[key]


@cache
def untapped() -> KeptAws:
    return KeptAws()


@cache
def tapped() -> tuple[KeptAws, Tap]:
    aws = KeptAws()
    return aws, Tap(aws.session)


def observer(service: str) -> Any:
    """A client of the tests' own."""
    return untapped().client(service)


class Crash(BaseException):
    """The process dies here: nothing may catch it."""


class Tap:
    """Sees every call of every client of one session, in order; can let the process die at one of them.

    `before`: the request never leaves. `after`: AWS did it, and the answer is lost.
    """

    def __init__(self, session: botocore.session.Session) -> None:
        self._lock = threading.Lock()
        self.reset()
        session.register("before-call", self._before)
        session.register("after-call", self._after)

    def reset(self) -> None:
        self.calls: list[str] = []
        self.crash_at: tuple[int, str] | None = None
        self.fail: dict[str, Exception] = {}

    def _before(self, model: Any, **_: Any) -> None:
        with self._lock:
            self.calls.append(model.name)
            index = len(self.calls) - 1
        if self.crash_at and self.crash_at[1] == "before" and index >= self.crash_at[0]:
            raise Crash(model.name)
        if model.name in self.fail:
            raise self.fail[model.name]

    def _after(self, model: Any, **_: Any) -> None:
        if self.crash_at and self.crash_at[1] == "after" and len(self.calls) - 1 >= self.crash_at[0]:
            raise Crash(model.name)


@dataclass
class Clock:
    """Monotonic and wall clock in one, moved by hand."""

    now: float = 1000.0
    wall: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now

    def wall_clock(self) -> float:
        return self.wall

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.wall += seconds


@dataclass
class View:
    """A view that says what the test wants; the interface of ViewWatch."""

    clock: Clock
    states: dict[str, str] | None = field(default_factory=lambda: {HERE: "ACTIVE"})
    fresh: bool = True
    ready: bool = True
    told: dict[str, list[str]] = field(default_factory=dict)

    def look(self) -> tuple[RegionMap | None, bool, float]:
        known = RegionMap(1, self.states, "run", "lease@here") if self.states is not None else None
        return known, self.fresh and known is not None, self.clock()

    def acting(self) -> nullcontext[None]:
        return nullcontext()

    def wrote(self, table: str, ids: list[str]) -> None:
        self.told.setdefault(table, []).extend(ids)

    def readiness(self) -> tuple[bool, dict[str, object]]:
        return self.ready, {"ready": self.ready, "region": HERE, "reason": None if self.ready else "joining"}


class Logbook:
    """A log that remembers."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def info(self, event: str, **fields: Any) -> None:
        self.events.append({"event": event, **fields})

    warning = error = crash = info

    def named(self, event: str) -> list[dict[str, Any]]:
        return [each for each in self.events if each["event"] == event]


class World:
    """One region with the sales system's data, and whatever is asked about it."""

    here, peer = HERE, PEER
    Crash = Crash

    def __init__(self) -> None:
        self.clock = Clock()
        self.view = View(self.clock)
        self.log = Logbook()
        self.dynamodb, self.sqs, self.s3, self.sns = map(observer, ("dynamodb", "sqs", "s3", "sns"))
        self.queue_url, self.dead_url = (
            self.sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in ("sales-queue", "sales-queue-dlq")
        )
        self.topic = f"arn:aws:sns:{HERE}:{ACCOUNT}:sales-processing"
        self.view_settings = ViewSettings(HERE, "/sales/state", "sales-state", (), 10.0, 2.0, 120.0)

    # -- the parts under test ------------------------------------------------------------------------------------------

    @property
    def plain(self) -> Aws:
        return untapped()

    def tapped(self) -> tuple[Aws, Tap]:
        """An Aws whose calls are seen, and can be made to crash; what was set on it before is forgotten."""
        aws, tap = tapped()
        tap.reset()
        return aws, tap

    def make_clerk(self, aws: Aws | None = None, **options: Any) -> tuple[Clerk, Inbox]:
        aws = aws or self.plain
        settings = WorkerSettings(
            self.view_settings, self.queue_url, "sales", "sales-idempotency", "sales-lake", 20.0, 0, 1
        )
        patience = Patience(1.0, 1.0, 1)
        inbox = Inbox(aws, self.queue_url, 0, 60, self.log, self.clock)
        options = {"claim_to_effect": 20.0, "longest_call": 2.0, "threads": 1} | options
        clerk = Clerk(
            HERE,
            self.view,
            inbox,
            Ledger(aws, settings, patience),
            self.log,
            clock=self.clock,
            wall_clock=self.clock.wall_clock,
            **options,
        )
        return clerk, inbox

    def api_settings(self) -> ApiSettings:
        return ApiSettings(self.view_settings, self.topic, "sales", 2)

    # -- what happens before -------------------------------------------------------------------------------------------

    def accept(
        self, home: str | None = HERE, amount: Any = "14", product: str = "O Pequeno Principe", sale_id: str = ""
    ) -> Sale:
        """What the API does with a sale: its item, and its message in the queue."""
        sale = Sale.new(sale_id or new_sale_id(), product, amount, home)
        self.dynamodb.put_item(TableName="sales", Item=sale.to_attributes(processed=False))
        self.send(sale.to_message())
        return sale

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)

    def cancel(self, sale: Sale) -> None:
        self.dynamodb.put_item(TableName="sales", Item=to_attributes(cancelled_item(sale.id, 1)))

    def run(self, clerk: Clerk, inbox: Inbox) -> int:
        """Process what the queue shows now; the number of messages."""
        messages = inbox.receive()
        if messages:
            clerk.process(messages)
        return len(messages)

    def reveal(self) -> None:
        """Let every visibility timeout end."""
        for queue in sqs_backends[ACCOUNT][HERE].queues.values():
            for message in queue._messages:
                message.visible_at = 0

    # -- what happened -------------------------------------------------------------------------------------------------

    def item(self, table: str, key: str) -> dict[str, Any] | None:
        found = self.dynamodb.get_item(TableName=table, Key={"id": {"S": key}}).get("Item")
        return from_attributes(found) if found else None

    def sale_item(self, sale: Sale) -> dict[str, Any] | None:
        return self.item("sales", sale.id)

    def done(self, sale: Sale) -> dict[str, Any] | None:
        return self.item("sales-idempotency", sale.id)

    def claim(self, sale: Sale, region: str = HERE) -> dict[str, Any] | None:
        return self.item("sales-idempotency", claim_id(sale.id, region))

    def cancellation(self, sale: Sale) -> dict[str, Any] | None:
        return self.item("sales", cancelled_id(sale.id))

    def lake_versions(self) -> list[tuple[str, bytes]]:
        """Every version of every lake object: key and content."""
        versions = self.s3.list_object_versions(Bucket="sales-lake").get("Versions", [])
        return [
            (
                each["Key"],
                self.s3.get_object(Bucket="sales-lake", Key=each["Key"], VersionId=each["VersionId"])["Body"].read(),
            )
            for each in versions
        ]

    def queued(self, url: str | None = None) -> int:
        """Messages in the queue, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url or self.queue_url, AttributeNames=names)["Attributes"]
        return sum(int(value) for value in attributes.values())

    def delays(self) -> list[int]:
        """For how long each message was hidden, in seconds."""
        return sorted(each["seconds"] for each in self.log.named("message_hidden"))

    def dead(self) -> list[dict[str, Any]]:
        """The messages of the DLQ: body, and attributes as plain text."""
        found = self.sqs.receive_message(
            QueueUrl=self.dead_url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=0
        ).get("Messages", [])
        return [
            {"body": each["Body"]}
            | {name: value["StringValue"] for name, value in each.get("MessageAttributes", {}).items()}
            for each in found
        ]

    def assert_processed_once(self, *sales: Sale) -> None:
        """DONE, item and lake agree; the lake holds one content per sale over all versions; nothing is left over."""
        for sale in sales:
            assert self.done(sale), f"{sale.id} has no DONE"
            item = self.sale_item(sale)
            assert item == sale.to_item(processed=True), item
        assert set(self.lake_versions()) == {(sale.lake_key, sale.lake_bytes) for sale in sales}
        assert self.queued() == 0
        assert self.dead() == []


def build() -> None:
    """Make the sales system's data resources."""
    dynamodb, sqs, s3, sns = map(observer, ("dynamodb", "sqs", "s3", "sns"))
    make_indexed_table(dynamodb, "sales", "unprocessed")
    dynamodb.create_table(
        TableName="sales-idempotency",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    sqs.create_queue(QueueName="sales-queue-dlq")
    sqs.create_queue(QueueName="sales-queue", Attributes={"VisibilityTimeout": "60"})
    topic = sns.create_topic(Name="sales-processing")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{HERE}:{ACCOUNT}:sales-queue",
        Attributes={"RawMessageDelivery": "true"},
    )
    s3.create_bucket(Bucket="sales-lake")
    s3.put_bucket_versioning(Bucket="sales-lake", VersioningConfiguration={"Status": "Enabled"})


def empty() -> None:
    """Take out what the test before left: a fifth of the time of making everything again."""
    for table in dynamodb_backends[ACCOUNT][HERE].tables.values():
        table.items.clear()
    for queue in sqs_backends[ACCOUNT][HERE].queues.values():
        queue._messages.clear()
        queue.pending_messages.clear()
        queue.deleted_messages.clear()
    s3_backends[ACCOUNT]["aws"].buckets["sales-lake"].keys.clear()
    policy = {"deadLetterTargetArn": f"arn:aws:sqs:{HERE}:{ACCOUNT}:sales-queue-dlq", "maxReceiveCount": "1000"}
    url = observer("sqs").get_queue_url(QueueName="sales-queue")["QueueUrl"]
    observer("sqs").set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": json.dumps(policy)})


@pytest.fixture(scope="module")
def aws_region():
    with mock_aws():
        build()
        yield


@pytest.fixture
def world(aws_region: None) -> World:
    empty()
    return World()


@pytest.fixture
def logbook() -> Logbook:
    return Logbook()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_view(clock: Clock):
    """Makes a View from its fields."""
    return lambda **fields: View(clock, **fields)
