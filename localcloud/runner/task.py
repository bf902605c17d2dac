# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task: what ECS tells of it, and the local processes that its containers are.

A task goes PROVISIONING → PENDING → RUNNING, and DEACTIVATING → STOPPING → DEPROVISIONING → STOPPED when it ends.
State belongs to the scheduler's thread, under the lock; processes are started and asked after without it.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from localcloud.ec2.zones import has_fargate
from localcloud.ports import on_this_machine
from localcloud.runner.addresses import Lease
from localcloud.runner.commands import Place, command_of
from localcloud.runner.container import Command, Container
from localcloud.runner.credentials import issue, withdraw
from localcloud.runner.dependencies import may_start, may_stop
from localcloud.runner.digests import image_digest
from localcloud.runner.execution_role import ExecutionRole, NotAuthorized
from localcloud.runner.file_systems import Mounted
from localcloud.runner.registry import platform_of
from localcloud.runner.start_problems import ImageNotFound, NoFargate
from localcloud.runner.surroundings import Surroundings
from localcloud.runner.volumes import lay_out


class Task:
    """One task. Attributes carry the names of DescribeTasks; those with an underscore are the runner's own."""

    def __init__(
        self,
        backend: Any,
        cluster: Any,
        definition: Any,
        *,
        group: str,
        started_by: str = "",
        subnet: str | None = None,
        network: dict[str, Any] | None = None,
        launch_type: str | None = "FARGATE",
        capacity_provider_name: str | None = None,
        platform_version: str | None = None,
        overrides: dict[str, Any] | None = None,
        tags: list[dict[str, str]] | None = None,
    ):
        now = datetime.now(UTC)
        self.id = uuid.uuid4().hex
        self.cluster_name, self.cluster_arn = cluster.name, cluster.arn
        self.region_name, self._account = backend.region_name, backend.account_id
        self.task_arn = self._arn(f"task/{cluster.name}/{self.id}")
        self.task_definition_arn = definition.arn
        self.last_status, self.desired_status = "PROVISIONING", "RUNNING"
        self.created_at: datetime = now
        self.started_at: datetime | None = None
        self.stopping_at: datetime | None = None
        self.execution_stopped_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.pull_started_at: datetime | None = None
        self.pull_stopped_at: datetime | None = None
        self.connectivity, self.connectivity_at = "CONNECTED", now
        self.stop_code: str | None = None
        self.stopped_reason: str | None = None
        self.group, self.started_by = group, started_by
        self.launch_type = launch_type or ("FARGATE" if capacity_provider_name else None)
        self.capacity_provider_name = capacity_provider_name
        self.platform_version = "1.4.0" if platform_version in (None, "LATEST") else platform_version
        self.platform_family = "Linux"
        self.overrides = {"containerOverrides": [], "inferenceAcceleratorOverrides": [], **(overrides or {})}
        self.cpu, self.memory = (self.overrides.get(kind) or getattr(definition, kind) for kind in ("cpu", "memory"))
        self.tags = list(tags or [])
        self.version = 1
        self.enable_execute_command = False
        self.container_instance_arn: str | None = None
        self.resource_requirements = None
        self.attachments: list[dict[str, Any]] = []
        self.containers = [self._container(*item) for item in enumerate(definition.container_definitions)]

        self._definition = definition
        self._subnet, self._network = subnet, network
        self._lease: Lease | None = None
        self._interface: Any = None
        self._ready_by = 0.0
        self._pulled_by = 0.0
        self._is_ready = False
        self._running_since = 0.0
        self._drained_at = 0.0
        # What containers that have not started yet are started with, by name.
        self._waiting: dict[str, Command] = {}
        # Whether it has begun to leave: no load balancer counts on it any more.
        self.is_leaving = False
        # Whether somebody meant it to end. Otherwise its end is a failure of its deployment, counted once.
        self.expected_to_stop = False
        self.is_judged = False

    def _arn(self, rest: str) -> str:
        return f"arn:{get_partition(self.region_name)}:ecs:{self.region_name}:{self._account}:{rest}"

    def _container(self, number: int, definition: dict[str, Any]) -> Container:
        arn = self._arn(f"container/{self.cluster_name}/{self.id}/{uuid.uuid4()}")
        return Container(
            key=f"{self.id}-{number}",
            name=definition["name"],
            image=definition["image"],
            essential=definition.get("essential", True),
            definition=definition,
            task_arn=self.task_arn,
            container_arn=arn,
            cpu=str(definition.get("cpu", 0)),
            memory=str(definition["memory"]) if definition.get("memory") else None,
        )

    @property
    def health_status(self) -> str:
        """The health of its essential containers that have a check, as DescribeTasks sums it up."""
        found = {c.health_status for c in self.containers if c.is_checked and c.essential}
        if "UNHEALTHY" in found:
            return "UNHEALTHY"
        return "HEALTHY" if found == {"HEALTHY"} else "UNKNOWN"

    @property
    def is_checked(self) -> bool:
        """Whether a container of it has a health check that counts."""
        return any(c.is_checked and c.essential for c in self.containers)

    @property
    def availability_zone(self) -> str:
        if self._subnet:
            return str(ec2_backends[self._account][self.region_name].get_subnet(self._subnet).availability_zone)
        return f"{self.region_name}a"

    @property
    def address(self) -> str:
        return self._lease.address if self._lease else ""

    @property
    def is_live(self) -> bool:
        """Whether it counts as a task of its service: not yet asked to stop."""
        return self.desired_status == "RUNNING" and self.last_status != "STOPPED"

    @property
    def is_starting(self) -> bool:
        """Whether it takes up one of the few places for tasks that start."""
        if self.last_status == "PENDING" and not self._ready_by:
            return not self._pulled_by
        return self.last_status in ("PENDING", "RUNNING") and not self._is_ready and time.monotonic() < self._ready_by

    # Start

    def place(self, around: Surroundings) -> None:
        """PROVISIONING → PENDING: an address, a network interface, log streams. The lock is held.

        Raises:
            Exception: what ECS would refuse to start; the message is the stopped reason.
        """
        subnet = ec2_backends[self._account][self.region_name].get_subnet(self._subnet) if self._subnet else None
        if subnet and self.launch_type != "EC2" and not has_fargate(subnet._availability_zone):
            raise NoFargate
        self._lease = around.addresses.lease(subnet.cidr_block if subnet else "10.255.0.0/24")
        if subnet:
            self._attach(subnet)
        self.last_status = "PENDING"
        self.version += 1

    def _attach(self, subnet: Any) -> None:
        ec2 = ec2_backends[self._account][self.region_name]
        wanted = (self._network or {}).get("awsvpcConfiguration", {})
        self._interface = ec2.create_network_interface(
            subnet=subnet.id,
            private_ip_address=self.address,
            group_ids=wanted.get("securityGroups") or [],
            description=self._arn(f"attachment/{self.id}"),
        )
        self._interface.status = "in-use"
        if wanted.get("assignPublicIp") == "ENABLED":
            # The address at which the task answers, so that whoever is told it can call it.
            self._interface.public_ip = self.address
        attachment = str(uuid.uuid4())
        self.attachments = [
            {
                "id": attachment,
                "type": "ElasticNetworkInterface",
                "status": "ATTACHED",
                "details": [
                    {"name": "subnetId", "value": subnet.id},
                    {"name": "networkInterfaceId", "value": self._interface.id},
                    {"name": "macAddress", "value": self._interface.mac_address},
                    {"name": "privateIPv4Address", "value": self.address},
                ],
            }
        ]
        for container in self.containers:
            container.network_interfaces = [{"attachmentId": attachment, "privateIpv4Address": self.address}]

    def prepare(self, around: Surroundings) -> None:
        """Find out everything the containers' processes need. The lock is held, because backends are read.

        Raises:
            Exception: what ECS would refuse to start; the message is the stopped reason.
        """
        self.pull_started_at = datetime.now(UTC)
        files = lay_out(self._definition, self.directory(around), lambda efs: self._mount(around, efs))
        overrides = self.overrides["containerOverrides"]
        given = self.overrides.get("executionRoleArn") or getattr(self._definition, "execution_role_arn", None)
        role = ExecutionRole(self._account, self.region_name, given, self.id)
        place = Place(
            account=self._account,
            region=self.region_name,
            task_id=self.id,
            address=self.address,
            directory=self.directory(around),
            overrides=overrides,
            execution_role=role,
            access_key=issue(self._account, self.id, self._task_role) if self._task_role else None,
        )
        for container in self.containers:
            try:
                image = around.registry.pull(container.image, role, platform_of(self._definition))
            except (ImageNotFound, NotAuthorized) as error:
                container.reason = str(error)
                raise
            self._waiting[container.name] = command_of(place, around, container, image, files[container.name])
        self.pull_stopped_at = datetime.now(UTC)

    def _mount(self, around: Surroundings, configuration: dict[str, Any]) -> Mounted:
        return around.file_systems.mount(
            self._account, self.region_name, configuration, self._interface, self._task_role
        )

    @property
    def _task_role(self) -> str | None:
        return self.overrides.get("taskRoleArn") or getattr(self._definition, "task_role_arn", None)

    def directory(self, around: Surroundings) -> Path:
        return around.home / "tasks" / self.id

    @property
    def is_waiting(self) -> bool:
        """Whether it has containers that are still to be started."""
        return bool(self._waiting) and self.last_status == "PENDING" and self.desired_status == "RUNNING"

    def launch(self, around: Surroundings) -> bool:
        """Start the containers whose dependencies allow it; returns whether all of them have been started.

        Without the lock: starting takes milliseconds.

        Raises:
            OSError: a process could not be started.
            NeverReady: a container can never start.
        """
        delay = around.options.start_delay
        if delay:
            self._pulled_by = self._pulled_by or time.monotonic() + delay
            if time.monotonic() < self._pulled_by:
                return False
        self._ready_by = self._ready_by or time.monotonic() + around.options.start_patience
        progress = {c.name: c.progress(around.options) for c in self.containers}
        for container in self.containers:
            if container.name in self._waiting and may_start(container.definition, progress):
                container.start(self._waiting.pop(container.name), around.logs, around.options)
                progress[container.name] = container.progress(around.options)
        return not self._waiting

    def started(self, around: Surroundings) -> None:
        """All containers have been started. The lock is held."""
        for container in self.containers:
            container.image_digest = image_digest(container.image)
        self.last_status = "RUNNING"
        self.started_at = datetime.now(UTC)
        self._running_since = time.monotonic()
        self._ready_by = self._running_since + around.options.start_patience
        self.version += 1

    def look(self) -> None:
        """Go on with the containers' health checks, and note once that every port of the task accepts connections."""
        for container in self.containers:
            container.look_health()
        if self._is_ready or self.last_status != "RUNNING":
            return
        # Loopback answers at once.
        for port in [port for container in self.containers if container.is_running for port in container.ports]:
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex((self.address, on_this_machine(port))) != 0:
                    return
        self._is_ready = True

    @property
    def age(self) -> float:
        """Seconds since it runs."""
        return time.monotonic() - self._running_since if self._running_since else 0.0

    @property
    def serves(self) -> bool:
        """Whether its ports answer, as far as the runner knows."""
        return self._is_ready

    # End

    def ask_to_stop(self, reason: str, code: str, *, expected: bool = False) -> None:
        """Begin the end; the first reason stands. `expected`: somebody wants it so. The lock is held."""
        if self.desired_status == "STOPPED":
            return
        self.desired_status = "STOPPED"
        self.stop_code, self.stopped_reason = code, reason
        self.expected_to_stop = expected
        self.stopping_at = datetime.now(UTC)
        self._note_the_end()
        self.version += 1

    def leave(self, drain: float) -> None:
        """Go on to the end; first wait `drain` seconds, in which load balancers stop asking. The lock is held."""
        self.is_leaving = True
        self._drained_at = time.monotonic() + drain
        self.last_status = "DEACTIVATING" if drain else "STOPPING"
        self.version += 1

    def exited(self) -> list[Container]:
        """Containers whose processes have ended since the last look."""
        return [container for container in self.containers if container.look_exit()]

    def advance_stop(self, around: Surroundings) -> None:
        """Take a task that leaves one step further. The lock is held; nothing here waits."""
        self.exited()
        if self.last_status == "DEPROVISIONING":
            self._deprovision(around)
            return
        if self.last_status == "DEACTIVATING" and time.monotonic() >= self._drained_at:
            self.last_status = "STOPPING"
        if self.last_status != "STOPPING":
            return
        running = {container.name: container.definition for container in self.containers if container.is_running}
        for container in self.containers:
            # Whoever depends on a container ends before it.
            if container.is_running and may_stop(container.name, running):
                container.advance_stop()
        if not running:
            self._note_the_end()
            self.last_status = "DEPROVISIONING"
            self.version += 1

    def _note_the_end(self) -> None:
        """Remember when the last container had ended, some time before the task is STOPPED."""
        if self.execution_stopped_at is None and not any(container.is_running for container in self.containers):
            self.execution_stopped_at = datetime.now(UTC)

    def kill(self) -> None:
        """End the processes at once, whatever state the task is in."""
        for container in self.containers:
            container.send(signal.SIGKILL)
            container.end_check()

    def _deprovision(self, around: Surroundings) -> None:
        if self._interface is not None:
            ec2 = ec2_backends[self._account][self.region_name]
            with contextlib.suppress(Exception):
                ec2.delete_network_interface(self._interface.id)
            self._interface = None
        for attachment in self.attachments:
            attachment["status"] = "DELETED"
        for container in self.containers:
            container.last_status = "STOPPED"
        if self._lease:
            self._lease.release()
        withdraw(self.id)
        self.last_status = "STOPPED"
        self.stopped_at = datetime.now(UTC)
        self.version += 1
        shutil.rmtree(self.directory(around), ignore_errors=True)
