# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel on a make-believe cloud: a dict of things, which logs what is done to it."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import (
    KNOWN_AFTER_APPLY,
    ChangeFailed,
    CollectionError,
    Resource,
    carry_out,
    make_plan,
    retrying,
)


class World:
    """Stands in for `Cloud`: what exists by name, and everything that was done, in order."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.log: list[str] = []
        self.refuse: set[str] = set()
        self.lock = threading.Lock()

    lost_answers = 0

    def has_parent(self) -> bool:
        return True

    def do(self, verb: str, name: str) -> None:
        with self.lock:
            if name in self.refuse:
                raise CollectionError(f"no {verb} of {name} today")
            self.log.append(f"{verb} {name}")


class Thing(Resource):
    kind = "thing"
    fixed = frozenset({"forever"})
    replaced_when = frozenset({"brittle"})
    unordered = frozenset({"members"})
    sensitive = frozenset({"password"})

    @classmethod
    def find(cls, cloud: Any, region: str, resources: list[Any], found: Any) -> dict[str, Any]:
        return {r.name: dict(cloud.things[r.name]) for r in resources if r.name in cloud.things}

    def create(self, cloud: Any, wanted: dict[str, Any]) -> dict[str, Any]:
        cloud.do("create", self.name)
        cloud.things[self.name] = {**wanted, "id": f"id-{self.name}"}
        return cloud.things[self.name]

    def update(self, cloud: Any, actual: Any, wanted: Any, differences: Any) -> dict[str, Any]:
        cloud.do("update", self.name)
        cloud.things[self.name].update({key: after for key, (_before, after) in differences.items()})
        return cloud.things[self.name]

    def delete(self, cloud: Any, actual: Any) -> None:
        cloud.do("delete", self.name)
        del cloud.things[self.name]


def summary(plan: Any) -> list[tuple[str, str]]:
    return [(change.action, change.resource.name) for change in plan.changes]


def apply(world: World, resources: list[Resource]) -> list[tuple[str, str]]:
    plan = make_plan(world, resources)
    carry_out(world, plan)
    return summary(plan)


def test_identifiers_are_known_after_apply_and_then_used() -> None:
    world = World()
    network = Thing("network", "r", size=1)
    subnet = Thing("subnet", "r", network=network.ref("id"), nested={"ids": [network.ref("id")]})
    plan = make_plan(world, [subnet, network])
    assert summary(plan) == [("create", "network"), ("create", "subnet")]
    assert plan.changes[1].after == {"network": KNOWN_AFTER_APPLY, "nested": {"ids": [KNOWN_AFTER_APPLY]}}
    carry_out(world, plan)
    assert world.things["subnet"]["network"] == "id-network"
    assert world.things["subnet"]["nested"] == {"ids": ["id-network"]}
    assert apply(world, [subnet, network]) == []


def test_a_plan_reads_only() -> None:
    world = World()
    make_plan(world, [Thing("a", "r", size=1)])
    assert world.log == []


def test_an_update_holds_only_what_differs_and_order_of_sets_is_no_difference() -> None:
    world = World()
    apply(world, [Thing("a", "r", size=1, members=["x", "y"], colour="red")])
    plan = make_plan(world, [Thing("a", "r", size=2, members=["y", "x"], colour="red")])
    assert summary(plan) == [("update", "a")]
    assert (plan.changes[0].before, plan.changes[0].after) == ({"size": 1}, {"size": 2})


def test_tags_of_aws_are_left_alone_and_others_purged_only_when_told() -> None:
    world = World()
    world.things["a"] = {"tags": {"workload": "w", "aws:made-by": "x", "extra": "1"}}
    wanted = {"tags": {"workload": "w"}}
    assert summary(make_plan(world, [Thing("a", "r", purge_tags=False, **wanted)])) == []
    plan = make_plan(world, [Thing("a", "r", **wanted)])
    assert plan.changes[0].before == {"tags": {"workload": "w", "extra": "1"}}


@pytest.mark.parametrize("state", ["present", "absent"])
def test_what_is_not_of_the_workload_is_neither_changed_nor_removed(state: str) -> None:
    world = World()
    world.things = {
        "ours": {"tags": {"workload": "sales"}},
        "theirs": {"tags": {"workload": "goals"}},
        "nobodys": {"tags": {}},
    }
    wanted = [Thing(name, "r", state=state, tags={"workload": "sales"}) for name in [*world.things, "new"]]
    with pytest.raises(CollectionError) as refused:
        make_plan(world, wanted, "sales")
    told = str(refused.value)
    assert "thing theirs in r belongs to the workload 'goals'; thing nobodys in r carries no tag `workload`." in told
    assert "ours" not in told
    assert "adopt: true" in told
    assert len(make_plan(world, wanted[:1], "sales").changes) == (state == "absent")
    assert len(make_plan(world, wanted).changes) == 3, "adopted, or removed, when asked for"


def test_what_cannot_change_is_refused_in_words_and_what_is_brittle_is_replaced() -> None:
    world = World()
    apply(world, [Thing("a", "r", forever=1, brittle=1)])
    with pytest.raises(CollectionError, match="forever is 1, wanted 2"):
        make_plan(world, [Thing("a", "r", forever=2, brittle=1)])
    assert apply(world, [Thing("a", "r", forever=1, brittle=2)]) == [("replace", "a")]
    assert world.log[-2:] == ["delete a", "create a"]


def test_a_replaced_resource_makes_its_identifier_unknown_to_others() -> None:
    world = World()
    first = Thing("a", "r", brittle=1)
    apply(world, [first, Thing("b", "r", a=first.ref("id"))])
    second = Thing("a", "r", brittle=2)
    plan = make_plan(world, [second, Thing("b", "r", a=second.ref("id"))])
    assert summary(plan) == [("replace", "a"), ("update", "b")]
    carry_out(world, plan)
    # The identifier turned out to be the same, so nothing had to be done to b.
    assert "update b" not in world.log


def test_removal_goes_in_reverse_and_again_changes_nothing() -> None:
    world = World()

    def resources(state: str) -> list[Resource]:
        a = Thing("a", "r", state=state)
        b = Thing("b", "r", state=state, a=a.ref("id"))
        return [a, b, Thing("c", "r", state=state, needs=[b])]

    apply(world, resources("present"))
    assert apply(world, resources("absent")) == [("delete", "c"), ("delete", "b"), ("delete", "a")]
    assert world.log[-3:] == ["delete c", "delete b", "delete a"]
    assert apply(world, resources("absent")) == []


def test_a_failure_names_the_change_and_running_again_completes_it() -> None:
    world = World()
    a = Thing("a", "r")
    resources = [a, Thing("b", "r", a=a.ref("id")), Thing("c", "r", needs=[a])]
    world.refuse = {"b"}
    with pytest.raises(ChangeFailed, match="Could not create thing b in r: no create of b today"):
        carry_out(world, plan := make_plan(world, resources))
    assert plan.reports(done=True)[0]["name"] == "a"
    assert "b" in [change["name"] for change in plan.reports(done=False)]
    world.refuse = set()
    assert ("create", "b") in apply(world, resources)
    assert set(world.things) == {"a", "b", "c"}


def test_a_failure_gives_its_own_advice_where_running_again_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(cloud: Any, wanted: Any) -> None:
        raise CollectionError("no", advice="ask for another")

    world, a = World(), Thing("a", "r")
    monkeypatch.setattr(a, "create", refused)
    with pytest.raises(ChangeFailed, match=r": no\. 0 of 1 changes were made; ask for another\.$"):
        carry_out(world, make_plan(world, [a]))
    world.refuse = {"b"}
    with pytest.raises(ChangeFailed, match=r"0 of 1 changes were made; running it again makes the rest\.$"):
        carry_out(world, make_plan(world, [Thing("b", "r")]))


def test_an_orphaned_worker_starts_no_further_change(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    a = Thing("a", "r")
    resources = [a, Thing("b", "r", a=a.ref("id"))]
    plan = make_plan(world, resources)
    # The process that drives the run is killed while the first change is made.
    monkeypatch.setattr(world, "has_parent", lambda: not world.log)
    with pytest.raises(ChangeFailed, match="the run that this process worked for has ended"):
        carry_out(world, plan)
    assert world.log == ["create a"]


def test_a_run_that_may_not_go_on_lets_what_is_under_way_finish_and_starts_nothing_more() -> None:
    def may_go_on() -> None:
        if world.log:
            raise CollectionError("the lock is lost", advice="look at the other run")

    world = World()
    a = Thing("a", "r")
    with pytest.raises(ChangeFailed, match=r"create thing b.*the lock is lost\. 1 of 2 .* made; look at the other run"):
        carry_out(world, make_plan(world, [a, Thing("b", "r", a=a.ref("id"))]), may_go_on)
    assert world.log == ["create a"]


class Lossy(World):
    """Makes what it is asked for and loses the answer, once for each; what botocore then tries again is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    def lose(self, verb: str, name: str) -> None:
        if f"{verb} {name}" not in self.lost:
            self.lost.add(f"{verb} {name}")
            self.lost_answers += 1
            raise ClientError({"Error": {"Code": "AlreadyMade"}}, verb)


class LossyThing(Thing):
    def create(self, cloud: Any, wanted: Any) -> dict[str, Any]:
        super().create(cloud, {**wanted, "size": 0})  # the first of two calls that make it whole
        cloud.lose("create", self.name)
        return super().create(cloud, wanted)

    def update(self, *given: Any) -> dict[str, Any]:
        made = super().update(*given)
        given[0].lose("update", self.name)
        return made

    def delete(self, cloud: Any, actual: Any) -> None:
        super().delete(cloud, actual)
        cloud.lose("delete", self.name)


def test_a_lost_answer_is_settled_by_reading_what_is() -> None:
    world = Lossy()
    made = [LossyThing("a", "r", size=1), LossyThing("b", "r", size=0)]
    apply(world, made)
    assert sorted(world.log) == ["create a", "create b", "update a"]
    assert summary(make_plan(world, made)) == [] and world.things["a"]["id"] == "id-a"
    apply(world, [LossyThing("a", "r", size=1, brittle=1), LossyThing("b", "r", state="absent")])
    assert world.things.keys() == {"a"} and world.things["a"]["brittle"] == 1


def test_what_was_made_without_an_answer_and_is_not_shown_yet_is_not_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class ShownLate(LossyThing):
        hidden = 3

        @classmethod
        def find(cls, cloud: Any, *given: Any) -> dict[str, Any]:
            cls.hidden -= "create a" in cloud.lost
            return super().find(cloud, *given) if cls.hidden <= 0 else {}

    monkeypatch.setattr(retrying.time, "sleep", lambda seconds: None)
    world = Lossy()
    apply(world, [ShownLate("a", "r", size=0)])
    assert world.log == ["create a"]


@pytest.mark.parametrize(("losing", "asked"), [(0, 1), (1, 4)])
def test_a_refusal_without_a_lost_answer_stands_and_lost_answers_without_end_end(
    losing: int, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying.time, "sleep", lambda seconds: None)

    class Refusing(LossyThing):
        def create(self, cloud: Any, wanted: Any) -> dict[str, Any]:
            cloud.log.append("asked")
            cloud.lost_answers += losing
            raise ClientError({"Error": {"Code": "Refused"}}, "create")

    world = Lossy()
    with pytest.raises(ChangeFailed, match="Refused"):
        apply(world, [Refusing("a", "r")])
    assert len(world.log) == asked


def test_a_listing_is_read_anew_to_settle() -> None:
    forgotten: list[str] = []
    world = Lossy()
    thing = LossyThing("a", "r", size=0)
    thing.listing = SimpleNamespace(forget=lambda: forgotten.append("a"))
    apply(world, [thing])
    assert forgotten == ["a", "a"]  # once to settle, once to see that it is there


def test_sensitive_values_never_reach_a_report() -> None:
    world = World()
    report = make_plan(world, [Thing("a", "r", password="hunter2")]).changes[0].report()
    assert "hunter2" not in repr(report)
    apply(world, [Thing("a", "r", password="hunter2")])
    report = make_plan(world, [Thing("a", "r", password="hunter3")]).changes[0].report()
    assert report["before"] != report["after"] and "hunter" not in repr(report)


def test_an_unknown_parameter_is_refused_before_the_call() -> None:
    world = World()
    with pytest.raises(ChangeFailed, match="r/thing/a|vpc of it must name what does not exist.*run the layers below"):
        apply(world, [Thing("a", "r", vpc=KNOWN_AFTER_APPLY)])
    assert world.things == {}


def test_two_resources_of_one_name_and_circles_are_refused() -> None:
    with pytest.raises(CollectionError, match="wanted twice"):
        make_plan(World(), [Thing("a", "r"), Thing("a", "r")])
    a = Thing("a", "r")
    b = Thing("b", "r", needs=[a])
    a.needs = (b,)
    with pytest.raises(CollectionError, match="circle"):
        make_plan(World(), [a, b])
    with pytest.raises(CollectionError, match="not part of this module"):
        make_plan(World(), [Thing("c", "r", needs=[a])])


@st.composite
def layers(draw: st.DrawFn) -> list[tuple[str, set[int], int]]:
    """Up to eight resources, each with the earlier ones it refers to, and a size."""
    count = draw(st.integers(1, 8))
    earlier = [draw(st.sets(st.integers(0, i - 1), max_size=3)) if i else set() for i in range(count)]
    return [(f"t{i}", earlier[i], draw(st.integers(0, 3))) for i in range(count)]


def build(shape: list[tuple[str, set[int], int]], state: str = "present") -> list[Resource]:
    made: list[Resource] = []
    for name, refers, size in shape:
        made.append(Thing(name, "r", state=state, size=size, refs=[made[i].ref("id") for i in sorted(refers)]))
    return made


@given(layers(), layers(), st.randoms(use_true_random=False))
def test_any_layer_converges_in_dependency_order(before: Any, after: Any, random: Any) -> None:
    world = World()
    apply(world, build(before))
    resources = build(after)
    random.shuffle(resources)
    planned = make_plan(world, resources)
    world.log.clear()
    carry_out(world, planned)
    acted = [tuple(entry.split(" ")) for entry in world.log]
    assert sorted(acted) == sorted(summary(planned)), "what was done is what was planned"
    assert summary(make_plan(world, resources)) == [], "the second plan is empty"
    for name, refers, _size in after:
        assert world.things[name]["refs"] == [f"id-t{i}" for i in sorted(refers)]
    created = [name for verb, name in acted if verb == "create"]
    for name, refers, _size in after:
        for i in refers:
            if name in created and f"t{i}" in created:
                assert created.index(f"t{i}") < created.index(name)


@given(layers(), st.sets(st.integers(0, 7)))
def test_any_interrupted_layer_is_completed_by_running_it_again(shape: Any, refused: set[int]) -> None:
    world = World()
    world.refuse = {f"t{i}" for i in refused}
    resources = build(shape)
    if world.refuse & {name for name, _refers, _size in shape}:
        with pytest.raises(ChangeFailed):
            apply(world, resources)
    world.refuse = set()
    apply(world, resources)
    assert set(world.things) == {name for name, _refers, _size in shape}
    assert summary(make_plan(world, resources)) == []
    apply(world, build(shape, "absent"))
    assert world.things == {}
