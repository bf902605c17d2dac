# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic follows the states: it leaves before the fence, goes back with the switch, and what is set late is mended."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError, NotReadyInTime
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import maps_of
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.traffic import AcceleratorDials, RecordWeights
from ansible_collections.multiregion.ecs.plugins.module_utils.toggle.control import Orphaned
from tests.support.switching import STEP_CLASSES


@pytest.fixture
def zone(workload) -> tuple[str, Any]:
    """A hosted zone whose name api.example.test has a weighted record for each region, and one that is not weighted."""
    client = workload.client("route53", "us-east-1")
    zone = client.create_hosted_zone(Name="example.test", CallerReference="1")["HostedZone"]["Id"].rpartition("/")[2]
    records = [
        {"Name": "api.example.test", "Type": "CNAME", "TTL": 60, "SetIdentifier": region, "Weight": weight}
        for region, weight in (("sa-east-1", 100), ("us-east-1", 0))
    ]
    plain = {"Name": "www.example.test", "Type": "CNAME", "TTL": 60}
    changes = [
        {"Action": "CREATE", "ResourceRecordSet": {**record, "ResourceRecords": [{"Value": "lb.example.test"}]}}
        for record in (*records, plain)
    ]
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    return zone, client


def weights(zone: tuple[str, Any]) -> dict[str, int]:
    records = zone[1].list_resource_record_sets(HostedZoneId=zone[0])["ResourceRecordSets"]
    return {record["SetIdentifier"]: record["Weight"] for record in records if "Weight" in record}


def test_the_weights_of_dns_records_follow_the_states(workload, switch, zone):
    made = switch(to="us-east-1", dns={"zone": zone[0], "names": ["api.example.test"]})
    assert weights(zone) == {"sa-east-1": 0, "us-east-1": 100}
    told = {step["step"]: step["sentence"] for step in made["steps"]}
    assert "the weights of api.example.test. moved, INSYNC after " in told["shift"] and "already so" in told["traffic"]
    (way,) = workload.journal()[-1]["traffic"]
    assert (way["way"], way["arrived"]) == ("the weights of api.example.test.", "INSYNC") and made["traffic"] == [way]
    assert workload.journal()[-1]["traffic_at"] >= workload.journal()[-1]["taken_at"]


@pytest.mark.parametrize(
    ("asked", "at_fence"),
    [
        ({"to": "us-east-1"}, {"sa-east-1": 0, "us-east-1": 100}),
        # A region that is only turned on processes nothing yet, so nothing is sent there yet.
        ({"target": "us-east-1", "turn": "on"}, {"sa-east-1": 100, "us-east-1": 0}),
    ],
    ids=["failover", "turn on"],
)
def test_the_traffic_leaves_before_the_fence(workload, switch, zone, monkeypatch, asked, at_fence):
    seen = []
    fence = STEP_CLASSES["fence"].do

    def look(self: Step) -> str:
        seen.append((weights(zone), maps_of([workload.state_item("us-east-1")])["us-east-1"].epoch))
        return fence(self)

    monkeypatch.setattr(STEP_CLASSES["fence"], "do", look)
    switch(dns={"zone": zone[0], "names": ["api.example.test"]}, **asked)
    assert seen == [(at_fence, 2)] and weights(zone)["us-east-1"] == 100


def test_going_back_puts_the_traffic_back(workload, switch, zone, monkeypatch):
    def die(self: Step) -> str:
        raise CollectionError("it broke")

    monkeypatch.setattr(STEP_CLASSES["fence"], "do", die)
    with pytest.raises(CollectionError, match="it went back"):
        switch(to="us-east-1", on_failure="rollback", dns={"zone": zone[0], "names": ["api.example.test"]})
    assert weights(zone) == {"sa-east-1": 100, "us-east-1": 0}


def test_a_region_without_a_weighted_record_stops_the_switch_and_nothing_of_the_zone_moves(workload, switch, zone):
    with pytest.raises(CollectionError, match=r"no weighted record .* for www.example.test\. of us-east-1"):
        switch(to="us-east-1", dns={"zone": zone[0], "names": ["api.example.test", "www.example.test"]})
    assert weights(zone) == {"sa-east-1": 100, "us-east-1": 0}


def test_what_is_missing_may_be_owed_instead(workload, switch, zone):
    """A failover does not wait for somebody who mends the routing."""
    dns = {"zone": zone[0], "names": ["api.example.test", "www.example.test"]}
    made = switch(to="us-east-1", dns=dns, skip_checks=["traffic"])
    assert workload.states()["us-east-1"] == "ACTIVE" and workload.lease()["plan"] is None
    assert made["owed"] == {"sa-east-1": ["traffic"], "us-east-1": ["traffic"]}
    assert "www.example.test" in made["warnings"][0]
    switch(to="us-east-1", dns={**dns, "names": ["api.example.test"]})
    assert weights(zone) == {"sa-east-1": 0, "us-east-1": 100} and workload.lease()["owed"] == {}


@pytest.mark.parametrize("step", ["shift", "traffic"])
def test_what_vanishes_after_the_hold_is_owed(workload, switch, zone, monkeypatch, step):
    do = STEP_CLASSES[step].do

    def vanish(self: Step) -> str:
        found = zone[1].list_resource_record_sets(HostedZoneId=zone[0])["ResourceRecordSets"]
        gone = [{"Action": "DELETE", "ResourceRecordSet": each} for each in found if "Weight" in each]
        if gone:
            zone[1].change_resource_record_sets(HostedZoneId=zone[0], ChangeBatch={"Changes": gone})
        self.run.traffic.moved = None
        return do(self)

    monkeypatch.setattr(STEP_CLASSES[step], "do", vanish)
    made = switch(to="us-east-1", dns={"zone": zone[0], "names": ["api.example.test"]})
    assert workload.states()["us-east-1"] == "ACTIVE" and workload.lease()["plan"] is None
    assert made["owed"] == {"sa-east-1": ["traffic"], "us-east-1": ["traffic"]}


def test_a_way_that_fails_keeps_none_of_the_others(workload, switch, zone, monkeypatch):
    def fail(_self: AcceleratorDials, *_given: object) -> None:
        raise CollectionError("there is no accelerator 'sales'; build the routing first")

    monkeypatch.setattr(AcceleratorDials, "check", fail)
    monkeypatch.setattr(AcceleratorDials, "set", fail)
    dns = {"zone": zone[0], "names": ["api.example.test"]}
    made = switch(to="us-east-1", dns=dns, accelerator="sales", skip_checks=["traffic"])
    assert weights(zone) == {"sa-east-1": 0, "us-east-1": 100}
    told = {step["step"]: step["sentence"] for step in made["steps"]}
    assert "the weights of api.example.test. moved, INSYNC after" in told["shift"]
    assert "; the dials of sales did not move: there is no" in told["shift"]
    assert "NOT moved" in told["traffic"] and set(made["owed"]) == {"sa-east-1", "us-east-1"}


def test_a_weight_that_somebody_set_late_is_set_back_before_the_end(workload, switch, zone, monkeypatch):
    record = STEP_CLASSES["record"].do

    def late(self: Step) -> str:
        found = zone[1].list_resource_record_sets(HostedZoneId=zone[0])["ResourceRecordSets"]
        old = next(each for each in found if each.get("SetIdentifier") == "sa-east-1")
        change = {"Action": "UPSERT", "ResourceRecordSet": {**old, "Weight": 100}}
        zone[1].change_resource_record_sets(HostedZoneId=zone[0], ChangeBatch={"Changes": [change]})
        workload.parameter("sa-east-1", "ACTIVE")
        return record(self)

    monkeypatch.setattr(STEP_CLASSES["record"], "do", late)
    switch(to="us-east-1", dns={"zone": zone[0], "names": ["api.example.test."]})
    assert weights(zone) == {"sa-east-1": 0, "us-east-1": 100}
    assert workload.parameter("sa-east-1") == "PASSIVE"


def test_while_it_is_deploying_nobody_says_that_it_is_already_so(workload, switch, zone, monkeypatch):
    waits: list[float | None] = []
    wait = Cloud.wait_until

    def late(self: Cloud, what: str, ready: Any, *, timeout: float | None = None) -> Any:
        if "INSYNC" in what:
            waits.append(timeout)
            if len(waits) == 1:
                raise NotReadyInTime(f"Waited 10 s for {what}")
        return wait(self, what, ready, timeout=timeout)

    monkeypatch.setattr(Cloud, "wait_until", late)
    made = switch(to="us-east-1", dns={"zone": zone[0], "names": ["api.example.test"]})
    told = {step["step"]: step["sentence"] for step in made["steps"]}
    assert "the weights of api.example.test. are set, and still deploying: Waited 10 s for change" in told["shift"]
    assert "the weights of api.example.test. moved, INSYNC after " in told["traffic"]
    assert "already so" not in told["traffic"] and waits[1] is None


def test_a_run_that_resumes_waits_for_the_change_that_the_one_before_made(workload, switch, zone, monkeypatch):
    asked = {"to": "us-east-1", "dns": {"zone": zone[0], "names": ["api.example.test"]}}
    with monkeypatch.context() as patch:
        wait = Cloud.wait_until

        def never(self: Cloud, what: str, ready: Any, *, timeout: float | None = None) -> Any:
            if "INSYNC" in what:
                raise Orphaned(f"stopped waiting for {what}")
            return wait(self, what, ready, timeout=timeout)

        patch.setattr(Cloud, "wait_until", never)
        with pytest.raises(CollectionError, match="stopped waiting for change"):
            switch(**asked)
    changes: list[str] = []
    remember = RecordWeights._note
    monkeypatch.setattr(RecordWeights, "_note", lambda self, change: changes.append(change) or remember(self, change))
    made = switch(**asked)
    told = {step["step"]: step["sentence"] for step in made["steps"]}
    assert "moved, INSYNC after" in told["shift"] and changes == [None], "no other change was made"


CHECK = {"path": "/readiness", "interval": 0, "failure_threshold": 1}


class Door:
    """The public name. statuses: what it answers next, and 200 after that.  asked: the paths that it was asked for."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.asked: list[str] = []
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                door.asked.append(f"{self.headers['Host']}{self.path}")
                self.send_response(door.statuses.pop(0) if door.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reach(self, gate: str, **dns: Any) -> dict[str, Any]:
        """What a switch is told of it."""
        return {
            "public_name": "http://api.example.test",
            "connect_to": f"127.0.0.1:{self.server.server_port}",
            "dns": {"names": ["api.example.test"], "gate": gate, "health_check": CHECK, **dns},
        }


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.server.shutdown()


def test_a_health_gate_moves_the_traffic_after_the_grant_and_asks_no_control_plane(workload, switch, door, zone):
    door.statuses = [200, 200, 503]
    made = switch(to="us-east-1", **door.reach("first"))
    told = {step["step"]: step["sentence"] for step in made["steps"]}
    assert not {"shift", "traffic"} & told.keys()
    assert "the readiness of the regions moved, seen by the health checks after " in told["gate"]
    # The reconciliation does not wait for it, and nothing was written after the grant to move it.
    assert list(told)[-2:] == ["gate", "record"]
    assert made["traffic_at"] == workload.journal()[-1]["granted_at"]
    # The first answers did not agree, so that they were counted from the start.
    assert door.asked == ["api.example.test/readiness"] * 13
    assert weights(zone) == {"sa-east-1": 100, "us-east-1": 0}
    assert made["traffic"][0]["way"] == "the readiness of the regions" and made["owed"] == {}


@pytest.mark.parametrize("gate", ["none", "fallback"])
def test_when_the_control_plane_is_silent_the_gate_moves_the_traffic_if_there_is_one(
    workload, switch, door, zone, monkeypatch, gate
):
    def fail(self: Any, *_asked: Any) -> None:
        raise ConnectTimeoutError(endpoint_url="https://route53.amazonaws.com")

    asked = {"to": "us-east-1", **door.reach(gate, zone=zone[0])}
    with monkeypatch.context() as patch:
        patch.setattr(RecordWeights, "set", fail)
        made = switch(**asked)
    told = {step["step"]: step["sentence"] for step in made["steps"]}
    assert "the traffic did not move yet" in told["shift"]
    if gate == "none":
        assert "there is no health gate to move it" in told["traffic"] and "gate" not in told and door.asked == []
    else:
        assert "their readiness is to move it" in told["traffic"]
        assert "the readiness of the regions moved, seen by the health checks after " in told["gate"]
        assert workload.journal()[-1]["traffic_at"] is not None
    assert "NOT moved, and is owed: us-east-1 100 %" in told["traffic"] and "Connect timeout" in told["traffic"]
    # The weights are owed either way, and the same request sets them later.
    assert made["owed"] == {"sa-east-1": ["traffic"], "us-east-1": ["traffic"]}
    later = switch(**asked)
    assert later["owed"] == {} and weights(zone) == {"sa-east-1": 0, "us-east-1": 100}
    assert [each["sentence"] for each in later["steps"] if each["step"] == "gate"] == (
        [] if gate == "none" else ["not needed: the weights have moved the traffic"]
    )


def test_a_gate_that_nobody_can_look_through_is_refused(switch):
    with pytest.raises(CollectionError, match="dns.gate is first, which needs dns.health_check and public_name"):
        switch(to="us-east-1", dns={"names": ["api.example.test"], "gate": "first"})
