# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS as one operator reaches it: the calls of a switch, answered by the simulated world or by nobody.

Before each call the operator may be interrupted. A call may fail, or be done while its answer is lost; the SDK may then
have repeated it. Every change to what regions believe is shown to the referee.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud
from tests.unit.protocol.dynamodb import Refused
from tests.unit.protocol.fibers import Fiber, Killed
from tests.unit.protocol.world import EDGE, LEASE_REGIONS, PARAMETER, STATE_TABLE, World

ACCOUNT = "123456789012"
LEASE_TABLE = "sales-lease"
MISHAPS = ("throttled", "lost", "twice", "sick")
SICK_SHARE = 0.7
FAULTS = (("InternalServerError", 500), ("InternalServiceErrorException", 400), ("502", 502), ("503", 503), ("", 504))
"""Code and status: of the service itself, and of what stands before it."""


class SimulatedCloud(Cloud):
    """Clients of one operator's run. `watch` is told of each write: kind, region, what, whether the SDK repeats it."""

    def __init__(self, fiber: Fiber, watch: Callable[..., None], params: dict[str, Any], mishaps: float) -> None:
        self.fiber, self.world, self.watch = fiber, fiber.world, watch
        self.params, self.wait, self.wait_timeout = params, True, 60.0
        self.tell = lambda line: None
        self.calls = Counter()
        self.lost_answers = 0
        self._account = ACCOUNT
        self._parent = os.getppid()
        self.heed = lambda: None
        self.region = params["region"]
        self.mishaps = mishaps
        self.next_mishap: str | None = None

    def client(self, service: str, region: str | None = None, **config: Any) -> SimulatedClient:
        return SimulatedClient(self, service, region or self.region, config)

    def paginate(
        self, service: str, operation: str, region: str | None = None, *, limits: Any = None, **arguments: Any
    ) -> list[Any]:
        (items,) = getattr(self.client(service, region, **(limits or {})), operation)(**arguments).values()
        return items


class SimulatedClient:
    exceptions = SimpleNamespace(ParameterAlreadyExists=type("ParameterAlreadyExists", (Exception,), {}))

    def __init__(self, cloud: SimulatedCloud, service: str, region: str, config: dict[str, Any]) -> None:
        self.cloud, self.service, self.region = cloud, service, region
        self.attempts = config.get("retries", {}).get("total_max_attempts", 2)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            return self._call(operation, arguments)

        return call

    def _call(self, operation: str, arguments: dict[str, Any]) -> Any:
        cloud, world, fiber = self.cloud, self.cloud.world, self.cloud.fiber
        fiber.stop()
        if not self._is_reached():
            fiber.sleep(3.0 * self.attempts)
            raise ConnectTimeoutError(endpoint_url=f"https://{self.service}.{self.region}.example")
        mishap, cloud.next_mishap = cloud.next_mishap, None
        place = EDGE if self.service == "globalaccelerator" else self.region
        if place in world.sick and world.random.random() < SICK_SHARE:
            mishap = "sick"
        if mishap is None and world.random.random() < cloud.mishaps:
            mishap = world.random.choice(MISHAPS)
        if mishap == "throttled":
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, operation)
        if operation == "put_item" and arguments["TableName"] == LEASE_TABLE and world.random.random() < 0.02:
            raise ClientError({"Error": {"Code": "ReplicatedWriteConflictException", "Message": "later"}}, operation)
        if mishap == "sick":
            if world.random.random() < 0.5:
                self._do(operation, arguments)
            code, status = world.random.choice(FAULTS)
            said = {"Error": {"Code": code, "Message": "ill"}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(said, operation)
        answer = self._do(operation, arguments)
        if mishap == "dies":
            fiber.killed = True
            raise Killed
        if mishap in ("lost", "twice") and not operation.startswith(("batch_get", "describe", "get", "list", "scan")):
            cloud.lost_answers += 1
        if mishap == "lost":
            fiber.sleep(5.0)
            raise ReadTimeoutError(endpoint_url=f"https://{self.service}.{self.region}.example")
        if mishap == "twice":
            fiber.sleep(5.0)
            answer = self._do(operation, arguments, again=True)
        return answer

    def _is_reached(self) -> bool:
        if self.service == "globalaccelerator":  # whose control plane is not the workload's
            return not self.cloud.world.edge_is_off
        return self.cloud.world.operator_reaches(self.region)

    def _do(self, operation: str, arguments: dict[str, Any], again: bool = False) -> Any:
        def watch(kind: str, region: str, what: Any) -> None:
            self.cloud.watch(kind, region, what, again)

        try:
            return getattr(self, f"_{self.service.replace('-', '_')}")(self.cloud.world, operation, arguments, watch)
        except Refused as error:
            raise ClientError(error.response, operation) from error

    def _dynamodb(self, world: World, operation: str, arguments: dict[str, Any], watch: Callable[..., None]) -> Any:
        if operation == "batch_get_item":
            return world.batch_get(self.region, arguments["RequestItems"])
        name = arguments["TableName"]
        weak = operation in ("get_item", "scan") and not arguments.get("ConsistentRead")
        if weak and name in (LEASE_TABLE, STATE_TABLE):
            watch("weak read", self.region, name)
        if name == LEASE_TABLE:
            assert self.region in LEASE_REGIONS
            before = world.lease.items.get("lease")
            answer = getattr(world.lease, operation)(**arguments)
            if world.lease.items.get("lease") is not before:
                watch("lease", self.region, (before, world.lease.items.get("lease")))
            return answer
        table = world.table(name)
        answer = getattr(table.at(self.region), operation)(**arguments)
        if table is world.states and operation == "put_item":
            watch("state", self.region, world.states.items(self.region)[self.region])
        return {**answer, "ResponseMetadata": {"HTTPHeaders": {"date": formatdate(world.wall, usegmt=True)}}}

    def _ssm(self, world: World, operation: str, arguments: dict[str, Any], watch: Callable[..., None]) -> Any:
        values = world.parameters[self.region]
        if operation == "get_parameter":
            return {"Parameter": {"Name": arguments["Name"], "Value": values[arguments["Name"]]}}
        if operation == "get_parameters":
            found = [{"Name": n, "Value": values[n]} for n in arguments["Names"] if n in values]
            return {"Parameters": found}
        if operation == "list_tags_for_resource":
            return {"TagList": [{"Key": k, "Value": v} for k, v in tags(self.region).items()]}
        if arguments["Name"] == PARAMETER:
            watch("copy", self.region, arguments.get("Value"))
        if operation == "delete_parameter":
            values.pop(arguments["Name"], None)
            return {}
        assert operation == "put_parameter", operation
        if arguments["Name"] == PARAMETER and arguments["Value"] == "ACTIVE":
            world.closed.discard(self.region)  # a switch sees to it that what takes over has its tasks
        values[arguments["Name"]] = arguments["Value"]
        return {}

    def _sns(self, world: World, operation: str, arguments: dict[str, Any], _watch: Callable[..., None]) -> Any:
        assert operation == "publish_batch", operation
        for entry in arguments["PublishBatchRequestEntries"]:
            world.publish(entry["Message"], self.region)
        return {"Failed": []}

    def _s3(self, world: World, operation: str, arguments: dict[str, Any], _watch: Callable[..., None]) -> Any:
        if operation == "list_objects_v2":
            return {"Contents": [{"Key": key} for region, key in world.lake if region == self.region]}
        assert (operation, arguments["IfNoneMatch"]) == ("put_object", "*")
        if (self.region, arguments["Key"]) in world.lake:
            raise Refused("PreconditionFailed")
        world.put_object(self.region, arguments["Key"], arguments["Body"])
        return {}

    def _ecs(self, world: World, operation: str, arguments: dict[str, Any], _watch: Callable[..., None]) -> Any:
        """The services of a region. Its API accepts sales unless it is at zero, and is no reader."""
        running = [task for task, region in world.tasks.items() if region == self.region]
        if operation == "update_service":
            world.closed.add(self.region)
            world.apis[self.region].die()
        if operation == "list_tasks":
            listed = arguments.get("desiredStatus", "RUNNING") == "RUNNING" and "serviceName" not in arguments
            return {"taskArns": running if listed else []}
        count = 0 if self.region in world.closed else 1
        return {
            "describe_services": lambda: {
                "services": [
                    {"serviceName": name, "status": "ACTIVE", "desiredCount": count} for name in arguments["services"]
                ]
            },
            "describe_tasks": lambda: {
                "tasks": [
                    {
                        "taskArn": task,
                        "lastStatus": "RUNNING" if task in running else "STOPPED",
                        "group": "service:worker",
                    }
                    for task in arguments["tasks"]
                ],
                "failures": [],
            },
            "update_service": lambda: {},
        }[operation]()

    def _application_autoscaling(self, _world: World, operation: str, *_others: Any) -> Any:
        assert operation == "describe_scalable_targets", operation
        return {"ScalableTargets": []}

    def _globalaccelerator(
        self, world: World, operation: str, arguments: dict[str, Any], watch: Callable[..., None]
    ) -> Any:
        accelerator = {"AcceleratorArn": "accelerator", "Name": "sales", "DnsName": "door", "Status": "DEPLOYED"}
        if operation == "update_endpoint_group":
            region = arguments["EndpointGroupArn"]
            watch("dial", region, arguments["TrafficDialPercentage"])
            world.dials[region] = arguments["TrafficDialPercentage"]
        return {
            "list_accelerators": lambda: {"Accelerators": [dict(accelerator)]},
            "list_tags_for_resource": lambda: {"Tags": [{"Key": "workload", "Value": "sales"}]},
            "list_listeners": lambda: {"Listeners": [{"ListenerArn": "accelerator/listener/1"}]},
            "list_endpoint_groups": lambda: {
                "EndpointGroups": [
                    {"EndpointGroupArn": region, "EndpointGroupRegion": region, "TrafficDialPercentage": dial}
                    for region, dial in world.dials.items()
                ]
            },
            "describe_accelerator": lambda: {"Accelerator": accelerator},
            "update_endpoint_group": lambda: {},
        }[operation]()


def tags(region: str) -> dict[str, str]:
    return {"workload": "sales", "region": region}
