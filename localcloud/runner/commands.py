# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the process of a container is started with: its words, its environment, its files, its log."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.home import environment as mark
from localcloud.ports import FIRST_FREE, MOVED_BY
from localcloud.runner.container import Command, Container
from localcloud.runner.credentials import TASK_SECRET_KEY
from localcloud.runner.execution_role import ExecutionRole
from localcloud.runner.images import Image
from localcloud.runner.logs import open_stream
from localcloud.runner.secrets import Reader
from localcloud.runner.surroundings import Surroundings
from localcloud.runner.volumes import Files

INSIDE = Path(__file__).resolve().parent / "inside"
"""What makes localhost in a process mean its task."""


@dataclass(frozen=True)
class Place:
    """Where a task is: its region and address, its directory, and what its caller overrides in its containers.

    `execution_role` is the one with which ECS prepares it, `access_key` that of its task role, None if it has none.
    """

    account: str
    region: str
    task_id: str
    address: str
    directory: Path
    overrides: list[dict[str, Any]]
    execution_role: ExecutionRole
    access_key: str | None = None

    def override(self, container: str) -> dict[str, Any]:
        """What RunTask's caller wants otherwise in one container."""
        return next((each for each in self.overrides if each.get("name") == container), {})


def command_of(place: Place, around: Surroundings, container: Container, image: Image, files: Files) -> Command:
    """Find out what a container's process is started with. The lock is held, because backends are read.

    Raises:
        SecretNotFound: a secret cannot be read.
        NoLogGroup: the log group does not exist and may not be made.
        NotAuthorized: the execution role may not write the log.
    """
    override = place.override(container.name)
    definition = container.definition
    programs = place.directory / "programs" / container.name
    image.install(programs)
    files.root.mkdir(parents=True, exist_ok=True)
    reader = Reader(place.execution_role)
    variables = {
        **image.environment,
        **_injected(place, around),
        "HOME": str(files.root),
        "ECS_CONTAINER_METADATA_URI_V4": f"{around.options.endpoint}/_localcloud/metadata/{container.key}",
        **{item["name"]: item["value"] for item in definition.get("environment") or []},
        **reader.values(definition.get("secrets") or []),
        **{item["name"]: item["value"] for item in override.get("environment") or []},
    }
    variables["PATH"] = f"{programs}:{variables['PATH']}"
    variables["PYTHONPATH"] = ":".join(filter(None, [str(INSIDE), variables.get("PYTHONPATH")]))
    if files.read_only:
        variables["LOCALCLOUD_READ_ONLY"] = ":".join(map(str, files.read_only))
    words = image.argv(
        place.address, definition.get("entryPoint"), override.get("command") or definition.get("command")
    )
    stream = open_stream(place.execution_role, definition)
    directory = image.directory or files.root
    return Command([files.fill(word) for word in words], variables, directory, place.address, stream)


def _injected(place: Place, around: Surroundings) -> dict[str, str]:
    """What a container finds in its environment on Fargate, though no task definition says it."""
    endpoint = around.options.endpoint
    key = place.access_key
    credentials = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": TASK_SECRET_KEY} if key else {}
    return {
        **mark(around.home, "task"),
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOSTNAME": f"ip-{place.address.replace('.', '-')}.{place.region}.compute.internal",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_REGION": place.region,
        "AWS_DEFAULT_REGION": place.region,
        "AWS_ENDPOINT_URL": endpoint,
        **credentials,
        "AWS_EC2_METADATA_DISABLED": "true",
        # For inside/sitecustomize.py.
        "LOCALCLOUD_TASK_ADDRESS": place.address,
        "LOCALCLOUD_AWS": endpoint,
        "LOCALCLOUD_DOOR": around.options.door,
        "LOCALCLOUD_LOW_PORTS": f"{FIRST_FREE}:{MOVED_BY}",
    }
