# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A replica is known through its replication only: wherever a removal is cut off, the next one finds it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import ChangeFailed, CollectionError, Resource
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.execute import carry_out
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.plan import make_plan
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.efs_with_sg.removal import removal
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.file_system import FileSystem
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.file_system_listing import (
    REPLICA_TAG,
    FileSystemListing,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.file_system_replication import (
    FileSystemReplication,
)

HERE, THERE = "sa-east-1", "us-east-1"
NAME = "goals-db"
SOURCE, REPLICA = "fs-00000001", "fs-0000000a"
TAGS = {"workload": "goals", "region": THERE}
LOOKS = 2
"""How many looks something that ends is still seen."""


class Killed(BaseException):
    """The run is over, at once."""


class Efs:
    """File systems in two regions, replications, and the moment at which the run that talks to it is killed."""

    wait = True

    def __init__(self) -> None:
        self.systems: dict[str, dict[str, Any]] = {}
        self.replications: dict[str, dict[str, Any]] = {}
        self.left: int | None = None
        self.refused: set[str] = set()
        self.silent: set[str] = set()
        self.told: list[str] = []
        self.add(SOURCE, HERE)

    def add(self, identifier: str, region: str) -> None:
        arn = f"arn:aws:elasticfilesystem:{region}:123456789012:file-system/{identifier}"
        modes = {"PerformanceMode": "generalPurpose", "LifeCycleState": "available"}
        told = {"FileSystemId": identifier, "FileSystemArn": arn, "CreationToken": NAME, "Tags": [], **modes}
        self.systems[identifier] = {"region": region, "told": told, "looks": LOOKS}

    def replicate(self, identifier: str = REPLICA) -> None:
        self.add(identifier, THERE)
        destination = {"Region": THERE, "FileSystemId": identifier, "Status": "ENABLED"}
        told = {"SourceFileSystemId": SOURCE, "Destinations": [destination]}
        self.replications[SOURCE] = {"told": told, "looks": LOOKS}

    def tags(self, identifier: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.systems[identifier]["told"]["Tags"]}

    def tell(self, line: str) -> None:
        self.told.append(line)

    def client(self, service: str, region: str) -> Any:
        assert service == "efs"
        return SimpleNamespace(
            **{name: self._counted(name, region) for name in dir(self) if name.startswith(("describe_", "delete_"))},
            tag_resource=self._counted("tag_resource", region),
            untag_resource=self._counted("untag_resource", region),
        )

    def _counted(self, name: str, region: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            if region in self.silent:
                raise EndpointConnectionError(endpoint_url=region)
            if f"{region}.{name}" in self.refused:
                raise error("AccessDeniedException")
            if self.left == 0:
                raise Killed
            answer = getattr(self, name)(region, **arguments)
            if self.left is not None:
                self.left -= 1
            return answer

        return call

    def paginate(self, *_question: Any, **_arguments: Any) -> list[Any]:
        return []

    lost_answers = 0

    def has_parent(self) -> bool:
        return True

    def wait_until(self, what: str, ready: Callable[[], Any], timeout: float | None = None) -> Any:
        return next(answer for answer in (ready() for _ in range(10 * LOOKS)) if answer)

    def _system(self, region: str, identifier: str) -> dict[str, Any]:
        system = self.systems.get(identifier)
        if system is None or system["region"] != region:
            raise error("FileSystemNotFound")
        return system

    def describe_file_systems(self, region: str, **which: str) -> Any:
        if "CreationToken" in which:
            return {"FileSystems": [s["told"] for s in self.systems.values() if s["region"] == region]}
        system = self._system(region, which["FileSystemId"])
        if system["told"]["LifeCycleState"] == "deleting":
            system["looks"] -= 1
            if not system["looks"]:
                del self.systems[which["FileSystemId"]]
        return {"FileSystems": [system["told"]]}

    def describe_replication_configurations(self, region: str, FileSystemId: str) -> Any:
        replication = self.replications.get(FileSystemId)
        if replication is None:
            raise error("ReplicationNotFound")
        if replication["told"]["Destinations"][0]["Status"] == "DELETING":
            replication["looks"] -= 1
            if not replication["looks"]:
                del self.replications[FileSystemId]
        return {"Replications": [replication["told"]]}

    def delete_replication_configuration(self, region: str, SourceFileSystemId: str) -> None:
        self.replications[SourceFileSystemId]["told"]["Destinations"][0]["Status"] = "DELETING"

    def delete_file_system(self, region: str, FileSystemId: str) -> None:
        destinations = [r["told"]["Destinations"][0]["FileSystemId"] for r in self.replications.values()]
        if FileSystemId in destinations or FileSystemId in self.replications:
            raise error("FileSystemInUse")
        self._system(region, FileSystemId)["told"]["LifeCycleState"] = "deleting"

    def tag_resource(self, region: str, ResourceId: str, Tags: list[dict[str, str]]) -> None:
        told = {**self.tags(ResourceId), **{tag["Key"]: tag["Value"] for tag in Tags}}
        self._system(region, ResourceId)["told"]["Tags"] = [{"Key": k, "Value": v} for k, v in told.items()]

    def untag_resource(self, region: str, ResourceId: str, TagKeys: list[str]) -> None:
        told = {key: value for key, value in self.tags(ResourceId).items() if key not in TagKeys}
        self._system(region, ResourceId)["told"]["Tags"] = [{"Key": k, "Value": v} for k, v in told.items()]


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


def listing(efs: Any) -> FileSystemListing:
    return FileSystemListing(efs, HERE, NAME, workload="goals", group=f"{NAME}-efs")


def carried_out(efs: Any, resources: list[Resource]) -> list[tuple[str, str]]:
    plan = make_plan(efs, resources)
    carry_out(efs, plan)
    return [(change.action, change.resource.kind) for change in plan.changes]


def remove(efs: Any) -> list[tuple[str, str]]:
    return carried_out(efs, removal({"name": NAME, "delete_data": True}, listing(efs), efs))


def end_only(efs: Any) -> list[tuple[str, str]]:
    """What `replicate_to: none` does."""
    return carried_out(efs, [FileSystemReplication(NAME, HERE, listing=listing(efs), state="absent")])


def removed_until(efs: Efs, calls: int) -> bool:
    """Whether a removal came to its end within so many calls; otherwise it was killed then."""
    efs.left = calls
    try:
        remove(efs)
    except (Killed, ChangeFailed):
        return False
    finally:
        efs.left = None
    return True


def test_a_removal_that_is_killed_anywhere_is_completed_by_the_next() -> None:
    for calls in itertools.count():
        efs = Efs()
        efs.replicate()
        is_done = removed_until(efs, calls)
        assert SOURCE in efs.systems or REPLICA not in efs.systems, f"killed after {calls} calls it is orphaned"
        remove(efs)
        assert not efs.replications, calls
        assert {system["told"]["LifeCycleState"] for system in efs.systems.values()} <= {"deleting"}, calls
        if is_done:
            break
    assert calls > 10
    assert not efs.systems


def test_a_replication_that_somebody_else_ends_does_not_hide_the_replica() -> None:
    for calls in itertools.count():
        efs = Efs()
        efs.replicate()
        efs.delete_replication_configuration(HERE, SOURCE)
        is_done = removed_until(efs, calls)
        remove(efs)
        assert {system["told"]["LifeCycleState"] for system in efs.systems.values()} <= {"deleting"}, calls
        if is_done:
            break


def test_the_source_stays_as_long_as_the_replica_cannot_be_removed() -> None:
    efs = Efs()
    efs.replicate()
    efs.refused = {f"{THERE}.delete_file_system"}
    with pytest.raises(ChangeFailed, match="AccessDenied"):
        remove(efs)
    assert efs.tags(SOURCE) == {REPLICA_TAG: f"{THERE}/{REPLICA}"}
    assert efs.systems.keys() == {SOURCE, REPLICA}
    efs.refused = set()
    assert remove(efs) == [("delete", "efs_file_system_replica"), ("delete", "efs_file_system")]
    assert not efs.systems


def test_a_second_replica_does_not_make_the_first_forgotten() -> None:
    efs = Efs()
    efs.replicate()
    efs.refused = {f"{THERE}.delete_file_system"}
    with pytest.raises(ChangeFailed):
        remove(efs)
    efs.replicate("fs-0000000b")
    with pytest.raises(ChangeFailed):
        remove(efs)
    assert efs.tags(SOURCE) == {REPLICA_TAG: f"{THERE}/{REPLICA} {THERE}/fs-0000000b"}
    efs.refused = set()
    remove(efs)
    assert not efs.systems


@pytest.mark.parametrize("ended", [False, True])
def test_a_replica_that_shall_stay_is_forgotten(ended: bool) -> None:
    efs = Efs()
    efs.replicate()
    efs.tag_resource(HERE, SOURCE, [{"Key": REPLICA_TAG, "Value": f"{THERE}/{REPLICA}"}])
    if ended:
        del efs.replications[SOURCE]
    assert end_only(efs) == [("delete", "efs_replication")]
    assert end_only(efs) == []
    assert efs.tags(SOURCE) == {} and not efs.replications
    remove(efs)
    assert efs.systems.keys() == {REPLICA}


def test_the_memory_of_a_replica_is_no_tag_of_the_user() -> None:
    efs = Efs()
    efs.tag_resource(HERE, SOURCE, [{"Key": REPLICA_TAG, "Value": f"{THERE}/{REPLICA}"}, {"Key": "a", "Value": "b"}])
    system = FileSystem(NAME, HERE, listing=listing(efs), state="absent")
    assert FileSystem.find(efs, HERE, [system], {})[NAME]["tags"] == {"a": "b"}  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["all of them", f"{THERE}/", "fs-0000000a", f"{THERE}/{REPLICA},{THERE}/{REPLICA}"])
def test_a_memory_that_somebody_else_wrote_removes_nothing(value: str) -> None:
    efs = Efs()
    efs.replicate()
    efs.tag_resource(HERE, SOURCE, [{"Key": REPLICA_TAG, "Value": value}])
    with pytest.raises(CollectionError, match=f"{REPLICA_TAG} of file system {SOURCE} in {HERE} says"):
        remove(efs)
    assert efs.systems.keys() == {SOURCE, REPLICA} and efs.replications


def replicated(efs: Any, **others: Any) -> list[Resource]:
    wanted = {"file_system": SOURCE, "destination": THERE, "enabled": True, "tags": TAGS}
    return [FileSystemReplication(NAME, HERE, listing=listing(efs), **wanted, **others)]


def test_tags_that_the_replica_lacks_are_set_by_the_next_run() -> None:
    efs = Efs()
    efs.replicate()
    efs.refused = {f"{THERE}.tag_resource"}
    with pytest.raises(ChangeFailed, match="AccessDenied"):
        carried_out(efs, replicated(efs))
    efs.refused = set()
    assert carried_out(efs, replicated(efs)) == [("update", "efs_replication")]
    assert efs.tags(REPLICA) == TAGS
    assert carried_out(efs, replicated(efs)) == []


@pytest.mark.parametrize("purge", [True, False])
def test_further_tags_of_a_replica_go_only_if_they_are_purged(purge: bool) -> None:
    efs = Efs()
    efs.replicate()
    efs.tag_resource(THERE, REPLICA, [{"Key": k, "Value": v} for k, v in {**TAGS, "theirs": "x"}.items()])
    assert bool(carried_out(efs, replicated(efs, purge_tags=purge))) is purge
    assert efs.tags(REPLICA) == (TAGS if purge else {**TAGS, "theirs": "x"})


def test_a_replica_whose_region_does_not_answer_keeps_nobody_from_the_source() -> None:
    efs = Efs()
    efs.replicate()
    efs.silent = {THERE}
    assert carried_out(efs, replicated(efs)) == []
    assert len(efs.told) == 1 and f"replica {REPLICA} in {THERE} could not be read" in efs.told[0]
