# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's own code of the tasks of a region, on the simulated world: what an API records and publishes, and the
steady pass of a worker.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sales_api.store import SaleStore
from sales_common.settings import ApiSettings, ViewSettings, WorkerSettings
from sales_worker.steady import SteadyPass
from tests.unit.protocol.dynamodb import Refused

if TYPE_CHECKING:
    from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import Reader
    from tests.unit.protocol.world import World

STEADY_SECONDS = 60.0
"""Between two steady passes: worlds last for minutes."""


class TaskAws:
    """AWS as a task of a region reaches it: the tables, the topic and the queue of its own region."""

    def __init__(self, world: World, region: str) -> None:
        self.world, self.region = world, region

    def client(self, service: str, *_patience: Any, **_options: Any) -> _TaskClient:
        return _TaskClient(self.world, self.region, service)


class _TaskClient:
    exceptions = SimpleNamespace(ConditionalCheckFailedException=Refused)

    def __init__(self, world: World, region: str, service: str) -> None:
        self.world, self.region, self.service = world, region, service

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            if self.service == "dynamodb":
                if operation == "batch_get_item":
                    return self.world.batch_get(self.region, arguments["RequestItems"])
                table = self.world.table(arguments["TableName"])
                return getattr(table.at(self.region), operation)(**arguments)
            return self._send(operation, arguments)

        return call

    def _send(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A message goes to the topic, or into the queue. The call may be lost on its way, or its answer may be."""
        world = self.world
        fails = self.region in world.silent_topics or world.random.random() < world.unsure
        arrives = not fails or (self.region not in world.silent_topics and world.random.random() < 0.5)
        if arrives and operation == "publish":
            world.publish(arguments["Message"], self.region)
        elif arrives:
            for entry in arguments["Entries"]:
                world.queues[self.region].send(entry["MessageBody"])
        if fails:
            told = {"Error": {"Code": "InternalError", "Message": "ill"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
            raise ClientError(told, operation)
        return {}


class Silence:
    """A log that nobody reads."""

    def __getattr__(self, _level: str) -> Any:
        return lambda *_event, **_fields: None


class Api:
    """The tasks of a region's API. What they recorded and could not publish yet dies with them."""

    def __init__(self, world: World, region: str) -> None:
        self.world, self.region = world, region
        self.die()

    def die(self) -> None:
        """They are killed, and others take their place."""
        settings = ApiSettings(_view(self.region), "topic", "sales", 1)
        self.store = SaleStore(TaskAws(self.world, self.region), settings, Silence())

    def publish_waiting(self) -> None:
        self.store.unpublished.publish_waiting()


def steady_pass(world: World, region: str, reader: Reader) -> SteadyPass:
    """One worker's part in it; `bring_back` takes a turn, if there is one to take."""
    settings = WorkerSettings(
        _view(region), "queue", "sales", "sales-idempotency", "lake", 20.0, 0, 1, steady_seconds=STEADY_SECONDS
    )
    view = SimpleNamespace(look=lambda: (reader.map, reader.may_claim(world.now), ""))
    return SteadyPass(TaskAws(world, region), settings, view, Silence(), lambda: world.wall)


def _view(region: str) -> ViewSettings:
    return ViewSettings(region, "parameter", "states", (), 10.0, 1.0, 120.0)
