# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A dead region leaves the map when it is said what is given up, and nothing is asked of it until it is back."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import (
    region_debt,
    region_states_info,
    region_switch,
    region_toggle,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import maps_of
from ansible_collections.multiregion.ecs.plugins.module_utils.reports.status_table import status_table
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement import giving_up
from ansible_collections.multiregion.ecs.plugins.module_utils.retirement.checks import retirement_problems
from tests.support.lakes import LAKE, Lake
from tests.support.leaving import LEFT, kept, planned, running, sell
from tests.support.modules import checked
from tests.support.switching import A, B, C, call

DEAD = {"dead": [C], "give_up": [C], "view_ttl": 0.3, "claim_to_effect": 0.2}


@pytest.fixture
def given_up(workload, retire, silent):
    """C is dead, and has left the map; what the run said."""
    silent.add(C)
    return retire(**DEAD)


def test_a_dead_region_leaves_the_map_when_it_is_said_what_is_given_up(workload, retire, silent, monkeypatch):
    silent.add(C)
    asked = f"-e retire={C} -e dead={C} -e give_up={C}"
    for arguments in ({}, {"dead": [C]}):
        with pytest.raises(CollectionError, match=f"{C} does not answer, and only its own endpoint tells.*{asked}"):
            retire(**arguments)
    pause, waited = giving_up.RetirementControl.pause, []
    monkeypatch.setattr(
        giving_up.RetirementControl, "pause", lambda each, seconds: (waited.append(seconds), pause(each, seconds))
    )
    predicted = retire(check=True, **DEAD)
    assert workload.states()[C] == "PASSIVE" and kept(workload, "retirements") is None and not waited
    made = retire(**DEAD)
    assert planned(made) == planned(predicted)
    assert planned(made) == [
        ("create", "region_retirement", C),
        ("create", "region_given_up", C),
        ("update", "region_lease", "us-east-2"),
        ("update", "region_state", A),
        ("update", "region_state", B),
        ("create", "region_fence", C),
    ]
    assert 0 < waited[-1] <= 0.5, "its tasks have their time"
    assert (made["epoch"], made["left"], made["states"]) == (2, [C], LEFT)
    assert made["given_up"] == predicted["given_up"] == {C: {"last_done": "not known", "unprocessed": {"sales": 0}}}
    lease = workload.lease()
    assert (lease["epoch"], lease["plan"], lease["owed"], lease["holder"]) == (2, None, {}, "")
    for region in (A, B):
        assert dict(maps_of([workload.state_item(region)])[region].states) == LEFT
    assert not retire(**DEAD)["changed"]
    silent.clear()
    assert not retire(**DEAD)["changed"]
    assert maps_of([workload.state_item(C)])[C].epoch == 1, "nothing is asked of it while it is declared dead"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"give_up": [C]}, f"give_up names {C}, which is not in dead. A region that answers has nothing to give up"),
        ({"give_up": [B], "dead": [B]}, f"give_up names {B}, which is not in retire"),
        ({"dead": [B, C], "give_up": [C]}, f"{B} is in dead and stays"),
    ],
)
def test_what_is_given_up_is_said_of_what_is_dead_and_leaves(workload, retire, arguments, told):
    with pytest.raises(CollectionError, match=told):
        retire(**arguments)
    assert workload.states() == {A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"}


def test_a_dead_region_that_is_active_is_left_first(workload, retire, silent):
    fence = {"view_ttl": 0.03, "claim_to_effect": 0.02}
    call(region_switch.MODULE, {"regions": [A, B, C], "target": C, "turn": "on", **fence})
    silent.add(C)
    with pytest.raises(CollectionError, match=f"{C} is ACTIVE, and only a PASSIVE region leaves.*failover.yml"):
        retire(**DEAD)
    call(region_switch.MODULE, {"regions": [A, B, C], "from": C, "to": B, "dead": [C], **fence})
    assert retire(**DEAD)["states"] == {A: "ACTIVE", B: "ACTIVE"}


def test_what_others_know_of_it_is_not_given_up(workload, retire, silent):
    silent.add(C)
    sell(workload, B)
    predicted = retire(check=True, regions=[B, A], **DEAD)
    assert predicted["given_up"] == {C: {"last_done": "not known", "unprocessed": {"sales": 1}}}
    reconcile = [{"table": "sales", "topic": "sales", "minimum_age": 0, "timeout": 0.5}]
    with pytest.raises(CollectionError, match=f"{B} still has items in table.*The dead region is left in the map"):
        retire(reconcile=reconcile, **DEAD)
    assert C in workload.states() and running(workload, A) == 2
    workload.client("dynamodb", B).delete_item(TableName="sales", Key={"id": {"S": "1"}})
    assert retire(**DEAD)["states"] == LEFT


def test_it_has_its_time_also_after_a_killed_run(workload, retire, silent, monkeypatch):
    silent.add(C)

    def die(_made, _cloud, _wanted):
        raise CollectionError("it was killed")

    with monkeypatch.context() as patch:
        patch.setattr(giving_up.Outwaited, "create", die)
        with pytest.raises(CollectionError, match="it was killed"):
            retire(**DEAD)
    assert C not in workload.states()
    assert planned(retire(**DEAD))[-1] == ("create", "region_fence", C)
    assert kept(workload, "retirements")["regions"][C]["fenced"] and workload.lease()["plan"] is None


def test_when_it_is_back_what_it_holds_is_seen_to(given_up, workload, retire, silent):
    silent.clear()
    sell(workload, C)
    with pytest.raises(CollectionError, match=f"{C} still has items in table sales that nobody has processed"):
        retire(reconcile=[{"table": "sales", "topic": "sales", "minimum_age": 0, "timeout": 0.5}])
    assert running(workload, C) == 0 and "given_up" in kept(workload, "retirements")["regions"][C]
    workload.client("dynamodb", C).delete_item(TableName="sales", Key={"id": {"S": "1"}})
    made = retire()
    assert ("create", "region_reconciled", C) in planned(made) and ("update", "region_retirement", C) in planned(made)
    assert dict(maps_of([workload.state_item(C)])[C].states) == LEFT and made["epoch"] == 2
    assert not retire()["changed"]
    assert retire(state="absent")["changed"] and kept(workload, "retirements") is None


def test_it_does_not_join_again_while_it_is_dead(given_up, workload):
    regions = {A: "ACTIVE", B: "PASSIVE", C: "PASSIVE"}
    call(region_debt.MODULE, {"regions": [C], "dead": [C]})
    assert not call(region_toggle.MODULE, {"regions": regions, "dead": [C]})["changed"]
    assert workload.states() == LEFT


def test_it_is_told_until_it_is_removed(given_up, workload, silent):
    lease = Lease.from_attributes(
        workload.client("dynamodb", "us-east-2").get_item(TableName="sales-lease", Key={"id": {"S": "lease"}})["Item"]
    )
    retiring = kept(workload, "retirements")["regions"]
    assert retirement_problems(lease, retiring, [A, B, C], [], dead=[C]) == []
    assert retirement_problems(lease, retiring, [A, B, C], [C]) == []
    (found,) = retirement_problems(lease, retiring, [A, B, C], [])
    assert found.startswith(f"{C} was given up while it was dead, by Ana since") and f"-e dead={C}" in found
    (found,) = retirement_problems(lease, retiring, [A, B], [])
    assert "Put its host back into the inventory" in found
    for back in (False, True):
        if back:
            silent.clear()
        asked = {"workload": "sales", "region": A, "regions": [A, B, C], "lease_regions": ["us-east-2"]}
        states = run(region_states_info.MODULE, checked(region_states_info.MODULE, **asked))
        told = status_table([], states, {"skipped": True})
        assert f"{C} was given up while it was dead, by Ana since" in told
        assert told.rstrip().endswith("it answers." if back else "it does not answer.")


def test_its_objects_that_s3_had_not_sent_are_put_again(workload, retire, silent):
    workload.client("dynamodb", B).delete_table(TableName="sales")
    lake = Lake(workload)
    silent.add(C)
    sale, sent = lake.done(C), lake.done(C, ago=30, sent=True)
    lake.done(C, known=False)
    made = retire(lake=LAKE, reconcile=[], regions=[B, A], **DEAD)
    assert made["given_up"][C]["last_done"].endswith("Z")
    assert lake.objects() == {each.lake_key: [each.lake_bytes] for each in (sale, sent)}
    told = kept(workload, "retirements")["regions"][C]["given_up"]
    assert (told["objects_put"], told["objects_unknown"]) == (1, 1)
