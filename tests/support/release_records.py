# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded of deployments in the lease table in moto; a signal to the run under way, and one that is killed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes
from tests.support.aws_clients import ACCOUNT, aws_client
from tests.support.deployed_regions import Killed, World
from tests.support.workload_tables import Workload

BUILT = {
    "deployment": None,
    "services": {name: {"images": {name: f"shop/{name}:v1"}, "digests": {}} for name in ("api", "worker")},
}
"""The release in a region to which nothing was deployed yet: what it was built with."""


def _table() -> Any:
    return dynamodb_backends[ACCOUNT]["us-east-2"].tables["sales-lease"]


def items(prefix: str) -> list[dict[str, Any]]:
    """Read past DynamoDB's API, whose answers take moto a while."""
    found = [from_attributes(item.to_json()["Attributes"]) for item in _table().all_items()]
    return sorted((each for each in found if each["id"].startswith(prefix)), key=lambda each: each["id"])


class Moment:
    """A workload and all that is recorded of it, to which a test can return."""

    def __init__(self, world: World) -> None:
        self._world, self._regions, self._items = world, deepcopy(_kept(world)), deepcopy(_table().items)

    def restore(self) -> None:
        for region, kept in deepcopy(self._regions).items():
            vars(self._world.regions[region]).update(kept)
        _table().items = deepcopy(self._items)


def _kept(world: World) -> dict[str, dict[str, Any]]:
    names = ("services", "definitions", "jobs")
    return {region: {name: getattr(made, name) for name in names} for region, made in world.regions.items()}


def entries() -> list[dict[str, Any]]:
    return items("deployment#")


def release() -> dict[str, Any]:
    (found,) = items("release")
    return found["regions"]


def is_settled(world: World, tables: Workload) -> bool:
    lease = tables.lease()
    return (
        (lease["plan"], lease["holder"], lease["epoch"]) == (None, "", 1)
        and lease["map"]["states"] == world.states
        # The next run of site.yml compares with the latest revision.
        and all(runs == latest for runs, latest in world.latest())
    )


def signal_cancel(tables: Workload) -> None:
    signal = {"id": {"S": "signal"}, "signal": {"S": "cancel"}}
    generation = {"generation": {"N": str(tables.lease()["generation"])}}
    aws_client("dynamodb", "us-east-2").put_item(TableName="sales-lease", Item={**signal, **generation})


def killed_after(world: World, writes: int, **asked: Any) -> bool:
    """Whether a run was killed after so many writes; it ends before otherwise."""
    world.left = writes
    try:
        world.deploy(**asked)
    except Killed:
        return True
    except CollectionError as error:
        return isinstance(error.__cause__, Killed) or world.left < 0
    finally:
        world.left = float("inf")
    return False
