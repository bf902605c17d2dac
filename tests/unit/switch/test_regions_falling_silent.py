# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region, or what directs the traffic, stops answering in the middle of a switch; and plans that are out of date."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import ONCE
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.reconciliation import Reconciliation
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps import fence
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.traffic import RecordWeights
from tests.support.switching import STEP_CLASSES

BACK = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}
MOVED = {"sa-east-1": "PASSIVE", "us-east-1": "ACTIVE"}


def timeout() -> ConnectTimeoutError:
    return ConnectTimeoutError(endpoint_url="https://example.test")


@pytest.fixture
def before(monkeypatch) -> Callable[[str, Callable[[], None]], None]:
    """Makes something happen once, just before a step."""

    def arrange(step: str, happens: Callable[[], None]) -> None:
        method, done = STEP_CLASSES[step].do, []

        def do(self: Step) -> str:
            if not done:
                done.append(True)
                happens()
            return method(self)

        monkeypatch.setattr(STEP_CLASSES[step], "do", do)

    return arrange


def breaks(silent: set[str], region: str) -> Callable[[], None]:
    def happen() -> None:
        silent.add(region)
        raise CollectionError("it broke")

    return happen


def test_an_answer_that_is_lost_while_it_reconciles_stops_nothing(workload, switch, monkeypatch):
    read: list[str] = []

    def reconcile(_self: Any, region: str, _what: Any) -> bool:
        read.append(region)
        if read.count(region) == 1:
            raise timeout()
        return True

    monkeypatch.setattr(Reconciliation, "reconcile", reconcile)
    switch(to="us-east-1", reconcile=[{"table": "sales", "topic": "sales"}])
    assert workload.states() == MOVED
    assert sorted(read) == ["sa-east-1"] * 2 + ["us-east-1"] * 2
    assert not from_attributes(workload.lease_item())["owed"]


def test_a_region_that_falls_silent_while_the_time_is_waited_for_is_not_waited_for_twice(
    workload, switch, silent, before, monkeypatch
):
    monkeypatch.setattr(fence, "NOTICE_SECONDS", 0.0)
    patience: list[float] = []
    client_of = Cloud.client

    def note(cloud: Cloud, service: str, region: str | None = None, **limits: Any) -> Any:
        if region in silent:
            patience.append(limits["read_timeout"])
        return client_of(cloud, service, region, **limits)

    monkeypatch.setattr(Cloud, "client", note)
    before("fence", lambda: silent.add("sa-east-1"))
    made = switch(to="us-east-1", fence="full", may_turn_ungraceful=True, view_ttl=0.2, claim_to_effect=0.2)
    assert made["states"] == MOVED and made["unfenced"] == ["sa-east-1"]
    assert set(patience) == {ONCE["read_timeout"]} and len(patience) > 1


def test_nothing_is_given_back_to_a_source_that_died_and_the_same_request_goes_on(workload, switch, silent, before):
    before("fence", breaks(silent, "sa-east-1"))
    with pytest.raises(CollectionError, match=r"it broke.* cannot be done: sa-east-1 would become ACTIVE"):
        switch(to="us-east-1", on_failure="rollback")
    assert from_attributes(workload.lease_item())["epoch"] == 2, "no epoch was handed out for nothing"
    switch(to="us-east-1", execution="ungraceful")
    assert workload.states() == MOVED


def test_a_target_that_died_after_the_grant_is_left_behind_when_it_goes_back(workload, switch, silent, before):
    before("record", breaks(silent, "us-east-1"))
    with pytest.raises(CollectionError, match="it broke.*then it went back, as asked"):
        switch(to="us-east-1", on_failure="rollback")
    assert workload.states() == BACK and from_attributes(workload.state_item("sa-east-1"))["states"] == BACK
    assert workload.journal()[-1]["unfenced"] == ["us-east-1"]
    assert from_attributes(workload.lease_item())["owed"] == {"us-east-1": ["write"]}


def test_a_rollback_to_a_region_that_died_since_can_be_superseded(workload, switch, silent, before):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(STEP_CLASSES["fence"], "do", lambda self: breaks(set(), "")())
        with pytest.raises(CollectionError, match="it broke"):
            switch(to="us-east-1")
    before("grant", breaks(silent, "sa-east-1"))
    with pytest.raises(CollectionError, match="it broke"):
        switch(rollback=True)
    with pytest.raises(CollectionError, match="supersede=true"):
        switch(to="us-east-1", execution="ungraceful")
    switch(to="us-east-1", execution="ungraceful", supersede=True)
    assert workload.states() == MOVED


@pytest.mark.parametrize("told", [True, False])
def test_a_source_that_dies_before_the_record_is_left_behind_only_when_told(workload, switch, silent, before, told):
    before("record", lambda: silent.add("sa-east-1"))
    if not told:
        with pytest.raises(CollectionError, match="may_turn_ungraceful"):
            switch(to="us-east-1")
        return
    made = switch(to="us-east-1", may_turn_ungraceful=True)
    assert made["unfenced"] == workload.journal()[-1]["unfenced"] == [], "it was held, fenced and granted before"
    assert from_attributes(workload.lease_item())["plan"] is None


def test_traffic_that_cannot_be_moved_is_owed_and_moved_by_the_same_request_later(workload, switch, monkeypatch):
    dns = {"zone": "Z1", "names": ["api.example.test"]}
    with monkeypatch.context() as patch:

        def fail(self: Any, *_asked: Any) -> None:
            raise timeout()

        patch.setattr(RecordWeights, "check", fail)
        patch.setattr(RecordWeights, "set", fail)
        made = switch(to="us-east-1", dns=dns)
    told = {step["step"]: step["sentence"] for step in made["steps"]}
    assert "NOT moved" in told["traffic"] and "record" in told
    assert made["owed"] == {"sa-east-1": ["traffic"], "us-east-1": ["traffic"]}
    assert workload.journal()[-1]["outcome"] == "done, something owed" and workload.journal()[-1]["traffic_at"] is None
    moved: list[dict[str, int]] = []
    monkeypatch.setattr(RecordWeights, "check", lambda self, shares: None)
    monkeypatch.setattr(RecordWeights, "set", lambda self, shares, *_others: moved.append(dict(shares)))
    made = switch(to="us-east-1", dns=dns)
    assert moved[0] == {"sa-east-1": 0, "us-east-1": 100} and made["owed"] == {}
    assert not switch(to="us-east-1", dns=dns)["changed"]


def test_what_somebody_approved_is_not_done_after_another_switch(workload, switch):
    planned = switch(check=True, to="us-east-1")["lease"]["epoch"]
    switch(to="us-east-1")
    switch(to="sa-east-1")
    with pytest.raises(CollectionError, match=f"made on epoch {planned}, and epoch 5 is recorded.*Nothing was changed"):
        switch(to="us-east-1", planned_epoch=planned)
    switch(to="us-east-1", planned_epoch=5)
    assert workload.states() == MOVED


def test_a_rollback_before_any_epoch_records_the_states_that_stayed(workload, switch, before):
    before("hold", breaks(set(), ""))
    with pytest.raises(CollectionError, match="it went back"):
        switch(to="us-east-1", on_failure="rollback")
    assert (workload.journal()[-1]["epoch"], workload.journal()[-1]["states"]) == (1, BACK)
