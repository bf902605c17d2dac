# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small world that obeys one clock: regions with tables, queues and lakes, a network that can be cut, and time.

What replicates does so after a lag and by last writer wins, as DynamoDB's MREC tables do; a condition is evaluated in
one region only; a queue delivers at least once. It judges nothing: workers (workers.py) and operators (operators.py)
live in it, and referee.py judges.
"""

from __future__ import annotations

import itertools
import random
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import (
    RegionMap,
    Sale,
    cancelled_id,
    from_attributes,
    maps_of,
    new_sale_id,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.attributes import (
    UNPROCESSED,
    UNPROCESSED_ATTRIBUTE,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.encoding import to_attribute
from tests.unit.protocol.dynamodb import Table
from tests.unit.protocol.tasks import Api

VISIBILITY = 60.0
EPOCH = 1_700_000_000
"""Unix seconds at which the world begins."""

REGIONS = ["sa-east-1", "us-east-1", "eu-west-1"]
LEASE_REGIONS = ("us-east-1", "us-east-2")
"""Replicas of the lease's table. The second is no region of the workload."""

STATE_TABLE = "sales-state"

PARAMETER = "/sales/region/state"


class Unreachable(ConnectionError):
    """A call that nobody answers."""


EDGE = "edge"

INDEX_LAG = 1.0
"""How long an index may lag behind its table, in seconds."""


class World:
    """Everything outside the actors. `now` is simulated seconds.

    dead: regions of which nothing answers and nothing runs. cut: pairs that do not reach each other; stuck: pairs that
    do, while replication between them stands still. no_operator: regions that live, and that no operator reaches.
    edge_is_off: the accelerator's control plane does not answer; what it was told stays in force. closed: regions
    whose API is at zero. gone: regions that were removed, with all that had not left them yet; lost: those of them that
    were given up, and never came back. died_at: when a region died or came back last. sick: regions, and
    EDGE for that control plane, most of whose answers to operators tell of a fault of their own. tasks: the tasks that
    have not stopped, as ECS tells them, each with its region. clock_off: by how many seconds
    operators' clocks are ahead. s3_lag: how long S3 takes to send an object on. silent_topics: regions in which SNS
    does not answer. unsure: how often a call that sends a message fails, which it half the time does all the same.
    """

    newest: World

    def __init__(self, regions: list[str], lag: float, seed: int = 0, s3_lag: float = 0.0, unsure: float = 0.0) -> None:
        World.newest = self
        self.now = 0.0
        self.random = random.Random(seed)
        self.regions = regions
        self.lag = lag
        self.dead: set[str] = set()
        self.cut: set[frozenset[str]] = set()
        self.stuck: set[frozenset[str]] = set()
        self.no_operator: set[str] = set()
        self.edge_is_off = False
        self.sick: set[str] = set()
        self.closed: set[str] = set()
        self.gone: set[str] = set()
        self.lost: set[str] = set()
        self.died_at: dict[str, float] = {}
        self.states = Replicated(self, "region")
        self.sales = Replicated(self, "id")
        self.idempotency = Replicated(self, "id")
        self.lease = Table("id")
        self.tasks: dict[str, str] = {}
        self.parameters: dict[str, dict[str, str]] = {region: {} for region in regions}
        self.dials = dict.fromkeys(regions, 100)
        self.queues = {region: Queue(self) for region in regions}
        self.topic: list[tuple[float, str, str, str]] = []
        self.silent_topics: set[str] = set()
        self.s3_lag, self.unsure = s3_lag or lag, unsure
        self.lake: dict[tuple[str, str], set[bytes]] = {}
        self.lake_sources: dict[str, set[str]] = {}
        self.objects: list[tuple[float, str, str, str, bytes]] = []
        self.apis = {region: Api(self, region) for region in regions}
        self.acknowledged: dict[str, Sale] = {}
        self.accepted_at: dict[str, float] = {}
        self.accepted_in: dict[str, str] = {}
        self.cancelled: set[str] = set()
        self.synthetic: set[str] = set()
        self.clock_off = 0.0
        self._maps: dict[str, tuple[list[dict[str, Any]], dict[str, RegionMap]]] = {}

    def linked(self, one: str, other: str) -> bool:
        return one == other or not ({one, other} & (self.dead | self.gone) or frozenset((one, other)) in self.cut)

    def operator_reaches(self, region: str) -> bool:
        return region not in self.dead | self.gone | self.no_operator

    def remove(self, region: str) -> None:
        """Remove a region. What it had not sent to others yet is lost, of its lake too."""
        self.gone.add(region)
        self.objects = [each for each in self.objects if region not in each[1:3]]
        for table in (self.states, self.sales, self.idempotency):
            table.sent = [change for change in table.sent if region not in change[1:3]]
        self.topic = [each for each in self.topic if region not in each[1:3]]

    def advance(self, seconds: float) -> None:
        """Let time pass: what is due is replicated and delivered, unless its way is cut; then it waits."""
        self.now += seconds
        for table in (self.states, self.sales, self.idempotency):
            table.replicate()
        waiting = []
        for due, source, region, body in self.topic:
            if due <= self.now and region not in self.dead:
                self.queues[region].send(body)
            else:
                waiting.append((due, source, region, body))
        self.topic = waiting
        for each in self.objects[:]:
            due, source, region, key, body = each
            if due <= self.now and self.linked(source, region):
                self.lake.setdefault((region, key), set()).add(body)
                self.objects.remove(each)
        for api in self.apis.values():
            if api.region not in self.dead | self.gone | self.closed:
                api.publish_waiting()

    def put_object(self, region: str, key: str, body: bytes) -> None:
        """Put an object into a region's lake; S3 sends it to the others, as long as the region lives."""
        self.lake.setdefault((region, key), set()).add(body)
        self.lake_sources.setdefault(key, set()).add(region)
        others = (other for other in self.regions if other not in {region, *self.gone})
        self.objects += [(self.now + self.s3_lag, region, other, key, body) for other in others]

    def table(self, name: str) -> Any:
        return {STATE_TABLE: self.states, "sales": self.sales, "sales-idempotency": self.idempotency}[name]

    def batch_get(self, region: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Now and then one key comes back unread, as DynamoDB may leave it."""
        ((name, wanted),) = asked.items()
        keys = list(wanted["Keys"])
        left = [keys.pop()] if len(keys) > 1 and self.random.random() < 0.1 else []
        found = [self.table(name).at(region).get_item(Key=key).get("Item") for key in keys]
        unread = {name: {**wanted, "Keys": left}} if left else {}
        return {"Responses": {name: [item for item in found if item]}, "UnprocessedKeys": unread}

    def maps_at(self, region: str) -> dict[str, RegionMap]:
        """What a region's table of states says, through its own endpoint."""
        self.states.at(region)
        return self.maps_of(region)

    def maps_of(self, region: str) -> dict[str, RegionMap]:
        """The same, whether or not the region answers; made out again when it has changed."""
        items = list(self.states.items(region).values())
        before, maps = self._maps.get(region, ([], {}))
        if len(items) != len(before) or any(one is not other for one, other in zip(items, before, strict=True)):
            maps = maps_of(self.states.copies[region].scan()["Items"])
            self._maps[region] = items, maps
        return dict(maps)

    @property
    def wall(self) -> float:
        """What clocks on walls show: unix seconds."""
        return EPOCH + self.now

    def sell(self, region: str, home: str | None) -> Sale:
        """What a region's API does, whatever the region's state: accept, record, publish, answer."""
        sale = Sale.new(new_sale_id(self.wall, self.random.randbytes(10)), "book", 14, home)
        store = self.apis[region].store
        if self.random.random() < 0.3:  # a task of before there were shards: what it recorded is found and published
            old = {**sale.to_attributes(False), UNPROCESSED_ATTRIBUTE: to_attribute(UNPROCESSED)}
            self.sales.at(region).put_item(Item=old)
        store.record(sale)
        self.acknowledged[sale.id] = sale
        self.accepted_in[sale.id] = region
        self.accepted_at[sale.id] = self.now
        return sale

    def publish(self, body: str, source: str) -> None:
        """SNS keeps a message, in the region in which it was published, until the queue of every region has it."""
        subscribed = [region for region in self.regions if region not in self.gone]
        self.topic += [(self.now + self.lag, source, region, body) for region in subscribed]

    def unprocessed(self) -> list[Sale]:
        """By the protocol's own definition: no DONE and not cancelled, or the lake object missing.

        What only a lost region had is not meant.
        """
        left, there = [], [region for region in self.regions if region not in self.gone]
        for sale in self.acknowledged.values():
            done = any(sale.id in self.idempotency.items(region) for region in there)
            kept = any((region, sale.lake_key) in self.lake for region in there)
            cancelled = any(cancelled_id(sale.id) in self.sales.items(region) for region in there)
            known = any(sale.id in self.sales.items(region) for region in there)
            given_up = self.accepted_in[sale.id] in self.lost and not known
            if not (done and kept) and not cancelled and not given_up:
                left.append(sale)
        return left

    def lacking(self) -> list[tuple[str, Sale]]:
        """The lakes that lack the object of a sale that is DONE: of those to which S3 sends it, or at least one; and of
        what a lost region did, each where that is known."""
        there = [region for region in self.regions if region not in self.gone]
        found = []
        for sale in self.acknowledged.values():
            if any(sale.id in self.idempotency.items(region) for region in there):
                without = [region for region in there if (region, sale.lake_key) not in self.lake]
                sources = self.lake_sources.get(sale.lake_key, set())
                known = [region for region in without if self.knows(region, sale)] if sources & self.lost else []
                found += [(region, sale) for region in (without if sources - self.gone or without == there else known)]
        return found

    def knows(self, region: str, sale: Sale) -> bool:
        """Whether a region knows a sale, and that it is DONE."""
        return sale.id in self.idempotency.items(region) and sale.id in self.sales.items(region)

    def heal(self) -> None:
        self.silent_topics.clear()
        self.edge_is_off = False
        self.sick.clear()
        self.dead.clear()
        self.cut.clear()
        self.stuck.clear()
        self.no_operator.clear()


class Replicated:
    """A global table: one copy per region, replicated after the lag, the last writer winning."""

    def __init__(self, world: World, key: str) -> None:
        self.world = world
        self.key = key
        self.copies = {region: Table(key) for region in world.regions}
        self.versions: dict[str, dict[str, tuple[float, int]]] = {region: {} for region in world.regions}
        self.sent: list[tuple[float, str, str, str, Any, tuple[float, int]]] = []
        self._count = itertools.count()
        self._indexes: dict[str, dict[str, dict[str, Any]]] = {region: {} for region in world.regions}
        self._changes: list[tuple[float, str, str]] = []

    def indexed(self, region: str) -> Any:
        """What the indexes of a region's copy have: each write is there a little later."""
        waiting = []
        for change in self._changes:
            due, where, name = change
            if due > self.world.now:
                waiting.append(change)
            elif (item := self.copies[where].items.get(name)) is None:
                self._indexes[where].pop(name, None)
            else:
                self._indexes[where][name] = item
        self._changes = waiting
        return self._indexes[region].values()

    def _changed(self, region: str, name: str) -> None:
        self._changes.append((self.world.now + self.world.random.uniform(0, INDEX_LAG), region, name))

    def at(self, region: str) -> Any:
        """The table as seen through a region's endpoint."""
        if region in self.world.dead | self.world.gone:
            raise Unreachable(region)
        return _Endpoint(self, region)

    def items(self, region: str) -> dict[str, dict[str, Any]]:
        """What a region's copy holds, plain."""
        return self.copies[region].items

    def written(self, region: str, name: str) -> None:
        version = (self.world.now, next(self._count))
        self._changed(region, name)
        self.versions[region][name] = version
        item = self.copies[region].items.get(name)
        due = self.world.now + self.world.lag
        others = (other for other in self.world.regions if other != region)
        self.sent += [(due, region, other, name, item, version) for other in others]

    def replicate(self) -> None:
        waiting = []
        for change in self.sent:
            due, source, target, name, item, version = change
            stuck = frozenset((source, target)) in self.world.stuck
            if due > self.world.now or stuck or not self.world.linked(source, target):
                waiting.append(change)
            elif version > self.versions[target].get(name, (-1.0, -1)):
                self.versions[target][name] = version
                if item is None:
                    self.copies[target].items.pop(name, None)
                else:
                    self.copies[target].items[name] = item
                self._changed(target, name)
        self.sent = waiting


class _Endpoint:
    def __init__(self, table: Replicated, region: str) -> None:
        self.table, self.region = table, region

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            if operation == "query":
                return self.table.copies[self.region].query(self.table.indexed(self.region), **arguments)
            answer = getattr(self.table.copies[self.region], operation)(**arguments)
            if operation not in ("get_item", "scan"):
                named = from_attributes(arguments.get("Item") or arguments["Key"])
                self.table.written(self.region, named[self.table.key])
            return answer

        return call


class Queue:
    """An SQS queue: a received message comes back after its visibility timeout unless it is deleted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.messages: dict[int, dict[str, Any]] = {}
        self.dead_letters: list[str] = []
        self._count = itertools.count()

    def send(self, body: str) -> None:
        self.messages[next(self._count)] = {"body": body, "visible": self.world.now, "receives": 0}

    def receive(self) -> int | None:
        for number, message in self.messages.items():
            if message["visible"] <= self.world.now:
                message["visible"] = self.world.now + VISIBILITY
                message["receives"] += 1
                return number
        return None

    def hide(self, number: int, seconds: float) -> None:
        if number in self.messages:
            self.messages[number]["visible"] = self.world.now + seconds

    def delete(self, number: int) -> None:
        self.messages.pop(number, None)

    def give_up(self, number: int) -> None:
        """Move a message to the dead-letter queue."""
        if number in self.messages:
            self.dead_letters.append(self.messages.pop(number)["body"])

    def redrive(self) -> None:
        """What a person does with the dead-letter queue in the end."""
        while self.dead_letters:
            self.send(self.dead_letters.pop())
