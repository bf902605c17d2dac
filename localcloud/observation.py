# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an onlooker sees of this world, without any call to AWS: also of a region that is dead, silent or throttled.

For drills and their charts, which must not add to what they measure and must go on seeing while regions fail.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends
from moto.ssm.models import ssm_backends

from localcloud.dispatch import credential_of
from localcloud.dynamodb.membership import NEVER
from localcloud.dynamodb.table import Table
from localcloud.faults import GLOBAL_SERVICES, TASK_KEY_PREFIX
from localcloud.globalaccelerator.models import globalaccelerator_backends
from localcloud.http_server import Request
from localcloud.options import ACCOUNT_ID
from localcloud.runner.scheduler import backends as ecs_backends
from localcloud.world import WORLD

CALLS: Counter[str] = Counter()
"""Calls to AWS since the start, by who signed them: "tasks", or "operators" (everybody else)."""

ASKED: Counter[str] = Counter()
"""Operators' calls since the start, by the region whose endpoint was asked. A global service is none of a region's."""


def count_call(request: Request) -> None:
    """Remember that an AWS call arrived, whatever becomes of it."""
    key, service, region = credential_of(request)
    by_task = key.startswith(TASK_KEY_PREFIX)
    CALLS["tasks" if by_task else "operators"] += 1
    if region and not by_task and service not in GLOBAL_SERVICES:
        ASKED[region] += 1


def observe(table: str, parameter: str) -> dict[str, Any]:
    """The moment as a whole. The lock is held.

    time: unix seconds.  items: region → items of `table` there, as DynamoDB writes them.  parameters: region → value of
    the SSM `parameter`.  queues: region → queue → {"visible", "hidden"}.  dials: region → percent.  tasks: those that
    run, {"region", "service", "id", "address"}.  calls, asked: see CALLS and ASKED.  faults: as
    /_localcloud/faults tells them.
    """
    return {
        "time": time.time(),
        "items": {region: items_of(region, table) for region in _regions_with(table)},
        "parameters": _parameters(parameter),
        "queues": _queues(),
        "dials": _dials(),
        "tasks": _tasks(),
        "calls": dict(CALLS),
        "asked": dict(ASKED),
        "faults": WORLD.faults.describe(),
    }


def items_of(region: str, table: str) -> list[dict[str, Any]]:
    """Every item of one region's replica."""
    found = _table(region, table)
    return [item.to_json()["Attributes"] for item in found.all_stored()] if found else []


def keys_of(region: str, table: str) -> list[str]:
    """The hash keys of one region's replica."""
    found = _table(region, table)
    return [str(item.hash_key.value) for item in found.all_stored()] if found else []


def written_at(table: str) -> dict[str, dict[str, float]]:
    """Region → hash key → when the version that its replica holds was written, wherever that was (unix seconds)."""
    found = {region: _table(region, table) for region in _regions_with(table)}
    return {
        region: {str(key[0].value): version[0] for key, version in replica.versions.items() if version != NEVER}
        for region, replica in found.items()
        if isinstance(replica, Table)
    }


def bucket_named(name: str) -> Any:
    """A bucket of any partition, as moto keeps it; None if there is none."""
    backends = list(s3_backends[ACCOUNT_ID].values())
    return next((backend.buckets[name] for backend in backends if name in backend.buckets), None)


def objects_of(bucket: str) -> list[dict[str, Any]]:
    """Every version of every object of a bucket: key, version, etag, written (unix seconds), replica (whether it came
    from another bucket)."""
    found = bucket_named(bucket)
    if found is None:
        return []
    return [
        {
            "key": version.name,
            "version": version.version_id,
            "etag": version.etag,
            "written": version.last_modified.timestamp(),
            "replica": getattr(version, "replication_status", "") == "REPLICA",
        }
        for name in found.keys
        for version in found.keys.getlist(name)
        if hasattr(version, "etag")
    ]


def _table(region: str, table: str) -> Any:
    return dynamodb_backends[ACCOUNT_ID][region].tables.get(table)


def _regions_with(table: str) -> list[str]:
    return [region for region, backend in list(dynamodb_backends[ACCOUNT_ID].items()) if table in backend.tables]


def _parameters(name: str) -> dict[str, str]:
    found = {}
    for region, backend in list(ssm_backends[ACCOUNT_ID].items()):
        if name in backend._parameters:
            found[region] = str(backend._parameters[name][-1].value)
    return found


def _queues() -> dict[str, dict[str, dict[str, int]]]:
    return {
        region: {
            name: {
                "visible": int(queue.approximate_number_of_messages),
                "hidden": int(queue.approximate_number_of_messages_not_visible),
            }
            for name, queue in backend.queues.items()
        }
        for region, backend in list(sqs_backends[ACCOUNT_ID].items())
        if backend.queues
    }


def _dials() -> dict[str, float]:
    return {
        group.region: group.dial
        for backend in list(globalaccelerator_backends[ACCOUNT_ID].values())
        for accelerator in backend.accelerators.values()
        for listener in accelerator.listeners.values()
        for group in listener.groups.values()
    }


def _tasks() -> list[dict[str, str]]:
    return [
        {
            "region": task.region_name,
            "service": task.group.partition(":")[2],
            "id": task.id,
            "address": task.address,
        }
        for backend in ecs_backends()
        for task in backend.all_tasks()
        if task.address and task.last_status == "RUNNING"
    ]
