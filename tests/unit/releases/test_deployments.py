# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments and rollbacks of services in memory: waves, failures, records, refusals, and whoever else asks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import LeaseTable, Run, acquire
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import region_switch, region_toggle, switch_signal
from ansible_collections.multiregion.ecs.plugins.module_utils.reports.planned_switch import planned_switch
from tests.support.aws_clients import aws_client
from tests.support.deployed_regions import World
from tests.support.modules import checked
from tests.support.release_records import BUILT, entries, is_settled, release, signal_cancel
from tests.support.switching import STEP_CLASSES, call
from tests.support.workload_tables import Workload

A, B, C = "sa-east-1", "us-east-1", "eu-west-1"


def order(world: World, done: dict[str, Any]) -> list[str]:
    return [each["region"].partition("/")[0] for each in done["steps"] if each["step"] == "service"]


def test_passive_regions_come_first_and_check_mode_foretells_every_step(world: World, tables: Workload) -> None:
    foretold = world.deploy(":v2", check=True)
    assert world.versions() == {A: "v1", B: "v1"} and tables.lease()["generation"] == 1
    made = world.deploy(":v2")
    assert made["changes"] == foretold["changes"]
    assert made["waves"] == [[B], [A]] and order(world, made) == [B, B, A, A]
    assert world.versions() == {A: "v2", B: "v2"} and is_settled(world, tables)
    change = next(each for each in made["changes"] if each["name"] == "sales/api" and each["region"] == B)
    assert (change["before"], change["after"]) == ({"api": "shop/api:v1"}, {"api": "shop/api:v2"})


def test_only_the_images_of_a_definition_change(world: World) -> None:
    world.deploy(":v2")
    first, second = (world.regions[A].definitions[arn] for arn in sorted(world.regions[A].definitions)[:2])
    assert second["containerDefinitions"][0].pop("image") == "shop/api:v2"
    assert first["containerDefinitions"][0].pop("image") == "shop/api:v1"
    for each in (first, second):
        del each["taskDefinitionArn"], each["revision"]
    assert first == second


def test_a_second_run_has_nothing_to_do_and_registers_nothing(world: World) -> None:
    world.deploy(":v2")
    world.writes.clear()
    again = world.deploy(":v2")
    assert not again["changed"] and world.writes == []


def test_the_release_tells_the_images_and_digests_of_every_region(world: World) -> None:
    made = world.deploy(":v2")
    (entry,) = entries()
    assert entry["outcome"] == "done" and entry["operator"] == "Ana" and entry["waves"] == [[B], [A]]
    for region in (A, B):
        told = release()[region]
        assert told["deployment"] == entry["id"].removeprefix("deployment#") == made["deployment"]
        assert told["services"]["api"]["images"] == {"api": "shop/api:v2"}
    assert release()[A]["services"] == release()[B]["services"]
    assert release()[A]["services"]["api"]["digests"]["api"].startswith("sha256:")


@pytest.mark.parametrize("image", ["bad", "sick"])
def test_a_bad_image_never_reaches_the_second_wave_and_its_region_goes_back(
    world: World, tables: Workload, image: str
) -> None:
    with pytest.raises(CollectionError) as failure:
        world.deploy(f":{image}", bake_time=0.05)
    assert world.versions() == {A: "v1", B: "v1"} and is_settled(world, tables)
    assert not any(f":{image}" in str(each) for each in world.regions[A].definitions.values())
    said = str(failure.value)
    assert f"{B} went back to what ran there before. {A} was not begun" in said
    assert f"{B} runs shop/api:v1, shop/worker:v1; {A} runs shop/api:v1" in said
    (entry,) = entries()
    assert entry["outcome"].startswith("failed: ") and release() == {A: BUILT, B: BUILT}


def test_an_alarm_may_be_named_for_its_region_and_the_plan_says_that_it_needs_longer(world: World) -> None:
    alarms = ["errors-{region}"]
    for region in (A, B):
        with pytest.raises(CollectionError, match=f"there is no alarm errors-{B} in {B}|errors-{A} in {A}"):
            world.deploy(":v2", alarms=alarms, check=True)
        world.regions[region].alarms[f"errors-{region}"] = "OK"
    said = " ".join(world.deploy(":v2", alarms=alarms, check=True)["sentences"])
    assert "2 of these alarms go off only after 180 s of trouble" in said and "-e bake_time=360 they count" in said
    world.regions[B].alarms[f"errors-{B}"] = "ALARM"
    with pytest.raises(CollectionError, match=f"alarm errors-{B} is in state ALARM in {B} before anything"):
        world.deploy(":v2", alarms=alarms)


def test_a_failure_in_a_later_wave_leaves_the_earlier_or_returns_all_as_asked(world: World, tables: Workload) -> None:
    world.regions[A].alarms["errors"] = "OK"
    world.regions[B].alarms["errors"] = "OK"

    def go_off(operation: str, arguments: dict[str, Any]) -> None:
        if operation == "update_service" and arguments["taskDefinition"].startswith(f"arn:aws:ecs:{A}"):
            world.regions[A].alarms["errors"] = "ALARM"

    world.watchers.append(go_off)
    with pytest.raises(CollectionError, match="alarm errors went off"):
        world.deploy(":v2", alarms=["errors"])
    assert world.versions() == {A: "v1", B: "v2"} and is_settled(world, tables)
    with pytest.raises(CollectionError, match=f"alarm errors is in state ALARM in {A} before anything"):
        world.deploy(":v3", alarms=["errors"])
    world.regions[A].alarms["errors"] = "OK"
    with pytest.raises(CollectionError, match="alarm errors went off"):
        world.deploy(":v3", alarms=["errors"], on_failure="rollback")
    assert world.versions() == {A: "v1", B: "v2"} and is_settled(world, tables)
    # What failed was never good anywhere, so both return to what was.
    world.watchers.clear()
    world.deploy(":v4")
    world.rollback()
    assert world.versions() == {A: "v1", B: "v1"} and is_settled(world, tables)


def test_a_rollback_returns_to_the_release_before_and_twice_goes_back_two(world: World, tables: Workload) -> None:
    revisions = [world.regions[A].services["api"]["taskDefinition"]]
    for tag in ("v2", "v3"):
        world.deploy(f":{tag}")
        revisions.append(world.regions[A].services["api"]["taskDefinition"])
    for expected in (1, 0):
        done = world.rollback()
        assert done["changed"] and world.versions() == dict.fromkeys((A, B), f"v{expected + 1}")
        assert world.regions[A].services["api"]["taskDefinition"] == revisions[expected]
        assert is_settled(world, tables)
    with pytest.raises(CollectionError, match="nothing was deployed to"):
        world.rollback()
    world.deploy(":v5")
    world.rollback()
    assert world.versions() == {A: "v1", B: "v1"}


def test_a_rollback_of_one_region_leaves_the_other(world: World, tables: Workload) -> None:
    world.deploy(":v2")
    world.rollback(waves=[[A]])
    assert world.versions() == {A: "v1", B: "v2"}
    assert release()[A]["deployment"] is None and release()[A]["services"]["api"]["images"]["api"] == "shop/api:v1"
    world.rollback()
    assert world.versions() == {A: "v1", B: "v1"} and is_settled(world, tables)


def test_waves_are_as_given_and_regions_of_one_wave_go_side_by_side(made: Any) -> None:
    world = made({A: "ACTIVE", B: "ACTIVE", "eu-west-1": "PASSIVE"})
    assert world.deploy(":v2", check=True)["waves"] == [["eu-west-1"], [A], [B]]
    done = world.deploy(":v2", waves=[[A], [B, "eu-west-1"]])
    assert order(world, done)[:2] == [A, A] and set(order(world, done)[2:]) == {B, "eu-west-1"}


def test_a_tag_that_was_moved_between_two_waves_is_found_out(world: World) -> None:
    world.regions[A].moved_tag = "another"
    with pytest.raises(CollectionError, match="the tag was moved in between"):
        world.deploy(":v2")
    assert world.versions() == {A: "v1", B: "v2"}


def test_a_single_service_can_be_deployed_and_the_release_keeps_the_others(world: World) -> None:
    world.deploy(":v2")
    services = [
        {"cluster": "sales", "name": "api", "images": {"api": "mirror/api:v3"}},
        {"cluster": "sales", "name": "worker"},
    ]
    world.deploy(services=services)
    assert world.images()[A] == ["mirror/api:v3", "shop/worker:v2"]
    assert {name: told["images"][name] for name, told in release()[A]["services"].items()} == {
        "api": "mirror/api:v3",
        "worker": "shop/worker:v2",
    }
    world.rollback()
    assert world.versions() == {A: "v2", B: "v2"}


def test_waves_one_by_one_go_on_where_the_run_before_ended(world: World, tables: Workload) -> None:
    first = world.deploy(":v2", through_wave=1)
    assert world.versions() == {A: "v1", B: "v2"} and not first["ends"]
    assert tables.lease()["plan"]["kind"] == "deployment" and tables.lease()["holder"] == ""
    with pytest.raises(CollectionError, match="is not unfinished any more"):
        world.deploy(":v2", continues="0000000099")
    with pytest.raises(CollectionError) as refused:
        world.deploy(":v3")
    assert "playbooks/deploy.yml -e image_tag=v2 -e 'reason=\"test\"'" in str(refused.value)
    assert "playbooks/rollback.yml" in str(refused.value)
    second = world.deploy(":v2", through_wave=2, continues=first["deployment"])
    assert second["ends"] and second["resumed"] and is_settled(world, tables)
    assert world.versions() == {A: "v2", B: "v2"} and len(entries()) == 1


def test_rollback_ends_a_deployment_that_is_unfinished(world: World, tables: Workload) -> None:
    world.deploy(":v2")
    world.deploy(":v3", through_wave=1)
    ended = world.rollback()
    assert [each["name"] for each in ended["changes"]] == ["return", "record"]
    assert world.versions() == {A: "v2", B: "v2"} and is_settled(world, tables)
    assert [each["outcome"].partition(":")[0] for each in entries()] == ["done", "cancelled"]
    assert release()[B]["services"]["api"]["images"]["api"] == "shop/api:v2"


def test_whoever_asks_meanwhile_is_told_who_does_what_and_what_leads_out(world: World) -> None:
    refused = []

    def ask(operation: str, arguments: dict[str, Any]) -> None:
        if operation == "update_service" and not refused:
            refused.append("")
            with pytest.raises(CollectionError) as error:
                world.deploy(":v3", lease_duration=5, operator="Rui")
            refused[0] = str(error.value)

    world.watchers.append(ask)
    world.deploy(":v2", lease_duration=5, lease_heartbeat=0.2)
    assert "is under way, of Ana (run" in refused[0] and "reason: test" in refused[0]
    assert f"a deployment (api, worker :v2; {B} deploying, {A} waiting)" in refused[0]
    assert "playbooks/cancel.yml" in refused[0]


def test_a_deployment_that_is_cancelled_returns_every_region_that_it_changed(world: World, tables: Workload) -> None:
    def cancel(operation: str, arguments: dict[str, Any]) -> None:
        if operation == "update_service" and arguments["taskDefinition"].startswith(f"arn:aws:ecs:{A}"):
            signal_cancel(tables)

    world.watchers.append(cancel)
    with pytest.raises(CollectionError, match="it was cancelled from another terminal"):
        world.deploy(":v2")
    assert world.versions() == {A: "v1", B: "v1"} and is_settled(world, tables)
    assert entries()[0]["outcome"].startswith("cancelled: ")
    assert release()[B] == BUILT


def signalled(check: bool = False) -> dict[str, Any]:
    """What `switch_signal` returns; it is given what it knows of the lease, and no more."""
    given = {"workload": "sales", "region": "us-east-1", "signal": "cancel", "lease_regions": ["us-east-2"]}
    return run(switch_signal.MODULE, checked(switch_signal.MODULE, **given), check_mode=check)


def test_who_cancels_a_deployment_is_told_that_it_is_one_and_what_comes_of_it(world: World) -> None:
    told: list[dict[str, Any]] = []

    def ask(operation: str, arguments: dict[str, Any]) -> None:
        if operation == "update_service" and not told:
            told.append(signalled(check=True))

    world.watchers.append(ask)
    world.deploy(":v2", operator="Ana")
    assert told[0]["kind"] == "deployment"
    question = told[0]["question"]
    assert question.startswith(f"A deployment (api, worker :v2; {B} deploying, {A} waiting) is under way, run by Ana")
    assert "every region that it changed returns to what ran there before" in question and "switch" not in question


def test_a_signal_to_a_deployment_whose_run_has_died_says_so_and_what_leads_out(world: World, tables: Workload) -> None:
    world.deploy(":v2", through_wave=1)
    beside = {"TableName": "sales-lease", "Key": {"id": {"S": "lease"}}}
    aws_client("dynamodb", "us-east-2").update_item(
        **beside,
        UpdateExpression="SET holder = :run, duration_ms = :short",
        ExpressionAttributeValues={":run": {"S": "a-run-that-died"}, ":short": {"N": "300"}},
    )
    with pytest.raises(CollectionError) as error:
        signalled()
    said = str(error.value)
    assert "the signal was set, but the run that deployed has died" in said and "playbooks/rollback.yml" in said
    assert "Nothing was changed" not in said


def test_a_switch_puts_a_dead_deployment_aside_and_the_next_one_finishes_it(world: World, tables: Workload) -> None:
    world.deploy(":v2", through_wave=1)
    with pytest.raises(CollectionError, match="a deployment .* is unfinished. To go on, ask for the same again"):
        call(region_toggle.MODULE, {"regions": world.states})
    switch = {"regions": [A, B], "reason": "drill", "view_ttl": 0.02, "claim_to_effect": 0.02}
    with pytest.raises(CollectionError, match="To go back, run playbooks/rollback.yml"):
        call(region_switch.MODULE, {**switch, "rollback": True})
    (told,) = planned_switch(call(region_switch.MODULE, {**switch, "to": B}, check=True), 0.1)[1:2]
    assert f"a deployment (api, worker :v2; {B} done, {A} waiting) is unfinished, and is put aside" in told
    call(region_switch.MODULE, {**switch, "to": B, "operator": "Rui"})
    assert tables.states() == {A: "PASSIVE", B: "ACTIVE"} and tables.lease()["plan"] is None
    assert entries()[0]["outcome"] == (f"interrupted: Rui asked for a switch, -e to={B}; {B} done, {A} waiting")
    assert release()[B]["services"]["api"]["images"] == {"api": "shop/api:v2"}
    made = world.deploy(":v2")
    assert [each["region"] for each in made["changes"] if each["kind"] == "ecs_service_images"] == [A, A]
    world.rollback()
    assert world.versions() == {A: "v1", B: "v1"}


def test_a_switch_that_is_unfinished_refuses_a_deployment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(step: Any) -> str:
        raise CollectionError("it broke")

    switch = {"regions": [A, B], "to": B, "reason": "drill", "view_ttl": 0.02, "claim_to_effect": 0.02}
    with monkeypatch.context() as patch:
        patch.setattr(STEP_CLASSES["hold"], "do", stop)
        with pytest.raises(CollectionError, match="it broke"):
            call(region_switch.MODULE, switch)
    with pytest.raises(CollectionError, match=f"a switch .-e to={B}. is unfinished at epoch 1. To go on, ask for"):
        world.deploy(":v2")
    assert world.versions() == {A: "v1", B: "v1"}


def test_a_region_that_is_held_refuses_a_deployment(world: World) -> None:
    table = LeaseTable("sales-lease", {"us-east-2": aws_client("dynamodb", "us-east-2")})
    tenure = acquire(table, Run("someone", "Rui", "drill", "now"), 1)
    tenure.next_epoch(1, {A: "HELD", B: "HELD"}, None)
    tenure.finish({})
    with pytest.raises(CollectionError, match=f"{A}, {B} are HELD"):
        world.deploy(":v2")
    assert world.versions() == {A: "v1", B: "v1"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"wish": None}, "Nothing is asked for"),
        ({"wish": ":not a tag"}, "an image has no spaces"),
        ({"wish": "@sha256:12"}, "64 hexadecimal digits"),
        ({"wish": ":v2", "rollback": True}, "leave images out"),
        ({"wish": ":v2", "waves": [["mars"]]}, "no region of this workload"),
        ({"wish": ":v2", "waves": [[A], [A]]}, "more than once"),
        ({"wish": ":v2", "waves": [[]]}, "empty wave"),
        ({"wish": ":v2", "bake_time": -1}, "expected 0 or more"),
        ({"wish": ":v2", "reason": "", "reason_required": True}, "reason is missing"),
    ],
)
def test_what_cannot_be_right_is_refused_before_any_call(world: World, given: dict[str, Any], problem: str) -> None:
    calls: list[str] = []
    world.watchers.append(lambda operation, arguments: calls.append(operation))
    with pytest.raises(InvalidInput, match=problem):
        world.deploy(**given)
    assert calls == []
