# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a region that was left behind had done, and S3 had not sent, is in the lakes of the others afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import workload_status_info
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import effects
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import cancelled_sales, lake_objects
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.lake_objects import LakeObjects
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.reconciliation import Reconciliation
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps import reconcile
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.record import Record
from tests.support.lakes import LAKE, Lake
from tests.support.modules import checked
from tests.support.switching import STEP_CLASSES, A, B, names

UNGRACEFUL = {"to": B, "execution": "ungraceful", "lake": LAKE}


@pytest.fixture
def lake(workload) -> Lake:
    return Lake(workload)


def test_what_s3_had_not_sent_is_put_again_and_counted(workload, switch, silent, lake):
    sent, missing = [lake.done(sent=True) for _ in range(3)], [lake.done(ago=100 + n) for n in range(2)]
    newest = lake.done(ago=10, sent=True)
    lake.done(region=B)  # its own, which nobody looks for
    old = lake.done(ago=10 + 901)
    silent.add(A)

    result = switch(**UNGRACEFUL)

    assert lake.objects() == {each.lake_key: [each.lake_bytes] for each in (*sent, *missing, newest)}
    assert old.lake_key not in lake.objects()  # S3 had 15 minutes for it
    told = {"looked_at": 6, "put": 2, "unknown": 0, "behind_seconds": 91}
    assert result["lake"] == {B: {"sales": told}}
    assert workload.journal()[-1]["lake"] == {B: {"sales": told}}
    assert workload.lease()["owed"] == {A: ["write"]}


def test_a_graceful_switch_asks_nothing_of_the_lake(workload, switch, lake, monkeypatch):
    lake.done()
    monkeypatch.setattr(lake_objects.LakeObjects, "put_again", None)
    result = switch(to=B, lake=LAKE)
    assert "lake" not in names(result) and not lake.objects()
    result = switch(to=A, lake=LAKE, may_turn_ungraceful=True)
    assert "no region was left behind" in next(each["sentence"] for each in result["steps"] if each["step"] == "lake")
    assert workload.lease()["owed"] == {}


@pytest.fixture
def dies_after_its_grant(silent, monkeypatch):
    """The source falls silent when it has its grant; S3 is behind all the same."""
    grant = STEP_CLASSES["grant"].do

    def die(step: Any) -> str:
        told = grant(step)
        silent.add(A)
        return told

    def reconcile(_self: Any, region: str, _what: Any) -> bool:
        if region in silent:
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        return True

    monkeypatch.setattr(STEP_CLASSES["grant"], "do", die)
    monkeypatch.setattr(Reconciliation, "reconcile", reconcile)


MIDWAY = {"to": B, "lake": LAKE, "may_turn_ungraceful": True, "reconcile": [{"table": "sales", "topic": "sales"}]}


@pytest.mark.usefixtures("dies_after_its_grant")
def test_a_source_that_falls_silent_midway_is_looked_after_too(switch, lake):
    sale = lake.done()
    switch(**MIDWAY)
    assert list(lake.objects()) == [sale.lake_key]


@pytest.mark.usefixtures("dies_after_its_grant")
def test_a_source_that_fell_silent_before_a_killed_run_s_end_is_looked_after_by_the_next_switch(switch, lake, broken):
    sale = lake.done()
    broken(switch, "lake", **MIDWAY)
    switch(target=B, turn="on", supersede=True, execution="ungraceful", lake=LAKE)
    assert list(lake.objects()) == [sale.lake_key]


@pytest.mark.parametrize("chunk", [2, 1000])
def test_a_run_that_is_killed_in_the_middle_is_completed_and_counts_right(
    workload, switch, silent, lake, monkeypatch, chunk
):
    sales = [lake.done() for _ in range(5)]
    silent.add(A)
    monkeypatch.setattr(lake_objects, "CHUNK", chunk)
    note, noted = lake_objects.LakeObjects._note, []

    def die(*arguments: Any) -> None:
        note(*arguments)
        noted.append(arguments)
        if len(noted) == 1:
            raise CollectionError("killed")

    monkeypatch.setattr(lake_objects.LakeObjects, "_note", die)
    with pytest.raises(CollectionError, match="killed"):
        switch(**UNGRACEFUL)
    assert "lake" in workload.lease()["owed"][B]
    result = switch(**UNGRACEFUL)
    assert lake.objects() == {each.lake_key: [each.lake_bytes] for each in sales}
    assert result["lake"][B]["sales"]["put"] == 5
    assert workload.lease()["owed"] == {A: ["write"]}


def test_another_switch_puts_what_a_superseded_one_had_not(switch, silent, lake, broken):
    sale = lake.done()
    silent.add(A)
    broken(switch, "lake", **UNGRACEFUL)
    switch(target=B, turn="on", supersede=True, execution="ungraceful", lake=LAKE)
    assert list(lake.objects()) == [sale.lake_key]


def test_while_s3_is_ill_it_is_owed_and_the_same_request_settles_it(workload, switch, silent, lake, monkeypatch):
    sale, ask, ill = lake.done(), BaseClient._make_api_call, [True]
    silent.add(A)

    def perhaps(self: Any, operation: str, arguments: Any) -> Any:
        if ill and operation == "PutObject":
            raise ConnectTimeoutError(endpoint_url="https://example.test")
        return ask(self, operation, arguments)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", perhaps)
        result = switch(**UNGRACEFUL)
        assert f"still owed to {B}: Connect timeout" in result["steps"][-2]["sentence"]
        assert workload.lease()["owed"] == {A: ["write"], B: ["lake"]}
        assert workload.journal()[-1]["outcome"] == "done, something owed"
        ill.clear()
        # Whoever settles it need not know of whom: the lost region is still PASSIVE and silent.
        assert switch(**UNGRACEFUL)["changed"]
    assert list(lake.objects()) == [sale.lake_key]
    assert workload.lease()["owed"] == {A: ["write"]}
    assert "Item" not in workload.client("dynamodb", "us-east-2").get_item(
        TableName="sales-lease", Key={"id": {"S": f"lake#{B}"}}
    )


def test_a_sale_whose_item_is_not_there_yet_stays_owed(workload, switch, silent, lake):
    lake.done(known=False)
    silent.add(A)
    assert switch(**UNGRACEFUL)["lake"][B]["sales"]["unknown"] == 1
    assert workload.lease()["owed"][B] == ["lake"]


def test_what_was_cancelled_on_one_side_and_processed_on_the_other_is_told_when_it_is_back(
    workload, switch, silent, lake, monkeypatch
):
    monkeypatch.setattr(Reconciliation, "reconcile", lambda _self, _region, _what: True)
    monkeypatch.setattr(reconcile, "VIEW_REFRESH_SECONDS", 0.1)  # a record's name has the second in which a run began
    wanted = {**UNGRACEFUL, "reconcile": [{"table": "sales", "topic": "sales"}]}
    before = lake.done(ago=500)
    lake.cancel(before)
    silent.add(A)
    lake.done(ago=300)  # the last that is known of it
    assert "cancelled" not in " ".join(each["sentence"] for each in switch(**wanted)["steps"])
    in_the_dark, undisputed, after = lake.done(ago=200), lake.done(region=B), lake.done(region=B)
    lake.cancel(in_the_dark)
    lake.cancel(after, processed=True)
    silent.clear()
    workload.make_table("sales", "id", A)
    result = switch(**{**wanted, "execution": "graceful"})
    told = next(each["sentence"] for each in result["steps"] if each["step"] == "reconcile")
    assert told.endswith(f"; 1 were cancelled on one side and processed on the other: {in_the_dark.id}")
    assert undisputed.id not in told
    assert workload.journal()[-1]["cancelled_and_processed"] == {"count": 1, "ids": [in_the_dark.id]}
    assert workload.lease()["owed"] == {}


def test_all_lakes_are_looked_at_for_what_was_cancelled_and_no_longer_than_there_is_time(
    workload, switch, silent, lake, monkeypatch
):
    monkeypatch.setattr(Reconciliation, "reconcile", lambda _self, _region, _what: True)
    # One that has done nothing comes first, and ends nothing.
    idle = {**LAKE[0], "done_table": "idle"}
    wanted = {**UNGRACEFUL, "reconcile": [{"table": "sales", "topic": "sales"}]}
    asked: list[str] = []

    def done_since(_self: Any, region: str, done_by: str, what: dict[str, Any], since: int) -> list[dict[str, int]]:
        asked.append(what["done_table"])
        return [{in_the_dark.id: since}] if what["done_table"] != "idle" and region == B else []

    silent.add(A)
    lake.done(ago=300)
    switch(**wanted)
    in_the_dark = lake.done(ago=200)
    lake.cancel(in_the_dark)
    silent.clear()
    workload.make_table("sales", "id", A)
    monkeypatch.setattr(LakeObjects, "done_since", done_since)
    monkeypatch.setattr(cancelled_sales, "LOOK_SECONDS", -1.0)
    result = switch(**{**wanted, "execution": "graceful", "lake": [idle, LAKE[0]]})
    told = next(each["sentence"] for each in result["steps"] if each["step"] == "reconcile")
    assert told.endswith(f"processed on the other: {in_the_dark.id}; there was no time to look at all")
    assert asked[:4] == ["idle"] * 4 and set(asked[4:]) == {LAKE[0]["done_table"]}


def test_an_object_that_others_are_putting_is_tried_a_few_times(lake):
    class Busy:
        tries = 0

        def put_object(self, **_request: Any) -> None:
            self.tries += 1
            raise ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject")

    busy, sale = Busy(), lake.done()
    with pytest.raises(ClientError):
        LakeObjects._put(busy, "bucket", sale)
    assert busy.tries == 5


def test_the_status_tells_how_far_a_lake_is_behind(lake, monkeypatch):
    monkeypatch.setattr(effects, "DONE_SHARDS", 1)
    asked = {"workload": "sales", "region": B, "regions": [A, B], "lake": LAKE, "services": []}

    def behind() -> dict[str, Any]:
        told = run(workload_status_info.MODULE, checked(workload_status_info.MODULE, **asked))
        assert told["errors"] == {}
        return told["lakes"][LAKE[0]["bucket"]]

    assert behind() == {}
    lake.done(ago=7000)
    assert behind() == {A: None}
    lake.done(ago=100, sent=True)
    assert behind() == {A: 0}
    for ago in (50, 40, 10):
        lake.done(ago=ago)
    assert behind() == {A: 90}
    lake.done(ago=45, sent=True)
    assert behind() == {A: 35}


def test_it_comes_after_the_proof_and_before_the_record(switch, silent, lake):
    silent.add(A)
    assert names(switch(check=True, **UNGRACEFUL))[-2:] == ["lake", Record.title]
