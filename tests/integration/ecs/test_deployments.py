# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules deploy real tasks on the embedded cloud: good revisions, bad ones, and what a failure tells."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import ChangeFailed
from localcloud import Cloud
from tests.support.shop import IMAGE, Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Cloud(home=tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as cloud:
        yield Shop(cloud)


@pytest.fixture
def good(shop: Shop) -> str:
    """The service runs a revision that works."""
    arn = shop.define()
    shop.deploy(arn)
    return arn


def test_a_service_runs_and_asking_again_changes_nothing(shop: Shop, good: str) -> None:
    again = shop.deploy(good)
    assert not again["changed"]
    assert again["aws_calls"] <= 2
    told = shop.status()
    assert (told["running"], told["revision"], told["images"]) == (1, good.rsplit("/", 1)[-1], [IMAGE])
    assert [d["rollout_state"] for d in told["deployments"]] == ["COMPLETED"]


@pytest.mark.parametrize(
    ("spoil", "reasons"),
    [
        (lambda shop: shop.define("nobody/nothing:1"), ["CannotPullContainerError", "nobody/nothing:1"]),
        (lambda shop: shop.define(VIEW_TTL_SECONDS="nonsense"), ["exited with 2", "VIEW_TTL_SECONDS"]),
    ],
    ids=["unknown image", "crash at start"],
)
def test_a_bad_revision_fails_with_its_reasons_and_the_old_one_serves(
    shop: Shop, good: str, spoil: Callable[[Shop], str], reasons: list[str]
) -> None:
    bad = spoil(shop)
    with pytest.raises(ChangeFailed) as failure:
        shop.deploy(bad)
    for reason in reasons:
        assert reason in failure.value.message
    assert f"went back to {good.rsplit('/', 1)[-1]}" in failure.value.message
    assert failure.value.details["stopped_tasks"]
    plan = shop.deploy(bad, check_mode=True)
    assert plan["changes"][0]["after"]["task_definition"] == bad
    shop.deploy(good)
    assert shop.status()["revision"] == good.rsplit("/", 1)[-1]


def test_a_role_that_cannot_be_assumed_fails_a_deployment_with_that_reason(shop: Shop, good: str) -> None:
    with pytest.raises(ChangeFailed, match=r"unable to assume the role .*role/shop-nobody"):
        shop.deploy(shop.define(task_role="arn:aws:iam::123456789012:role/shop-nobody"))
    assert shop.status()["running"] == 1


def test_a_role_that_is_known_everywhere_a_little_later_only_delays_a_deployment(shop: Shop, good: str) -> None:
    late = shop.define(task_role="arn:aws:iam::123456789012:role/shop-late")
    role = {"name": "shop-late", "kind": "task"}
    making = threading.Timer(1.0, lambda: shop.ask("service_roles", roles=[role]))
    making.start()
    try:
        shop.deploy(late)
    finally:
        making.join()
    assert shop.status()["revision"] == late.rsplit("/", 1)[-1]


def test_a_forced_deployment_replaces_the_task(shop: Shop, good: str) -> None:
    before = shop.deploy(good)["deployment_id"]
    forced = shop.deploy(good, force_new_deployment=True)
    assert forced["changed"]
    assert forced["deployment_id"] != before
    assert shop.status()["running"] == 1


def test_scaling_leaves_the_count_alone_between_its_limits(shop: Shop, good: str) -> None:
    scaling = {"min": 1, "max": 3, "cpu": 60}
    shop.deploy(good, scaling=scaling)
    shop.deploy(good, desired_count=2)
    assert shop.status()["running"] == 2
    plan = shop.deploy(good, desired_count=1, scaling=scaling, check_mode=True)
    assert {change["kind"] for change in plan["changes"]} == {"scalable_target", "scaling_policy"}


def test_removing_ends_with_nothing(shop: Shop, good: str) -> None:
    removed = shop.ask("ecs_service", cluster="shop", name="api", state="absent", wait_timeout=60)
    assert removed["changed"]
    assert shop.status()["status"] == "MISSING"
    assert not shop.ask("ecs_service", cluster="shop", name="api", state="absent")["changed"]
