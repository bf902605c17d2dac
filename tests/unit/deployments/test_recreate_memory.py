# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What strategy recreate remembers in tags of the service while it has stopped it."""

from __future__ import annotations

import re

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments import recreate
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.recreate import MEMORY_TAG, Memory
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.rollout import DeploymentFailed
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.support.recreated_ecs import RECREATE, WRONG, Killed, RecreatedEcs, recreated, serving
from tests.support.services import BEHIND, GROUP, TWO, actual, service_of


def test_what_was_remembered_is_no_tag_of_the_user(cloud: RecreatedEcs) -> None:
    cloud.killed_at = (cloud.writes, True)
    with pytest.raises(Killed):
        recreated(cloud)
    told = actual(cloud, service_of(cloud, **RECREATE))
    assert told is not None
    assert MEMORY_TAG not in told["tags"]
    assert Memory.read(told["recreate"]).count == 1


def test_memory_reads_what_it_wrote_and_nothing_else() -> None:
    memory = Memory(3, "goals:17", "ecs-svc/123", 1732174653.5)
    assert Memory.read(memory.as_tag()) == memory
    with pytest.raises(CollectionError, match="no run of this module wrote"):
        Memory.read("yes")
    with pytest.raises(CollectionError, match="too long a name"):
        Memory(1, f"{'f' * 250}:1", "ecs-svc/123", 0).as_tag()


def test_a_tag_that_stays_fails_the_run_and_takes_nothing_down(cloud: RecreatedEcs) -> None:
    cloud.refused = {"untag_resource": lambda: True}
    with pytest.raises(CollectionError, match=r"runs api:2 as wanted; .* could not be removed: .*Rate exceeded"):
        recreated(cloud)
    assert serving(cloud) == [TWO]
    cloud.refused = {}
    assert recreated(cloud)["task_definition"] == TWO
    assert serving(cloud) == [TWO]
    assert MEMORY_TAG not in cloud.tags()


def test_a_tag_that_stays_after_going_back_is_told_beside_it(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    cloud.refused = {"untag_resource": lambda: True}
    with pytest.raises(DeploymentFailed, match=r"api:1 is back .*; .* could not be removed") as failure:
        recreated(cloud)
    assert failure.value.details["rolled_back_to"] == "api:1"


def test_what_a_later_run_changes_too_is_remembered_beside(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    for given in ({"network": WRONG}, {"network": WRONG, "load_balancers": BEHIND}):
        cloud.killed_at = (cloud.writes + 2, True)  # remembered, stopped, started
        with pytest.raises(Killed):
            recreated(cloud, **given)
    cloud.killed_at = None
    told = actual(cloud, service_of(cloud, **RECREATE))
    assert told is not None
    memory = Memory.read(told["recreate"], told["recreate_former"])
    assert memory.former.keys() == {"networkConfiguration", "loadBalancers"}
    with pytest.raises(DeploymentFailed, match="api:1 is back"):
        recreated(cloud, network=WRONG, load_balancers=BEHIND)
    now = cloud.services["api"]
    assert now["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] == ["sg-1"]
    assert now["loadBalancers"] == []


def test_a_long_memory_is_in_several_tags() -> None:
    balancers = [{"targetGroupArn": f"{GROUP}{number}", "containerName": "api"} for number in range(5)]
    memory = Memory(1, "api:1", "ecs-svc/1", 0.0, {"loadBalancers": balancers})
    tags = memory.as_tags()
    assert len(tags) > 2
    assert all(len(value) <= 256 and re.fullmatch(r"[\w .:/=+@-]*", value) for value in tags.values())
    shuffled = dict(sorted(tags.items(), reverse=True))
    shuffled[f"{MEMORY_TAG}.{len(tags)}"] = "left by another run"
    short = Memory(1, "api:1", "ecs-svc/1", 0.0)
    assert recreate.former_in({**shuffled, **short.as_tags()}) == ""
    assert Memory.read(tags[MEMORY_TAG], recreate.former_in({"team": "sales", **shuffled})) == memory
    with pytest.raises(CollectionError, match="those whose names begin with it"):
        Memory.read(tags[MEMORY_TAG], "?")


def test_memory_of_a_revision_alone_is_one_tag(cloud: RecreatedEcs) -> None:
    cloud.killed_at = (cloud.writes, True)
    with pytest.raises(Killed):
        recreated(cloud)
    assert [key for key in cloud.tags() if key.startswith(MEMORY_TAG)] == [MEMORY_TAG]
