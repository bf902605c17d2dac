# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wishes and waves: what an image, a tag or a digest means, and in which order regions are reached."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.lease.deployment_plan import command, tell
from ansible_collections.multiregion.ecs.plugins.module_utils.releases.digests import pin
from ansible_collections.multiregion.ecs.plugins.module_utils.releases.record import images_for
from ansible_collections.multiregion.ecs.plugins.module_utils.releases.waves import plan_waves, wave_problems
from ansible_collections.multiregion.ecs.plugins.module_utils.releases.wishes import apply_wish, wish_problem
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef import images as taskdef_images

DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
ECR = "123456789012.dkr.ecr.{}.amazonaws.com/sales-api"
HERE, THERE = ECR.format("sa-east-1"), ECR.format("us-east-1")
STATES = ("ACTIVE", "PASSIVE", "HELD", None)


@pytest.mark.parametrize(
    ("wish", "present", "image"),
    [
        (":v2", "shop/api:v1", "shop/api:v2"),
        (":v2", "shop/api", "shop/api:v2"),
        (":v2", f"shop/api@{DIGEST}", "shop/api:v2"),
        (":v2", "registry.test:5000/shop/api", "registry.test:5000/shop/api:v2"),
        (f"@{DIGEST}", "shop/api:v1", f"shop/api@{DIGEST}"),
        ("mirror/api:v2", "shop/api:v1", "mirror/api:v2"),
        # Each region has a registry of its own.
        (f"{HERE}:v2", f"{THERE}@{DIGEST}", f"{THERE}:v2"),
        (f"{HERE}@{OTHER}", f"{THERE}:v1", f"{THERE}@{OTHER}"),
        (f"{HERE}:v2", "shop/api:v1", f"{HERE}:v2"),
    ],
)
def test_a_wish_is_applied_to_what_runs(wish: str, present: str, image: str) -> None:
    assert wish_problem(wish) is None
    assert apply_wish(wish, present) == image
    assert apply_wish(wish, image) == image


@pytest.mark.parametrize("wish", ["", ":", ":-v2", ":a/b", "@sha256:12", "shop/api: v2", f":{'x' * 129}"])
def test_a_wish_that_no_image_can_have_is_refused(wish: str) -> None:
    assert wish_problem(wish)


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), st.sampled_from(STATES), min_size=1))
def test_every_region_is_reached_once_and_each_active_one_by_itself_after_the_others(states: dict) -> None:
    waves = plan_waves(list(states), states)
    reached = [region for wave in waves for region in wave]
    assert sorted(reached) == sorted(states) and all(waves)
    active = [region for region in states if states[region] == "ACTIVE"]
    assert reached[len(states) - len(active) :] == active
    assert [wave for wave in waves if set(wave) & set(active)] == [[region] for region in active]
    assert wave_problems(waves, states) == []


@given(st.lists(st.lists(st.sampled_from(["a", "b", "mars"]), max_size=3), max_size=4))
def test_waves_of_ones_own_are_kept_or_refused(waves: list[list[str]]) -> None:
    named = [region for wave in waves for region in wave]
    fine = all(waves) and len(named) == len(set(named)) and "mars" not in named
    assert (wave_problems(waves, ["a", "b"]) == []) is fine
    if fine and waves:
        assert plan_waves(["a", "b"], {}, waves) == waves


class Registries:
    """Stands in for ECR: reference → digest."""

    def __init__(self, pushed: dict[str, str]) -> None:
        self.pushed = pushed

    def __call__(self, cloud: object) -> Registries:
        return self

    def digest(self, image: taskdef_images.EcrImage) -> tuple[str | None, str | None]:
        reference = f"{image.host}/{image.repository}:{image.tag}"
        found = self.pushed.get(reference) or (image.digest if image.digest in self.pushed.values() else None)
        return found, None if found else f"{reference} is not there."


WANTED = {"sa-east-1": {"api": {"api": f"{HERE}:v2"}}, "us-east-1": {"api": {"api": f"{THERE}:v2"}}}


def pinned(monkeypatch: pytest.MonkeyPatch, pushed: dict[str, str]) -> dict:
    monkeypatch.setitem(pin.__globals__, "EcrImages", lambda _cloud: Registries(pushed))
    return pin(None, WANTED)


def test_a_tag_in_ecr_is_deployed_by_its_digest_also_where_it_has_not_arrived(monkeypatch) -> None:
    found = pinned(monkeypatch, {f"{HERE}:v2": DIGEST})
    assert found == {
        "sa-east-1": {"api": {"api": f"{HERE}@{DIGEST}"}},
        "us-east-1": {"api": {"api": f"{THERE}@{DIGEST}"}},
    }


def test_a_tag_that_nobody_pushed_or_that_names_two_images_is_refused(monkeypatch) -> None:
    with pytest.raises(CollectionError, match="is not there"):
        pinned(monkeypatch, {})
    with pytest.raises(CollectionError, match="names different images"):
        pinned(monkeypatch, {f"{HERE}:v2": DIGEST, f"{THERE}:v2": OTHER})


def test_a_region_that_is_new_to_the_release_takes_the_images_from_its_own_registry() -> None:
    told = {"deployment": "0000000007", "services": {"api": {"images": {"api": f"{HERE}@{DIGEST}"}, "digests": {}}}}
    older = {"deployment": "0000000003", "services": {"api": {"images": {"api": "old"}, "digests": {}}}}
    release = {"regions": {"sa-east-1": told, "eu-west-1": older}}
    assert images_for(release, "us-east-1") == {"api": {"api": f"{THERE}@{DIGEST}"}}
    assert images_for(release, "eu-west-1") == {"api": {"api": "old"}}
    assert images_for({}, "us-east-1") == {}


def journal(**asked: object) -> dict:
    told = {"images": {}, "waves": None, "rollback": False, "whole": False, **asked}
    regions = {"a": {"phase": "done"}, "b": {"phase": "deploying"}}
    return {"kind": "deployment", "asked": told, "waves": [["a"], ["b"]], "regions": regions, "reason": "release 12"}


def test_a_deployment_is_told_with_the_command_that_asks_for_it() -> None:
    whole = journal(images={"api": {"api": ":v2"}, "worker": {"worker": ":v2"}}, whole=True)
    assert command(whole) == "playbooks/deploy.yml -e image_tag=v2 -e 'reason=\"release 12\"'"
    assert tell(whole) == "a deployment (api, worker :v2; a done, b deploying)"
    some = journal(images={"shop": {"web": "x:1"}}, waves=[["b"]])
    assert '-e \'{"images": {"shop/web": "x:1"}}\' -e \'{"waves": [["b"]]}\'' in command(some)
    assert command(journal(rollback=True)).startswith("playbooks/rollback.yml")
    assert Lease(plan=whole).to_item()["plan"] == whole
